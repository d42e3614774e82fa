"""Making of a backup; the daemon may be running."""

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import asyncpg

from opsconductor.config.settings import Settings
from opsconductor.config.vault import KEY_FILE, existing_key, key_check
from opsconductor.errors import StoreRejected, StoreUnavailable
from opsconductor.store.backups.archive import CHUNK_BYTES, BackupWriter, read_manifest
from opsconductor.store.backups.dump import count_rows, dumping, pool_of
from opsconductor.store.backups.folder import NAME, list_backups, prune_backups
from opsconductor.store.backups.manifest import BASE, DUMP, FILES, BackupManifest
from opsconductor.store.backups.server_files import copying, wal_start_of
from opsconductor.store.postgres import migrate
from opsconductor.store.postgres.connection import translated
from opsconductor.store.postgres.wal_archive import prune_wal, system_identifier

NEVER_COPIED = ("postgres", "spool", "cli.token", "facts.index", "packs.json")
"""Beginnings of names in the data directory that a backup leaves out: the server's files and what the daemon
builds anew. The spool drains into the restored database.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupPlan:
    """What a backup is to be.

    Attributes:
        method: `dump` or `base`.
        with_key: Whether the vault's key is copied.
    """

    target: Path
    method: str
    with_key: bool


async def make_backup(settings: Settings, url: str, plan: BackupPlan) -> BackupManifest:
    """Write a backup: the database first, then the files, so that every file a row names is there.

    Raises:
        StoreUnavailable: The database cannot be reached, or the file cannot be written.
        StoreRejected: PostgreSQL's program fails.
        SecretError: The vault's key cannot be read.
    """
    key = await asyncio.to_thread(existing_key, settings.secrets, settings.data_dir)
    made_at = datetime.now(UTC)
    if await migrate.current_of(url) is None:
        raise StoreRejected("the database is empty, there is nothing to back up: start the daemon first")
    try:
        await asyncio.to_thread(plan.target.parent.mkdir, parents=True, exist_ok=True)
        with await asyncio.to_thread(BackupWriter, plan.target) as writer:
            source = copying(url) if plan.method == "base" else dumping(url)
            await _stream(source, writer, BASE if plan.method == "base" else DUMP)
            await asyncio.to_thread(_add_files, settings, writer, plan)
            facts = await _facts(url)
            manifest = BackupManifest(
                made_at=made_at,
                version=version("opsconductor"),
                revision=facts.revision,
                method=plan.method,
                postgresql=facts.postgresql,
                key_check="" if key is None else key_check(key),
                wal_start=await asyncio.to_thread(_wal_start, writer, plan),
                rows=facts.rows,
                entries=tuple(writer.entries),
            )
            await asyncio.to_thread(writer.finish, manifest)
    except OSError as error:
        raise StoreUnavailable(f"{plan.target} cannot be written: {error.strerror or error}") from error
    return manifest


def prune(settings: Settings, folder: Path) -> int:
    """Delete old backups, and archived WAL that no kept one needs; return how many backups. Blocks.

    Raises:
        StoreUnavailable: One cannot be deleted.
    """
    try:
        old = prune_backups(folder, settings.backup.keep)
        kept = list_backups(folder)
        cluster = settings.data_dir / "postgres"
        if settings.backup.wal_archive is not None and kept and cluster.exists():
            first = read_manifest(kept[-1].path).wal_start
            if first:
                prune_wal(settings.backup.wal_archive / system_identifier(cluster), first)
    except OSError as error:
        raise StoreUnavailable(f"old backups in {folder} cannot be deleted: {error}") from error
    return len(old)


async def _stream(
    source: AbstractAsyncContextManager[asyncio.StreamReader], writer: BackupWriter, name: str
) -> None:
    writer.begin_stream()
    async with source as output:
        while chunk := await output.read(CHUNK_BYTES):
            await asyncio.to_thread(writer.append, chunk)
    await asyncio.to_thread(writer.end_stream, name)


def _add_files(settings: Settings, writer: BackupWriter, plan: BackupPlan) -> None:
    for path in _files_of(settings, plan):
        writer.add_file(f"{FILES}{path.relative_to(settings.data_dir).as_posix()}", path)


def _files_of(settings: Settings, plan: BackupPlan) -> Iterator[Path]:
    """Yield the files of the data directory that belong into a backup."""
    data_dir = settings.data_dir.resolve()
    places = (plan.target.parent, settings.backup.folder, settings.backup.wal_archive)
    left_out = {place.resolve() for place in places if place is not None} - {data_dir}
    for path in sorted(data_dir.rglob("*")):
        below = path.relative_to(data_dir)
        if path.is_symlink() or not path.is_file() or any(part.startswith(".") for part in below.parts):
            continue
        if below.parts[0].startswith(NEVER_COPIED) or NAME.fullmatch(path.name):
            continue
        if below.as_posix() == KEY_FILE and not plan.with_key:
            continue
        if left_out.isdisjoint(path.parents):
            yield path


def _wal_start(writer: BackupWriter, plan: BackupPlan) -> str:
    if plan.method != "base":
        return ""
    with writer.reread() as file:
        return wal_start_of(file)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Facts:
    revision: str
    postgresql: str
    rows: Mapping[str, int]


async def _facts(url: str) -> _Facts:
    async with pool_of(url) as pool:
        return _Facts(
            revision=await migrate.current(pool) or "",
            postgresql=await _server_version(pool),
            rows=await count_rows(pool),
        )


async def _server_version(pool: asyncpg.Pool) -> str:
    with translated():
        found: str = await pool.fetchval("SHOW server_version")
    return found.partition(" ")[0]
