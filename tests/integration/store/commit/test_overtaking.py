"""A write whose answer is lost is never committed after a newer one."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from functools import partial

import asyncpg
import pytest

from opsconductor.errors import StoreFenced, StoreUnavailable, Unanswered
from opsconductor.store.commit.commit import BoundedWrite, commit, give_up_writes
from opsconductor.store.fence import FencedPool
from opsconductor.store.postgres import connection
from opsconductor.store.postgres.connection import close_pool, open_pool
from opsconductor.store.postgres.daemon_lock import sole_daemon
from tests.support.engine.alert_changes import alert_of, created, repeated

FIRST = alert_of(1)
COUNT = "SELECT occurrence_count FROM alerts WHERE id = $1"


@pytest.fixture
async def daemon_pool(database_url: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[FencedPool]:
    """Provide the pool of a daemon that soon stops waiting for an answer."""
    monkeypatch.setattr(connection, "COMMAND_TIMEOUT_S", 1)
    pool = await open_pool(database_url, 3)
    async with sole_daemon(pool):
        yield pool
    await close_pool(pool)


@contextmanager
def frozen(process: int) -> Iterator[None]:
    """Freeze a process of the server, as a paused machine or a hanging disk does."""
    os.kill(process, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(process, signal.SIGCONT)


async def process_of(pool: FencedPool) -> int:
    """Return the server process of the session that the pool uses next."""
    return int(await pool.fetchval("SELECT pg_backend_pid()"))


async def is_gone(pool: FencedPool, process: int) -> None:
    """Wait until a process of the server has ended."""
    async with asyncio.timeout(10):
        while await pool.fetchval("SELECT true FROM pg_stat_activity WHERE pid = $1", process):
            await asyncio.sleep(0.01)


async def written(write: BoundedWrite, alert_count: int) -> None:
    """Write a count, trying again as the daemon does."""
    async with asyncio.timeout(30):
        while True:
            try:
                await write(repeated(FIRST, alert_count), 1.0)
            except StoreUnavailable:
                await asyncio.sleep(0.05)
            else:
                return


async def test_a_frozen_write_does_not_overtake_a_newer_one(daemon_pool: FencedPool) -> None:
    """Its server process goes on after the newer one is committed, and writes nothing."""
    pool = daemon_pool
    write = BoundedWrite(partial(commit, pool), partial(give_up_writes, pool))
    await write(created(FIRST), 10)
    await write(repeated(FIRST, 1), 10)  # prepares the statement, which then goes out with its values at once
    process = await process_of(pool)
    with frozen(process):
        with pytest.raises(Unanswered):
            await write(repeated(FIRST, 2), 0.1)
        await written(write, 3)
    await is_gone(pool, process)
    assert await pool.fetchval(COUNT, FIRST.id) == 3


async def test_what_has_begun_to_write_is_waited_for(daemon_pool: FencedPool) -> None:
    """A transaction that has passed the check may still be committed: nothing newer begins before it ends."""
    pool = daemon_pool
    await commit(pool, created(FIRST))
    other = await pool.acquire()
    begun = other.transaction()
    await begun.start()
    await commit_in(other, 2)
    giving_up = asyncio.create_task(give_up_writes(pool))
    with pytest.raises(StoreUnavailable):
        await giving_up
    await begun.commit()
    await pool.release(other)
    await give_up_writes(pool)
    assert await pool.fetchval(COUNT, FIRST.id) == 2


async def test_sessions_that_were_given_up_are_replaced(daemon_pool: FencedPool) -> None:
    """What still holds one gets an error that it may try again, and everything else goes on."""
    pool = daemon_pool
    await commit(pool, created(FIRST))
    held = await pool.acquire()
    await give_up_writes(pool)
    with pytest.raises(StoreUnavailable, match="given up this session") as refused, connection.translated():
        await commit_in(held, 2)
    assert not isinstance(refused.value, StoreFenced)
    await pool.release(held)
    for count in range(2, 6):
        await commit(pool, repeated(FIRST, count))
    assert await pool.fetchval(COUNT, FIRST.id) == 5


async def test_the_next_daemon_begins_with_new_numbers(daemon_pool: FencedPool, database_url: str) -> None:
    """What one daemon has given up refuses nothing of its successor."""
    for _ in range(3):
        await give_up_writes(daemon_pool)
    successor = await open_pool(database_url, 2)
    async with successor.acquire() as taker:
        await successor.begin_epoch(taker)
    await commit(successor, created(FIRST))
    with pytest.raises(StoreFenced):
        await commit(daemon_pool, repeated(FIRST, 2))
    await close_pool(successor)


async def commit_in(session: asyncpg.Connection, count: int) -> None:
    """Set the count of the alert in one session."""
    await session.execute("UPDATE alerts SET occurrence_count = $2 WHERE id = $1", FIRST.id, count)
