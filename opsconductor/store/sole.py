"""Makes sure that one daemon alone writes alerts into a database."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import asyncpg

from opsconductor.errors import StoreRejected
from opsconductor.store.connection import translated

DAEMON_LOCK = 0x6F70_735F_6F6E_65
"""Any number will do that nobody else locks."""
PATIENCE_S = 10.0
"""So long the session of a daemon that was just killed may still live on the server."""
POLL_S = 0.1


@asynccontextmanager
async def sole_daemon(pool: asyncpg.Pool) -> AsyncIterator[None]:
    """Hold the database's lock for daemons on a connection of its own.

    Raises:
        StoreRejected: Another daemon works on this database.
        StoreUnavailable: The database is away.
    """
    connection = await pool.acquire()
    try:
        with translated():
            await _lock(connection)
        yield
    finally:
        # ending the session gives the lock back; PostgreSQL may have ended it long ago
        with suppress(asyncpg.InterfaceError):
            connection.terminate()
        await pool.release(connection)


async def _lock(connection: asyncpg.Connection) -> None:
    try:
        async with asyncio.timeout(PATIENCE_S):
            while not await connection.fetchval("SELECT pg_try_advisory_lock($1)", DAEMON_LOCK):  # noqa: ASYNC110 - the server has to be asked
                await asyncio.sleep(POLL_S)
    except TimeoutError:
        raise StoreRejected(
            "another OpsConductor daemon works on this database: stop it, or give this one a data_dir or "
            "database.url of its own"
        ) from None
