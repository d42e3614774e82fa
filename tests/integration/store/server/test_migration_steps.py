"""What a change of the schema reports, and what it checks before it begins."""

import asyncio
import re
from pathlib import Path

import asyncpg
import pytest

from opsconductor.errors import StoreRejected
from opsconductor.shipped import shipped
from opsconductor.store.postgres import migrate, migration_steps

FILES = sorted(shipped("migrations").glob("versions/*.sql"))
LARGE = {"alerts", "alert_history", "raw_events", "notification_log", "data_points", "audit_log"}


async def test_progress_of_a_migration_names_the_step(database_url: str) -> None:
    """As text it is where the upgrade is at that moment; without a step there is none."""
    notes: list[object] = []
    await migrate.upgrade(database_url, note=notes.append)
    assert notes == []
    await migrate.downgrade(database_url, "0050")
    other = await asyncpg.connect(database_url)
    async with other.transaction():
        await other.execute("LOCK TABLE alerts IN ACCESS SHARE MODE")
        upgrading = asyncio.create_task(migrate.upgrade(database_url, note=notes.append))
        await _until_waiting_for(other, "alerts")
        count = len(migrate.revisions()) - 50
        expected = f"from revision 0050 to {migrate.head()}, step 1 of {count} (0051 plain documents), for "
        assert f"changing the schema of the database {expected}" in str(notes[0])
    await other.close()
    await upgrading
    assert f"step {count} of {count}" in str(notes[0])


async def test_an_upgrade_without_room_for_the_large_tables_changes_nothing(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The error names needed and free bytes and the folder; where they are not known, it goes on."""
    await migrate.downgrade(database_url, "0050")
    connection = await asyncpg.connect(database_url)
    folder = await connection.fetchval("SHOW data_directory")
    asked: list[str | None] = []

    def little(folder: str | None) -> int:
        asked.append(folder)
        return 1_000

    monkeypatch.setattr(migration_steps, "free_bytes_at", little)
    with pytest.raises(StoreRejected) as refused:
        await migrate.upgrade(database_url)
    assert asked == [folder]
    sizes = [
        await connection.fetchval(
            "SELECT sum(pg_total_relation_size(relid)) FROM pg_partition_tree($1::regclass)",
            table,
        )
        for table in ("alerts", "alert_history")
    ]
    assert f"(alert_history, alerts) again and needs {2 * sum(sizes):,} bytes for it" in str(refused.value)
    assert f"on the disk of {folder} only 1,000 bytes are free. Make room there" in str(refused.value)
    assert await migrate.current_of(database_url) == "0050"
    await migrate.upgrade(database_url, "0050")
    monkeypatch.setattr(migration_steps, "free_bytes_at", lambda _: None)
    await migrate.upgrade(database_url, "0051")
    monkeypatch.undo()
    assert await migrate.upgrade(database_url) == ("0051", migrate.head())
    assert (migration_steps.free_bytes_at(folder) or 0) > 0
    assert migration_steps.free_bytes_at(None) is None
    assert migration_steps.free_bytes_at("/no/such/folder") is None
    await connection.close()


@pytest.mark.parametrize(
    "file", sorted(shipped("migrations").glob("versions/*.sql")), ids=lambda file: file.stem
)
def test_a_revision_that_rewrites_a_table_says_so(file: Path) -> None:
    """A column of another type writes all rows again."""
    sql = file.read_text()
    changed = {
        table
        for table, changes in re.findall(r"^ALTER TABLE (\w+)\s([^;]*);", sql, re.MULTILINE)
        if re.search(r"ALTER COLUMN \w+ TYPE", changes)
    }
    named = {name for names in migration_steps.REWRITES.findall(sql) for name in names.split(", ")}
    assert changed & LARGE <= named
    assert named <= LARGE


async def _until_waiting_for(connection: asyncpg.Connection, table: str) -> None:
    """Wait until another session waits for a lock on a table."""
    async with asyncio.timeout(20):
        while not await connection.fetchval(
            "SELECT count(*) FROM pg_locks WHERE relation = $1::regclass AND NOT granted", table
        ):
            await asyncio.sleep(0.01)
