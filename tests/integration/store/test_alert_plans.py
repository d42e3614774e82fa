"""No list of closed alerts reads the whole table: the plans of its queries, on a table of useful size."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import asyncpg
import pytest

from opsconductor.model.enums import Category, Priority, Severity, Status
from opsconductor.store.alerts import listing as alert_list
from opsconductor.store.alerts import planned, sums
from opsconductor.store.alerts.filter import SORTS, AlertFilter
from opsconductor.store.alerts.lacking import Lacking
from opsconductor.store.alerts.overview import DAY, Period, sums_query
from tests.support.store.alert_years import fill

ALERTS = 30_000
OURS, ALONE = "SET random_page_cost = 1.1", "SET max_parallel_workers_per_gather = 0"
"""As the embedded server has it."""

FILTERS = {
    "all": AlertFilter(),
    "one status": AlertFilter(status=(Status.EXPIRED,)),
    "severities": AlertFilter(severity=(Severity.CRITICAL, Severity.CLEAR)),
    "nothing has both": AlertFilter(severity=(Severity.CRITICAL,), category=(Category.POWER,)),
    "priority of a connector": AlertFilter(priority=(Priority.P1,), source_system=("eaton",)),
    "no such connector": AlertFilter(source_system=("nothing",)),
    "types": AlertFilter(alert_type=("power_*", "video_link_down")),
    "a device": AlertFilter(device=("10.0.3.4",)),
    "a site": AlertFilter(device_key=frozenset(f"10.0.1.{number}" for number in range(80))),
    "a tag": AlertFilter(tag=("tag3",)),
    "a resource": AlertFilter(resource=("ifIndex=7",)),
    "an assignee": AlertFilter(assigned_to=("bernd",)),
    "no site": AlertFilter(
        other_device=frozenset(f"10.0.{number // 256}.{number % 256}" for number in range(2_500))
    ),
    "no site, rare": AlertFilter(
        other_device=frozenset(f"10.0.{number // 256}.{number % 256}" for number in range(4_990))
    ),
    "no tag": AlertFilter(without=(Lacking.TAG,)),
    "no assignee": AlertFilter(without=(Lacking.ASSIGNED_TO,)),
    "acknowledged": AlertFilter(acknowledged=True),
    "causes": AlertFilter(is_cause=True),
    "an id": AlertFilter(id_part="019b76db"),
    "the end of an id": AlertFilter(id_part="923820d"),
    "some days": AlertFilter(since=datetime(2026, 1, 3, tzinfo=UTC), until=datetime(2026, 1, 4, tzinfo=UTC)),
    "words": AlertFilter(search="switch-4711 fan"),
    "a word of all": AlertFilter(search="uplink"),
    "no word": AlertFilter(search="nowhere"),
}


async def test_no_list_reads_the_whole_table(pool: asyncpg.Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    """For every filter by every sort key, after a place, and for sums, plans have indexes alone."""
    await pool.execute(f"ALTER DATABASE {await pool.fetchval('SELECT current_database()')} {OURS}")
    await pool.execute(f"ALTER DATABASE {await pool.fetchval('SELECT current_database()')} {ALONE}")
    await pool.expire_connections()
    await fill(pool, ALERTS, 100)
    scanned: list[tuple[str, str, str]] = []
    asked = "", ""
    run = planned.fetch_planned

    async def explained(on: asyncpg.Pool, sql: str, values: Sequence[Any]) -> Sequence[Any]:
        if "EXPLAIN" not in sql:
            rows = await run(on, f"EXPLAIN {sql}", values)
            plan = "\n".join(row[0] for row in rows)
            if "Seq Scan" in plan:
                scanned.append((*asked, plan[:2_000]))
        return await run(on, sql, values)

    monkeypatch.setattr(alert_list, "fetch_planned", explained)
    monkeypatch.setattr(planned, "fetch_planned", explained)
    monkeypatch.setattr(sums, "fetch_planned", explained)
    monkeypatch.setattr(alert_list, "NEAR", 500)
    monkeypatch.setattr(alert_list, "SORTED", 500)
    monkeypatch.setattr(alert_list, "COUNTED", 500)
    for name, wanted in FILTERS.items():
        for sort in ("-occurred_at", "occurred_at", "-last_occurrence_at", "title", "-severity"):
            asked = name, sort
            page = await alert_list.list_closed(pool, wanted, sort=(sort,), limit=50)
            if page.places:
                await alert_list.list_closed(pool, wanted, sort=(sort,), limit=50, after=page.places[-1])
        asked = name, "sampled"
        await alert_list.sample_closed(
            pool, wanted, sort=("-occurred_at",), every=100, limit=1_000, offset=500
        )
        asked = name, "sums"
        await sums.rows_of_closed(pool, wanted)
    for sort in SORTS:
        asked = "all", sort
        await alert_list.list_closed(pool, AlertFilter(), sort=(sort,), limit=50, offset=2_000)
    asked = "overview", ""
    begin = datetime(2026, 1, 3, tzinfo=UTC)
    await explained(pool, *sums_query(Period(since=begin, until=begin + DAY, step=DAY)))
    assert not scanned, "\n\n".join("\n".join(each) for each in scanned[:5])
