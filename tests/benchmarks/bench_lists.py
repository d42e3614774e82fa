"""What lists of alerts cost: time to the answer, and how late the event loop is meanwhile.

Run with `python -m tests.benchmarks.bench_lists`. The API, the engine and the embedded server run in this
process; one client asks one question after another. CPU is what the API, the client and the server use for
one answer, whatever else runs on the machine. First open alerts alone, then a million in the table, 10,000
of them open. `--data DIRECTORY` keeps the million for the next run: to write them takes minutes.
"""

import argparse
import asyncio
import os
import tempfile
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import asyncpg
from aiohttp import ClientSession

from opsconductor.api.cursor import written
from opsconductor.app.collector import spare_long_lived_objects
from opsconductor.app.status.lag import LoopLag
from opsconductor.config.settings import DatabaseSettings, Settings
from opsconductor.model.alert import Alert
from opsconductor.model.enums import OPEN_STATUSES
from opsconductor.store.access.keys import create_key
from opsconductor.store.alerts.filter import NEWEST_FIRST, AlertFilter
from opsconductor.store.alerts.listing import list_closed
from opsconductor.store.commit.commit import commit
from opsconductor.store.load import load_alerts
from opsconductor.store.postgres.database import open_database
from tests.support.alert_years import fill
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
    "stats": "/alerts/stats",
}
YEARS, YEARS_OPEN, YEARS_TIMES = 1_000_000, 10_000, 40
CLOSED = "status=resolved,expired"
HISTORY = {
    "all, newest first": "/alerts",
    "all, page 200": "/alerts?page=200",
    "all, after 500,000 by cursor": "/alerts?cursor={cursor}",
    "closed, by last occurrence": f"/alerts?{CLOSED}&sort=-last_occurrence_at,-occurred_at",
    "closed, by severity": f"/alerts?{CLOSED}&sort=-severity,-occurred_at",
    "closed, by title": f"/alerts?{CLOSED}&sort=title",
    "one severity": f"/alerts?{CLOSED}&severity=critical",
    "two conditions that meet nowhere": f"/alerts?{CLOSED}&severity=critical&category=power",
    "alert types": f"/alerts?{CLOSED}&alert_type=power_*",
    "a device": f"/alerts?{CLOSED}&device=10.0.3.4",
    "a device, by title": f"/alerts?{CLOSED}&device=10.0.3.4&sort=title",
    "a tag": f"/alerts?{CLOSED}&tag=core",
    "an id": f"/alerts?{CLOSED}&id=019b76db",
    "a day": f"/alerts?{CLOSED}&from=2026-03-01T00:00:00Z&to=2026-03-02T00:00:00Z",
    "search, found everywhere": f"/alerts?{CLOSED}&search=uplink",
    "search, two words": f"/alerts?{CLOSED}&search=switch-4711+fan",
    "search, found nowhere": f"/alerts?{CLOSED}&search=nowhere",
    "stats of open alerts": "/alerts/stats",
    "stats of closed alerts": f"/alerts/stats?{CLOSED}",
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


async def measure_years(folder: Path) -> None:
    """Ask about a million alerts; they are written unless the folder has them."""
    settings = Settings(data_dir=folder, database=DatabaseSettings(pool_size=4))
    async with open_database(settings, upgrade=True) as pool:
        if await pool.fetchval("SELECT NOT EXISTS (SELECT FROM alerts_closed)"):
            await fill(pool, YEARS, YEARS_OPEN)
        now = datetime.now(UTC)
        alerts = await load_alerts(pool, resolved_since=now)
        (place,) = (await list_closed(pool, AlertFilter(), sort=NEWEST_FIRST, limit=1, offset=500_000)).places
        cursor = written(place, NEWEST_FIRST)
        print(f"{YEARS:,} alerts in the table")
        await measure(pool, alerts, YEARS_TIMES, {t: p.format(cursor=cursor) for t, p in HISTORY.items()})


async def measure(
    pool: asyncpg.Pool, alerts: Sequence[Alert], times: int, questions: Mapping[str, str] = QUESTIONS
) -> None:
    """Ask every question so many times."""
    stage = Stage(pool)
    stage.engine.load(alerts, datetime.now(UTC))
    await measure_stage(stage, f"{len(alerts):,} open alerts", times, questions)


async def measure_stage(stage: Stage, about: str, times: int, questions: Mapping[str, str]) -> None:
    """Ask the API of a stage every question so many times."""
    spare_long_lived_objects()
    print(f"{about}; milliseconds {'p50':>14} {'p99':>8} {'CPU':>8} {'loop late':>10}")
    async with serving(stage) as url, ClientSession() as http:
        name = f"{about} {datetime.now(UTC):%H%M%S%f}"
        viewer = Caller(http, url, await create_key(stage.pool, name=name, role="viewer"))
        for title, path in questions.items():
            await timed(viewer, path)
            lag = LoopLag()
            watching = asyncio.create_task(lag.watch())
            used_s = await cpu_seconds(stage.pool)
            waits = sorted([await timed(viewer, path) for _ in range(times)])
            cpu_ms = (await cpu_seconds(stage.pool) - used_s) / times * 1e3
            watching.cancel()
            p50, p99 = waits[len(waits) // 2], waits[len(waits) * 99 // 100]
            late_ms = lag.longest_s * 1e3
            print(f"{title:<34} {p50 * 1e3:>8.1f} {p99 * 1e3:>8.1f} {cpu_ms:>8.1f} {late_ms:>10.1f}")


async def cpu_seconds(pool: asyncpg.Pool) -> float:
    """Return what this process and the server have used of the processor: other work does not count."""
    rows = await pool.fetch("SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend'")
    return time.process_time() + sum(process_seconds(row["pid"]) for row in rows)


def process_seconds(pid: int) -> float:
    """Return what a process has used of the processor."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def timed(someone: Caller, path: str) -> float:
    """Ask, and return how many seconds the answer took."""
    started = time.perf_counter()
    reply = await someone.get(path)
    assert reply.status == 200
    return time.perf_counter() - started


async def run(data: Path | None, *, years_alone: bool) -> None:
    """Measure open alerts, then the million."""
    if not years_alone:
        await main()
    with tempfile.TemporaryDirectory(prefix="opsconductor-bench-") as folder:
        await measure_years(data or Path(folder))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, help="data directory of the million; default: a temporary one")
    parser.add_argument("--years-alone", action="store_true", help="without the tables of open alerts")
    given = parser.parse_args()
    asyncio.run(run(given.data, years_alone=given.years_alone))
