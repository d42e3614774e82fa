"""Notifications as they are listed: what became of each, and what waits."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from opsconductor.store.notifications.outbox import SQL
from opsconductor.store.postgres.connection import Pool, translated


@dataclass(frozen=True, slots=True, kw_only=True)
class LogFilter:
    """Which notifications are listed.

    Attributes:
        before: None: until now.
        channel: Empty: any.
        status: None: any.
        alert_id: None: any.
    """

    since: datetime
    before: datetime | None = None
    channel: str = ""
    status: str | None = None
    alert_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedNotification:
    """A notification, and what became of it.

    Attributes:
        concluded_at: When it was sent or given up; None: neither.
    """

    id: UUID
    alert_id: UUID | None
    channel: str
    recipient: str
    kind: str
    rule: str
    status: str
    attempts: int
    error: str
    created_at: datetime
    concluded_at: datetime | None
    response_time_ms: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingNotification:
    """A notification that waits to be delivered.

    Attributes:
        alert_id: None: it is about a maintenance window.
    """

    id: UUID
    alert_id: UUID | None
    channel: str
    recipient: str
    kind: str
    rule: str
    attempts: int
    error: str
    created_at: datetime
    next_attempt_at: datetime


async def list_log(pool: Pool, wanted: LogFilter, most: int) -> Sequence[LoggedNotification]:
    """Return what became of notifications, the latest first.

    Raises:
        StoreUnavailable: PostgreSQL is away.
    """
    given = (wanted.since, wanted.before, wanted.channel, wanted.status, wanted.alert_id)
    with translated():
        rows = await pool.fetch(SQL["notification_log"], *given, most)
    return [LoggedNotification(**row) for row in rows]


async def list_outbox(pool: Pool, channel: str, most: int) -> Sequence[WaitingNotification]:
    """Return what waits to be delivered, the next first.

    Args:
        channel: Empty: any.

    Raises:
        StoreUnavailable: PostgreSQL is away.
    """
    with translated():
        rows = await pool.fetch(SQL["waiting"], channel, most)
    return [WaitingNotification(**row) for row in rows]
