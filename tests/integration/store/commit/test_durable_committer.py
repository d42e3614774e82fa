"""Nothing is lost or reordered while PostgreSQL goes away and comes back."""

import asyncio
import logging
import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from time import monotonic

import asyncpg
import pytest

from opsconductor import metrics
from opsconductor.errors import StoreRejected, StoreUnavailable
from opsconductor.limits import Backoff
from opsconductor.model.changes import Changes
from opsconductor.pipeline.committer import CommitTimeouts, DurableCommitter
from opsconductor.store.commit.commit import commit
from opsconductor.store.postgres.connection import close_pool, open_pool
from opsconductor.store.spool.queue import Spool, SpoolLimits, open_spool
from tests.conftest import Cluster
from tests.support.daemons.small_disk import small_disk
from tests.support.engine.alert_changes import alert_of, batches, created, ended, repeated
from tests.support.outage import Outage

QUICK = CommitTimeouts(
    commit_s=0.5,
    drain=Backoff(first=timedelta(seconds=0.5)),
    retry=Backoff(first=timedelta(seconds=0.01), longest=timedelta(seconds=0.02)),
)


@pytest.fixture
async def spool(tmp_path: Path) -> AsyncIterator[Spool]:
    """Spool in a folder of its own."""
    async with open_spool(tmp_path) as opened:
        yield opened


@pytest.fixture
def outage(postgres: Cluster, database_url: str) -> Iterator[Outage]:
    """Way to take the test's database away; it is there again at the end."""
    outage = Outage(postgres, database_url)
    yield outage
    outage.end()


@asynccontextmanager
async def draining(committer: DurableCommitter) -> AsyncIterator[None]:
    """Drain in the background while the context lasts."""
    task = asyncio.create_task(committer.drain_forever())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait({task})
        if not task.cancelled():
            task.result()


async def stored(pool: asyncpg.Pool) -> list[tuple[str, int, str]]:
    """Read what the database has: source id, count and status, in order."""
    rows = await pool.fetch(
        "SELECT source_alert_id, occurrence_count, status FROM alerts ORDER BY received_at"
    )
    return [tuple(row) for row in rows]


async def until(condition: Callable[[], Awaitable[bool]]) -> None:
    """Wait until a condition holds."""
    async with asyncio.timeout(10):
        while not await condition():
            await asyncio.sleep(0.01)


class Store:
    """A store with a chosen behaviour; remembers its changes."""

    def __init__(self) -> None:
        self.written: list[Changes] = []
        self.error: Exception | None = None
        self.refused: set[str] = set()
        self.gate = asyncio.Event()
        self.gate.set()

    async def write(self, changes: Changes) -> None:
        """Take changes, or fail as chosen."""
        await self.gate.wait()
        if self.error is not None:
            raise self.error
        if any(alert.source_alert_id in self.refused for alert in changes.created):
            raise StoreRejected("no")
        self.written.append(changes)

    @property
    def titles(self) -> list[str]:
        """Name all alerts that were created, in order."""
        return [alert.source_alert_id for changes in self.written for alert in changes.created]


# With PostgreSQL ---------------------------------------------------------------------------------


async def test_changes_go_straight_to_the_database(pool: asyncpg.Pool, spool: Spool) -> None:
    """While PostgreSQL works nothing touches the spool."""
    committer = DurableCommitter(partial(commit, pool), spool, QUICK)
    await committer.commit(created(alert_of(1)))
    assert await stored(pool) == [("1", 1, "active")]
    assert spool.waiting.entries == 0
    assert not committer.is_away


