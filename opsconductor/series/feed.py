"""Batches of new points for other parts: live, and again from the log."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import contextmanager
from time import monotonic
from typing import Final, NamedTuple

import numpy as np

from opsconductor.errors import DecodeError
from opsconductor.series.packing.batch_codec import unpack_batch
from opsconductor.series.points import MS, Columns, PointBatch
from opsconductor.series.rates import LatestValues
from opsconductor.store.postgres.connection import Pool
from opsconductor.store.series.log import read_entries

MOST_WAITING: Final = 120
"""Batches that wait for a subscriber, about two minutes; one that lags more gets them from the log."""
ENTRIES_AT_ONCE: Final = 50
MOST_REMEMBERED: Final = 7_200
"""Batches whose time is known, about two hours."""


class Backlog(NamedTuple):
    """What was handed out and is not done by a subscriber.

    Attributes:
        waits_s: Seconds for which the oldest of the batches has waited.
    """

    batches: int
    waits_s: float


class _Subscription:
    """What waits for one subscriber.

    Attributes:
        has_lost: Batches were left out because it lagged.
    """

    def __init__(self) -> None:
        self.waiting: deque[PointBatch] = deque()
        self.arrived = asyncio.Event()
        self.has_lost = False

    def push(self, batch: PointBatch) -> None:
        if len(self.waiting) >= MOST_WAITING:
            self.waiting.clear()
            self.has_lost = True
        self.waiting.append(batch)
        self.arrived.set()

    async def next(self) -> PointBatch:
        while not self.waiting:
            self.arrived.clear()
            await self.arrived.wait()
        return self.waiting.popleft()

    def forget_loss(self) -> bool:
        """Return whether batches were left out since the last call."""
        lost, self.has_lost = self.has_lost, False
        return lost


class SeriesFeed:
    """Hands batches to subscribers after they are durable.

    Args of the constructor:
        counters: Returns the ids of all counters.
    """

    def __init__(self, pool: Pool, counters: Callable[[], list[int]]) -> None:
        self._pool = pool
        self._counters = counters
        self._subscriptions: set[_Subscription] = set()
        self._published: deque[tuple[int, float]] = deque(maxlen=MOST_REMEMBERED)

    def publish(self, batch: PointBatch) -> None:
        """Hand a batch to all subscribers."""
        self._published.append((batch.sequence, monotonic()))
        for subscription in self._subscriptions:
            subscription.push(batch)

    def backlog(self, after: int) -> Backlog:
        """Return the batches of this run after a number, as far as the last two hours."""
        waiting = [at for sequence, at in self._published if sequence > after]
        return Backlog(len(waiting), monotonic() - waiting[0] if waiting else 0.0)

    async def batches(self) -> AsyncIterator[PointBatch]:
        """Yield batches from now on. A subscriber that lags by more than two minutes misses the oldest."""
        with self._subscribed() as subscription:
            while True:
                yield await subscription.next()

    async def follow(self, after: int) -> AsyncIterator[PointBatch]:
        """Yield all batches after a number, first from the log, then those that arrive; none twice."""
        with self._subscribed() as subscription:
            while True:
                async for batch in self.read_batches(after):
                    after = batch.sequence
                    yield batch
                subscription.forget_loss()
                while not subscription.has_lost:
                    batch = await subscription.next()
                    if batch.sequence > after and not subscription.has_lost:
                        after = batch.sequence
                        yield batch

    async def read_batches(self, after: int) -> AsyncIterator[PointBatch]:
        """Yield the batches of the log after a number; it goes back at least two hours.

        The rates of counters are those that were delivered live, but for the first point of each in the log.

        Raises:
            StoreUnavailable: PostgreSQL is away.
        """
        latest = LatestValues()
        latest.note_counters(self._counters())
        sequence = 0
        while entries := await read_entries(self._pool, sequence, ENTRIES_AT_ONCE):
            for batch in await asyncio.to_thread(_batches_of, entries, latest):
                if batch.sequence > after:
                    yield batch
            sequence = entries[-1][0]

    @contextmanager
    def _subscribed(self) -> Iterator[_Subscription]:
        subscription = _Subscription()
        self._subscriptions.add(subscription)
        try:
            yield subscription
        finally:
            self._subscriptions.discard(subscription)


def batch_of(sequence: int, columns: Columns, latest: LatestValues) -> PointBatch:
    """Return the new points of a flush as subscribers get them, and take them in."""
    series, times, values = latest.follow(*columns)
    return PointBatch(sequence=sequence, series=series, times=times / MS, values=values)


def _batches_of(entries: Sequence[tuple[int, bytes]], latest: LatestValues) -> list[PointBatch]:
    """Return the batches of entries; one that is damaged has no points."""
    batches = []
    for sequence, packed in entries:
        try:
            columns = unpack_batch(packed)
        except DecodeError:
            batches.append(
                PointBatch(
                    sequence=sequence,
                    series=np.empty(0, np.int32),
                    times=np.empty(0, np.float64),
                    values=np.empty(0, np.float64),
                )
            )
            continue
        batches.append(batch_of(sequence, columns, latest))
    return batches
