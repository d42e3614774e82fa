"""Moves the points of a bucket from memory to chunks when its hour is over."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from opsconductor.series.buckets import GRACE_MS, HOUR_MS, MOST_IN_BUCKET, OpenPoints, window_start
from opsconductor.series.packing.codec import pack
from opsconductor.series.points import Columns, Points, chosen, in_order, merged
from opsconductor.series.reading import points_of
from opsconductor.series.registry import SeriesRegistry
from opsconductor.store.postgres.connection import Pool
from opsconductor.store.series.chunks import BucketMark, PackedPart, read_hours, write_chunks

CHUNKS_AT_ONCE: Final = 500
"""Chunks packed and written at a time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedHours:
    """What a sealing has written.

    Attributes:
        hours: Series and beginning of each chunk.
    """

    mark: BucketMark
    hours: Sequence[tuple[int, int]]


def due_at(mark: BucketMark, waiting: int, now: int) -> int:
    """Return the time (ms) before which all points of a bucket are to be sealed now; 0: nothing is due.

    Args:
        waiting: Number of its points in memory.
        now: The present time (ms).
    """
    boundary = window_start(mark.bucket, now - GRACE_MS)
    if boundary > mark.sealed_at:
        return boundary
    return now if waiting > MOST_IN_BUCKET and now > mark.sealed_at else 0


async def seal(
    pool: Pool, registry: SeriesRegistry, points: OpenPoints, *, mark: BucketMark, until: int, sequence: int
) -> SealedHours:
    """Write all points of a bucket from before a time to chunks.

    Args:
        mark: How far the bucket is.
        until: From `due_at`.
        sequence: Number of the last batch whose points are all in memory.

    Raises:
        StoreUnavailable: PostgreSQL is away; the points stay in memory.
    """
    bucket = points.buckets[mark.bucket]
    columns = bucket.columns()
    known = np.fromiter(registry.of_bucket(mark.bucket), np.int32)
    is_over = columns.times < until
    groups = await asyncio.to_thread(
        _hours, chosen(columns, is_over & np.isin(columns.series, known)), mark.bucket
    )
    places = list(groups)
    for begin in range(0, len(places), CHUNKS_AT_ONCE):
        part = places[begin : begin + CHUNKS_AT_ONCE]
        # only there a chunk may exist already
        before = [place for place in part if place[1] < mark.sealed_at]
        existing = await read_hours(pool, before)
        chunks = await asyncio.to_thread(_chunks, {place: groups[place] for place in part}, existing)
        await write_chunks(pool, chunks, mark)  # the mark as it was: the rest is still to be written
    sealed = replace(mark, sealed_at=until, sequence=sequence)
    await write_chunks(pool, (), sealed)
    bucket.keep(chosen(columns, ~is_over))
    return SealedHours(mark=sealed, hours=places)


def _hours(columns: Columns, bucket: int) -> Mapping[tuple[int, int], Points]:
    """Return points by series and beginning of their hour."""
    if not len(columns.series):
        return {}
    offset = window_start(bucket, 0) % HOUR_MS
    starts = (columns.times - offset) // HOUR_MS * HOUR_MS + offset
    order = np.lexsort((columns.times, columns.series))
    series, times, values = chosen(columns, order)
    starts = starts[order]
    begins = np.flatnonzero(np.append(True, (series[1:] != series[:-1]) | (starts[1:] != starts[:-1])))
    ends = np.append(begins[1:], len(series))
    return {
        (int(series[begin]), int(starts[begin])): in_order(Points(times[begin:end], values[begin:end]))
        for begin, end in zip(begins.tolist(), ends.tolist(), strict=True)
    }


def _chunks(groups: Mapping[tuple[int, int], Points], existing: Sequence[PackedPart]) -> Sequence[PackedPart]:
    older = {(each.series, each.start): each for each in existing}
    chunks = []
    for (series, start), points in groups.items():
        chunk = older.get((series, start))
        whole = points if chunk is None else merged(points_of(chunk), points)
        chunks.append(PackedPart(series, start, pack(whole), len(whole.times)))
    return chunks
