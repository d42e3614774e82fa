"""Copies of the server's files with `pg_basebackup`, and their recovery in the embedded server."""

import asyncio
import os
import tarfile
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from shutil import copyfileobj
from typing import IO

from opsconductor.errors import StoreRejected
from opsconductor.store.postgres import cluster as files
from opsconductor.store.postgres.client_programs import ended, split_password, start_program
from opsconductor.store.postgres.wal_archive import restore_command, timeline_at

LATEST = "latest"
LABEL = "backup_label"
RECOVERY_SIGNAL = "recovery.signal"


@asynccontextmanager
async def copying(url: str) -> AsyncIterator[asyncio.StreamReader]:
    """Yield the stream of a copy of the server's files with the WAL it needs, as tar.gz.

    Raises:
        StoreRejected: pg_basebackup fails: the account needs REPLICATION, and `pg_hba.conf` an entry.
        StoreUnavailable: pg_basebackup does not exist.
    """
    address, environment = split_password(url)
    arguments = ["--pgdata=-", "--format=tar", "--wal-method=fetch", "--checkpoint=fast", "--no-password"]
    copying = [*arguments, "--compress=client-gzip:1", "--dbname", address]
    process = await start_program("pg_basebackup", *copying, output=PIPE, environment=environment)
    async with ended(process, "pg_basebackup") as output:
        yield output


def wal_start_of(base: IO[bytes]) -> str:
    """Return the name of the first WAL segment that a copy needs, from its backup label.

    Raises:
        StoreRejected: It has no backup label.
    """
    with tarfile.open(fileobj=base, mode="r|gz") as tar:
        for info in tar:
            if info.name.removeprefix("./") != LABEL:
                continue
            file = tar.extractfile(info)
            assert file is not None
            return file.read().decode().split("(file ", 1)[1].split(")", 1)[0]
    raise StoreRejected("the copy made by pg_basebackup has no backup label")


def unpack_cluster(base: Path, data_dir: Path) -> Path:
    """Unpack a copy beside the present cluster, and return its folder.

    Raises:
        StoreRejected: It has something else than files and folders.
        StoreUnavailable: It cannot be written, or another version of PostgreSQL made it.
    """
    folder = data_dir / "postgres.restored"
    files.remove(folder)
    files.give(folder, files.account_for(data_dir))
    with tarfile.open(base, "r|gz") as tar:
        for member in tar:
            _unpack(tar, member, folder)
    files.check_version(folder)
    return folder


def _unpack(tar: tarfile.TarFile, member: tarfile.TarInfo, folder: Path) -> None:
    """Write a file or folder of a copy; the filters of `extract` are newer than the Python of Debian 12."""
    place = folder / member.name
    if ".." in place.parts or not place.is_relative_to(folder) or not (member.isreg() or member.isdir()):
        raise StoreRejected(f"the copy of the server's files has {member.name!r}, which is none of them")
    if member.isdir():
        place.mkdir(parents=True, exist_ok=True)
        return
    content = tar.extractfile(member)
    assert content is not None
    with place.open("xb") as file:
        copyfileobj(content, file)


def order_recovery(folder: Path, data_dir: Path, until: str, archive: Path | None) -> None:
    """Order the recovery of an unpacked cluster at its next start, and give it to its account.

    Args:
        until: `latest`, a time as ISO 8601, or empty: the moment of the backup.
        archive: Folder with the archived WAL; None: only what the copy has.

    Raises:
        StoreRejected: The time cannot be read.
    """
    account = files.account_for(data_dir)
    for each in (folder / "log", folder / "pg_wal" / "archive_status"):
        each.mkdir(parents=True, exist_ok=True)
    (folder / RECOVERY_SIGNAL).touch()
    (folder / files.RECOVERY_FILE).write_text(_recovery(until, archive))
    for path in [folder, *folder.rglob("*")]:
        path.chmod(0o700 if path.is_dir() else 0o600)
        if account is not None:
            os.chown(path, account.pw_uid, account.pw_gid)


def exchange(data_dir: Path, restored: Path) -> Path | None:
    """Put a restored cluster in the place of the present one; return where the latter is kept."""
    cluster = data_dir / "postgres"
    aside = None
    if cluster.exists():
        aside = data_dir / f"postgres.before-restore-{datetime.now(UTC):%Y%m%d-%H%M%S}"
        cluster.rename(aside)
    restored.rename(cluster)
    return aside


def put_back(data_dir: Path, aside: Path | None) -> None:
    """Undo `exchange`, keeping what failed to start for a look at its log."""
    cluster = data_dir / "postgres"
    failed = data_dir / "postgres.restored"
    files.remove(failed)
    if cluster.exists():
        cluster.rename(failed)
    if aside is not None:
        aside.rename(cluster)


def end_recovery(data_dir: Path) -> None:
    """Remove the orders of a recovery that has ended."""
    (data_dir / "postgres" / files.RECOVERY_FILE).unlink(missing_ok=True)


def _recovery(until: str, archive: Path | None) -> str:
    """Return the settings of the recovery.

    It always ends on a new timeline, so that the WAL archived later by the former one stays as it is.
    """
    if until == LATEST:
        target = "recovery_target_timeline = 'latest'"
    elif until:
        moment = _moment(until)
        timeline = 1 if archive is None else timeline_at(archive, moment)
        target = f"recovery_target_time = '{moment.isoformat()}'\nrecovery_target_timeline = '{timeline}'"
    else:
        target = "recovery_target = 'immediate'"
    return (
        "# Written by 'opsconductor restore'; removed when the recovery has ended.\n"
        f"restore_command = '{restore_command(archive)}'\n"
        f"{target}\nrecovery_target_action = 'promote'\n"
        "# ready means: the recovery has ended\nhot_standby = off\n"
    )


def _moment(until: str) -> datetime:
    try:
        return datetime.fromisoformat(until).astimezone(UTC)
    except ValueError:
        raise StoreRejected(
            f"--to {until!r}: expected a time such as 2026-11-29T14:05:00+01:00, or {LATEST}"
        ) from None
