"""Queries for one stored alert and its history; `alert_list` has lists."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import asyncpg

from opsconductor.model.alert import Alert
from opsconductor.store.alerts.columns import LOADED, alert_of
from opsconductor.store.postgres.connection import translated
from opsconductor.store.queries import load

SQL = load("alerts/alerts")

Row = Mapping[str, Any]

LONGEST_CHAIN = 10_000
"""Maximum number of alerts followed from a consequence to the root of its chain."""
LONGEST_STORY = 1000
"""Maximum number of rows of history and of deliveries read for one alert."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredAlert:
    """An alert with its source's latest message."""

    alert: Alert
    raw_data: Mapping[str, object]


async def get_alert(pool: asyncpg.Pool, alert_id: UUID) -> StoredAlert | None:
    """Return one alert with raw data, or None."""
    with translated():
        row = await pool.fetchrow(SQL["get"].format(columns=LOADED), alert_id)
    if row is None:
        return None
    found = dict(row)
    raw_data = found.pop("raw_data")
    return StoredAlert(alert=alert_of(found), raw_data=raw_data)


async def read_alerts(connection: asyncpg.Connection, ids: Sequence[UUID]) -> Mapping[UUID, Alert]:
    """Return the alerts with these ids, by id."""
    rows = await connection.fetch(SQL["by_ids"].format(columns=LOADED), list(ids))
    return {row["id"]: alert_of(dict(row)) for row in rows}


async def get_root(pool: asyncpg.Pool, alert_id: UUID) -> Alert | None:
    """Return the alert at the end of the chain of causes, or None if there is no end or no such alert.

    An alert without a cause is the end of its own chain.
    """
    with translated():
        row = await pool.fetchrow(SQL["root"].format(columns=LOADED), alert_id, LONGEST_CHAIN)
    return None if row is None else alert_of(dict(row))


async def get_history(pool: asyncpg.Pool, alert_id: UUID) -> Sequence[Row]:
    """Return the history of an alert, oldest first; of a very long one the latest part."""
    with translated():
        rows: Sequence[Row] = await pool.fetch(SQL["history"], alert_id, LONGEST_STORY)
    return rows[::-1]


async def get_deliveries(pool: asyncpg.Pool, alert_id: UUID) -> Sequence[Row]:
    """Return the outcomes of an alert's notifications, oldest first."""
    with translated():
        rows: Sequence[Row] = await pool.fetch(SQL["deliveries"], alert_id, LONGEST_STORY)
    return rows[::-1]
