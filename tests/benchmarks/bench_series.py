"""Cost of measured values: the log, chunks, memory, disk, queries, and blocking of the event loop.

Run with `python -m tests.benchmarks.bench_series [--series 100000] [--seconds 60]`; the embedded server runs
with the settings of the product.
"""

import argparse
import asyncio
import random
import resource
import tempfile
import time
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import asyncpg
import numpy as np

from opsconductor.config.settings import DatabaseSettings, Settings
from opsconductor.model.measured.measurement import Measurement, SeriesKind
from opsconductor.series.query import WantedPoints
from opsconductor.series.series_store import SeriesStore
from opsconductor.store.postgres.database import open_database
from tests.benchmarks.load.processes import cpu_of_tree, postmaster_of
from tests.support.series.measured import millis, open_store

MOST_WAITING = 300_000
QUERIES = 300
QUERIED = 20
SLOWEST = 0.99


class Fleet:
    """Series of four kinds: rounded gauges, percents, rough floats, counters."""

    def __init__(self, amount: int) -> None:
        rng = random.Random(1)
        self.levels = [rng.uniform(10, 90) for _ in range(amount)]
        self._rng = rng

    def poll(self, at: datetime, first: int, behind: int) -> list[Measurement]:
        """Return the next value of some series."""
        return [self._next(number, at) for number in range(first, behind)]

    def _next(self, number: int, at: datetime) -> Measurement:
        device, kind = f"10.{number >> 18 & 255}.{number >> 10 & 255}.{number >> 2 & 255}", number & 3
        if kind == 3:
            self.levels[number] += self._rng.randrange(10**6)
            counted = float(int(self.levels[number]))
            return Measurement("octets", counted, at, device, resource="ifIndex=1", kind=SeriesKind.COUNTER)
        self.levels[number] += self._rng.gauss(0, 0.3)
        value = self.levels[number]
        shown = (round(value, 1), float(int(value)), value)[kind]
        return Measurement(("temperature", "load", "latency")[kind], shown, at, device)


async def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--series", type=int, default=100_000)
    parser.add_argument("--seconds", type=int, default=60)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="opsconductor-bench-") as folder:
        settings = Settings(data_dir=Path(folder), database=DatabaseSettings(pool_size=4))
        async with open_database(settings, upgrade=True) as pool:
            store = await open_store(pool)
            running = asyncio.create_task(store.run())
            fleet = Fleet(given.series)
            postmaster = postmaster_of(Path(folder))
            await create(store, fleet, given.series)
            await sustain(store, fleet, given, postmaster)
            await pack_an_hour(store, fleet, given.series, pool)
            await query(store)
            memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
            print(f"memory of the process at most: {memory} MiB")
            running.cancel()
            await asyncio.wait({running})


async def create(store: SeriesStore, fleet: Fleet, amount: int) -> None:
    """Measure the first poll, which creates all series."""
    begin = time.monotonic()
    store.intake.put(fleet.poll(datetime.now(UTC) - timedelta(hours=2), 0, amount), "poller")
    await written(store)
    print(f"{amount:,} series created in {time.monotonic() - begin:.1f} s")


async def sustain(store: SeriesStore, fleet: Fleet, given: argparse.Namespace, postmaster: int) -> None:
    """Measure one value a minute of every series, evenly spread, with the delays of the event loop."""
    each, delays = given.series // 60, []
    ready = [fleet.poll(datetime.now(UTC), n % 60 * each, (n % 60 + 1) * each) for n in range(given.seconds)]
    watching = asyncio.create_task(watch_loop(delays))
    begin, cpu, server = time.monotonic(), time.process_time(), cpu_of_tree(postmaster)
    for number, part in enumerate(ready):
        at = datetime.now(UTC)
        store.intake.put([measurement._replace(at=at) for measurement in part], "poller")
        await asyncio.sleep(max(0, begin + number + 1 - time.monotonic()))
    await written(store)
    took = time.monotonic() - begin
    share, of_server = (time.process_time() - cpu) / took, cpu_of_tree(postmaster).since(server) / took
    watching.cancel()
    print(f"{given.series:,} values a minute for {took:.0f} s")
    print(f"  daemon {share:.1%} of a core, PostgreSQL {of_server:.1%}")
    ordered = sorted(delays)
    late, latest = 1000 * ordered[int(SLOWEST * len(ordered))], 1000 * ordered[-1]
    print(f"  event loop late by {late:.1f} ms (p99), {latest:.1f} ms at most")


