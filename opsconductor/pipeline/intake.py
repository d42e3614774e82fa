"""Bounded queue between the sources and the pipeline, fair between senders."""

import asyncio
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

from opsconductor.ledger.ledger import Key, Ledger
from opsconductor.model.event import RawEvent

LANES = 4_096
"""Number of lanes, which senders share by a hash that outsiders cannot predict: a flood shares its lane
with few others, and forged addresses need no memory."""


FAIR_FROM, FAIR_FROM_BYTES = 10_000, 4 * 1024 * 1024
"""Two batches, half a second of a storm: above it, senders are served in turn."""


class Shard:
    """Events of the senders that share a lane, and the size of their payloads."""

    __slots__ = ("bytes", "events")

    def __init__(self) -> None:
        self.events: deque[RawEvent] = deque()
        self.bytes = 0


class FairQueue:
    """Waiting raw events, queued so that a flood delays its own sender and hardly any other.

    The order of each sender's events is always kept; among senders it is that of arrival until more than
    `FAIR_FROM` wait, and again once none is left.

    Attributes:
        bytes: Size of all payloads.
    """

    def __init__(self) -> None:
        self.bytes = 0
        self._line: deque[RawEvent] = deque()
        self._lanes: dict[int, Shard] = {}
        self._in_lanes = 0

    def __len__(self) -> int:
        """Return the number of waiting events."""
        return len(self._line) + self._in_lanes

    def __iter__(self) -> Iterator[RawEvent]:
        yield from chain(self._line, *(lane.events for lane in self._lanes.values()))

    def extend(self, events: Sequence[RawEvent]) -> None:
        """Add events behind those of the same sender."""
        self.bytes += bytes_of(events)
        if self._lanes:
            self._distribute(events)
            return
        self._line.extend(events)
        if len(self._line) > FAIR_FROM or self.bytes > FAIR_FROM_BYTES:
            self._part()

    def take(self, at_most: int, most_bytes: int) -> list[RawEvent]:
        """Remove and return events in turn: at least one, unless none waits."""
        if not self._lanes and len(self._line) <= at_most and self.bytes <= most_bytes:
            taken = list(self._line)
            self._line.clear()
            self.bytes = 0
            return taken
        return (
            self._take_in_turn(at_most, most_bytes) if self._lanes else self._take_first(at_most, most_bytes)
        )

    def modest(self, events: Sequence[RawEvent], most: int, most_bytes: int) -> list[RawEvent]:
        """Return the events of senders that use less than their share of a queue of `most` events.

        With one sender alone, its share is everything.
        """
        self._part()
        share, share_bytes = (each // max(1, len(self._lanes)) for each in (most, most_bytes))
        crowded = {
            key for key, lane in self._lanes.items() if len(lane.events) >= share or lane.bytes >= share_bytes
        }
        return [event for event in events if _lane_of(event) not in crowded]

    def _part(self) -> None:
        """Distribute the queue over lanes."""
        self._distribute(tuple(self._line))
        self._line.clear()

    def _distribute(self, events: Sequence[RawEvent]) -> None:
        lanes = self._lanes
        for event in events:
            key = _lane_of(event)
            lane = lanes.get(key)
            if lane is None:
                lane = lanes[key] = Shard()
            lane.events.append(event)
            lane.bytes += len(event.payload)
        self._in_lanes += len(events)

    def _take_in_turn(self, at_most: int, most_bytes: int) -> list[RawEvent]:
        """Take as much from each lane, the least recently served first."""
        taken: list[RawEvent] = []
        left, lanes = most_bytes, self._lanes
        each, each_bytes = max(1, at_most // len(lanes)), most_bytes // len(lanes)
        while lanes and len(taken) < at_most:
            key = next(iter(lanes))
            lane = lanes.pop(key)
            fits = not taken or len(lane.events[0].payload) <= left
            found = (
                _first(lane.events, min(each, at_most - len(taken)), min(each_bytes, left)) if fits else []
            )
            taken += found
            size = bytes_of(found)
            left -= size
            if lane.events:
                lane.bytes -= size
                lanes[key] = lane
            if not found:
                break
        self._in_lanes -= len(taken)
        self.bytes -= most_bytes - left
        return taken

    def _take_first(self, at_most: int, most_bytes: int) -> list[RawEvent]:
        taken = _first(self._line, at_most, most_bytes)
        self.bytes -= bytes_of(taken)
        return taken


def _first(line: deque[RawEvent], at_most: int, most_bytes: int) -> list[RawEvent]:
    """Remove the first events of a lane: one whatever its size, and more as far as they fit."""
    taken: list[RawEvent] = []
    while line and len(taken) < at_most:
        most_bytes -= len(line[0].payload)
        if most_bytes < 0 and taken:
            break
        taken.append(line.popleft())
    return taken


def _lane_of(event: RawEvent) -> int:
    return hash(event.peer) % LANES


def bytes_of(events: Iterable[RawEvent]) -> int:
    """Return the total size of payloads."""
    return sum([len(event.payload) for event in events])


LIMIT_BYTES = 64 * 1024 * 1024
BATCH_BYTES = 2 * 1024 * 1024
"""A batch of 5,000 usual traps has 1.5 MiB; of the largest, thirty are enough for 100 ms of work."""


MOST_OVER = 2
"""Factor by which the intake may exceed its limit in favour of senders that use little of it."""


class Intake:
    """Accepts raw events from many sources; sources wait while it is full.

    Full means `limit` events or `limit_bytes` of them; one `put` may exceed it, so that what a source
    has already read is not dropped here. What a waiting source does not read stays at the sender.

    Traps are kept nowhere else: if their listener waited, the kernel would drop whatever comes next, and a
    flood would affect all senders. So fleeting events (`RawEvent.is_fleeting`) are dropped and counted if
    their senders hold more than their share of the full intake.

    `wake` is set when there may be something to do; see `expect`.
    """

    def __init__(self, limit: int, ledger: Ledger, *, limit_bytes: int = LIMIT_BYTES) -> None:
        self._limit = limit
        self._limit_bytes = limit_bytes
        self._ledger = ledger
        self._events = FairQueue()
        self._held: Counter[str] = Counter()
        self._wanted = 1
        self.wake = asyncio.Event()
        self._has_room = asyncio.Event()
        self._has_room.set()

    def __len__(self) -> int:
        """Return the number of waiting events."""
        return len(self._events)

    async def put(self, events: Sequence[RawEvent]) -> None:
        """Add events of one source behind those that wait; sources call this `emit`."""
        if not events:
            return
        if not self._has_room.is_set():
            connector = events[0].connector
            events = await self._squeeze(connector, events)
        if events:
            self._add(events)

    def put_at_once(self, events: Sequence[RawEvent]) -> bool:
        """Add events of one source as `put` does; False: the intake is full, and none is added."""
        if not self._has_room.is_set():
            return False
        self._add(events)
        return True

    def _add(self, events: Sequence[RawEvent]) -> None:
        self._events.extend(events)
        self._ledger.count(events[0].connector, "taken", amount=len(events))
        if self.is_full:
            self._has_room.clear()
        if len(self._events) >= self._wanted:
            self.wake.set()

    def expect(self, amount: int) -> None:
        """Set `wake` for new events only once so many wait, until this is called again."""
        self._wanted = amount

    def take(self, at_most: int) -> list[RawEvent]:
        """Remove and return the next events, few if they are large; empty: there are none."""
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
        """Return which of the events fit into the full intake, waiting if they can wait."""
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
