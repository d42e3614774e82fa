"""Look-ups of credentials that concurrent requests share.

Every request asks the database, so that a revoked key is refused at once. Senders that post on many
connections use one key: their requests share a query that begins after the latest of them has arrived.
"""

import asyncio
from collections.abc import Awaitable, Callable

from opsconductor.store.access.keys import Principal

Credential = tuple[str, bool]
"""A key or session token, and whether it is a session's."""
Look = Callable[[Credential], Awaitable[Principal | None]]


class SharedLookup:
    """Runs one query at a time for each credential; those that ask meanwhile share the next one."""

    def __init__(self, look: Look) -> None:
        self._look = look
        self._running: dict[Credential, asyncio.Task[Principal | None]] = {}
        self._next: dict[Credential, asyncio.Task[Principal | None]] = {}

    async def find(self, credential: Credential) -> Principal | None:
        """Return the principal as of now, or None.

        Raises:
            StoreUnavailable: As the query raises.
        """
        running = self._running.get(credential)
        if running is None:
            return await asyncio.shield(self._begin(credential))
        following = self._next.get(credential)
        if following is None:
            following = self._next[credential] = asyncio.create_task(self._follow(credential, running))
            following.add_done_callback(_retrieve)
        return await asyncio.shield(following)

    def _begin(self, credential: Credential) -> asyncio.Task[Principal | None]:
        task = self._running[credential] = asyncio.create_task(self._ask(credential))
        task.add_done_callback(_retrieve)
        return task

    async def _ask(self, credential: Credential) -> Principal | None:
        try:
            return await self._look(credential)
        finally:
            if credential not in self._next:
                del self._running[credential]

    async def _follow(
        self, credential: Credential, before: asyncio.Task[Principal | None]
    ) -> Principal | None:
        await asyncio.wait({before})
        del self._next[credential]
        return await self._begin(credential)


def _retrieve(task: asyncio.Task[Principal | None]) -> None:
    """Retrieve the exception of a query for which no request waits any more."""
    if not task.cancelled():
        task.exception()
