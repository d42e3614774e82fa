"""Loading of port names from stored alerts, so that they are known after a restart."""

from collections.abc import Sequence

import asyncpg

from opsconductor.store.postgres.connection import translated
from opsconductor.store.queries import load

SQL = load("port_names")
MOST_CLOSED = 50_000
"""Maximum number of closed alerts read, latest first: an index reads them in a fraction of a second."""


async def read_port_names(
    pool: asyncpg.Pool, most_closed: int = MOST_CLOSED
) -> Sequence[tuple[str, str, str]]:
    """Return device, resource and name of ports, latest last.

    Raises:
        StoreUnavailable: PostgreSQL is away.
    """
    with translated():
        rows = await pool.fetch(SQL["port_names"], most_closed)
    return [(row["device"], row["resource"], row["port"]) for row in rows]
