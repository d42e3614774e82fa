"""Copies of the embedded server's files: restored as they were, and to any moment by the archived WAL."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import asyncpg
import pytest

from opsconductor.config.sections.backup import BackupSettings
from opsconductor.config.settings import Settings
from opsconductor.errors import StoreError, StoreRejected
from opsconductor.store.backups.archive import read_manifest
from opsconductor.store.backups.folder import name_of
from opsconductor.store.backups.make import BackupPlan, make_backup, prune
from opsconductor.store.backups.restore import RestoreOrder, restore_backup
from opsconductor.store.postgres.database import open_database, open_server


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[asyncpg.Pool]:
    """Run the embedded server as the daemon does."""
    async with open_database(settings, upgrade=True) as pool:
        yield pool


async def add_device(pool: asyncpg.Pool, number: int) -> datetime:
    """Store a device and archive the WAL that has it; return a moment after its commit."""
    await pool.execute(
        "INSERT INTO devices (ip_address, name) VALUES ($1, $2)", f"192.0.2.{number}", f"device-{number}"
    )
    moment: datetime = await pool.fetchval("SELECT clock_timestamp()")
    before = await pool.fetchval("SELECT archived_count FROM pg_stat_archiver")
    await pool.execute("SELECT pg_switch_wal()")
    while await pool.fetchval("SELECT archived_count FROM pg_stat_archiver") <= before:
        await asyncio.sleep(0.02)
    return moment


async def names(settings: Settings) -> set[str]:
    """Return the names of the devices in the database."""
    async with opened(settings) as pool:
        return {row["name"] for row in await pool.fetch("SELECT name FROM devices")}


async def test_a_restore_to_a_moment(tmp_path: Path) -> None:
    """A base backup and the archived WAL bring back any moment: before a deletion, the latest, its own.

    One moment may be followed by a later one. After each, the server archives on a new timeline, the former
    database is kept, a running server is not touched, and a moment that the archive does not reach changes
    nothing.
    """
    folder = tmp_path / "var"
    backup = BackupSettings(folder=tmp_path / "bk", method="base", keep=1, wal_archive=tmp_path / "wal")
    settings = Settings(data_dir=folder, backup=backup)
    file = tmp_path / "bk" / name_of(datetime.now(UTC))
    async with opened(settings) as pool:
        await add_device(pool, 1)
        async with open_server(settings) as url:
            await make_backup(settings, url, BackupPlan(target=file, method="base", with_key=False))
        moment = await add_device(pool, 2)
        await pool.execute("DELETE FROM devices")
        after = await add_device(pool, 3)
        await add_device(pool, 5)
        with pytest.raises(StoreRejected, match="stop it first"):
            await restore_backup(settings, RestoreOrder(file=file, replace=True))
    with pytest.raises(StoreRejected, match="give --replace"):
        await restore_backup(settings, RestoreOrder(file=file))
    later = RestoreOrder(file=file, replace=True, until="2999-01-01T00:00:00+00:00")
    with pytest.raises(StoreError, match="before configured recovery target"):
        await restore_backup(settings, later)
    assert await names(settings) == {"device-3", "device-5"}
    done = await restore_backup(settings, RestoreOrder(file=file, replace=True, until=moment.isoformat()))
    assert done.aside is not None
    assert done.aside.exists()
    assert await names(settings) == {"device-1", "device-2"}
    await restore_backup(settings, RestoreOrder(file=file, replace=True, until=after.isoformat()))
    assert await names(settings) == {"device-3"}  # of the timeline before, which the first restore has left
    await restore_backup(settings, RestoreOrder(file=file, replace=True))
    assert await names(settings) == {"device-1"}
    async with opened(settings) as pool:
        await add_device(pool, 4)
    await restore_backup(settings, RestoreOrder(file=file, replace=True, until="latest"))
    assert await names(settings) == {"device-1", "device-4"}
    assert read_manifest(file).wal_start
    prune(settings, tmp_path / "bk")
    kept = sorted(path.name[8:24] for path in (tmp_path / "wal").rglob("*.gz") if "history" not in path.name)
    assert kept[0] == read_manifest(file).wal_start[8:]
