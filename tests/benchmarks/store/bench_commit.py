"""Cost of writing: CPU of the daemon's process and of PostgreSQL for each row, and of the read at a start.

Run with `python -m tests.benchmarks.store.bench_commit`; the embedded server runs with the settings of the
product, so every commit waits for the disk.
"""

import asyncio
import os
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import asyncpg

from opsconductor.config.settings import DatabaseSettings, Settings
from opsconductor.model.alert import Alert
from opsconductor.model.changes import Changes
from opsconductor.model.enums import Status
from opsconductor.store.commit.commit import commit
from opsconductor.store.load import load_alerts
from opsconductor.store.postgres.database import open_database
from tests.support.store.stored import NOW, a_creation, an_alert, an_intent, raw_data

BATCH, SMALL_BATCH = 2_000, 20
BATCHES, SMALL_BATCHES = 15, 200
LOADED = 100_000


async def main() -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory(prefix="opsconductor-bench-") as folder:
        settings = Settings(data_dir=Path(folder), database=DatabaseSettings(pool_size=2))
        async with open_database(settings, upgrade=True) as pool:
            print(f"{'microseconds per row':<34} {'daemon':>10} {'postgres':>10} {'wall':>10}")
            await measure(pool, BATCH, BATCHES)
            await measure(pool, SMALL_BATCH, SMALL_BATCHES)
            await measure_load(pool)


async def measure(pool: asyncpg.Pool, batch: int, batches: int) -> None:
    """Write batches of each kind."""
    backend = await pool.fetchval("SELECT pg_backend_pid()")
    groups = [[an_alert() for _ in range(batch)] for _ in range(batches)]
    await run(pool, backend, f"created, {batch} a batch", [a_creation(*alerts) for alerts in groups])
    for times in (2, 3):
        title = f"repeated, {batch} a batch, round {times - 1}"
        await run(pool, backend, title, [repeats(alerts, times) for alerts in groups])
    held = [Changes(updated=tuple(replace(alert, notify_at=None) for alert in alerts)) for alerts in groups]
    await run(pool, backend, f"updated, {batch} a batch", held)
    notices = [Changes(notifications=tuple(an_intent(alert) for alert in alerts)) for alerts in groups]
    await run(pool, backend, f"notifications, {batch} a batch", notices)
    ended = [
        Changes(updated=tuple(replace(alert, status=Status.RESOLVED, resolved_at=NOW) for alert in alerts))
        for alerts in groups
    ]
    await run(pool, backend, f"resolved, {batch} a batch", ended)


def repeats(alerts: Sequence[Alert], times: int) -> Changes:
    """Make the changes of a storm: every alert has come again, with new raw data."""
    at = NOW + timedelta(seconds=times)
    again = tuple(replace(alert, occurrence_count=times, last_occurrence_at=at) for alert in alerts)
    return Changes(repeated=again, raw_data={alert.id: raw_data for alert in alerts})


async def run(pool: asyncpg.Pool, backend: int, title: str, batches: Sequence[Changes]) -> None:
    """Commit the batches and print what one row has cost."""
    rows = sum(len(changes.created or changes.updated or changes.repeated) for changes in batches)
    rows = rows or sum(len(changes.notifications) for changes in batches)
    database, own, wall = cpu_s(backend), time.process_time(), time.perf_counter()
    for changes in batches:
        await commit(pool, changes)
    spent = (time.process_time() - own, cpu_s(backend) - database, time.perf_counter() - wall)
    print(f"{title:<34}", *(f"{seconds / rows * 1e6:>10.1f}" for seconds in spent))


async def measure_load(pool: asyncpg.Pool) -> None:
    """Read as many open alerts as a large network has on a very bad day."""
    await pool.execute("DELETE FROM alerts")
    for _ in range(LOADED // BATCH):
        await commit(pool, a_creation(*(an_alert() for _ in range(BATCH))))
    with stopwatch(f"load {LOADED:,} open alerts"):
        loaded = await load_alerts(pool, resolved_since=NOW)
    assert len(loaded) == LOADED


@contextmanager
def stopwatch(title: str) -> Iterator[None]:
    """Print how long the block takes."""
    started, own = time.perf_counter(), time.process_time()
    yield
    print(f"{title}: {time.perf_counter() - started:.2f} s ({time.process_time() - own:.2f} s CPU here)")


def cpu_s(process: int) -> float:
    """Read the CPU time of a process from /proc."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    asyncio.run(main())
