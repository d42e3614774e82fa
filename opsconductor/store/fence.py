"""Fencing by epoch: set in each session of the daemon, checked by PostgreSQL.

Every statement that changes a table is rejected in a session whose epoch is over (see the migration
`daemon_epoch`), so that two daemons can never both write, whatever happened to their locks.
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
    """

    __slots__ = ("epoch",)

    def __init__(self, url: str, **options: Any) -> None:
        super().__init__(url, **options)
        self.epoch: int | None = None

    async def begin_epoch(self, connection: asyncpg.Connection) -> None:
        """Begin a new epoch: from now on no session of an earlier one can write.

        Sessions without an epoch are replaced before they are used again.
        """
        async with connection.transaction():
            await connection.execute(SQL["lock"])
            epoch = await connection.fetchval(SQL["take"])
        self.epoch = epoch
        await self.expire_connections()

    async def is_over(self, connection: asyncpg.Connection) -> bool:
        """Return True if another daemon has begun a new epoch."""
        return self.epoch is not None and bool(await connection.fetchval(SQL["read"]) != self.epoch)

    async def set_epoch(self, connection: asyncpg.Connection) -> None:
        """Set the epoch of a new session, if one has begun."""
        if self.epoch is not None:
            await connection.execute("SELECT set_config('opsconductor.epoch', $1, false)", str(self.epoch))
