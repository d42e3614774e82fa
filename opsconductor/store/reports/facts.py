"""What reports are read from: alerts, devices, runs of the daemon, anomalies."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import asyncpg

from opsconductor.store.alerts.conditions import SqlConditions
from opsconductor.store.alerts.filter import add_rows
from opsconductor.store.alerts.rows import RowConditions
from opsconductor.store.postgres.connection import translated
from opsconductor.store.queries import load

SQL = load("reports/reports")
TIMEOUT_S = 120.0
MOST_ALERTS = 500_000
"""Alerts of a report at most, the newest: a year of a large network; more would not fit into memory."""
TOLERATED = timedelta(minutes=2)
"""A running daemon notes that it runs every minute."""

ALERTS = """
SELECT id, coalesce(device_ip, device_name) AS device, coalesce(device_name, device_ip) AS device_name,
       resource, severity, category, alert_type, title, occurred_at, acknowledged_at, resolved_at,
       CASE WHEN status IN ('resolved', 'expired') THEN coalesce(resolved_at, expires_at, updated_at) END
           AS closed_at,
       correlated_to_id IS NOT NULL AS is_consequence, notified <> '[]' AS is_notified
FROM alerts
WHERE {conditions}
ORDER BY occurred_at DESC
LIMIT {most}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceAnomalies:
    """Anomalies of a device in a period, and what people said of them."""

    key: str
    name: str
    total: int
    confirmed: int
    false_positives: int
    alerted: int


async def read_alert_rows(
    pool: asyncpg.Pool, since: datetime, begin: datetime, end: datetime, rows: RowConditions
) -> Sequence[Mapping[str, Any]]:
    """Return the alerts among some rows that began from `since` up to `end`, or were open in the period."""
    found = SqlConditions()
    add_rows(found, rows)
    found.add("occurred_at < {}", end)
    found.add(
        "(occurred_at >= {} OR status NOT IN ('resolved', 'expired') OR resolved_at >= {})", since, begin
    )
    query = ALERTS.format(conditions=found.text(), most=found.parameter(MOST_ALERTS))
    with translated():
        async with pool.acquire() as connection, connection.transaction(readonly=True):
            await connection.execute(f"SET LOCAL statement_timeout = '{TIMEOUT_S:.0f}s'")
            alerts = await connection.fetch(query, *found.values, timeout=TIMEOUT_S)
            flaps = {
                row["alert_id"]: row["amount"] for row in await connection.fetch(SQL["flaps"], begin, end)
            }
    return [{**row, "flapped": flaps.get(row["id"], 0)} for row in alerts]


async def read_known_since(pool: asyncpg.Pool) -> Mapping[str, datetime]:
    """Return when each device of the database became known, by its key."""
    with translated():
        return {row["key"]: row["created_at"] for row in await pool.fetch(SQL["known_since"])}


async def read_down(
    pool: asyncpg.Pool, begin: datetime, end: datetime
) -> Sequence[tuple[datetime, datetime]]:
    """Return the spans of a period in which no daemon ran; nothing is known before the first run kept."""
    with translated():
        runs = await pool.fetch(SQL["runs"], begin, end)
    spans = [(begin, begin), *((row["started_at"], row["ended_at"]) for row in runs), (end, end)]
    gaps = [(before[1], after[0]) for before, after in pairwise(spans)]
    return [gap for gap in gaps if gap[1] - gap[0] > TOLERATED]


async def read_sent(pool: asyncpg.Pool, begin: datetime, end: datetime) -> int:
    """Return the number of messages sent in a period."""
    with translated():
        found: int = await pool.fetchval(SQL["sent"], begin, end)
    return found


async def read_anomalies(
    pool: asyncpg.Pool, begin: datetime, end: datetime, devices: Sequence[str] | None
) -> Sequence[DeviceAnomalies]:
    """Return the anomalies of a period by device, the most first; None: of all devices."""
    with translated():
        rows = await pool.fetch(SQL["anomalies"], begin, end, devices)
    return [DeviceAnomalies(**row) for row in rows]
