"""First come, first served while little waits; beyond that each sender in turn."""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

from opsconductor.model.event import RawEvent

LANES = 4_096
"""Senders share lanes by a hash that nobody outside can foresee: a flood meets few others in its lane,
and invented addresses need no memory."""


FAIR_FROM, FAIR_FROM_BYTES = 10_000, 4 * 1024 * 1024
"""Two batches, half a second of a storm: when more waits, senders are served in turn."""


class Shard:
    """Events of the senders that share a lane, and the size of their payloads."""

    __slots__ = ("bytes", "events")

    def __init__(self) -> None:
        self.events: deque[RawEvent] = deque()
        self.bytes = 0


class FairQueue:
    """Raw events that wait, so that a flood makes its own sender wait and hardly anybody else.

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
        """Events waiting."""
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
        """Remove and return events whose turn it is: at least one, unless none waits."""
        if not self._lanes and len(self._line) <= at_most and self.bytes <= most_bytes:
            taken = list(self._line)
            self._line.clear()
            self.bytes = 0
            return taken
        return (
            self._take_in_turn(at_most, most_bytes) if self._lanes else self._take_first(at_most, most_bytes)
        )

    def modest(self, events: Sequence[RawEvent], most: int, most_bytes: int) -> list[RawEvent]:
        """Pick the events of senders that use less than their share of a queue of `most` events.

        With one sender alone, its share is everything.
        """
        self._part()
        share, share_bytes = (each // max(1, len(self._lanes)) for each in (most, most_bytes))
        crowded = {
            key for key, lane in self._lanes.items() if len(lane.events) >= share or lane.bytes >= share_bytes
        }
        return [event for event in events if _lane_of(event) not in crowded]

    def _part(self) -> None:
        """Part the line into lanes."""
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
        """Take as much from each lane, the one that was served longest ago first."""
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
    """Remove the first events of a line: one whatever its size, and more as far as they fit."""
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
    """Add up the sizes of payloads."""
    return sum([len(event.payload) for event in events])
