"""Fencing by epoch: set in each session of the daemon, checked by PostgreSQL.

Every statement that changes a table is rejected in a session whose epoch is over (see the migration
`daemon_epoch`), so that two daemons can never both write, whatever happened to their locks.
"""

from typing import Any

import asyncpg

from opsconductor.store.queries import load

SQL = load("epoch")


class Fence:
    """The epoch of the sessions of one pool.

    Attributes:
        epoch: None: the sessions are not checked.
    """

    def __init__(self) -> None:
        self.epoch: int | None = None
        self._fenced: set[int] = set()

    async def take(self, connection: asyncpg.Connection) -> None:
        """Begin a new epoch: from now on no session of an earlier one can write."""
        async with connection.transaction():
            await connection.execute(SQL["lock"])
            epoch = await connection.fetchval(SQL["take"])
        self.epoch = epoch

    async def is_over(self, connection: asyncpg.Connection) -> bool:
        """Return True if another daemon has begun a new epoch."""
        return self.epoch is not None and bool(await connection.fetchval(SQL["read"]) != self.epoch)

    def forget(self, connection: asyncpg.Connection) -> None:
        """Register a new session."""
        self._fenced.discard(connection.get_server_pid())

    async def set_epoch(self, connection: asyncpg.Connection) -> None:
        """Set the epoch of a session, once."""
        session = connection.get_server_pid()
        if self.epoch is not None and session not in self._fenced:
            await connection.execute("SELECT set_config('opsconductor.epoch', $1, false)", str(self.epoch))
            self._fenced.add(session)


class FencedPool(asyncpg.Pool):  # type: ignore[misc]  # asyncpg has no types
    """Pool whose sessions carry the daemon's epoch.

    Args of the constructor:
        options: Those of `asyncpg.Pool`.
    """

    __slots__ = ("fence",)

    def __init__(self, url: str, fence: Fence, **options: Any) -> None:
        super().__init__(url, **options)
        self.fence = fence
