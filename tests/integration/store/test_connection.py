"""Errors of PostgreSQL come out as one of two kinds: try again, or do not."""

import asyncio
from pathlib import Path

import asyncpg
import pytest

from opsconductor.errors import StoreRejected, StoreUnavailable
from opsconductor.store.postgres.connection import close_pool, open_pool, translated
from tests.conftest import Cluster


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO alert_history (alert_id, action) VALUES (gen_random_uuid(), 'unknown')",
        "INSERT INTO devices (ip_address, name) VALUES (repeat('1', 46), 'x')",
        "SELECT 1 / 0",
        "INSERT INTO system_settings VALUES ('a', 'null'), ('a', 'null')",
        "SELECT '\\u0000'::jsonb",
    ],
)
async def test_data_that_does_not_fit_is_rejected(pool: asyncpg.Pool, statement: str) -> None:
    """Trying again would not help."""
    with pytest.raises(StoreRejected), translated():
        await pool.execute(statement)


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT pg_terminate_backend(pg_backend_pid())",
        "DO $$ BEGIN RAISE disk_full; END $$",
        "DO $$ BEGIN RAISE too_many_connections; END $$",
        "DO $$ BEGIN RAISE serialization_failure; END $$",
        "DO $$ BEGIN RAISE deadlock_detected; END $$",
        "DO $$ BEGIN RAISE io_error; END $$",
        "DO $$ BEGIN RAISE query_canceled; END $$",
        "SELECT * FROM a_table_that_someone_has_dropped",
    ],
)
async def test_a_repairable_fault_of_the_server_is_unavailable(pool: asyncpg.Pool, statement: str) -> None:
    """Trying again later may help, so nothing is given up."""
    with pytest.raises(StoreUnavailable), translated():
        await pool.execute(statement)


async def test_a_read_only_server_is_unavailable(pool: asyncpg.Pool) -> None:
    """A standby that has not been promoted yet takes nothing for the moment."""
    with pytest.raises(StoreUnavailable), translated():
        async with pool.acquire() as connection, connection.transaction(readonly=True):
            await connection.execute("INSERT INTO system_settings VALUES ('a', 'null')")


async def test_a_missing_server_is_unavailable(tmp_path: Path) -> None:
    """No server, no such database, a closed pool: all the same to the caller."""
    with pytest.raises(StoreUnavailable):
        await open_pool(f"postgresql://postgres@/x?host={tmp_path}", 2)


async def test_no_such_database_is_unavailable(postgres: Cluster) -> None:
    """The administrator may still make it."""
    with pytest.raises(StoreUnavailable, match="does_not_exist"):
        await open_pool(postgres.url("does_not_exist"), 2)


async def test_a_closed_pool_is_unavailable(database_url: str) -> None:
    """A later caller gets this error."""
    pool = await open_pool(database_url, 2)
    await close_pool(pool)
    with pytest.raises(StoreUnavailable), translated():
        await pool.fetchval("SELECT 1")


async def test_a_busy_pool_closes(pool: asyncpg.Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    """A connection that is still busy does not keep the daemon from stopping."""
    monkeypatch.setattr("opsconductor.store.postgres.connection.CLOSE_TIMEOUT_S", 0.05)
    connection = await pool.acquire()
    sleeping = asyncio.create_task(connection.execute("SELECT pg_sleep(60)"))
    await close_pool(pool)
    with pytest.raises((asyncpg.PostgresConnectionError, asyncpg.InterfaceError)):
        await sleeping


async def test_sessions_are_set_up(pool: asyncpg.Pool) -> None:
    """Times are UTC, statements end by themselves, documents come as Python values."""
    assert await pool.fetchval("SHOW timezone") == "UTC"
    assert await pool.fetchval("SHOW statement_timeout") == "55s"
    assert await pool.fetchval("SHOW application_name") == "opsconductor"
    assert await pool.fetchval("SELECT $1::jsonb", {"a": [1]}) == {"a": [1]}
    assert await pool.fetchval("SELECT $1::jsonb[]", [{"a": 1}, None]) == [{"a": 1}, None]
