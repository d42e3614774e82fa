"""Keys of messages acknowledged to senders that repeat: loaded at the start, pruned continuously.

They are written with the changes that the messages led to; see `commit.sql`.
"""

from collections.abc import AsyncIterator, Sequence
from datetime import timedelta

import asyncpg

from opsconductor.model.keys import KEY_BYTES, split
from opsconductor.store.postgres.connection import Pool, translated
from opsconductor.store.queries import load

SQL = load("acknowledged")

RECALLED = timedelta(minutes=10)
"""How far back from the last keys of a connector keys are loaded: no device resends for longer."""
KEPT = timedelta(minutes=15)
KEPT_UNUSED = timedelta(days=7)
"""Retention of the keys of a connector that commits nothing: a broker may be away for days."""
MOST_BYTES = 500_000 * KEY_BYTES
"""Maximum number of keys; informs are remembered most, and as many of them are kept in memory."""


async def read_keys(pool: Pool, connector: str) -> AsyncIterator[Sequence[bytes]]:
    """Yield the keys that a connector has committed last, latest first, one batch at a time.

    Raises:
        StoreUnavailable: PostgreSQL is away; read everything again.
    """
    with translated():
        rows = await pool.fetch(SQL["latest"], connector, RECALLED, MOST_BYTES)
    for row in rows:
        yield split(row["keys"])[::-1]


async def prune_keys(pool: asyncpg.Pool) -> int:
    """Delete expired keys; return the number of rows."""
    with translated():
        status: str = await pool.execute(SQL["prune"], KEPT, KEPT_UNUSED)
        return int(status.removeprefix("DELETE "))
