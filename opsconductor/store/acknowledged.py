"""The keys of what is acknowledged to senders that repeat: read at the start, pruned all the time.

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
"""How long before the last keys of a connector those are that are read: no device resends for longer."""
KEPT = timedelta(minutes=15)
KEPT_UNUSED = timedelta(days=7)
"""How long keys of a connector that commits nothing are kept: a broker may be away for days."""
MOST_BYTES = 500_000 * KEY_BYTES
"""As many as are remembered of informs, which is most of all."""


async def read_keys(pool: Pool, connector: str) -> AsyncIterator[Sequence[bytes]]:
    """Read the keys that a connector has committed last, the latest first, those of a batch at a time.

    Raises:
        StoreUnavailable: PostgreSQL is away; read everything again.
    """
    with translated():
        rows = await pool.fetch(SQL["latest"], connector, RECALLED, MOST_BYTES)
    for row in rows:
        yield split(row["keys"])[::-1]


async def prune_keys(pool: asyncpg.Pool) -> int:
    """Delete keys that nobody needs any more; returns how many rows."""
    with translated():
        status: str = await pool.execute(SQL["prune"], KEPT, KEPT_UNUSED)
        return int(status.removeprefix("DELETE "))
