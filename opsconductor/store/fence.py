"""The epoch of the daemon that may write: told to each of its sessions, checked by PostgreSQL.

Every statement that changes a table is refused in a session whose epoch is over (see the migration
`daemon_epoch`), so that of two daemons never both can write, however their locks came and went.
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
        self._told: set[int] = set()

    async def take(self, connection: asyncpg.Connection) -> None:
        """Begin a new epoch: from now on no session of an earlier one can write."""
        async with connection.transaction():
            await connection.execute(SQL["lock"])
            epoch = await connection.fetchval(SQL["take"])
        self.epoch = epoch

    async def is_over(self, connection: asyncpg.Connection) -> bool:
        """Ask whether another daemon has begun a new epoch."""
        return self.epoch is not None and bool(await connection.fetchval(SQL["read"]) != self.epoch)

    def forget(self, connection: asyncpg.Connection) -> None:
        """Note that a session is new."""
        self._told.discard(connection.get_server_pid())

    async def tell(self, connection: asyncpg.Connection) -> None:
        """Tell a session its epoch, once."""
        session = connection.get_server_pid()
        if self.epoch is not None and session not in self._told:
            await connection.execute("SELECT set_config('opsconductor.epoch', $1, false)", str(self.epoch))
            self._told.add(session)


class FencedPool(asyncpg.Pool):  # type: ignore[misc]  # asyncpg has no types
    """A pool that tells its sessions the epoch of the daemon.

    Args of the constructor:
        options: Those of `asyncpg.Pool`.
    """

    __slots__ = ("fence",)

    def __init__(self, url: str, fence: Fence, **options: Any) -> None:
        super().__init__(url, **options)
        self.fence = fence