async def watch_loop(delays: list[float]) -> None:
    """Note how much later than asked the event loop wakes."""
    while True:
        begin = time.monotonic()
        await asyncio.sleep(0.005)
        delays.append(time.monotonic() - begin - 0.005)


async def pack_an_hour(store: SeriesStore, fleet: Fleet, amount: int, pool: asyncpg.Pool) -> None:
    """Measure an hour of values, as fast as they can be written, and packing them into chunks."""
    hour = datetime.now(UTC) - timedelta(minutes=70)
    begin, points = time.monotonic(), 0
    for minute in range(60):
        part = fleet.poll(hour + timedelta(minutes=minute), 0, amount)
        points += len(part)
        store.intake.put(part, "poller")
        if store.facts().waiting > MOST_WAITING:
            await written(store)
    await written(store)
    took = time.monotonic() - begin
    log_bytes = await pool.fetchval("SELECT sum(length(packed)) FROM metric_batches")
    print(f"log: {points / took:,.0f} points a second, {log_bytes / points:.1f} bytes a point")
    later = datetime.now(UTC) + timedelta(hours=2)
    begin, cpu = time.monotonic(), time.process_time()
    for mark in list(store._buckets.due(later)):
        await store._buckets.seal(mark, later, store._writer.sequence)
    took, used = time.monotonic() - begin, time.process_time() - cpu
    rows, stored = await pool.fetchrow("SELECT count(*), sum(amount) FROM data_points")
    size = await pool.fetchval(
        "SELECT sum(pg_total_relation_size(inhrelid)) FROM pg_inherits "
        "WHERE inhparent = 'data_points'::regclass"
    )
    print(
        f"chunks: {rows:,} in {took:.0f} s, {1e6 * used / rows:.0f} us of CPU each "
        f"({used / 3600:.2%} of a core over an hour), {size / stored:.2f} bytes a point on disk with index"
    )


async def query(store: SeriesStore) -> None:
    """Measure a day of one series, one value a minute."""
    day = datetime.now(UTC) - timedelta(hours=26)
    for number in range(QUERIED):
        times_at = [day + timedelta(minutes=n) for n in range(1440)]
        device = f"10.250.0.{number}"
        series = [Measurement("queried", float(n % 97), at, device) for n, at in enumerate(times_at)]
        store.intake.put(series, "poller")
    await written(store)
    later = datetime.now(UTC) + timedelta(hours=5)
    for mark in list(store._buckets.due(later)):
        await store._buckets.seal(mark, later, store._writer.sequence)
    ids = [each.id for each in store.registry.all() if each.metric == "queried"]
    wanted = WantedPoints(start=millis(day) - 1, end=millis(day + timedelta(days=1)))
    times = []
    for number in range(QUERIES):
        begin = time.perf_counter()
        found = await store.points([ids[number % len(ids)]], wanted)
        times.append(time.perf_counter() - begin)
    assert all(len(points.times) == 1440 for points in found.values())
    p50, p99 = np.quantile(times, (0.5, SLOWEST)) * 1000
    print(f"a day of one series, 1,440 points: p50 {p50:.1f} ms, p99 {p99:.1f} ms")


async def written(store: SeriesStore) -> None:
    """Wait until everything is in the log."""
    for _ in count():
        facts = store.facts()
        if not facts.waiting and facts.outcomes.get("stored", 0) >= facts.outcomes["received"]:
            return
        await asyncio.sleep(0.05)


if __name__ == "__main__":
    asyncio.run(main())
