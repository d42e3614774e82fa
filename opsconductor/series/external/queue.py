"""Points that wait for the external store: bounded, the oldest are dropped."""

import asyncio
from collections import deque
from collections.abc import Sequence
from typing import Final

from opsconductor.series.points import Floats, Ids, PointBatch

POINTS_AT_ONCE: Final = 5_000
"""In one request."""

Piece = tuple[Ids, Floats, Floats]
"""Ids, times (s since 1970) and values; at most `POINTS_AT_ONCE`."""


class PointQueue:
    """Keeps points until they are sent.

    Attributes:
        waiting: Number of points.
    """

    def __init__(self, most_points: int) -> None:
        self._most_points = most_points
        self._pieces: deque[Piece] = deque()
        self._arrived = asyncio.Event()
        self.waiting = 0

    def put(self, batch: PointBatch) -> int:
        """Add the points of a batch; return how many older ones were dropped for them."""
        for begin in range(0, len(batch.series), POINTS_AT_ONCE):
            part = slice(begin, begin + POINTS_AT_ONCE)
            self._pieces.append((batch.series[part], batch.times[part], batch.values[part]))
        self.waiting += len(batch.series)
        dropped = 0
        while self.waiting > self._most_points:
            amount = len(self._pieces.popleft()[0])
            self.waiting -= amount
            dropped += amount
        if self._pieces:
            self._arrived.set()
        return dropped

    async def take(self) -> Sequence[Piece]:
        """Return the oldest points, as many as go into one request; wait until there are some."""
        while not self._pieces:
            self._arrived.clear()
            await self._arrived.wait()
        taken = [self._pieces.popleft()]
        amount = len(taken[0][0])
        while self._pieces and amount + len(self._pieces[0][0]) <= POINTS_AT_ONCE:
            taken.append(self._pieces.popleft())
            amount += len(taken[-1][0])
        self.waiting -= amount
        return taken
