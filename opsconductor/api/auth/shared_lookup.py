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
    """Runs one query at a time for each credential; those that ask before it begins share it."""

    def __init__(self, look: Look) -> None:
        self._look = look
        self._latest: dict[Credential, asyncio.Task[Principal | None]] = {}
        self._not_begun: set[Credential] = set()

    async def find(self, credential: Credential) -> Principal | None:
        """Return the principal as of now, or None.

        Raises:
            StoreUnavailable: As the query raises.
        """
        return await asyncio.shield(self.begin(credential))

    def begin(self, credential: Credential) -> asyncio.Task[Principal | None]:
        """Return the task of a query that has not begun yet; others share it, so it must not be cancelled."""
        if credential not in self._not_begun:
            self._not_begun.add(credential)
            asking = asyncio.create_task(self._ask(credential, self._latest.get(credential)))
            asking.add_done_callback(_retrieve)
            self._latest[credential] = asking
        return self._latest[credential]

    async def _ask(
        self, credential: Credential, before: asyncio.Task[Principal | None] | None
    ) -> Principal | None:
        """Query as soon as the query before has ended."""
        if before is not None:
            await asyncio.wait({before})
        self._not_begun.discard(credential)
        try:
            return await self._look(credential)
        finally:
            if credential not in self._not_begun:
                del self._latest[credential]


def _retrieve(task: asyncio.Task[Principal | None]) -> None:
    """Retrieve the exception of a query for which no request waits any more."""
    if not task.cancelled():
        task.exception()
