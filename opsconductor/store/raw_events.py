"""Queries for the raw event archive and the alerts of the same period; never writes."""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg

from opsconductor.model.alert import Alert
from opsconductor.model.event import ArchivedEvent
from opsconductor.store.alerts.lookup import read_alerts
from opsconductor.store.postgres.connection import translated
from opsconductor.store.queries import load

SQL = load("raw_events")

PAGE = 5_000
NIL = UUID(int=0)

Reading = asyncpg.Connection
"""The name of a connection's type for modules that may not import asyncpg."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A period of the past.

    Attributes:
        connectors: Only their events; empty: all.
    """

    begin: datetime
    end: datetime
    connectors: tuple[str, ...] = ()


@asynccontextmanager
async def reading(pool: asyncpg.Pool) -> AsyncIterator[asyncpg.Connection]:
    """Open a read-only transaction with one snapshot."""
    with translated():
        async with (
            pool.acquire() as connection,
            connection.transaction(isolation="repeatable_read", readonly=True),
        ):
            yield connection


async def read_events(pool: asyncpg.Pool, span: Span) -> AsyncIterator[Sequence[ArchivedEvent]]:
    """Yield the events of a span in the order of their reception, some thousand at a time.

    Each portion is read in its own transaction: one for the whole span would keep PostgreSQL from
    vacuuming behind a running daemon.
    """
    after = (span.begin, NIL)
    while True:
        async with reading(pool) as connection:
            rows = await connection.fetch(SQL["page"], *after, span.end, span.connectors, PAGE)
        if rows:
            yield [ArchivedEvent(**row) for row in rows]
        if len(rows) < PAGE:
            return
        after = (rows[-1]["received_at"], rows[-1]["id"])


async def find_event(pool: asyncpg.Pool, wanted: UUID) -> ArchivedEvent | None:
    """Return the raw event with an id, or the latest one of the alert with that id; None: it was not kept."""
    with translated():
        for query in ("by_id", "of_alert"):
            row = await pool.fetchrow(SQL[query], wanted)
            if row is not None:
                return ArchivedEvent(**row)
    return None


async def read_newest(pool: asyncpg.Pool, span: Span) -> AsyncIterator[Sequence[ArchivedEvent]]:
    """Yield the events of a span, newest first, some thousand at a time; see `read_events`."""
    before = (span.end, NIL)
    while True:
        async with reading(pool) as connection:
            rows = await connection.fetch(SQL["newest"], *before, span.begin, span.connectors, PAGE)
        if rows:
            yield [ArchivedEvent(**row) for row in rows]
        if len(rows) < PAGE:
            return
        before = (rows[-1]["received_at"], rows[-1]["id"])


async def archive_reach(connection: asyncpg.Connection) -> tuple[datetime, datetime] | None:
    """Return when the oldest and the newest event were received, or None if there is none."""
    row = await connection.fetchrow(SQL["reach"])
    return None if row["first"] is None else (row["first"], row["last"])


async def read_real_alerts(
    connection: asyncpg.Connection, span: Span, connectors: Sequence[str], left_out: Sequence[str]
) -> Sequence[Mapping[str, Any]]:
    """Return the latest alert of each fault within a span, except for some alert types."""
    rows = await connection.fetch(SQL["real_alerts"], span.begin, span.end, connectors, left_out)
    return [dict(row) for row in rows]


async def read_real_notifications(
    connection: asyncpg.Connection,
    span: Span,
    connectors: Sequence[str],
    device: str | None,
    left_out: Sequence[str],
) -> Sequence[tuple[str, str, str, str, int]]:
    """Count the notifications that were decided on within a span, by rule, channel, recipient and kind.

    Args:
        left_out: Alert types whose notifications do not count.
    """
    values = (span.begin, span.end, connectors, device, left_out)
    return [tuple(row.values()) for row in await connection.fetch(SQL["real_notifications"], *values)]


async def read_past_commands(
    pool: asyncpg.Pool, span: Span, connectors: Sequence[str]
) -> Sequence[Mapping[str, Any]]:
    """Return what operators did within a span to alerts of connectors, in order."""
    with translated():
        return [dict(row) for row in await pool.fetch(SQL["past_commands"], span.begin, span.end, connectors)]


async def read_notified(
    connection: asyncpg.Connection, span: Span, connectors: Sequence[str], left_out: Sequence[str]
) -> frozenset[str]:
    """Return the fingerprints of the alerts about which a recipient was to be notified within a span.

    Args:
        left_out: Alert types that do not count.
    """
    rows = await connection.fetch(SQL["real_notified"], span.begin, span.end, connectors, left_out)
    return frozenset(row["fingerprint"] for row in rows)


async def read_notified_details(
    connection: asyncpg.Connection, span: Span, fingerprints: Collection[str], most: int
) -> Sequence[tuple[Alert, int, datetime, Sequence[str]]]:
    """Return alerts with their number of messages within a span, when the first was decided on, and to whom.

    Args:
        most: Maximum number of alerts, the worst first.
    """
    values = (span.begin, span.end, list(fingerprints), most)
    rows = await connection.fetch(SQL["real_notified_details"], *values)
    alerts = await read_alerts(connection, [row["alert_id"] for row in rows])
    return [
        (alerts[row["alert_id"]], row["messages"], row["first_at"], row["recipients"])
        for row in rows
        if row["alert_id"] in alerts
    ]
