"""Cost of lists, searches, sums and pictures of alerts: a million in the table, 10,000 of them open.

Run with `python -m tests.benchmarks.bench_lists`. A real daemon answers one question after another; see
`asking` for the columns. `--data DIRECTORY` keeps the million for the next run: to write them takes minutes.
`--only TEXT` asks the questions whose title has a text.
"""

import argparse
import asyncio
import tempfile
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

from opsconductor.api.cursor import written
from opsconductor.model.enums import OPEN_STATUSES
from opsconductor.store.alerts.filter import NEWEST_FIRST, AlertFilter
from opsconductor.store.alerts.listing import list_closed
from tests.benchmarks.load.asking import asking
from tests.benchmarks.load.years import AMOUNT, OPEN, make_years, open_data

TIMES = 100
OPENED = "/alerts?status=" + ",".join(sorted(OPEN_STATUSES))
CLOSED = "/alerts?status=resolved,expired"
OF_OPEN = {
    "first page": OPENED,
    "page 100": f"{OPENED}&page=100",
    "200 rows": f"{OPENED}&per_page=200",
    "newest first": f"{OPENED}&sort=-last_occurrence_at",
    "by device and title": f"{OPENED}&sort=device_name,title",
    "search": f"{OPENED}&search=switch-77",
    "search for a word of all": f"{OPENED}&search=uplink",
    "a device": f"{OPENED}&device={{address}}",
    "a site": f"{OPENED}&site=site61",
    "no site": f"{OPENED}&without=site",
    "a role": f"{OPENED}&role=router",
    "a tag": f"{OPENED}&tag=core",
    "a priority": f"{OPENED}&priority=P1",
    "a source": f"{OPENED}&source_system=prtg",
    "a severity": f"{OPENED}&severity=critical",
    "a category": f"{OPENED}&category=power",
    "the last day": f"{OPENED}&from={{yesterday}}",
    "stats": "/alerts/stats",
    "stats, critical": "/alerts/stats?severity=critical",
    "stats, the last day": "/alerts/stats?from={yesterday}",
    "summary": "/alerts/summary",
    "suggestions": "/alerts/suggestions?text=site6",
    "devices, worst first": "/devices?sort=severity",
    "one alert": "/alerts/{opened}",
    "why": "/alerts/{opened}/why",
    "related": "/alerts/{opened}/related",
    "export, first bytes": "/alerts/export?status=active",
}
OF_ALL = {
    "newest first": "/alerts",
    "page 200": "/alerts?page=200",
    "after 500,000 by cursor": "/alerts?cursor={cursor}",
    "after 500,000 by cursor, closed": f"{CLOSED}&sort=-occurred_at&cursor={{cursor}}",
    "closed, page 200": f"{CLOSED}&page=200",
    "closed, by last occurrence": f"{CLOSED}&sort=-last_occurrence_at,-occurred_at",
    "closed, by severity": f"{CLOSED}&sort=-severity,-occurred_at",
    "closed, by title": f"{CLOSED}&sort=title",
    "closed, by device": f"{CLOSED}&sort=device_name",
    "closed, oldest first": f"{CLOSED}&sort=occurred_at",
    "a severity": "/alerts?severity=critical",
    "a status": "/alerts?status=expired",
    "a category": "/alerts?category=power",
    "a priority": "/alerts?priority=P1",
    "a source": "/alerts?source_system=prtg",
    "two conditions that meet nowhere": "/alerts?severity=critical&category=power",
    "alert types": "/alerts?alert_type=power_*",
    "a device": "/alerts?device={address}",
    "a device, by title": "/alerts?device={address}&sort=title",
    "a site": "/alerts?site=site61",
    "no site": "/alerts?without=site",
    "a site, by title": "/alerts?site=site61&sort=title",
    "a role": "/alerts?role=router",
    "a tag": "/alerts?tag=core",
    "a tag that is rare": "/alerts?tag=tag3&priority=P1",
    "an assignee": "/alerts?assigned_to=bernd",
    "acknowledged": "/alerts?acknowledged=true",
    "causes": "/alerts?is_cause=true",
    "part of an id": "/alerts?id=019b76db",
    "a day": "/alerts?from={day}&to={next_day}",
    "resolved on a day": "/alerts?resolved_from={day}&resolved_to={next_day}&status=resolved",
    "search for a word of all": "/alerts?search=uplink",
    "search for a device": "/alerts?search=switch-4710",
    "search for two words": "/alerts?search=router-4711+fan",
    "search for two words that never meet": "/alerts?search=fan+battery",
    "search for a number": "/alerts?search=INC5000",
    "search for nothing that is there": "/alerts?search=nowhere",
    "export, first bytes": "/alerts/export",
    "stats of closed alerts": f"/alerts/stats?{CLOSED.partition('?')[2]}",
    "stats of a device": "/alerts/stats?status=resolved,expired,active&device={address}",
    "overview, a day": "/alerts/overview",
    "overview, 7 days": "/alerts/overview?range=7d",
    "overview, 30 days": "/alerts/overview?range=30d",
    "one closed alert": "/alerts/{closed}",
    "related of a closed alert": "/alerts/{closed}/related",
    "alerts of a device": "/devices/{address}/alerts",
    "state of a device a month ago": "/devices/{address}/state?at={day}",
    "audit log": "/audit",
    "audit log of a subject": "/audit?subject=a77",
}


async def facts(data: Path) -> Mapping[str, str]:
    """Return what the questions name."""
    async with open_data(data) as pool:
        (place,) = (await list_closed(pool, AlertFilter(), sort=NEWEST_FIRST, limit=1, offset=500_000)).places
        closed = await pool.fetchval(
            "SELECT id FROM alerts_closed ORDER BY occurred_at DESC LIMIT 1 OFFSET 50"
        )
        opened = await pool.fetchval("SELECT id FROM alerts_open ORDER BY impacted DESC, id LIMIT 1")
    day = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=30)

    def text(days: int) -> str:
        return f"{day + timedelta(days=days):%Y-%m-%dT%H:%M:%SZ}"

    return {
        "cursor": written(place, NEWEST_FIRST),
        "address": "10.0.18.103",
        "opened": str(opened),
        "closed": str(closed),
        "day": text(0),
        "next_day": text(1),
        "yesterday": text(29),
    }


async def main(data: Path, only: str, times: int) -> None:
    """Print the tables."""
    await make_years(data)
    given = await facts(data)
    async with asking(data) as asker:
        for about, questions in (
            (f"{OPEN:,} open alerts", OF_OPEN),
            (f"{AMOUNT:,} alerts, {OPEN:,} of them open", OF_ALL),
        ):
            wanted = {title: path.format(**given) for title, path in questions.items() if only in title}
            await asker.table(about, wanted, times)


def run(data: Path | None, only: str, times: int) -> None:
    """Measure with a data directory, or a temporary one."""
    with tempfile.TemporaryDirectory(prefix="opsconductor-years-") as folder:
        Path(folder).chmod(0o711)
        asyncio.run(main(data or Path(folder) / "var", only, times))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, help="data directory of the million; default: a temporary one")
    parser.add_argument("--only", default="", help="ask the questions whose title has this text")
    parser.add_argument("--times", type=int, default=TIMES, help="how often each question is asked")
    given = parser.parse_args()
    run(given.data, given.only, given.times)
