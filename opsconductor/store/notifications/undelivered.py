"""Notifications that were given up and whose recipients have received nothing since."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from opsconductor.store.notifications.outbox import NEVER_NOTIFIED, SQL
from opsconductor.store.postgres.connection import Pool, translated


@dataclass(frozen=True, slots=True, kw_only=True)
class Undelivered:
    """Notifications of one channel that were given up.

    Attributes:
        recipients: Number of recipients.
        title: Title of the alert of the latest.
        device: Name or address of that alert's device.
        error: Why the latest was given up.
    """

    channel: str
    amount: int
    recipients: int
    title: str
    device: str
    error: str


async def read_undelivered(pool: Pool, within: timedelta, but_type: str) -> Sequence[Undelivered]:
    """Return by channel what was given up and whose recipients have received nothing since.

    Args:
        within: Maximum age.
        but_type: Notifications of alerts of this type are excluded.

    Raises:
        StoreUnavailable: PostgreSQL is away.
    """
    with translated():
        rows = await pool.fetch(SQL["undelivered"], within, NEVER_NOTIFIED, but_type)
    return tuple(Undelivered(**row) for row in rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetter:
    """A notification that was given up.

    Attributes:
        title: Title of its alert when it was decided on; `device` and `severity` likewise.
        alert_status: The present status of the alert; None: it was deleted, and this cannot be sent again.
        is_reached_since: The recipient has received something since.
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
    concluded_at: datetime
    title: str
    device: str
    severity: str
    alert_status: str | None
    is_reached_since: bool


async def list_dead_letters(pool: Pool, *, since: datetime, channel: str, most: int) -> Sequence[DeadLetter]:
    """Return what was given up, the latest first.

    Args:
        channel: Empty: any.

    Raises:
        StoreUnavailable: PostgreSQL is away.
    """
    with translated():
        rows = await pool.fetch(SQL["dead_letters"], since, channel, NEVER_NOTIFIED, most)
    return [DeadLetter(**row) for row in rows]


async def resend(pool: Pool, ids: Sequence[UUID], by: str) -> Sequence[UUID]:
    """Queue given-up notifications again; return those for which it is possible.

    The log and the audit log record who asked for it.

    Raises:
        StoreUnavailable: Nothing has changed; try again.
    """
    with translated():
        rows = await pool.fetch(SQL["resend"], list(ids), by)
    return [row["id"] for row in rows]
