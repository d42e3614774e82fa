"""Answers for which points a series has between two times, from memory, chunks and aggregates."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from opsconductor.model.measured.measurement import SeriesKind
from opsconductor.series.aggregates import (
    DAY_MS,
    FIVE_MINUTES_MS,
    HOUR_MS,
    Aggregate,
    TimeSlots,
    cut,
    grouped,
    joined,
    shown,
    slots_of,
)
from opsconductor.series.buckets import OpenPoints, bucket_of
from opsconductor.series.marks import BucketWork
from opsconductor.series.points import Points, between, empty_points, merged
from opsconductor.series.rates import LONGEST_GAP_MS, rates_of
from opsconductor.series.reading import slots_of_day, unpacked
from opsconductor.series.registry import SeriesRegistry
from opsconductor.store.postgres.request_pool import RequestDatabase
from opsconductor.store.series.chunks import PackedPart, Resolution, read_chunks, read_days


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedPoints:
    """Which points to return.

    Attributes:
        start: First time (ms).
        end: Time (ms) behind the last.
        step: Length (ms) of the slots of time that points are joined to; None: each point as it is, or the
            slots of 5 minutes or an hour where only those are kept.
        counts: Counters as counts, not as rates; only where the points themselves are kept.
    """

    start: int
    end: int
    step: int | None = None
    aggregate: Aggregate = Aggregate.MEAN
    counts: bool = False


class Stretch(NamedTuple):
    """Part of a time range, answered from one table; None: from the points themselves."""

    resolution: Resolution | None
    start: int
    end: int


class KeptFor(NamedTuple):
    """Days for which points and aggregates are kept."""

    points: int
    five_minutes: int
    hours: int


class SeriesQuery:
    """Reads points of series; several series in one go."""

    def __init__(
        self,
        database: RequestDatabase,
        registry: SeriesRegistry,
        points: OpenPoints,
        buckets: BucketWork,
        kept: KeptFor,
    ) -> None:
        self._database = database
        self._registry = registry
        self._open = points
        self._buckets = buckets
        self._kept = kept

    async def points(self, series: Sequence[int], wanted: WantedPoints, now: int) -> Mapping[int, Points]:
        """Return the points of series; an id that does not exist has none.

        Args:
            now: The present time (ms).

        Raises:
            StoreUnavailable: PostgreSQL is away.
        """
        slots = await self.slots(series, wanted, now)
        return {each: shown(found, wanted.aggregate) for each, found in slots.items()}

    async def slots(self, series: Sequence[int], wanted: WantedPoints, now: int) -> Mapping[int, TimeSlots]:
        """Return all aggregates of the points of series; see `points`."""
        rolled_at = min(map(self._rolled_at, series), default=0)
        stretches = stretches_of(wanted, rolled_at, self._kept, now)
        parts: dict[int, list[TimeSlots]] = {each: [] for each in series}
        for stretch in stretches:
            for each, found in (await self._read(series, stretch, wanted)).items():
                parts[each].append(found)
        whole = {each: joined(slots) for each, slots in parts.items()}
        if wanted.step is None:
            return whole
        return await asyncio.to_thread(_grouped, whole, wanted.step)

    async def _read(
        self, series: Sequence[int], stretch: Stretch, wanted: WantedPoints
    ) -> Mapping[int, TimeSlots]:
        if stretch.resolution is not None:
            first = stretch.start // DAY_MS * DAY_MS
            days = await self._database.ask(read_days, stretch.resolution, series, first, stretch.end)
            return await asyncio.to_thread(_slots_of_days, days, stretch)
        # memory before the database: what is sealed in between is in both, and counts once
        fresh = {each: self._open.of(each) for each in series}
        before = LONGEST_GAP_MS if self._counters(series) and not wanted.counts else 0
        chunks = await self._database.ask(read_chunks, series, stretch.start - before, stretch.end)
        rated = frozenset() if wanted.counts else self._counters(series)
        return await asyncio.to_thread(_slots_of_chunks, chunks, fresh, rated, stretch)

    def _rolled_at(self, series: int) -> int:
        """Return the time before which the aggregates of a series have all its points."""
        rolled_at = self._buckets.mark_of(bucket_of(series)).rolled_at
        fresh = self._open.of(series).times
        # points that came late join the aggregates with the next sealing
        return min(rolled_at, int(fresh[0]) // DAY_MS * DAY_MS) if len(fresh) else rolled_at

    def _counters(self, series: Sequence[int]) -> frozenset[int]:
        return frozenset(
            each
            for each in series
            if (found := self._registry.describe(each)) is not None and found.kind is SeriesKind.COUNTER
        )


def stretches_of(wanted: WantedPoints, rolled_at: int, kept: KeptFor, now: int) -> Sequence[Stretch]:
    """Return the tables from which a range is answered, in order of time; pure.

    Days that are aggregated are read as aggregates where the step is a multiple of their slots, or where the
    points are not kept any more.

    Args:
        rolled_at: Days before this time are aggregated.
    """
    first_points = max(now // DAY_MS * DAY_MS - kept.points * DAY_MS, 0)
    first_5m = max(now // DAY_MS * DAY_MS - kept.five_minutes * DAY_MS, 0)
    finest = _finest(wanted)
    from_points = max(wanted.start, min(first_points if finest is None else rolled_at, rolled_at))
    from_5m = from_points if finest == "1h" else max(wanted.start, first_5m)
    cuts = (
        Stretch("1h", wanted.start, min(from_5m, from_points, wanted.end)),
        Stretch("5m", max(wanted.start, from_5m), min(from_points, wanted.end)),
        Stretch(None, from_points, wanted.end),
    )
    return [each for each in cuts if each.start < each.end]


def _finest(wanted: WantedPoints) -> Resolution | None:
    """Return the coarsest aggregates from which the wanted slots can be computed; None: from points only."""
    if wanted.step is None or wanted.counts:
        return None
    if wanted.step % HOUR_MS == 0:
        return "1h"
    return "5m" if wanted.step % FIVE_MINUTES_MS == 0 else None


def _grouped(found: Mapping[int, TimeSlots], step: int) -> Mapping[int, TimeSlots]:
    return {series: grouped(slots, step) for series, slots in found.items()}


def _slots_of_days(days: Sequence[PackedPart], stretch: Stretch) -> Mapping[int, TimeSlots]:
    parts: dict[int, list[TimeSlots]] = {}
    for day in days:
        parts.setdefault(day.series, []).append(slots_of_day(day))
    return {series: cut(joined(slots), stretch.start, stretch.end) for series, slots in parts.items()}


def _slots_of_chunks(
    chunks: Sequence[PackedPart], fresh: Mapping[int, Points], rated: frozenset[int], stretch: Stretch
) -> Mapping[int, TimeSlots]:
    sealed = unpacked(chunks)
    found = {}
    for series, points in fresh.items():
        whole = merged(sealed.get(series, empty_points()), points)
        if series in rated:
            whole = rates_of(whole)
        found[series] = slots_of(between(whole, stretch.start, stretch.end))
    return found
