"""What lists of open alerts cost: time to the answer, and how late the event loop is meanwhile.

Run with `python -m tests.benchmarks.bench_lists`. The API, the engine and the embedded server run in this
process; one client asks one question after another.
"""

import asyncio
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import asyncpg
from aiohttp import ClientSession

from opsconductor.app.status.lag import LoopLag
from opsconductor.config.settings import DatabaseSettings, Settings
from opsconductor.model.alert import Alert
from opsconductor.model.enums import OPEN_STATUSES
from opsconductor.store.access.keys import create_key
from opsconductor.store.commit.commit import commit
from opsconductor.store.postgres.database import open_database
from tests.support.api_stage import Caller, Stage, serving
from tests.support.stored import a_creation, an_alert

SIZES = ((10_000, 300), (100_000, 50))
BATCH = 2_000
OPEN = "status=" + ",".join(sorted(OPEN_STATUSES))
QUESTIONS = {
    "first page": f"/alerts?{OPEN}&per_page=50",
    "page 20": f"/alerts?{OPEN}&per_page=50&page=20",
    "newest first": f"/alerts?{OPEN}&sort=-last_occurrence_at",
    "by device": f"/alerts?{OPEN}&sort=device_name,title",
    "search": f"/alerts?{OPEN}&search=switch-77",
    "summary": "/alerts/summary",
}


async def main() -> None:
    """Print a table for each number of open alerts."""
    with tempfile.TemporaryDirectory(prefix="opsconductor-bench-") as folder:
        settings = Settings(data_dir=Path(folder), database=DatabaseSettings(pool_size=4))
        async with open_database(settings, upgrade=True) as pool:
            alerts: list[Alert] = []
            for size, times in SIZES:
                while len(alerts) < size:
                    added = [an_alert() for _ in range(BATCH)]
                    await commit(pool, a_creation(*added))
                    alerts += added
                await pool.execute("ANALYZE alerts")
                await measure(pool, alerts, times)


async def measure(pool: asyncpg.Pool, alerts: Sequence[Alert], times: int) -> None:
    """Ask every question so many times."""
    stage = Stage(pool)
    stage.engine.load(alerts, datetime.now(UTC))
    print(f"{len(alerts):,} open alerts; milliseconds {'p50':>14} {'p99':>8} {'loop late':>10}")
    async with serving(stage) as url, ClientSession() as http:
        viewer = Caller(http, url, await create_key(pool, name=f"{len(alerts)}", role="viewer"))
        for title, path in QUESTIONS.items():
            lag = LoopLag()
            watching = asyncio.create_task(lag.watch())
            waits = sorted([await timed(viewer, path) for _ in range(times)])
            watching.cancel()
            p50, p99 = waits[len(waits) // 2], waits[len(waits) * 99 // 100]
            print(f"{title:<34} {p50 * 1e3:>8.1f} {p99 * 1e3:>8.1f} {lag.longest_s * 1e3:>10.1f}")


async def timed(someone: Caller, path: str) -> float:
    """Ask, and return how many seconds the answer took."""
    started = time.perf_counter()
    reply = await someone.get(path)
    assert reply.status == 200
    return time.perf_counter() - started


if __name__ == "__main__":
    asyncio.run(main())
