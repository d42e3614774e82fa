"""Notifications that were given up and whose recipients have received nothing since."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from opsconductor.store.outbox import NEVER_HEARD, SQL
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
        rows = await pool.fetch(SQL["undelivered"], within, NEVER_HEARD, but_type)
    return tuple(Undelivered(**row) for row in rows)
