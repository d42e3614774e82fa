"""Restore of a backup; all or nothing, and never below a running daemon."""

import asyncio
import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from opsconductor.config.settings import Settings
from opsconductor.config.vault import KEY_FILE, existing_key, key_check
from opsconductor.errors import StoreRejected, StoreUnavailable
from opsconductor.store.backups import dump, server_files
from opsconductor.store.backups.archive import extract, read_manifest
from opsconductor.store.backups.manifest import BASE, DUMP, FILES, BackupManifest, check_restorable
from opsconductor.store.postgres import migrate
from opsconductor.store.postgres.database import open_server
from opsconductor.store.postgres.wal_archive import system_identifier


@dataclass(frozen=True, slots=True, kw_only=True)
class RestoreOrder:
    """What is to be restored.

    Attributes:
        replace: Replace a database that holds alerts, and the vault's key.
        until: `latest`, a time as ISO 8601, or empty: the moment of the backup.
    """

    file: Path
    replace: bool = False
    until: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RestoredBackup:
    """What was restored.

    Attributes:
        rows: Number of rows of the main tables now, by table.
        aside: Where the former cluster is kept; None: there was none, or a dump replaced its tables.
        key_differs: Whether the vault's key here is not the one of the backup: its secrets cannot be read.
    """

    manifest: BackupManifest
    rows: Mapping[str, int]
    files: int
    aside: Path | None
    key_differs: bool


async def restore_backup(settings: Settings, order: RestoreOrder) -> RestoredBackup:
    """Restore a backup: first everything is unpacked and checked, then the database, then the files.

    Raises:
        StoreRejected: The file is no complete backup, a newer version made it, a daemon runs, or there is
            data and `replace` is not given. Nothing has changed.
        StoreUnavailable: The database cannot be reached or the folder not be written.
    """
    settings.data_dir.mkdir(mode=0o700 if os.geteuid() else 0o711, parents=True, exist_ok=True)
    folder = Path(await asyncio.to_thread(tempfile.mkdtemp, dir=settings.data_dir, prefix=".restore-"))
    try:
        manifest = await asyncio.to_thread(_unpack, order, folder)
        await asyncio.to_thread(_check_key, settings, folder, order)
        if manifest.method == "base":
            aside, rows = await _restore_base(settings, order, folder)
        else:
            aside, rows = None, await _restore_dump(settings, order, folder)
        amount = await asyncio.to_thread(_move_files, folder / FILES, settings.data_dir)
    except OSError as error:
        raise StoreUnavailable(f"{order.file} cannot be restored: {error.strerror or error}") from error
    finally:
        await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
    key = await asyncio.to_thread(existing_key, settings.secrets, settings.data_dir)
    here = "" if key is None else key_check(key)
    return RestoredBackup(
        manifest=manifest,
        rows=rows,
        files=amount,
        aside=aside,
        key_differs=bool(manifest.key_check) and here != manifest.key_check,
    )


def _unpack(order: RestoreOrder, folder: Path) -> BackupManifest:
    check_restorable(read_manifest(order.file), version("opsconductor"), migrate.head())
    manifest = extract(order.file, folder)
    if order.until and manifest.method != "base":
        raise StoreRejected(
            "--to needs a backup of backup.method: base and an archive (backup.wal_archive); this is a dump"
        )
    return manifest


def _check_key(settings: Settings, folder: Path, order: RestoreOrder) -> None:
    unpacked, present = folder / FILES / KEY_FILE, settings.data_dir / KEY_FILE
    if not (unpacked.exists() and present.exists()) or order.replace:
        return
    if unpacked.read_bytes().strip() != present.read_bytes().strip():
        raise StoreRejected(
            f"{present} is another key than the one in the backup: with --replace the backup's replaces it"
        )


async def _restore_dump(settings: Settings, order: RestoreOrder, folder: Path) -> Mapping[str, int]:
    async with open_server(settings) as url:
        return await dump.restore(url, folder / DUMP, replace=order.replace)


async def _restore_base(
    settings: Settings, order: RestoreOrder, folder: Path
) -> tuple[Path | None, Mapping[str, int]]:
    """Exchange the embedded server's cluster, and recover it to the wanted moment."""
    if settings.database.url is not None:
        raise StoreRejected(
            "a copy of a server's files is restored with its own tools: docs/backup.md has the steps; "
            "only a dump can be restored through database.url"
        )
    data_dir = settings.data_dir
    if (data_dir / "postgres").exists() and not order.replace:
        raise StoreRejected(
            f"{data_dir / 'postgres'} holds a database, which a restore would replace: give --replace; it is "
            "then kept beside the new one"
        )
    with _server_unused(data_dir):
        restored = await asyncio.to_thread(_prepare, settings, order, folder)
        aside = await asyncio.to_thread(server_files.exchange, data_dir, restored)
    is_recovered = False
    try:
        async with open_server(settings) as url:
            await migrate.upgrade(url)
            async with dump.pool_of(url) as pool:
                rows = await dump.count_rows(pool)
        is_recovered = True
    finally:
        if is_recovered:
            await asyncio.to_thread(server_files.end_recovery, data_dir)
        else:
            await asyncio.to_thread(server_files.put_back, data_dir, aside)
    return aside, rows


def _prepare(settings: Settings, order: RestoreOrder, folder: Path) -> Path:
    archive = settings.backup.wal_archive
    if order.until and archive is None:
        raise StoreRejected("--to needs backup.wal_archive, from which the WAL is read")
    restored = server_files.unpack_cluster(folder / BASE, settings.data_dir)
    place = None if archive is None else archive / system_identifier(restored)
    server_files.order_recovery(restored, settings.data_dir, order.until, place)
    return restored


@contextmanager
def _server_unused(data_dir: Path) -> Iterator[None]:
    """Hold the lock of the embedded server's users for the time of a block.

    Raises:
        StoreRejected: A daemon or a command uses the server.
    """
    lock = os.open(data_dir / "postgres.users", os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise StoreRejected(
                f"an OpsConductor daemon or command uses the database in {data_dir}: stop it first"
            ) from None
        yield
    finally:
        os.close(lock)


def _move_files(unpacked: Path, data_dir: Path) -> int:
    """Move the restored files to their places, over those of the same name; return how many."""
    amount = 0
    for path in sorted(unpacked.rglob("*")) if unpacked.exists() else ():
        if not path.is_file():
            continue
        target = data_dir / path.relative_to(unpacked)
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.replace(target)
        amount += 1
    return amount
