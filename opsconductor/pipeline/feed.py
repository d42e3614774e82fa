"""The live feed: what has just been committed, for everyone who watches."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from opsconductor.model.alert import Alert
from opsconductor.model.changes import Changes

QUEUE_LENGTH = 100
MOST_AT_ONCE = 500
"""When more alerts change at once, everyone reads anew: so a queue holds 50,000 alerts at most, some 50 MB
for all slow subscribers together."""


class Feed:
    """Hands committed alerts to subscribers; a slow one misses some and is told so."""

    def __init__(self) -> None:
        self._queues: set[asyncio.Queue[tuple[Alert, ...]]] = set()

    @asynccontextmanager
    async def subscribe(self) -> AsyncIterator[asyncio.Queue[tuple[Alert, ...]]]:
        """Open a queue of committed alerts, oldest first.

        An empty tuple in the queue means: some were left out, read everything anew.
        """
        queue: asyncio.Queue[tuple[Alert, ...]] = asyncio.Queue(QUEUE_LENGTH)
        self._queues.add(queue)
        try:
            yield queue
        finally:
            self._queues.discard(queue)

    def publish(self, changes: Changes) -> None:
        """Give the alerts of committed changes to every subscriber, without waiting."""
        if not self._queues:
            return
        alerts = changes.created + changes.updated + changes.repeated
        if not alerts:
            return
        if len(alerts) > MOST_AT_ONCE:
            alerts = ()
        for queue in self._queues:
            if queue.full():
                while not queue.empty():
                    queue.get_nowait()
                queue.put_nowait(())
            else:
                queue.put_nowait(alerts)
