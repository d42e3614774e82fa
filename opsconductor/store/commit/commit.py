"""Writing of the engine's changes, in one transaction and with a timeout.

Writing the same changes twice is the same as writing them once.
"""

import asyncio
from collections.abc import Awaitable, Callable

import asyncpg

from opsconductor.errors import StoreRejected, StoreUnavailable, Unanswered
from opsconductor.model.changes import Changes
from opsconductor.store.commit.salvage import salvage
from opsconductor.store.commit.small import is_small, write_small
from opsconductor.store.commit.write import write
from opsconductor.store.postgres.connection import translated

Write = Callable[[Changes], Awaitable[None]]


class BoundedWrite:
    """Writes with a timeout, one at a time: a new write waits for one that timed out.

    A write that timed out may still be committed: its answer is lost, not its effect. Since the next write
    waits for it, it can never overtake a newer one, and writing the same again changes nothing.
    """

    def __init__(self, write: Write) -> None:
        self._write = write
        self._running: asyncio.Task[None] | None = None

    async def __call__(self, changes: Changes, within_s: float) -> None:
        """Return when the changes are committed.

        Raises:
            StoreUnavailable: PostgreSQL is away or did not answer in time; also when a write that timed out
                earlier is still in progress.
            StoreRejected: PostgreSQL rejects the data itself.
        """
        if self._running is not None:
            await self._wait_for(self._running, within_s)
        running = self._running = asyncio.create_task(self._begin(changes), name="write")
        try:
            await self._wait_for(running, within_s)
        except (StoreUnavailable, asyncio.CancelledError):
            running.cancel()
            running.add_done_callback(_listen)
            raise
        self._running = None
        running.result()

    async def _wait_for(self, task: asyncio.Task[None], within_s: float) -> None:
        done, _ = await asyncio.wait({task}, timeout=within_s)
        if not done:
            raise Unanswered(f"the database did not answer within {within_s:g} s")

    async def _begin(self, changes: Changes) -> None:
        await self._write(changes)


def _listen(task: asyncio.Task[None]) -> None:
    """Retrieve the exception of a write that timed out, which nothing else awaits."""
    if not task.cancelled():
        task.exception()


async def commit(pool: asyncpg.Pool, changes: Changes) -> None:
    """Write changes: all of them or, if this raises, none.

    If PostgreSQL rejects a part, everything else is written unchanged, and the rejected part as far as
    possible (see `salvage`).

    Raises:
        StoreUnavailable: PostgreSQL is away or something on the server needs repair; try again.
    """
    try:
        with translated():
            async with pool.acquire() as connection:
                if is_small(changes):
                    await write_small(connection, changes)
                    return
                async with connection.transaction():
                    await write(connection, changes)
    except StoreRejected:
        await salvage(pool, changes)
