"""A dump brings everything back: the same export, the same counts; or nothing changes."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import asyncpg
import pytest
from click.testing import Result

from opsconductor.errors import StoreRejected
from opsconductor.store.commit.commit import commit
from opsconductor.store.postgres import backup, migrate
from opsconductor.store.postgres.backup import count_rows, dump, restore
from opsconductor.store.postgres.connection import close_pool, open_pool
from opsconductor.store.postgres.daemon_lock import sole_daemon
from opsconductor.store.retention.old_rows import make_partitions
from tests.conftest import Cluster
from tests.support.stored import a_creation, an_alert, an_entry
from tests.support.terminal import invoked

DECLARED = """
devices:
  - {ip_address: 192.0.2.1, name: core-1}
  - {ip_address: 192.0.2.2, name: access-1}
dependencies:
  - {device_ip: 192.0.2.2, depends_on_ip: 192.0.2.1}
oid_mappings:
  - {oid_pattern: 1.3.6.1.4.1.99999.1, alert_type: network_test, category: network,
     default_severity: major, title_template: "Test - {device_name}"}
"""


async def opsconductor(url: str, folder: Path, *arguments: str) -> Result:
    """Run a command against a database."""
    places = {"OPSCONDUCTOR__DATABASE__URL": url, "OPSCONDUCTOR__DATA_DIR": str(folder / "var")}
    return await invoked(*arguments, environment=places)


async def fill(pool: asyncpg.Pool) -> Mapping[str, int]:
    """Store alerts with history in several partitions; return the counts."""
    await make_partitions(pool, datetime.now(UTC))
    alerts = [an_alert() for _ in range(50)]
    entries = tuple(an_entry(alert, created_at=datetime.now(UTC)) for alert in alerts)
    await commit(pool, replace(a_creation(*alerts), history=entries))
    return await count_rows(pool)


async def test_export_and_counts_are_the_same_after_a_restore(
    pool: asyncpg.Pool, database_url: str, empty_database_url: str, tmp_path: Path
) -> None:
    """What is dumped and restored into an empty database, by the commands, is what was there."""
    (tmp_path / "declared.yaml").write_text(DECLARED)
    applied = await opsconductor(database_url, tmp_path, "apply", str(tmp_path / "declared.yaml"))
    assert applied.exit_code == 0, applied.output
    counts = await fill(pool)
    file = str(tmp_path / "all.dump")
    dumped = await opsconductor(database_url, tmp_path, "db", "dump", file)
    assert dumped.exit_code == 0, dumped.stderr
    assert "50 alerts" in dumped.stdout
    assert (tmp_path / "all.dump").stat().st_mode & 0o777 == 0o600
    assert "--force" in (await opsconductor(database_url, tmp_path, "db", "dump", file)).stderr
    restored = await opsconductor(empty_database_url, tmp_path, "db", "restore", file)
    assert restored.exit_code == 0, restored.stderr
    assert "50 alerts" in restored.stdout
    before, after = [
        (await opsconductor(url, tmp_path, "export")).stdout for url in (database_url, empty_database_url)
    ]
    assert before == after != ""
    other = await open_pool(empty_database_url, 2)
    assert await count_rows(other) == counts
    await close_pool(other)


async def test_a_database_with_alerts_is_replaced_only_when_told(
    pool: asyncpg.Pool, database_url: str, tmp_path: Path
) -> None:
    """A restore into a database that holds alerts is refused; with `replace` it becomes the dump."""
    await fill(pool)
    await dump(database_url, tmp_path / "all.dump")
    await commit(pool, a_creation(an_alert()))
    with pytest.raises(StoreRejected, match=r"holds 51 alerts.*--replace"):
        await restore(database_url, tmp_path / "all.dump", replace=False)
    assert (await restore(database_url, tmp_path / "all.dump", replace=True))["alerts"] == 50


@pytest.mark.parametrize("share", [0.0, 0.5, 0.9, 0.99])
async def test_a_file_that_was_cut_short_changes_nothing(
    pool: asyncpg.Pool, database_url: str, tmp_path: Path, share: float
) -> None:
    """A dump that lacks its end is refused before anything is touched, however little is missing."""
    await fill(pool)
    file = tmp_path / "all.dump"
    await dump(database_url, file)
    whole = file.read_bytes()
    file.write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(StoreRejected, match="not a complete file"):
        await restore(database_url, file, replace=True)
    assert await pool.fetchval("SELECT count(*) FROM alerts") == 50


async def test_a_restore_that_fails_changes_nothing(
    pool: asyncpg.Pool, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When PostgreSQL refuses a statement of the dump, the database is as it was."""
    await fill(pool)
    file = tmp_path / "all.dump"
    await dump(database_url, file)
    monkeypatch.setattr(backup, "UNKNOWN_BEFORE_17", b"CREATE TABLE")
    with pytest.raises(StoreRejected, match="psql failed"):
        await restore(database_url, file, replace=True)
    assert await pool.fetchval("SELECT count(*) FROM alerts") == 50
    assert await migrate.current(pool) == migrate.head()


async def test_nothing_is_restored_below_a_daemon(
    pool: asyncpg.Pool, database_url: str, tmp_path: Path
) -> None:
    """While a daemon works on the database, a restore is refused."""
    await dump(database_url, tmp_path / "all.dump")
    async with sole_daemon(pool):
        with pytest.raises(StoreRejected, match="another OpsConductor daemon"):
            await restore(database_url, tmp_path / "all.dump", replace=True)


async def test_the_oldest_server_moves_to_the_newest(
    postgres_15: Cluster, empty_database_url: str, tmp_path: Path
) -> None:
    """A database of PostgreSQL 15 is dumped, and restored into 18 and into 15 again."""
    name, back = postgres_15.create(), postgres_15.create()
    try:
        url = postgres_15.url(name)
        await migrate.upgrade(url)
        old = await open_pool(url, 2)
        counts = await fill(old)
        await close_pool(old)
        await dump(url, tmp_path / "old.dump")
        assert await restore(empty_database_url, tmp_path / "old.dump", replace=False) == counts
        assert await restore(postgres_15.url(back), tmp_path / "old.dump", replace=False) == counts
    finally:
        postgres_15.drop(name)
        postgres_15.drop(back)


def test_passwords_are_no_arguments() -> None:
    """The password of a URL goes into the environment; everything else stays as it is."""
    from opsconductor.store.postgres.backup import _address  # noqa: PLC0415 - the one thing to look inside for

    address, environment = _address("postgresql://me:p%40ss@db.example:5432/ops?sslmode=require")
    assert address == "postgresql://me@db.example:5432/ops?sslmode=require"
    assert environment == {"PGPASSWORD": "p@ss"}
    assert _address("postgresql://me@/ops?host=/run") == ("postgresql://me@/ops?host=/run", {})
