"""Computes the aggregates of a day from its chunks."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Final

from opsconductor.model.measured.measurement import SeriesKind
from opsconductor.series.aggregates import (
    DAY_MS,
    FIVE_MINUTES_MS,
    HOUR_MS,
    cut,
    grouped,
    pack_slots,
    slots_of,
)
from opsconductor.series.points import between
from opsconductor.series.rates import LONGEST_GAP_MS, rates_of
from opsconductor.series.reading import unpacked
from opsconductor.series.registry import SeriesRegistry
from opsconductor.store.postgres.connection import Pool
from opsconductor.store.series.chunks import BucketMark, PackedPart, RolledDays, read_chunks, write_days

WAIT_MS: Final = 2 * HOUR_MS
"""A day is aggregated this long after its end: its last hour must be in chunks."""


def is_due(mark: BucketMark, now: int) -> bool:
    """Return whether the next day of a bucket is to be aggregated."""
    end = mark.rolled_at + DAY_MS
    return end + WAIT_MS <= now and mark.sealed_at >= end


async def roll_next_day(pool: Pool, registry: SeriesRegistry, mark: BucketMark) -> BucketMark:
    """Aggregate the next day of a bucket; return how far it is then.

    Raises:
        StoreUnavailable: PostgreSQL is away.
    """
    day = mark.rolled_at
    rolled = await _rolled(pool, registry, registry.of_bucket(mark.bucket), day)
    done = replace(mark, rolled_at=day + DAY_MS)
    await write_days(pool, rolled, done)
    return done


async def roll_again(
    pool: Pool, registry: SeriesRegistry, mark: BucketMark, hours: Iterable[tuple[int, int]]
) -> None:
    """Aggregate past days again in which points have come late.

    Args:
        hours: Series and beginning of chunks that were written.
    """
    for day, series in days_of(mark, hours).items():
        rolled = await _rolled(pool, registry, sorted(series), day)
        await write_days(pool, replace(rolled, last={}), None)


def days_of(mark: BucketMark, hours: Iterable[tuple[int, int]]) -> Mapping[int, set[int]]:
    """Return the series by day that was aggregated before; an hour may belong to two days."""
    days: dict[int, set[int]] = {}
    for series, start in hours:
        for day in {start // DAY_MS * DAY_MS, (start + HOUR_MS - 1) // DAY_MS * DAY_MS}:
            if day < mark.rolled_at:
                days.setdefault(day, set()).add(series)
    return days


async def _rolled(pool: Pool, registry: SeriesRegistry, ids: Sequence[int], day: int) -> RolledDays:
    if not ids:
        return RolledDays(five_minutes=(), hours=(), last={})
    chunks = await read_chunks(pool, ids, day - LONGEST_GAP_MS, day + DAY_MS)
    counters = {
        series
        for series in ids
        if (found := registry.describe(series)) is not None and found.kind is SeriesKind.COUNTER
    }
    return await asyncio.to_thread(_days, chunks, counters, day)


def _days(chunks: Sequence[PackedPart], counters: set[int], day: int) -> RolledDays:
    five_minutes, hours, last = [], [], {}
    for series, points in unpacked(chunks).items():
        of_day = between(points, day, day + DAY_MS)
        if not len(of_day.times):
            continue
        last[series] = int(of_day.times[-1])
        shown = rates_of(points) if series in counters else points
        slots = cut(grouped(slots_of(shown), FIVE_MINUTES_MS), day, day + DAY_MS)
        if not len(slots.times):
            continue
        five_minutes.append(PackedPart(series, day, pack_slots(slots, day, FIVE_MINUTES_MS)))
        hourly = pack_slots(grouped(slots, HOUR_MS), day, HOUR_MS)
        hours.append(PackedPart(series, day, hourly))
    return RolledDays(five_minutes=five_minutes, hours=hours, last=last)
