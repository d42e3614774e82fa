"""States of devices over time: from the history of alerts, and before that from snapshots."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import asyncpg

from opsconductor.store.postgres.connection import translated
from opsconductor.store.queries import load

SQL = load("reports/states")


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceStateAt:
    """What was open on a device at a time.

    Attributes:
        source: `history`: exactly; `snapshot`: as it was stored at `known_at`; `none`: nothing is known.
        alerts: JSON-ready, the oldest first.
    """

    at: datetime
    source: str
    known_at: datetime | None
    alerts: Sequence[Mapping[str, Any]]


async def record_states(pool: asyncpg.Pool) -> None:
    """Store the state of every device where it has changed since the last time."""
    with translated():
        await pool.execute(SQL["record"])


async def read_state(
    pool: asyncpg.Pool, keys: Sequence[str], at: datetime, history_since: datetime
) -> DeviceStateAt:
    """Return the state of a device at a time.

    Args:
        keys: Keys of the device in alerts.
        history_since: Since when alerts and their history are kept whole.
    """
    with translated():
        if at >= history_since:
            rows = await pool.fetch(SQL["at"], list(keys), at)
            return DeviceStateAt(at=at, source="history", known_at=at, alerts=[dict(row) for row in rows])
        row = await pool.fetchrow(SQL["snapshot"], list(keys), at)
    if row is None:
        return DeviceStateAt(at=at, source="none", known_at=None, alerts=())
    alerts: Sequence[Mapping[str, Any]] = row["state_data"]["alerts"]
    return DeviceStateAt(at=at, source="snapshot", known_at=row["snapshot_time"], alerts=alerts)


async def prune_reports(pool: asyncpg.Pool, reports_before: datetime, states_before: datetime) -> None:
    """Delete old reports, jobs and states."""
    with translated():
        await pool.execute(SQL["prune_reports"], reports_before)
        await pool.execute(SQL["prune_jobs"], reports_before)
        await pool.execute(SQL["prune_states"], states_before)
