"""Queries for delivered notifications."""

from datetime import datetime

import asyncpg

from opsconductor.store.postgres.connection import translated
from opsconductor.store.queries import load

SQL = load("notifications/delivered")


async def first_delivery(pool: asyncpg.Pool, fingerprint: str, channel: str) -> datetime | None:
    """Return when a channel first delivered something about an alert, or None.

    Raises:
        StoreUnavailable: PostgreSQL is away.
    """
    with translated():
        at: datetime | None = await pool.fetchval(SQL["first_delivery"], fingerprint, channel)
        return at
