"""The bounded queue between the sources and the pipeline."""

import asyncio
from collections import Counter, deque
from collections.abc import Iterable, Sequence

from opsconductor.model.event import RawEvent
from opsconductor.pipeline.ledger import Ledger
from opsconductor.pipeline.minutes import Key

LIMIT_BYTES = 64 * 1024 * 1024
BATCH_BYTES = 2 * 1024 * 1024
"""A batch of 5,000 usual traps has 1.5 MiB; of the largest, thirty are enough for 100 ms of work."""


def _bytes_of(events: Iterable[RawEvent]) -> int:
    return sum([len(event.payload) for event in events])


class Intake:
    """Takes raw events from many sources in order; sources wait while it is full.

    Full means `limit` events or `limit_bytes` of them; one `put` may go over it, so that what a source
    has already read off its socket is never dropped here. What a waiting source does not read, the
    kernel or the sender keeps. `wake` is set when there may be something to do.
    """

    def __init__(self, limit: int, ledger: Ledger, *, limit_bytes: int = LIMIT_BYTES) -> None:
        self._limit = limit
        self._limit_bytes = limit_bytes
        self._bytes = 0
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
        self._bytes += _bytes_of(events)
        self._ledger.count(connector, "taken", amount=len(events))
        if self.is_full:
            self._has_room.clear()
        self.wake.set()

    def take(self, at_most: int) -> list[RawEvent]:
        """Remove and return the oldest events, not many of large ones; empty when there are none."""
        events = self._events
        if self._bytes > BATCH_BYTES:
            taken = self._take_large(at_most)
        elif len(events) <= at_most:
            taken = list(events)
            events.clear()
            self._bytes = 0
        else:
            taken = [events.popleft() for _ in range(at_most)]
            self._bytes -= _bytes_of(taken)
        if events:
            self.wake.set()
        if not self.is_full:
            self._has_room.set()
        return taken

    @property
    def is_full(self) -> bool:
        """True while sources have to wait."""
        return len(self._events) >= self._limit or self._bytes >= self._limit_bytes

    def _take_large(self, at_most: int) -> list[RawEvent]:
        events, taken, left = self._events, list[RawEvent](), BATCH_BYTES
        while events and len(taken) < at_most:
            left -= len(events[0].payload)
            if left < 0 and taken:
                break
            taken.append(events.popleft())
        self._bytes -= _bytes_of(taken)
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
