"""How far each bucket is, and the work that follows from it: sealing, aggregating, shortening the log."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import numpy as np

from opsconductor.errors import DecodeError
from opsconductor.series.aggregates import DAY_MS
from opsconductor.series.buckets import BUCKETS, window_start
from opsconductor.series.packing.batch_codec import unpack_batch
from opsconductor.series.points import Columns, Millis, chosen
from opsconductor.series.rolling import is_due, roll_again, roll_next_day
from opsconductor.series.sealing import due_at, seal
from opsconductor.series.writer import SeriesMemory
from opsconductor.store.postgres.connection import Pool
from opsconductor.store.retention.partitions import day_start, drop_before
from opsconductor.store.retention.series_tables import BATCHES
from opsconductor.store.series.chunks import BucketMark, load_buckets, millis_of, time_of
from opsconductor.store.series.log import forget_entries, forget_ids, last_sequence, read_entries

ENTRIES_AT_ONCE: Final = 100
KEEP_LOG: Final = timedelta(hours=2)
"""At least, for parts that continue from a checkpoint of their own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RestoredLog:
    """Outcome of reading the log at start.

    Attributes:
        damaged: Batches that could not be read.
    """

    sequence: int
    points: int
    damaged: int


class BucketWork:
    """Keeps the marks of all buckets; each step does the work of one bucket.

    The caller holds the lock of the series: nothing is added to a bucket meanwhile.
    """

    def __init__(self, pool: Pool, memory: SeriesMemory) -> None:
        self._pool = pool
        self._memory = memory
        self._marks: list[BucketMark] = []

    def mark_of(self, bucket: int) -> BucketMark:
        """Return how far a bucket is."""
        return self._marks[bucket]

    async def load(self, now: datetime) -> None:
        """Read the marks; buckets without one begin now.

        Raises:
            StoreUnavailable: PostgreSQL is away.
        """
        known = await load_buckets(self._pool)
        self._marks = [known.get(bucket) or first_mark(bucket, millis_of(now)) for bucket in range(BUCKETS)]

    async def restore(self) -> RestoredLog:
        """Read the log: points that are not in chunks go to memory.

        Raises:
            StoreUnavailable: PostgreSQL is away.
        """
        sealed_at = np.array([mark.sealed_at for mark in self._marks], np.int64)
        sequences = np.array([mark.sequence for mark in self._marks], np.int64)
        sequence, damaged = 0, 0
        while entries := await read_entries(self._pool, sequence, ENTRIES_AT_ONCE):
            for number, packed in entries:
                try:
                    columns = await asyncio.to_thread(unpack_batch, packed)
                except DecodeError:
                    damaged += 1
                    continue
                await asyncio.to_thread(self._memory.latest.follow, *columns)
                self._memory.open.add(_unsealed(columns, number, sealed_at, sequences))
            sequence = entries[-1][0]
        return RestoredLog(
            sequence=await last_sequence(self._pool), points=len(self._memory.open), damaged=damaged
        )

    def due(self, now: datetime) -> Iterator[BucketMark]:
        """Yield the buckets that are to be sealed, those first that wait longest."""
        at = millis_of(now)
        for mark in sorted(self._marks, key=lambda mark: mark.sealed_at):
            if due_at(mark, len(self._memory.open.buckets[mark.bucket]), at):
                yield mark

    async def seal(self, mark: BucketMark, now: datetime, sequence: int) -> None:
        """Write the points of a bucket to chunks, and aggregate past days anew where they belong.

        Args:
            sequence: Number of the last batch of the log.

        Raises:
            StoreUnavailable: PostgreSQL is away.
        """
        memory = self._memory
        until = due_at(mark, len(memory.open.buckets[mark.bucket]), millis_of(now))
        sealed = await seal(
            self._pool, memory.registry, memory.open, mark=mark, until=until, sequence=sequence
        )
        self._marks[mark.bucket] = sealed.mark
        await roll_again(self._pool, memory.registry, sealed.mark, sealed.hours)

    def due_to_roll(self, now: datetime) -> Iterator[BucketMark]:
        """Yield the buckets in which a day is to be aggregated."""
        at = millis_of(now)
        return (mark for mark in self._marks if is_due(mark, at))

    async def roll(self, mark: BucketMark) -> None:
        """Aggregate the next day of a bucket.

        Raises:
            StoreUnavailable: PostgreSQL is away.
        """
        self._marks[mark.bucket] = await roll_next_day(self._pool, self._memory.registry, mark)

    async def shorten_log(self, now: datetime) -> None:
        """Delete batches whose points are all in chunks, and ids that are too old.

        Raises:
            StoreUnavailable: PostgreSQL is away.
        """
        sealed_at = time_of(min(mark.sealed_at for mark in self._marks))
        before = min(sealed_at - timedelta(hours=1), now - KEEP_LOG)
        await drop_before(self._pool, BATCHES, day_start(before, 0))
        await forget_entries(self._pool, before)
        await forget_ids(self._pool, now)


def first_mark(bucket: int, now: int) -> BucketMark:
    """Return the mark of a bucket without stored points."""
    return BucketMark(
        bucket=bucket, sealed_at=window_start(bucket, now), sequence=0, rolled_at=now // DAY_MS * DAY_MS
    )


def _unsealed(columns: Columns, number: int, sealed_at: Millis, sequences: Millis) -> Columns:
    buckets = columns.series % BUCKETS
    return chosen(columns, (number > sequences[buckets]) | (columns.times >= sealed_at[buckets]))