async def test_an_outage_is_bridged(
    pool: asyncpg.Pool, spool: Spool, outage: Outage, caplog: pytest.LogCaptureFixture
) -> None:
    """Decisions during an outage are in the database afterwards, in order; the log has two lines about it."""
    caplog.set_level(logging.INFO, "opsconductor.pipeline.committer")
    committer = DurableCommitter(partial(commit, pool), spool, QUICK)
    first, second = alert_of(1), alert_of(2)
    async with draining(committer):
        await committer.commit(created(first))
        outage.begin()
        await committer.commit(repeated(first, 2))
        await committer.commit(created(second))
        await committer.commit(ended(replace(first, occurrence_count=2), 3))
        assert committer.is_away
        assert spool.waiting.entries == 3
        outage.end()
        async with asyncio.timeout(10):
            await committer.drained()
        await committer.commit(repeated(second, 5))
    assert await stored(pool) == [("1", 2, "resolved"), ("2", 5, "active")]
    assert not committer.is_away
    ours = [record for record in caplog.records if record.name.startswith("opsconductor")]
    assert [record.getMessage() for record in ours] == [
        "database is away, changes go to the spool until it is back",
        "database is back, the spool is drained",
    ]
    assert ours[-1].__dict__["amount"] == 3


async def test_a_read_only_database_is_bridged(pool: asyncpg.Pool, spool: Spool, outage: Outage) -> None:
    """A database that may only be read counts as away."""
    committer = DurableCommitter(partial(commit, pool), spool, QUICK)
    outage.read_only()
    async with draining(committer):
        await committer.commit(created(alert_of(1)))
        assert spool.waiting.entries == 1
        outage.writable()
        async with asyncio.timeout(10):
            await committer.drained()
    assert await stored(pool) == [("1", 1, "active")]


async def test_a_slow_database_does_not_hold_up_senders(
    pool: asyncpg.Pool, spool: Spool, database_url: str
) -> None:
    """While someone holds a lock on the table, commits take the bounded time and go to the spool."""
    committer = DurableCommitter(partial(commit, pool), spool, QUICK)
    other = await asyncpg.connect(database_url)
    async with draining(committer):
        async with other.transaction():
            await other.execute("LOCK TABLE alerts IN ACCESS EXCLUSIVE MODE")
            started = monotonic()
            await committer.commit(created(alert_of(1)))
            assert 0.5 <= monotonic() - started < 2
            started = monotonic()
            await committer.commit(created(alert_of(2)))
            assert monotonic() - started < 0.4
        async with asyncio.timeout(10):
            await committer.drained()
    await other.close()
    assert await stored(pool) == [("1", 1, "active"), ("2", 1, "active")]


async def test_a_hanging_database_does_not_hold_up_senders(spool: Spool, database_url: str) -> None:
    """A server process that stands still, and answers not even a cancellation, is not waited for."""
    pool = await open_pool(database_url, 1)
    committer = DurableCommitter(partial(commit, pool), spool, QUICK)
    await committer.commit(created(alert_of(1)))
    process = await pool.fetchval("SELECT pg_backend_pid()")
    async with draining(committer):
        with stopped(process):
            started = monotonic()
            await committer.commit(created(alert_of(2)))
            await committer.commit(created(alert_of(3)))
            assert monotonic() - started < 2
            assert committer.is_away
        async with asyncio.timeout(10):
            await committer.drained()
    assert await stored(pool) == [("1", 1, "active"), ("2", 1, "active"), ("3", 1, "active")]
    await close_pool(pool)


