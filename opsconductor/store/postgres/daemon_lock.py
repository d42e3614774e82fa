"""Advisory lock that lets only one daemon write alerts into a database."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import asyncpg

from opsconductor.errors import StoreRejected, StoreUnavailable
from opsconductor.store.fence import FencedPool
from opsconductor.store.postgres.connection import translated

log = logging.getLogger(__name__)

DAEMON_LOCK = 0x6F70_735F_6F6E_65
"""Arbitrary number used by no other lock."""
TIMEOUT_S = 10.0
"""Seconds that the session of a killed daemon may remain on the server."""
POLL_S = 0.1
PAUSE_S = 1.0
"""Seconds between two attempts to get the lock back while the database is away."""


TAKEN_OVER = (
    "another OpsConductor daemon has taken over this database, nothing more is written here: stop one of "
    "the two, or give it a data_dir or database.url of its own"
)


class SoleLock:
    """The database's lock for daemons, on a connection of its own.

    The lock keeps a second daemon from starting. What keeps a daemon that lost the lock from writing is the
    epoch: see `fence.py`.

    Args of the constructor:
        begins_epoch: False for programs that must run alone but are no daemon.
    """

    def __init__(self, pool: FencedPool, *, begins_epoch: bool = True) -> None:
        self._pool = pool
        self._begins_epoch = begins_epoch
        self._connection: asyncpg.Connection | None = None
        self._is_lost = asyncio.Event()

    async def take(self) -> None:
        """Take the lock, and the first time begin an epoch.

        Raises:
            StoreRejected: Another daemon uses this database.
            StoreUnavailable: The database is away.
        """
        with translated():
            connection = self._connection = await self._pool.acquire()
            self._is_lost.clear()
            connection.add_termination_listener(lambda _: self._is_lost.set())
            await self._check(connection)
            await _lock(connection)
            await self._check(connection)
            if self._begins_epoch and self._pool.epoch is None:
                await self._pool.begin_epoch(connection)

    async def _check(self, connection: asyncpg.Connection) -> None:
        if await self._pool.is_over(connection):
            raise StoreRejected(TAKEN_OVER)

    async def keep(self) -> None:
        """Take the lock again whenever PostgreSQL has ended the session that held it, until cancelled.

        Raises:
            StoreRejected: Another daemon has taken it meanwhile: this one must not write any more.
        """
        while True:
            await self._is_lost.wait()
            await self.release()
            try:
                await self.take()
            except StoreUnavailable:
                await asyncio.sleep(PAUSE_S)
            else:
                log.info("the daemon lock on the database is held again")

    async def release(self) -> None:
        """Release the lock by ending the session, which PostgreSQL may have ended already."""
        connection, self._connection = self._connection, None
        if connection is None:
            return
        with suppress(asyncpg.InterfaceError):
            connection.terminate()
        await self._pool.release(connection)


@asynccontextmanager
async def sole_daemon(pool: FencedPool, *, begins_epoch: bool = True) -> AsyncIterator[SoleLock]:
    """Hold the lock while the context lasts; the caller must run its `keep`.

    Args:
        begins_epoch: See `SoleLock`.

    Raises:
        StoreRejected: Another daemon uses this database.
        StoreUnavailable: The database is away.
    """
    lock = SoleLock(pool, begins_epoch=begins_epoch)
    try:
        await lock.take()
        yield lock
    finally:
        await lock.release()


async def _lock(connection: asyncpg.Connection) -> None:
    try:
        async with asyncio.timeout(TIMEOUT_S):
            while not await connection.fetchval("SELECT pg_try_advisory_lock($1)", DAEMON_LOCK):  # noqa: ASYNC110 - the server has to be asked
                await asyncio.sleep(POLL_S)
    except TimeoutError:
        raise StoreRejected(
            "another OpsConductor daemon uses this database: stop it, or give this one a data_dir or "
            "database.url of its own"
        ) from None
