"""Embedded PostgreSQL server, run by the daemon below its data directory.

Daemon and command line may use one server at the same time. Each holds a shared lock on
`postgres.users`; the last user stops the server. The kernel releases the lock of a process that is
killed, so a server that was left running is simply taken over. `postgres.lock` is held during each
start and stop, so that they never overlap.

Everything here blocks: call it in a thread.
"""

import fcntl
import logging
import os
import pwd
import signal
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from opsconductor.errors import StoreUnavailable
from opsconductor.store.postgres import cluster as files
from opsconductor.store.postgres.postmaster import Postmaster, clear_stale, find

log = logging.getLogger(__name__)

POLL_S = 0.01
CLUSTER = "postgres"
"""Folder of the embedded database below the data directory."""
# Recovery after a power cut reads all WAL since the last checkpoint: minutes on a slow disk.
START_TIMEOUT_S = 240
STOP_TIMEOUT_S = 60
# When the main process was killed, the others notice it at once and exit.
ORPHANS_TIMEOUT_S = 10
PAUSES_S = (0.5, 2.0)
LAST_WORDS_BYTES = 8_192
LAST_WORDS_LINES = 4
LAST_LINES = 12
"""Lines at the end of a log in which the reason is looked for."""


@dataclass(slots=True, kw_only=True)
class EmbeddedServer:
    """A running server and our shared lock on it; its main process changes when it is restarted."""

    cluster: Path
    url: str
    postmaster: Postmaster
    users: int
    wal_archive: Path | None

    def revive(self) -> bool:
        """Restart the server if it is gone.

        Returns:
            True if it was gone.

        Raises:
            StoreUnavailable: It cannot be started; the message gives the reason.
        """
        if find(self.cluster):
            return False
        try:
            account = files.account_for(self.cluster.parent)
            with _server_lock(self.cluster, account):
                if find(self.cluster):
                    return False
                _reap(self.postmaster.pid)
                self.postmaster = _launch(self.cluster, account, self.wal_archive)
        except OSError as error:
            raise StoreUnavailable(f"cannot start PostgreSQL in {self.cluster}: {error}") from error
        return True

    def stop(self) -> bool:
        """Release our lock; the last user stops the server.

        Returns:
            False if others still use it.
        """
        with _server_lock(self.cluster):
            try:
                fcntl.flock(self.users, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return False
            else:
                _stop(self.postmaster, self.cluster)
                return True
            finally:
                os.close(self.users)


def start(data_dir: Path, wal_archive: Path | None = None) -> EmbeddedServer:
    """Create the cluster below `data_dir` if there is none, and start it if it does not run.

    Args:
        wal_archive: Folder to which its WAL is archived from its next start on; None: it is not.

    Raises:
        StoreUnavailable: It cannot be created or started; the message gives the reason.
    """
    cluster = data_dir.resolve() / CLUSTER
    try:
        # root's PostgreSQL runs as another user, who needs access
        data_dir.mkdir(mode=0o700 if os.geteuid() else 0o711, parents=True, exist_ok=True)
        account = files.account_for(data_dir.resolve())
        with _server_lock(cluster, account):
            return _start(cluster, account, wal_archive)
    except OSError as error:
        raise StoreUnavailable(f"cannot start PostgreSQL in {cluster}: {error}") from error


def _start(cluster: Path, account: pwd.struct_passwd | None, wal_archive: Path | None) -> EmbeddedServer:
    users = _open(cluster.with_name("postgres.users"), account)
    with ExitStack() as unless_started:
        unless_started.callback(os.close, users)
        fcntl.flock(users, fcntl.LOCK_SH)
        if not cluster.exists():
            log.info("creating the database", extra={"path": str(cluster)})
            files.make(cluster, account)
        files.check_version(cluster)
        postmaster = _running(cluster) or _launch(cluster, account, wal_archive)
        unless_started.pop_all()
    url = f"postgresql://{files.SUPERUSER}@/{files.DATABASE}?host={postmaster.socket_folder}"
    return EmbeddedServer(
        cluster=cluster, url=url, postmaster=postmaster, users=users, wal_archive=wal_archive
    )


def _running(cluster: Path) -> Postmaster | None:
    """Return the server that was left running, ready to be taken over, or None."""
    deadline = time.monotonic() + START_TIMEOUT_S
    while (found := find(cluster)) and time.monotonic() < deadline:
        if found.status == "ready":
            log.info("taking over the PostgreSQL that still runs", extra={"path": str(cluster)})
            return found
        time.sleep(POLL_S)
    if found:
        raise StoreUnavailable(
            f"PostgreSQL in {cluster} is {found.status or 'starting'} and did not become ready"
        )
    return None


def _launch(cluster: Path, account: pwd.struct_passwd | None, wal_archive: Path | None) -> Postmaster:
    """Start the server; remains of a killed one may prevent it for a moment."""
    for pause_s in PAUSES_S:
        try:
            return _launch_once(cluster, account, wal_archive)
        except StoreUnavailable as error:
            log.warning("PostgreSQL does not start, trying again", extra={"error": str(error)})
            time.sleep(pause_s)
    return _launch_once(cluster, account, wal_archive)


def _launch_once(cluster: Path, account: pwd.struct_passwd | None, wal_archive: Path | None) -> Postmaster:
    """Start the server in its own session, so that Ctrl-C in the terminal does not reach it."""
    deadline = time.monotonic() + ORPHANS_TIMEOUT_S
    while not clear_stale(cluster) and time.monotonic() < deadline:
        time.sleep(POLL_S)
    files.configure(cluster, account, wal_archive)
    arguments = files.command(account, cluster, "postgres", "-D", str(cluster))
    with files.anew(cluster / "log" / "start.log", account) as output:
        pid = os.posix_spawnp(
            arguments[0],
            arguments,
            files.ENVIRONMENT,
            file_actions=[
                (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
                (os.POSIX_SPAWN_DUP2, output.fileno(), 1),
                (os.POSIX_SPAWN_DUP2, output.fileno(), 2),
            ],
            setsid=True,
        )
    return _ready(pid, cluster)


def _ready(pid: int, cluster: Path) -> Postmaster:
    """Wait until the started server accepts clients; a recovery to a moment takes as long as it takes."""
    deadline = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < deadline or (cluster / files.RECOVERY_FILE).exists():
        found = find(cluster)
        if found and found.pid == pid and found.status == "ready":
            return found
        ended, status = os.waitpid(pid, os.WNOHANG)
        if ended:
            code = os.waitstatus_to_exitcode(status)
            raise StoreUnavailable(f"PostgreSQL exited with {code}: {_last_words(cluster / 'log')}")
        time.sleep(POLL_S)
    raise StoreUnavailable(f"PostgreSQL in {cluster} did not become ready; see {cluster / 'log'}")


def _last_words(folder: Path) -> str:
    """Return the end of the log that contains why a server ended.

    Its first lines are in `start.log`, the later ones in the log of the day.
    """
    ends = [(path, _tail(path)) for path in sorted(folder.iterdir(), key=_written_at)]
    path, lines = next(
        ((path, lines) for path, lines in reversed(ends) if any("FATAL:" in line for line in lines)),
        ends[-1],
    )
    return f"{' | '.join(lines)} (see {path})"


def _written_at(path: Path) -> float:
    return path.stat().st_mtime


def _tail(path: Path) -> list[str]:
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - LAST_WORDS_BYTES))
        lines = file.read().decode(errors="replace").splitlines()[-LAST_LINES:]
    fatal = next((index for index, line in enumerate(lines) if "FATAL:" in line), len(lines))
    return lines[min(fatal, max(0, len(lines) - LAST_WORDS_LINES)) :]


def _stop(postmaster: Postmaster, cluster: Path) -> None:
    """Stop the server with a fast shutdown: sessions end, a checkpoint is written."""
    if (found := find(cluster)) is None or found.pid != postmaster.pid:
        _reap(postmaster.pid)
        return
    os.kill(postmaster.pid, signal.SIGINT)
    deadline = time.monotonic() + STOP_TIMEOUT_S
    while find(cluster) and time.monotonic() < deadline:
        time.sleep(POLL_S)
    if find(cluster):
        log.warning("PostgreSQL is still stopping", extra={"path": str(cluster)})
    _reap(postmaster.pid)


def _reap(pid: int) -> None:
    try:
        os.waitpid(pid, os.WNOHANG)
    except ChildProcessError:
        return  # another process had started it


@contextmanager
def _server_lock(cluster: Path, account: pwd.struct_passwd | None = None) -> Iterator[None]:
    """Hold the lock under which a server is started or stopped."""
    lock = _open(cluster.with_name("postgres.lock"), account)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


def _open(path: Path, account: pwd.struct_passwd | None) -> int:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    if account is not None:
        os.fchown(descriptor, account.pw_uid, account.pw_gid)
    return descriptor