@contextmanager
def stopped(process: int) -> Iterator[None]:
    """Stop a process with SIGSTOP."""
    os.kill(process, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(process, signal.SIGCONT)


async def test_a_commit_with_a_lost_answer_is_stored_once(pool: asyncpg.Pool, spool: Spool) -> None:
    """When the answer of a commit is lost, the same changes come again from the spool and change nothing."""
    lose = [True]

    async def write(changes: Changes) -> None:
        await commit(pool, changes)
        if lose:
            lose.pop()
            raise StoreUnavailable("connection was closed in the middle of operation")

    committer = DurableCommitter(write, spool, QUICK)
    async with draining(committer):
        await committer.commit(created(alert_of(1)))
        async with asyncio.timeout(10):
            await committer.drained()
    assert await stored(pool) == [("1", 1, "active")]
    assert await pool.fetchval("SELECT count(*) FROM alert_history") == 1


async def test_a_later_alert_of_the_same_fault_never_meets_the_earlier_one(
    pool: asyncpg.Pool, spool: Spool, outage: Outage
) -> None:
    """A fault that ends and comes back many times while the database is away leaves one open alert."""
    committer = DurableCommitter(partial(commit, pool), spool, QUICK)
    fingerprint = alert_of(0).fingerprint
    outage.begin()
    async with draining(committer):
        for number in range(20):
            alert = replace(alert_of(number), fingerprint=fingerprint)
            await committer.commit(created(alert))
            if number < 19:
                await committer.commit(ended(alert, 1))
        outage.end()
        async with asyncio.timeout(10):
            await committer.drained()
    assert await stored(pool) == [
        *((str(number), 1, "resolved") for number in range(19)),
        ("19", 1, "active"),
    ]
    assert await pool.fetchval("SELECT count(*) FROM alert_history") == 39


async def test_entries_of_an_earlier_run_are_drained_first(
    pool: asyncpg.Pool, tmp_path: Path, outage: Outage, caplog: pytest.LogCaptureFixture
) -> None:
    """After a stop during an outage the next run brings everything to the database before it begins."""
    outage.begin()
    async with open_spool(tmp_path) as spool:
        committer = DurableCommitter(partial(commit, pool), spool, QUICK)
        for changes in batches(5, 3):
            await committer.commit(changes)
    async with open_spool(tmp_path) as spool:
        committer = DurableCommitter(partial(commit, pool), spool, QUICK)
        assert committer.is_away
        recovering = asyncio.create_task(committer.recover(timedelta(seconds=30)))
        outage.end()
        assert await recovering == 5
        assert not committer.is_away
        assert await committer.recover(timedelta(0)) == 0
    assert len(await stored(pool)) == 15
    assert "changes of an earlier run are in the spool, draining it" in caplog.text


async def test_recovery_gives_up_after_its_time(pool: asyncpg.Pool, tmp_path: Path, outage: Outage) -> None:
    """While the database stays away recovery ends with an error and leaves the spool as it is."""
    outage.begin()
    async with open_spool(tmp_path) as spool:
        committer = DurableCommitter(partial(commit, pool), spool, QUICK)
        await committer.commit(created(alert_of(1)))
        with pytest.raises(StoreUnavailable, match="1 entries stay in the spool"):
            await committer.recover(timedelta(seconds=0.1))
    async with open_spool(tmp_path) as spool:
        assert spool.waiting.entries == 1


# With a store of chosen behaviour ---------------------------------------------------------------


async def test_nothing_newer_overtakes_what_is_in_the_spool(spool: Spool) -> None:
    """Once the spool has an entry everything newer waits behind it, also when the store is back."""
    store = Store()
    committer = DurableCommitter(store.write, spool, QUICK)
    store.error = StoreUnavailable("away")
    await committer.commit(created(alert_of(1)))
    store.error = None
    await committer.commit(created(alert_of(2)))
    assert store.titles == []
    async with draining(committer):
        async with asyncio.timeout(10):
            await committer.drained()
        await committer.commit(created(alert_of(3)))
    assert store.titles == ["1", "2", "3"]
    assert spool.waiting.entries == 0


async def test_draining_catches_up_under_load(spool: Spool) -> None:
    """A worker that commits without pause is brought back to writing straight to the database."""
    store = Store()
    committer = DurableCommitter(store.write, spool, QUICK)
    store.error = StoreUnavailable("away")
    async with draining(committer), asyncio.timeout(10):
        for changes in batches(20, 1):
            await committer.commit(changes)
        store.error = None
        number = 100
        while committer.is_away:
            await committer.commit(created(alert_of(number)))
            number += 1
    assert store.titles == [*map(str, range(20)), *map(str, range(100, number))]


@pytest.mark.parametrize("error", [StoreRejected("no"), TypeError("a bug")])
async def test_refused_changes_do_not_block_the_others(
    spool: Spool, error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    """Changes that the store refuses for good are set aside, counted and logged; later ones are drained."""

    async def write(changes: Changes) -> None:
        if away:
            raise StoreUnavailable("away")
        if any(alert.source_alert_id in ("1", "3") for alert in changes.created):
            raise error
        written.extend(alert.source_alert_id for alert in changes.created)

    away = [True]
    written: list[str] = []
    before = metrics.spool_rejected._value.get()
    committer = DurableCommitter(write, spool, QUICK)
    for changes in batches(5, 1):
        await committer.commit(changes)
    away.clear()
    async with draining(committer), asyncio.timeout(10):
        await committer.drained()
    assert written == ["0", "2", "4"]
    assert (spool.waiting.entries, spool.waiting.rejected) == (0, 2)
    assert metrics.spool_rejected._value.get() == before + 2
    assert caplog.text.count("PostgreSQL rejects spooled changes permanently") == 2


async def test_an_entry_that_cannot_be_read_does_not_block_the_others(spool: Spool, tmp_path: Path) -> None:
    """Of another version it is set aside; damaged it is missing, and logged."""
    store = Store()
    committer = DurableCommitter(store.write, spool, QUICK)
    store.error = StoreUnavailable("away")
    await committer.commit(created(alert_of(0)))
    await spool._in_thread(spool._file.append, b"9\nof another version", 1, 1)
    await committer.commit(created(alert_of(1)))
    (segment,) = (tmp_path / "spool").glob("0*.log")
    end = segment.stat().st_size
    await committer.commit(created(alert_of(2)))
    with segment.open("r+b") as file:
        file.seek(end - 5)
        file.write(b"damage")
    store.error = None
    async with draining(committer), asyncio.timeout(10):
        await committer.drained()
    assert store.titles == ["0"]
    assert spool.waiting.rejected == 1
    assert [(loss.entries, loss.reports) for loss in spool.losses] == [(1, 1), (1, 1)]


async def test_refused_changes_raise_in_the_caller(spool: Spool) -> None:
    """While PostgreSQL works the worker itself gets the store's refusals."""
    store = Store()
    store.error = StoreRejected("no")
    committer = DurableCommitter(store.write, spool, QUICK)
    with pytest.raises(StoreRejected):
        await committer.commit(created(alert_of(1)))
    assert spool.waiting.entries == 0


async def test_without_any_room_the_caller_waits(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """When the spool is full as well, commit does not return: no sender gets an acknowledgement."""
    store = Store()
    store.error = StoreUnavailable("away")
    async with open_spool(tmp_path, SpoolLimits(bytes=10)) as spool:
        committer = DurableCommitter(store.write, spool, QUICK)
        async with draining(committer):
            await committer.commit(created(alert_of(1)))
            waiting = asyncio.create_task(committer.commit(created(alert_of(2))))
            await until(lambda: is_logged(caplog, "the spool is full"))
            assert not waiting.done()
            store.error = None
            async with asyncio.timeout(10):
                await waiting
                await committer.drained()
    assert store.titles == ["1", "2"]
    assert caplog.text.count("the spool is full, senders wait") == 1
    assert caplog.text.count("changes are durable again") == 1


async def test_with_a_full_disk_the_database_is_enough(tmp_path: Path) -> None:
    """When nothing can be written to the disk the daemon still works as soon as the database is back."""
    store = Store()
    with small_disk(tmp_path / "disk") as disk:
        async with open_spool(disk) as spool:
            committer = DurableCommitter(store.write, spool, QUICK)
            store.error = StoreUnavailable("away")
            async with draining(committer):
                waiting = asyncio.create_task(commit_all(committer, list(batches(60, 100))))
                await until(lambda: is_stuck(committer))
                store.error = None
                async with asyncio.timeout(20):
                    await waiting
                    await committer.drained()
            assert spool.waiting.entries == 0
    assert store.titles == [str(number) for number in range(6_000)]


async def commit_all(committer: DurableCommitter, many: Sequence[Changes]) -> None:
    """Commit one after another, as the worker does."""
    for changes in many:
        await committer.commit(changes)


async def is_logged(caplog: pytest.LogCaptureFixture, text: str) -> bool:
    """Return whether a text was logged."""
    return text in caplog.text


async def is_stuck(committer: DurableCommitter) -> bool:
    """Return whether neither database nor spool accepts anything."""
    return bool(committer.refusal)


async def test_a_late_write_is_never_overtaken(spool: Spool) -> None:
    """Nothing is written while a write that was given up is still on its way."""
    store = Store()
    store.gate.clear()
    running = [0]
    most = [0]

    async def write(changes: Changes) -> None:
        running[0] += 1
        most[0] = max(most[0], running[0])
        try:
            await asyncio.shield(store.write(changes))
        except asyncio.CancelledError:
            await store.gate.wait()
            raise
        finally:
            running[0] -= 1

    committer = DurableCommitter(
        write, spool, replace(QUICK, commit_s=0.01, drain=Backoff(first=timedelta(seconds=0.01)))
    )
    async with draining(committer):
        for changes in batches(5, 1):
            await committer.commit(changes)
        store.gate.set()
        async with asyncio.timeout(10):
            await committer.drained()
    assert most == [1]


async def test_when_the_daemon_must_end_the_spool_is_enough(spool: Spool) -> None:
    """Asked to hurry, everything goes to the spool without asking a database that may hang."""
    store = Store()
    store.gate.clear()
    committer = DurableCommitter(store.write, spool)
    committer.spool_only()
    async with asyncio.timeout(1):
        await commit_all(committer, list(batches(3, 1)))
    assert spool.waiting.entries == 3
    assert committer.is_away


async def test_changes_that_wait_for_long_are_logged_once(
    spool: Spool, caplog: pytest.LogCaptureFixture
) -> None:
    """The log warns of changes that wait in the spool for too long."""
    store = Store()
    store.error = StoreUnavailable("away")
    committer = DurableCommitter(store.write, spool, replace(QUICK, warn_age=timedelta(seconds=0.02)))
    async with draining(committer):
        await committer.commit(created(alert_of(1)))
        await until(lambda: is_logged(caplog, "changes have been waiting in the spool for long"))
        store.error = None
        async with asyncio.timeout(10):
            await committer.drained()
    assert caplog.text.count("changes have been waiting in the spool for long") == 1


async def test_empty_changes_cost_nothing(spool: Spool) -> None:
    """Changes without any row reach neither the store nor the spool."""
    store = Store()
    await DurableCommitter(store.write, spool, QUICK).commit(Changes(folded=3))
    assert store.written == []
    assert spool.waiting.entries == 0


async def test_metrics_show_what_waits(spool: Spool) -> None:
    """Entries, bytes and age are shown while they wait, and what was appended and drained is counted."""
    store = Store()
    store.error = StoreUnavailable("away")
    appended, drained = metrics.spool_appended._value.get(), metrics.spool_drained._value.get()
    committer = DurableCommitter(store.write, spool, QUICK)
    await commit_all(committer, list(batches(3, 1)))
    assert metrics.spool_entries._value.get() == 3
    assert metrics.spool_bytes._value.get() == spool.waiting.bytes > 0
    store.error = None
    async with draining(committer), asyncio.timeout(10):
        await committer.drained()
    assert metrics.spool_entries._value.get() == metrics.spool_bytes._value.get() == 0
    assert metrics.spool_oldest_seconds._value.get() == 0
    assert metrics.spool_appended._value.get() == appended + 3
    assert metrics.spool_drained._value.get() == drained + 3
