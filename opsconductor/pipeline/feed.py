"""Live feed of committed alerts to all subscribers, with a short memory for those that reconnect."""

import asyncio
import re
import secrets
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from uuid import UUID

from opsconductor.model.alert import Alert
from opsconductor.model.changes import Changes

QUEUE_LENGTH = 100
MOST_AT_ONCE = 500
"""If more alerts change at once, subscribers reload everything: so a queue holds 50,000 alerts at most,
about 50 MB for all slow subscribers together."""
MOST_REMEMBERED = 2_000
"""Number of changed alerts kept for subscribers that reconnect."""
POSITION = re.compile(r"[0-9]{1,18}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedBatch:
    """Alerts of one commit.

    Attributes:
        position: Where a subscriber that has seen it may resume.
        alerts: Each in its state after the commit. Empty: some were dropped, the reader must reload
            everything.
        created: Those that are new.
    """

    position: str
    alerts: tuple[Alert, ...] = ()
    created: frozenset[UUID] = frozenset()


class Feed:
    """Publishes committed alerts to subscribers; a slow one loses some and is notified of it."""

    def __init__(self) -> None:
        self._queues: set[asyncio.Queue[FeedBatch]] = set()
        self._run = secrets.token_hex(4)
        self._number = 0
        self._recent: deque[tuple[int, FeedBatch]] = deque()
        self._remembered = 0

    @property
    def position(self) -> str:
        """Return the position of the latest batch: an identifier of this run, and a number."""
        return f"{self._run}-{self._number}"

    @asynccontextmanager
    async def subscribe(self, after: str = "") -> AsyncIterator[asyncio.Queue[FeedBatch]]:
        """Return a queue of committed alerts, oldest first.

        Args:
            after: Begin after this position; if that is too long ago or unknown, the queue begins with a
                batch without alerts. Empty: begin now.
        """
        queue: asyncio.Queue[FeedBatch] = asyncio.Queue(QUEUE_LENGTH)
        if after and after != self.position:
            queue.put_nowait(self._since(after))
        self._queues.add(queue)
        try:
            yield queue
        finally:
            self._queues.discard(queue)

    def publish(self, changes: Changes) -> None:
        """Put the alerts of committed changes into every queue, without waiting."""
        alerts = changes.created + changes.updated + changes.repeated
        if not alerts:
            return
        self._number += 1
        if len(alerts) > MOST_AT_ONCE:
            batch = FeedBatch(position=self.position)
        else:
            created = frozenset(alert.id for alert in changes.created)
            batch = FeedBatch(position=self.position, alerts=alerts, created=created)
        self._remember(batch)
        for queue in self._queues:
            if queue.full():
                while not queue.empty():
                    queue.get_nowait()
                queue.put_nowait(FeedBatch(position=batch.position))
            else:
                queue.put_nowait(batch)

    def _remember(self, batch: FeedBatch) -> None:
        if not batch.alerts:
            self._recent.clear()
            self._remembered = 0
            return
        self._recent.append((self._number, batch))
        self._remembered += len(batch.alerts)
        while self._remembered > MOST_REMEMBERED:
            self._remembered -= len(self._recent.popleft()[1].alerts)

    def _since(self, after: str) -> FeedBatch:
        """Return everything after a position as one batch."""
        run, _, number = after.partition("-")
        is_known = run == self._run and POSITION.fullmatch(number) is not None and self._recent
        if not is_known or int(number) + 1 < self._recent[0][0] or int(number) > self._number:
            return FeedBatch(position=self.position)
        missed = [batch for each, batch in self._recent if each > int(number)]
        return FeedBatch(
            position=self.position,
            alerts=tuple(alert for batch in missed for alert in batch.alerts),
            created=frozenset().union(*(batch.created for batch in missed)),
        )
