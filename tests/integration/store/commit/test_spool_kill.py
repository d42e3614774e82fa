"""kill -9 at any moment, also in the middle of draining, loses nothing and changes no order."""

import asyncio
import os
import random
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from opsconductor.store.postgres.connection import close_pool, open_pool
from tests.conftest import Cluster
from tests.support.daemons.spool_child import COUNTER, FLIPPER
from tests.support.outage import Outage

KILLS = int(os.environ.get("OPSCONDUCTOR_TEST_KILLS", "6"))
SEED = int(os.environ.get("OPSCONDUCTOR_TEST_SEED", "0")) or random.SystemRandom().randrange(1, 10**9)

# Notes every value that the counter takes, in the order in which PostgreSQL took them.
WATCH = """
CREATE TABLE counted (position bigint GENERATED ALWAYS AS IDENTITY, value bigint NOT NULL);
CREATE FUNCTION note_count() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO counted (value) VALUES (NEW.occurrence_count);
    RETURN NULL;
END
$$;
CREATE TRIGGER note_count AFTER INSERT OR UPDATE ON alerts
    FOR EACH ROW WHEN (NEW.resource LIKE 'counter%') EXECUTE FUNCTION note_count();
"""


class Child:
    """A process that commits; remembers which steps it reported as durable."""

    def __init__(self, process: Process) -> None:
        self.process = process
        self.loaded: int | None = None
        self.done = -1

    async def listen(self) -> None:
        """Read its output until it ends."""
        assert self.process.stdout is not None
        async for line in self.process.stdout:
            if not line.endswith(b"\n"):
                return  # killed while it wrote
            word, number = line.split()
            if word == b"loaded":
                self.loaded = int(number)
            else:
                self.done = int(number)


@asynccontextmanager
async def running(folder: Path, url: str) -> AsyncIterator[Child]:
    """Run the process while the context lasts, then kill it."""
    command = [sys.executable, "-m", "tests.support.daemons.spool_child", str(folder), url]
    process = await asyncio.create_subprocess_exec(*command, stdout=PIPE)
    child = Child(process)
    listening = asyncio.create_task(child.listen())
    try:
        yield child
        assert process.returncode is None, "the child ended by itself"
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGKILL)
        await process.wait()
        await listening


async def until_loaded(child: Child, more: int) -> None:
    """Wait until the process has recovered and taken some steps."""
    async with asyncio.timeout(30):
        while child.loaded is None or child.done < child.loaded + more:
            assert child.process.returncode is None, "the child ended by itself"
            await asyncio.sleep(0.005)


async def live_and_die(child: Child, outage: Outage, chance: random.Random) -> None:
    """Make the process work through a random number of outages, ending at a random moment."""
    await until_loaded(child, chance.randrange(20))
    for _ in range(chance.randrange(1, 4)):
        outage.begin()
        await asyncio.sleep(chance.random() * 0.3)
        if chance.random() < 0.3:
            return  # killed while the database is away
        outage.end()
        await asyncio.sleep(chance.random() * 0.15)  # killed while draining, or soon after


@pytest.fixture
async def watched(postgres: Cluster, database_url: str) -> AsyncIterator[Outage]:
    """A database that notes every state of the counter, and can be taken away."""
    pool = await open_pool(database_url, 1)
    await pool.execute(WATCH)
    await close_pool(pool)
    outage = Outage(postgres, database_url)
    yield outage
    outage.end()


async def test_kills_lose_nothing(database_url: str, tmp_path: Path, watched: Outage) -> None:
    """After every kill all durable steps are there, once, and no older state came later."""
    sys.stdout.write(f"OPSCONDUCTOR_TEST_SEED={SEED} OPSCONDUCTOR_TEST_KILLS={KILLS}\n")
    chance = random.Random(SEED)
    durable = -1
    for _ in range(KILLS):
        async with running(tmp_path, database_url) as child:
            if chance.random() < 0.3:
                await asyncio.sleep(chance.random())  # killed while it starts or recovers
            watched.end()
            await live_and_die(child, watched, chance)
        assert child.loaded is None or child.loaded >= durable
        durable = max(durable, child.done)
        if chance.random() < 0.5:
            watched.end()
    watched.end()
    async with running(tmp_path, database_url) as child:
        await until_loaded(child, 5)
    assert child.loaded is not None
    assert child.loaded >= durable
    await check(database_url, child.loaded)


async def check(url: str, steps: int) -> None:
    """Look whether the database holds every step exactly once, and never went backwards."""
    pool = await open_pool(url, 1)
    own = "source_alert_id::int BETWEEN 1 AND $1 AND resource = source_alert_id"
    assert await pool.fetchval(f"SELECT count(*) FROM alerts WHERE {own}", steps) == steps  # noqa: S608
    history = "SELECT count(*), count(DISTINCT h.id) FROM alert_history h JOIN alerts a ON a.id = h.alert_id"
    counts = await pool.fetchrow(f"{history} WHERE {own}", steps)
    assert tuple(counts) == (steps, steps)
    values = [row["value"] for row in await pool.fetch("SELECT value FROM counted ORDER BY position")]
    assert values == sorted(values)
    assert await pool.fetchval("SELECT occurrence_count FROM alerts WHERE id = $1", COUNTER.id) >= steps
    flips = await pool.fetch(
        "SELECT status FROM alerts WHERE fingerprint = $1 ORDER BY source_alert_id::int", FLIPPER
    )
    assert {row["status"] for row in flips[:-1]} == {"resolved"}
    await close_pool(pool)
