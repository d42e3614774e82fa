"""The lock by which one daemon alone writes into a database."""

import asyncio

import asyncpg
import pytest

from opsconductor.errors import StoreRejected
from opsconductor.store import sole
from opsconductor.store.sole import sole_daemon

HELD = "SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND granted)"
END_ALL = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"


async def test_a_session_that_postgresql_has_ended_is_let_go(pool: asyncpg.Pool) -> None:
    """A daemon whose sessions were cut meanwhile stops without a fault, and gives its lock back."""
    async with sole_daemon(pool):
        await pool.execute("SELECT")  # on a second connection
        held = pool.get_size()
        await pool.execute(END_ALL + " AND datname = current_database()")
        async with asyncio.timeout(10):
            while pool.get_size() >= held:
                await asyncio.sleep(0.01)
    async with sole_daemon(pool):
        pass


async def test_the_lock_is_taken_again(pool: asyncpg.Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    """After PostgreSQL has ended the session that held it, a second daemon is still refused."""
    monkeypatch.setattr(sole, "PATIENCE_S", 0.5)
    async with sole_daemon(pool) as lock:
        keeping = asyncio.create_task(lock.keep())
        await pool.execute(END_ALL + " AND datname = current_database()")
        async with asyncio.timeout(10):
            while not await pool.fetchval(HELD):
                await asyncio.sleep(0.01)
        with pytest.raises(StoreRejected, match="another OpsConductor daemon"):
            async with sole_daemon(pool):
                pass
        keeping.cancel()
    assert await asyncio.gather(keeping, return_exceptions=True)


async def test_who_finds_the_lock_taken_gives_up(pool: asyncpg.Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    """A daemon whose lock another one has taken while PostgreSQL was away stops: two must never write."""
    monkeypatch.setattr(sole, "PATIENCE_S", 0.2)
    async with sole_daemon(pool) as lock:
        await pool.execute(END_ALL + " AND datname = current_database()")
        async with sole_daemon(pool):
            with pytest.raises(StoreRejected, match="another OpsConductor daemon"):
                await lock.keep()


async def test_a_second_daemon_is_refused(pool: asyncpg.Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    """While one holds the lock another one is told what to do, after a moment of patience."""
    monkeypatch.setattr(sole, "PATIENCE_S", 0.2)
    async with sole_daemon(pool):
        with pytest.raises(StoreRejected, match="another OpsConductor daemon"):
            async with sole_daemon(pool):
                pass
