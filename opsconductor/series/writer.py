"""Writes what waits in the intake to the log, about every second, and publishes it."""

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from opsconductor.errors import StoreError, StoreRejected, StoreUnavailable, Unanswered
from opsconductor.guard import guarded
from opsconductor.inventory.snapshot import InventorySnapshot
from opsconductor.model.measured.measurement import SeriesKind
from opsconductor.series.buckets import OpenPoints
from opsconductor.series.feed import SeriesFeed, batch_of
from opsconductor.series.intake import REPEATED, STORED, Offer, SeriesIntake, WriteOutcome
from opsconductor.series.packing.batch_codec import pack_batch
from opsconductor.series.points import Columns, chosen
from opsconductor.series.rates import LatestValues
from opsconductor.series.registry import SeriesRegistry
from opsconductor.series.resolving import ResolvedPoints, SeriesResolver, TimeBounds
from opsconductor.store.postgres.connection import Pool
from opsconductor.store.series.chunks import millis_of
from opsconductor.store.series.log import LogEntry, known_ids, write_entry

log = logging.getLogger(__name__)

POINTS_AT_ONCE: Final = 50_000
"""More are written in several batches."""
REJECTED: Final = "rejected"
"""Outcome of points that PostgreSQL refuses, which should never happen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeLimits:
    """How old a point may be, and how far in the future."""

    past: timedelta
    future: timedelta

    def bounds(self, now: datetime) -> TimeBounds:
        """Return the times within which points are taken."""
        return TimeBounds(earliest=millis_of(now - self.past), latest=millis_of(now + self.future))


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesMemory:
    """What the writer keeps in memory of series.

    Attributes:
        open: Points that are in the log and not in chunks.
        latest: The newest point of each series.
    """

    registry: SeriesRegistry
    open: OpenPoints
    latest: LatestValues


class BatchWriter:
    """The only writer of the log.

    Attributes:
        sequence: Number of the last batch.
        error: Why the last flush failed; empty: it did not.
    """

    def __init__(
        self,
        pool: Pool,
        memory: SeriesMemory,
        intake: SeriesIntake,
        feed: SeriesFeed,
        *,
        inventory: Callable[[], InventorySnapshot],
        limits: TimeLimits,
    ) -> None:
        self._pool = pool
        self._memory = memory
        self._intake = intake
        self._feed = feed
        self._inventory = inventory
        self._limits = limits
        self._resolver = SeriesResolver(memory.registry)
        self.sequence = 0
        self.error = ""

    async def flush(self) -> None:
        """Write all that waits.

        Raises:
            StoreUnavailable: PostgreSQL is away; points that no caller waits for are kept.
        """
        while offers := self._intake.take(POINTS_AT_ONCE):
            with guarded() as attempt:
                await self._write(offers)
            self._judge(offers, attempt.error)

    def _judge(self, offers: Sequence[Offer], error: Exception | None) -> None:
        """Keep what can be tried again; give up what cannot be written for any other reason."""
        self.error = "" if error is None else str(error)
        if error is None:
            return
        if isinstance(error, StoreError) and not isinstance(error, StoreRejected):
            self._intake.give_back(offers, given_up(error))
            raise error
        amount = sum(len(offer.measurements) for offer in offers)
        self._intake.count(REJECTED, amount)
        _fail(offers, Unanswered("the values cannot be stored: the log of the daemon says why"))
        log.error("measured values cannot be written", extra={"amount": amount}, exc_info=error)

    async def _write(self, offers: Sequence[Offer]) -> None:
        now = datetime.now(UTC)
        found = await asyncio.to_thread(
            self._resolver.resolve, offers, self._inventory(), self._limits.bounds(now)
        )
        repeated, ids = await self._repeated(offers, found)
        if found.new:
            created = await self._memory.registry.create(list(found.new.values()))
            self._memory.latest.note_counters(
                [each.id for each in created if each.kind is SeriesKind.COUNTER]
            )
            self._resolver.note_created(found)
        if found.limited:
            await self._memory.registry.note_limited(found.limited)
        taken = await asyncio.to_thread(_taken, found, repeated)
        if len(taken.series):
            packed = await asyncio.to_thread(pack_batch, taken)
            self.sequence += 1  # also if the write fails: it may be committed all the same
            await write_entry(self._pool, LogEntry(sequence=self.sequence, at=now, packed=packed, ids=ids))
            await self._publish(taken, self.sequence)
        self._count(found, repeated, len(taken.series))
        outcomes = await asyncio.to_thread(_outcomes, offers, found, repeated)
        for offer, outcome in zip(offers, outcomes, strict=True):
            if offer.done is not None and not offer.done.done():
                offer.done.set_result(outcome)

    async def _publish(self, taken: Columns, sequence: int) -> None:
        self._memory.open.add(taken)
        batch = await asyncio.to_thread(batch_of, sequence, taken, self._memory.latest)
        if len(batch.series):
            self._feed.publish(batch)

    async def _repeated(
        self, offers: Sequence[Offer], found: ResolvedPoints
    ) -> tuple[set[int], Mapping[str, set[str]]]:
        """Return the positions of repeated points, and the new ids by source."""
        if not any(offer.ids or offer.batch_id for offer in offers):
            return set(), {}
        wanted = await asyncio.to_thread(_keys_of, offers)
        if not wanted:
            return set(), {}
        seen = {
            source: set(await known_ids(self._pool, source, list(keys))) for source, keys in wanted.items()
        }
        fresh: dict[str, set[str]] = {source: set() for source in wanted}
        repeated = await asyncio.to_thread(_repeated_of, offers, found, seen, fresh)
        return repeated, {source: keys for source, keys in fresh.items() if keys}

    def _count(self, found: ResolvedPoints, repeated: set[int], stored: int) -> None:
        outcomes = Counter(found.refused.values())
        outcomes.update({STORED: stored, REPEATED: len(repeated)})
        for outcome, amount in outcomes.items():
            self._intake.count(outcome, amount)
        for source, amount in found.limited.items():
            self._intake.note_limited(source, amount)


def _keys_of(offers: Sequence[Offer]) -> dict[str, set[str]]:
    """Return the ids of batches and points, by source."""
    wanted: dict[str, set[str]] = {}
    for offer in offers:
        keys = {f"point {key}" for key in offer.ids if key}
        if offer.batch_id:
            keys.add(f"batch {offer.batch_id}")
        if keys:
            wanted.setdefault(offer.source, set()).update(keys)
    return wanted


def _repeated_of(
    offers: Sequence[Offer],
    found: ResolvedPoints,
    seen: Mapping[str, set[str]],
    fresh: Mapping[str, set[str]],
) -> set[int]:
    """Return the positions of points with ids that were seen; add those that are new to `fresh`."""
    repeated: set[int] = set()
    position = 0
    for offer in offers:
        amount = len(offer.measurements)
        places = range(position, position + amount)
        position += amount
        batch = f"batch {offer.batch_id}" if offer.batch_id else ""
        if batch and batch in seen[offer.source]:
            repeated.update(place for place in places if place not in found.refused)
            continue
        if batch:
            seen[offer.source].add(batch)
            fresh[offer.source].add(batch)
        for place, key in zip(places, offer.ids, strict=bool(offer.ids)):
            if not key or place in found.refused:
                continue
            if (point := f"point {key}") in seen[offer.source]:
                repeated.add(place)
            else:
                seen[offer.source].add(point)
                fresh[offer.source].add(point)
    return repeated


def _taken(found: ResolvedPoints, repeated: set[int]) -> Columns:
    """Return the points to store."""
    which = found.columns.series > 0
    left_out = [*found.refused, *repeated]
    if left_out:
        which[np.fromiter(left_out, np.int64, len(left_out))] = False
    return found.columns if which.all() else chosen(found.columns, which)


def _outcomes(offers: Sequence[Offer], found: ResolvedPoints, repeated: set[int]) -> list[WriteOutcome]:
    """Return the outcome of the points of each offer."""
    ends = np.cumsum([len(offer.measurements) for offer in offers])
    refused: list[dict[int, str]] = [{} for _ in offers]
    for place, which in _offers_at(sorted(found.refused), ends):
        refused[which][place - int(ends[which]) + len(offers[which].measurements)] = found.refused[place]
    again = Counter(which for _, which in _offers_at(list(repeated), ends))
    return [
        WriteOutcome(
            accepted=len(offer.measurements) - len(refused[number]) - again[number],
            repeated=again[number],
            refused=refused[number],
        )
        for number, offer in enumerate(offers)
    ]


def _offers_at(places: list[int], ends: NDArray[Any]) -> Iterator[tuple[int, int]]:
    """Yield places with the offer in which each is."""
    yield from zip(places, np.searchsorted(ends, places, side="right").tolist(), strict=True)


def given_up(error: StoreError) -> StoreUnavailable:
    """Return the error for callers that wait: PostgreSQL is away, or only slow."""
    return error if isinstance(error, StoreUnavailable) else StoreUnavailable(str(error))


def _fail(offers: Sequence[Offer], error: StoreUnavailable) -> None:
    for offer in offers:
        if offer.done is not None and not offer.done.done():
            offer.done.set_exception(error)
