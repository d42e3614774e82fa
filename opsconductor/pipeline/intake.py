"""The bounded queue between the sources and the pipeline."""

import asyncio
from collections import Counter
from collections.abc import Sequence

from opsconductor.ledger.ledger import Ledger
from opsconductor.ledger.minutes import Key
from opsconductor.model.event import RawEvent
from opsconductor.pipeline.fair_queue import FairQueue

LIMIT_BYTES = 64 * 1024 * 1024
BATCH_BYTES = 2 * 1024 * 1024
"""A batch of 5,000 usual traps has 1.5 MiB; of the largest, thirty are enough for 100 ms of work."""


MOST_OVER = 2
"""So many times its limit the intake may hold for the sake of senders that use little of it."""


class Intake:
    """Takes raw events from many sources; sources wait while it is full.

    Full means `limit` events or `limit_bytes` of them; one `put` may go over it, so that what a source
    has already read is not dropped here. What a waiting source does not read, the sender keeps.

    Traps are kept by nobody: if their listener waited, the kernel would drop whatever comes next, and a
    flood would cost everybody. So of fleeting events (`RawEvent.is_fleeting`) only those are dropped,
    and counted, whose senders hold more than their share of the full intake.

    `wake` is set when there may be something to do.
    """

    def __init__(self, limit: int, ledger: Ledger, *, limit_bytes: int = LIMIT_BYTES) -> None:
        self._limit = limit
        self._limit_bytes = limit_bytes
        self._ledger = ledger
        self._events = FairQueue()
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
            events = await self._squeeze(connector, events)
        self._events.extend(events)
        self._ledger.count(connector, "taken", amount=len(events))
        if self.is_full:
            self._has_room.clear()
        self.wake.set()

    def take(self, at_most: int) -> list[RawEvent]:
        """Remove and return the events whose turn it is, not many of large ones; empty: there are none."""
        taken = self._events.take(at_most, BATCH_BYTES)
        if self._events:
            self.wake.set()
        if not self.is_full:
            self._has_room.set()
        return taken

    @property
    def is_full(self) -> bool:
        """True while sources have to wait."""
        return self._is_over(1)

    def levels(self) -> Counter[Key]:
        """Count by connector the events that wait here, and those still held by their sources."""
        levels = Counter({Key(connector, "held"): amount for connector, amount in self._held.items()})
        for connector, amount in Counter(event.connector for event in self._events).items():
            levels[Key(connector, "waiting")] = amount
        return levels

    def _is_over(self, times: int) -> bool:
        return len(self._events) >= times * self._limit or self._events.bytes >= times * self._limit_bytes

    async def _squeeze(self, connector: str, events: Sequence[RawEvent]) -> Sequence[RawEvent]:
        """Find out what of the events gets into the full intake, and wait if they can wait."""
        fleeting = [event for event in events if event.is_fleeting]
        if not fleeting:
            await self._room(connector, len(events))
            return events
        modest = self._events.modest(fleeting, self._limit, self._limit_bytes)
        if len(modest) < len(fleeting):
            self._ledger.count(connector, "dropped", "intake_full", len(fleeting) - len(modest))
            let_in = set(map(id, modest))
            events = [event for event in events if not event.is_fleeting or id(event) in let_in]
        if self._is_over(MOST_OVER) and events:
            await self._room(connector, len(events))
        return events

    async def _room(self, connector: str, amount: int) -> None:
        self._held[connector] += amount
        try:
            while not self._has_room.is_set():
                await self._has_room.wait()
        finally:
            self._held[connector] -= amount
