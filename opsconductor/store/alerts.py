"""Queries for stored alerts: lists, and one alert with its history."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg

from opsconductor.model.alert import ALERT_FIELDS, Alert
from opsconductor.model.enums import Category, Priority, Severity, Status
from opsconductor.store.alert_columns import LOADED, alert_of
from opsconductor.store.postgres.connection import translated
from opsconductor.store.queries import load

SQL = load("alerts")

Row = Mapping[str, Any]

SEVERITY_ORDER = f"array_position('{{{','.join(reversed(Severity))}}}'::text[], severity::text)"

SORTS: Mapping[str, str] = {
    "severity": SEVERITY_ORDER,
    **{
        column: column
        for column in (
            "occurred_at", "received_at", "last_occurrence_at", "acknowledged_at", "resolved_at",
            "occurrence_count", "priority", "status", "category", "impacted",
        )
    },
    **{
        column: f'{column} COLLATE "C"'
        for column in ("device_ip", "device_name", "title", "source_system", "alert_type")
    },
}  # fmt: skip
"""Sort keys of alerts with their SQL; text by code points, whatever the database's collation."""

URGENT_FIRST = ("priority", "-severity", "-occurred_at")
"""Order of open alerts: priority, then severity, then newest."""
NEWEST_FIRST = ("-occurred_at",)

SEARCHED = "concat_ws(E'\\n', title, message, device_name, device_ip) COLLATE \"default\""
"""Searched text; without the collation it would be that of `device_ip`, which folds ASCII only."""

LONGEST_CHAIN = 10_000
"""Maximum number of alerts followed from a consequence to the root of its chain."""
LARGEST_TREE = 200_000
"""Maximum number of indirect consequences examined for one list, those near the cause first."""

LONGEST_STORY = 1000
"""Maximum number of rows of history and of deliveries read for one alert."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertFilter:
    """Filter of alerts; within a field any value matches, an empty field matches all.

    Attributes:
        is_hidden: Whether a maintenance window hides it.
        correlated_to_id: The nearest cause.
        root_id: A cause at any distance.
        search: Part of title, message, device name or address; case is folded as the database's
            locale does it.
        id_part: Consecutive characters of the id, as text.
        since: The earliest `occurred_at`.
        until: `occurred_at` is before this.
    """

    status: tuple[Status, ...] = ()
    severity: tuple[Severity, ...] = ()
    category: tuple[Category, ...] = ()
    priority: tuple[Priority, ...] = ()
    device_ip: tuple[str, ...] = ()
    source_system: tuple[str, ...] = ()
    is_hidden: tuple[bool, ...] = ()
    correlated_to_id: tuple[UUID, ...] = ()
    root_id: tuple[UUID, ...] = ()
    search: str = ""
    id_part: str = ""
    since: datetime | None = None
    until: datetime | None = None


CHOICES = tuple(
    each.name for each in fields(AlertFilter) if each.name in {field.name for field in ALERT_FIELDS}
)
"""Fields of an alert for which a filter lists the matching values."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredAlert:
    """An alert with its source's latest message."""

    alert: Alert
    raw_data: Mapping[str, object]


async def list_alerts(
    pool: asyncpg.Pool, wanted: AlertFilter, *, sort: Sequence[str], limit: int, offset: int
) -> Sequence[Alert]:
    """Return one page of alerts.

    Args:
        sort: Keys of `SORTS`, `-` in front for descending.
    """
    conditions, values = _conditions(wanted)
    sql = SQL["list"].format(
        columns=LOADED,
        conditions=conditions,
        order=_order(sort),
        limit=f"${len(values) + 1}",
        offset=f"${len(values) + 2}",
    )
    with translated():
        return [alert_of(dict(row)) for row in await pool.fetch(sql, *values, limit, offset)]


async def count_alerts(pool: asyncpg.Pool, wanted: AlertFilter, *, at_most: int) -> int:
    """Count the matching alerts up to a limit."""
    conditions, values = _conditions(wanted)
    sql = SQL["count"].format(conditions=conditions, limit=f"${len(values) + 1}")
    with translated():
        return int(await pool.fetchval(sql, *values, at_most))


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


def _order(sort: Sequence[str]) -> str:
    """Return the ORDER BY clause from the closed list; the id at its end keeps pages disjoint."""
    parts = []
    for key in sort:
        direction = "DESC NULLS LAST" if key.startswith("-") else "ASC NULLS LAST"
        parts.append(f"{SORTS[key.removeprefix('-')]} {direction}")
    return ", ".join([*parts, "id DESC"])


def _conditions(wanted: AlertFilter) -> tuple[str, list[object]]:
    """Return the WHERE conditions and the values of their parameters."""
    parts, values = ["true"], list[object]()
    if wanted.status:
        # literals, so that PostgreSQL can prove that the partial index of open alerts applies
        words = ", ".join(f"'{status}'" for status in wanted.status)
        parts.append(f"status IN ({words})")
    for column in CHOICES:
        if column != "status" and (chosen := getattr(wanted, column)):
            values.append(list(chosen))
            parts.append(f"{column} = ANY(${len(values)})")
    if wanted.root_id:
        values.append(list(wanted.root_id))
        parts.append(SQL["below"].format(causes=f"${len(values)}", limit=LARGEST_TREE))
    for value, condition in (
        (_pattern(wanted.search), SEARCHED + " ILIKE ${}"),
        (wanted.id_part.lower(), "strpos(id::text, ${0}) > 0"),
        (wanted.since, "occurred_at >= ${}"),
        (wanted.until, "occurred_at < ${}"),
    ):
        if value:
            values.append(value)
            parts.append(condition.format(len(values)))
    return " AND ".join(parts), values


def _pattern(search: str) -> str:
    """Return a LIKE pattern that finds the text anywhere, with its wildcards escaped."""
    if not search:
        return ""
    escaped = search.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"
