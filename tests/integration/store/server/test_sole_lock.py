"""The lock by which one daemon alone writes into a database."""

import asyncio
from contextlib import suppress
from itertools import count, pairwise

import asyncpg
import pytest

from opsconductor.errors import StoreFenced, StoreRejected, StoreUnavailable
from opsconductor.store.acknowledged import prune_keys
from opsconductor.store.commit.commit import commit
from opsconductor.store.fence import FencedPool
from opsconductor.store.notifications.outbox import end_leases
from opsconductor.store.postgres import daemon_lock
from opsconductor.store.postgres.connection import close_pool, open_pool
from opsconductor.store.postgres.daemon_lock import sole_daemon
from tests.support.engine.alert_changes import alert_of, created
from tests.support.snmp.trap_listener import until

HELD = "SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND granted)"
END_ALL = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"


async def test_a_session_that_postgresql_has_ended_is_let_go(pool: FencedPool) -> None:
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


async def test_the_lock_is_taken_again(pool: FencedPool, monkeypatch: pytest.MonkeyPatch) -> None:
    """After PostgreSQL has ended the session that held it, a second daemon is still refused."""
    monkeypatch.setattr(daemon_lock, "TIMEOUT_S", 0.5)
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


async def test_a_daemon_gives_up_at_a_held_lock(pool: FencedPool, monkeypatch: pytest.MonkeyPatch) -> None:
    """A daemon whose lock another one has taken while PostgreSQL was away stops: two must never write."""
    monkeypatch.setattr(daemon_lock, "TIMEOUT_S", 0.2)
    async with sole_daemon(pool) as lock:
        await pool.execute(END_ALL + " AND datname = current_database()")
        async with sole_daemon(pool):
            with pytest.raises(StoreRejected, match="another OpsConductor daemon"):
                await lock.keep()


async def test_a_second_daemon_is_refused(pool: FencedPool, monkeypatch: pytest.MonkeyPatch) -> None:
    """While one holds the lock another one gets the remedy, after a short wait."""
    monkeypatch.setattr(daemon_lock, "TIMEOUT_S", 0.2)
    async with sole_daemon(pool):
        with pytest.raises(StoreRejected, match="another OpsConductor daemon"):
            async with sole_daemon(pool):
                pass


async def test_of_two_daemons_only_the_later_can_write(
    pool: FencedPool, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first has lost its lock and does not know it yet: PostgreSQL refuses its commit and all else."""
    monkeypatch.setattr(daemon_lock, "TIMEOUT_S", 5.0)
    other = await open_pool(database_url, 2)
    async with sole_daemon(pool):
        await commit(pool, created(alert_of(1)))
        await end_lock(other)
        async with sole_daemon(other):
            await commit(other, created(alert_of(2)))
            for write in (
                lambda: commit(pool, created(alert_of(3))),
                lambda: end_leases(pool),
                lambda: prune_keys(pool),
            ):
                with pytest.raises(StoreFenced, match="another OpsConductor daemon has taken over"):
                    await write()
            await commit(other, created(alert_of(4)))
    titles = [row["source_alert_id"] for row in await other.fetch("SELECT source_alert_id FROM alerts")]
    assert sorted(titles) == ["1", "2", "4"]
    await close_pool(other)


async def test_sessions_of_before_the_epoch_are_replaced(pool: FencedPool) -> None:
    """No session that was opened before the daemon's epoch began writes unchecked after it."""
    async with pool.acquire() as first, pool.acquire() as second:
        before = {first.get_server_pid(), second.get_server_pid()}
    async with sole_daemon(pool), pool.acquire() as first, pool.acquire() as second:
        assert before.isdisjoint({first.get_server_pid(), second.get_server_pid()})
        for session in (first, second):
            assert await session.fetchval("SELECT current_setting('opsconductor.epoch')") == str(pool.epoch)


async def end_lock(pool: FencedPool) -> None:
    """End the session that holds the daemons' lock."""
    await pool.fetch(
        "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted"
        " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    )


async def test_a_take_over_waits_for_what_is_being_written(pool: FencedPool, database_url: str) -> None:
    """A transaction that was checked in time is committed before the next epoch begins, never after it."""
    other = await open_pool(database_url, 2)
    async with sole_daemon(pool), pool.acquire() as writer:
        transaction = writer.transaction()
        await transaction.start()
        await writer.execute("UPDATE alerts SET title = title")
        async with other.acquire() as taker:
            taking = asyncio.create_task(other.begin_epoch(taker))
            async with asyncio.timeout(10):
                while not await writer.fetchval("SELECT count(*) FROM pg_locks WHERE NOT granted"):
                    await asyncio.sleep(0.01)
            await writer.execute("UPDATE alerts SET title = title")
            assert not taking.done()
            await transaction.commit()
            await taking
        with pytest.raises(asyncpg.PostgresError, match="has taken over"):
            await writer.execute("UPDATE alerts SET title = title")
    await close_pool(other)


async def test_two_daemons_with_ever_lost_locks_never_write_in_turns(
    pool: FencedPool, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the lock's session ended every 30 ms the first daemon writes, then the second, and never both."""
    monkeypatch.setattr(daemon_lock, "TIMEOUT_S", 5.0)
    other, written = await open_pool(database_url, 3), list[str]()

    async def live(who: str, own: FencedPool) -> None:
        while True:
            try:
                async with sole_daemon(own) as lock, asyncio.TaskGroup() as tasks:
                    tasks.create_task(lock.keep())
                    tasks.create_task(write_on(who, own))
            except StoreUnavailable:
                continue

    async def write_on(who: str, own: FencedPool) -> None:
        for number in count(1 if who == "first" else 100_000):
            with suppress(StoreUnavailable):
                await commit(own, created(alert_of(number)))
                written.append(who)
            await asyncio.sleep(0)

    async def end_locks() -> None:
        while True:
            await asyncio.sleep(0.03)
            with suppress(asyncpg.PostgresError, OSError):
                await end_lock(other)

    ending = asyncio.create_task(end_locks())
    daemons = [asyncio.create_task(live("first", pool))]
    await until(lambda: len(written) > 5)
    daemons.append(asyncio.create_task(live("second", other)))
    await asyncio.wait({daemons[0]}, timeout=60)
    failure = daemons[0].exception()
    assert isinstance(failure, ExceptionGroup)
    assert failure.subgroup(StoreRejected) or failure.subgroup(StoreFenced)
    since = len(written)
    await until(lambda: len(written) > since + 5)
    changes = sum(one != next_one for one, next_one in pairwise(written))
    assert changes == 1, "the second wrote once the first could not any more"
    for task in (ending, daemons[1]):
        task.cancel()
    await asyncio.wait({ending, daemons[1]})
    await close_pool(other)


async def test_every_table_is_checked(pool: FencedPool) -> None:
    """A table that a migration adds needs the trigger `daemon_epoch`, too."""
    rows = await pool.fetch("""
        SELECT c.relname FROM pg_class c
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
          AND NOT EXISTS (SELECT FROM pg_trigger t WHERE t.tgrelid = c.oid AND t.tgname = 'daemon_epoch')
    """)
    assert {row["relname"] for row in rows} == {"alembic_version", "daemon_epoch"}
