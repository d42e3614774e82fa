"""The bounded queue between the sources and the pipeline."""

import asyncio
from collections import Counter, deque
from collections.abc import Sequence

from opsconductor.model.event import RawEvent
from opsconductor.pipeline.ledger import Ledger
from opsconductor.pipeline.minutes import Key


class Intake:
    """Takes raw events from many sources in order; sources wait while it is full.

    Full means `limit` events; one `put` may go over it, so that what a source has already read
    off its socket is never dropped here. What a waiting source does not read, the kernel or the
    sender keeps. `wake` is set when there may be something to do.
    """

    def __init__(self, limit: int, ledger: Ledger) -> None:
        self._limit = limit
        self._ledger = ledger
        self._events: deque[RawEvent] = deque()
        self._held: Counter[str] = Counter()
        self.wake = asyncio.Event()
        self._has_room = asyncio.Event()
        self._has_room.set()

    def __len__(self) -> int:
        """Events waiting."""
        return len(self._events)

    async def put(self, events: Sequence[RawEvent]) -> None:
        """Add events of one source behind those that wait; this is what sources know as `emit`."""
        if not events:
            return
        connector = events[0].connector
        if not self._has_room.is_set():
            await self._room(connector, len(events))
        self._events.extend(events)
        self._ledger.count(connector, "taken", amount=len(events))
        if len(self._events) >= self._limit:
            self._has_room.clear()
        self.wake.set()

    def take(self, at_most: int) -> list[RawEvent]:
        """Remove and return the oldest events; empty when there are none."""
        events = self._events
        if len(events) <= at_most:
            taken = list(events)
            events.clear()
        else:
            taken = [events.popleft() for _ in range(at_most)]
            self.wake.set()
        if len(events) < self._limit:
            self._has_room.set()
        return taken

    def levels(self) -> Counter[Key]:
        """Count by connector the events that wait here, and those still held by their sources."""
        levels = Counter({Key(connector, "held"): amount for connector, amount in self._held.items()})
        for connector, amount in Counter(event.connector for event in self._events).items():
            levels[Key(connector, "waiting")] = amount
        return levels

    async def _room(self, connector: str, amount: int) -> None:
        self._held[connector] += amount
        try:
            while not self._has_room.is_set():
                await self._has_room.wait()
        finally:
            self._held[connector] -= amount
