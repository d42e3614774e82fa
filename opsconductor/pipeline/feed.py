"""Live feed of committed alerts to all subscribers."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from opsconductor.model.alert import Alert
from opsconductor.model.changes import Changes

QUEUE_LENGTH = 100
MOST_AT_ONCE = 500
"""If more alerts change at once, subscribers reload everything: so a queue holds 50,000 alerts at most,
about 50 MB for all slow subscribers together."""


class Feed:
    """Publishes committed alerts to subscribers; a slow one loses some and is notified of it."""

    def __init__(self) -> None:
        self._queues: set[asyncio.Queue[tuple[Alert, ...]]] = set()

    @asynccontextmanager
    async def subscribe(self) -> AsyncIterator[asyncio.Queue[tuple[Alert, ...]]]:
        """Return a queue of committed alerts, oldest first.

        An empty tuple in the queue means that alerts were dropped and the reader must reload everything.
        """
        queue: asyncio.Queue[tuple[Alert, ...]] = asyncio.Queue(QUEUE_LENGTH)
        self._queues.add(queue)
        try:
            yield queue
        finally:
            self._queues.discard(queue)

    def publish(self, changes: Changes) -> None:
        """Put the alerts of committed changes into every queue, without waiting."""
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
