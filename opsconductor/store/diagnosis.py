"""Queries of the doctor about PostgreSQL and its content."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import asyncpg

from opsconductor.store.notifications.outbox import NEVER_NOTIFIED
from opsconductor.store.postgres import migrate
from opsconductor.store.postgres.connection import translated
from opsconductor.store.queries import load

SQL = load("diagnosis")


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerFacts:
    """Status of the server.

    Attributes:
        revision: Of the schema; None: there is none.
        answered_within: Duration of the query.
        clock_ahead: By how much its clock is ahead of this host's, accurate to half the query's duration.
    """

    version: str
    bytes: int
    is_read_only: bool
    connections: int
    most_connections: int
    revision: str | None
    answered_within: timedelta
    clock_ahead: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Unmapped:
    """An unmapped trap."""

    oid: str
    amount: int
    devices: int


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenUp:
    """Notifications that a channel could not deliver."""

    channel: str
    amount: int
    error: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Overdue:
    """Notifications that wait for a channel."""

    channel: str
    amount: int
    oldest_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Archiving:
    """State of the server's archiver of WAL."""

    is_on: bool
    archived_at: datetime | None
    failed_at: datetime | None

    @property
    def is_failing(self) -> bool:
        """Whether the latest attempt failed."""
        return self.failed_at is not None and (self.archived_at is None or self.failed_at > self.archived_at)


async def read_archiving(pool: asyncpg.Pool) -> Archiving:
    """Query the archiver of WAL."""
    with translated():
        row = await pool.fetchrow(SQL["archiving"])
    return Archiving(**row)


async def read_server(pool: asyncpg.Pool) -> ServerFacts:
    """Query the status of the server.

    Raises:
        StoreUnavailable: It does not answer.
    """
    revision = await migrate.current(pool)
    with translated():
        before = datetime.now(UTC)
        row = dict(await pool.fetchrow(SQL["server"]))
        after = datetime.now(UTC)
    at = row.pop("at")
    return ServerFacts(
        **row,
        revision=revision,
        answered_within=after - before,
        clock_ahead=at - (before + (after - before) / 2),
    )


async def read_unmapped(pool: asyncpg.Pool, since: datetime) -> Sequence[Unmapped]:
    """Return the most frequent unmapped traps."""
    with translated():
        return [Unmapped(**row) for row in await pool.fetch(SQL["unmapped"], since)]


async def read_given_up(pool: asyncpg.Pool, since: datetime) -> Sequence[GivenUp]:
    """Count the notifications that were given up, by channel."""
    with translated():
        return [GivenUp(**row) for row in await pool.fetch(SQL["given_up"], since, NEVER_NOTIFIED)]


async def read_overdue(pool: asyncpg.Pool, before: datetime) -> Sequence[Overdue]:
    """Return the channels with notifications that have been waiting for long."""
    with translated():
        return [Overdue(**row) for row in await pool.fetch(SQL["overdue"], before)]
