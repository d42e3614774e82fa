"""Fencing of sessions: their epoch and number are set in each of them, and checked by PostgreSQL.

Every statement that changes a table is rejected in a session whose epoch is over (see the migration
`daemon_epoch`), so that two daemons can never both write, whatever happened to their locks. In a session
that the daemon itself has given up they are rejected, too: what was sent there, and never answered, is not
written later.
"""

from typing import Any

import asyncpg

from opsconductor.store.queries import load

SQL = load("epoch")


class FencedPool(asyncpg.Pool):  # type: ignore[misc]  # asyncpg has no types
    """Pool whose sessions carry the daemon's epoch.

    Args of the constructor:
        options: Those of `asyncpg.Pool`.

    Attributes:
        epoch: None: the sessions are not checked.
        generation: How often all sessions were given up; the number of new ones.
    """

    __slots__ = ("epoch", "generation")

    def __init__(self, url: str, **options: Any) -> None:
        super().__init__(url, **options)
        self.epoch: int | None = None
        self.generation = 0

    async def begin_epoch(self, connection: asyncpg.Connection) -> None:
        """Begin a new epoch: from now on no session of an earlier one can write.

        Sessions without an epoch are replaced before they are used again.
        """
        async with connection.transaction():
            await connection.execute(SQL["lock"])
            epoch = await connection.fetchval(SQL["take"])
        self.epoch = epoch
        await self.expire_connections()

    async def give_up_sessions(self) -> None:
        """Return once nothing is written any more that was sent in sessions opened before.

        Waits for transactions that have begun to write, also those of sessions that are gone for us.

        Raises:
            asyncpg.PostgresError: Among them one that takes longer than the limit.
        """
        if self.epoch is None:
            return
        self.generation += 1
        await self.expire_connections()
        async with self.acquire() as connection, connection.transaction():
            await connection.execute(SQL["limit"])
            await connection.execute(SQL["lock"])
            await connection.execute(SQL["give_up"], self.generation, self.epoch)

    async def is_over(self, connection: asyncpg.Connection) -> bool:
        """Return True if another daemon has begun a new epoch."""
        return self.epoch is not None and bool(await connection.fetchval(SQL["read"]) != self.epoch)

    async def set_epoch(self, connection: asyncpg.Connection) -> None:
        """Set epoch and number of a new session, if an epoch has begun."""
        if self.epoch is not None:
            await connection.execute(SQL["set"], str(self.epoch), str(self.generation))
