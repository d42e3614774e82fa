"""Loss ledger in PostgreSQL: counts by minute, and the runs of the daemon that counted."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

import asyncpg

from opsconductor.model.text import storable_text
from opsconductor.store.postgres.connection import translated
from opsconductor.store.queries import load

SQL = load("ledger")

LONGEST_REASON = 100
LONGEST_CONNECTOR = 50
NO_CONNECTOR = ""
"""Connector name of spans in which the daemon did not run."""

LEVELS = ("held", "waiting")
SECOND = timedelta(seconds=1)


class LedgerRow(NamedTuple):
    """Count of one connector at one stage, for one reason, in one minute."""

    minute: datetime
    connector: str
    stage: str
    reason: str
    amount: int


class Sum(NamedTuple):
    """Count of one connector at one stage, for one reason."""

    connector: str
    stage: str
    reason: str
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One run of the daemon.

    Attributes:
        started_at: When its sources listened.
        seen_at: Until then its counts are complete.
        stopped_at: None: it is running, or it ended without shutdown.
    """

    id: UUID
    host: str
    version: str
    started_at: datetime
    seen_at: datetime
    stopped_at: datetime | None


async def open_run(pool: asyncpg.Pool, run: Run, *, kept_sockets: bool) -> LedgerRow | None:
    """Record the start of a run, and in the ledger the span without counting before it; may be repeated.

    Args:
        kept_sockets: systemd held the ports all the time: nothing is lost after an orderly stop.

    Returns:
        The span without counting, in seconds: `unknown` when the previous run ended without shutdown, `down`
        when it was stopped; None: there was none.

    Raises:
        StoreUnavailable: PostgreSQL is away; nothing is recorded.
    """
    with translated():
        async with pool.acquire() as connection, connection.transaction():
            before = await connection.fetchrow(SQL["last_run"], run.id)
            await connection.execute(
                SQL["open_run"], run.id, run.host, run.version, run.started_at, kept_sockets
            )
            if before is None:
                return None
            span = _span(before, run.started_at, kept_sockets=kept_sockets)
            if span is not None:
                await _put(connection, before["id"], [span])
            return span


async def save(
    pool: asyncpg.Pool, run_id: UUID, rows: Iterable[LedgerRow], *, seen_at: datetime, is_last: bool = False
) -> None:
    """Store minutes of a run, each completely: doing so again replaces them.

    Args:
        seen_at: Until then the counts are complete.
        is_last: The run ends in order, no counts follow.

    Raises:
        StoreUnavailable: PostgreSQL is away; nothing is stored.
    """
    with translated():
        async with pool.acquire() as connection, connection.transaction():
            await connection.execute(SQL["see_run"], run_id, seen_at, is_last)
            await _put(connection, run_id, rows)


async def read_sums(pool: asyncpg.Pool, since: datetime) -> Sequence[Sum]:
    """Return the sums since a minute, over all runs."""
    with translated():
        return [Sum(**row) for row in await pool.fetch(SQL["sums"], since, LEVELS)]


async def read_over_time(
    pool: asyncpg.Pool, since: datetime, step: timedelta, *, stages: Sequence[str]
) -> Sequence[tuple[datetime, str, str, int]]:
    """Return the sums of some stages since a minute: begin of the step of time, connector, stage, amount."""
    with translated():
        rows = await pool.fetch(SQL["over_time"], since, step, stages)
    return [(row["at"], row["connector"], row["stage"], row["amount"]) for row in rows]


def _span(before: Mapping[str, Any], started_at: datetime, *, kept_sockets: bool) -> LedgerRow | None:
    """Return the duration of a span without counting; at least one second if the clock was set back."""
    stopped_at = before["stopped_at"]
    if stopped_at is not None and kept_sockets:
        return None
    since: datetime = stopped_at or before["seen_at"]
    stage, reason = ("unknown", "ended_without_a_word") if stopped_at is None else ("down", "stopped")
    seconds = max(1, -((since - started_at) // SECOND))
    minute = since.replace(second=0, microsecond=0)
    return LedgerRow(minute, NO_CONNECTOR, stage, reason, seconds)


async def _put(connection: asyncpg.Connection, run_id: UUID, rows: Iterable[LedgerRow]) -> None:
    written = [
        (
            row.minute,
            storable_text(row.connector)[:LONGEST_CONNECTOR],
            row.stage,
            storable_text(row.reason)[:LONGEST_REASON],
            row.amount,
        )
        for row in rows
    ]
    if written:
        await connection.execute(SQL["put"], run_id, *map(list, zip(*written, strict=True)))
