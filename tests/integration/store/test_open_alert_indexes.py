"""Open alerts have few indexes, since new alerts pay for each, but enough for what PostgreSQL is asked."""

from datetime import UTC, datetime

import asyncpg

from opsconductor.store.alerts.overview import DAY, Period, sums_query
from opsconductor.store.reports.states import SQL as STATES
from tests.support.store.alert_years import fill

OPEN = 20_000
AT = datetime(2026, 1, 3, tzinfo=UTC)


async def test_open_alerts_of_a_day_and_of_a_device_are_found_by_an_index(pool: asyncpg.Pool) -> None:
    """Sums of a day and the past state of a device read a part of the open alerts."""
    await fill(pool, OPEN + 1_000, OPEN)
    await pool.execute("VACUUM (ANALYZE) alerts_open")
    async with pool.acquire() as connection:
        await connection.execute("SET random_page_cost = 1.1")
        for index, sql, values in (
            ("alerts_open_occurred_at", *sums_query(Period(since=AT, until=AT + DAY, step=DAY))),
            ("alerts_open_device_ip", STATES["at"], (["10.0.3.4"], AT)),
        ):
            rows = await connection.fetch(f"EXPLAIN {sql}", *values)
            plan = "\n".join(row[0] for row in rows)
            assert f"Index Scan on {index}" in plan, plan
            assert "Seq Scan on alerts_open" not in plan, plan
