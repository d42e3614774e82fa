"""Which series each measured value belongs to; values that cannot be stored are refused with a reason."""

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np

from opsconductor.inventory.identify import UNKNOWN_DEVICE, place_of
from opsconductor.inventory.snapshot import InventorySnapshot, Names
from opsconductor.model.inventory.device import Device
from opsconductor.model.measured.measurement import Measurement, SeriesKey
from opsconductor.model.text import fitted, one_line
from opsconductor.series.intake import Offer
from opsconductor.series.points import MS, Columns
from opsconductor.series.registry import SeriesRegistry
from opsconductor.store.series.rows import NewSeries

NO_DEVICE: Final = "no_device"
BAD_METRIC: Final = "bad_metric"
NOT_A_NUMBER: Final = "not_a_number"
TOO_OLD: Final = "too_old"
FUTURE: Final = "future"
TOO_MANY: Final = "too_many_series"
REASONS: Final = (NO_DEVICE, BAD_METRIC, NOT_A_NUMBER, TOO_OLD, FUTURE, TOO_MANY)
"""Why a point is refused."""

LONGEST_METRIC: Final = 200
LONGEST_DEVICE: Final = 255
LONGEST_RESOURCE: Final = 255
LONGEST_UNIT: Final = 30
is_metric = re.compile(rf"[A-Za-z_:][A-Za-z0-9_:.\-]{{0,{LONGEST_METRIC - 1}}}").fullmatch

MOST_KNOWN: Final = 1_000_000
"""Identifiers whose series are remembered; then all are looked up anew."""

Identifiers = tuple[object, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeBounds:
    """Points with a time (ms) outside of these limits are refused."""

    earliest: int
    latest: int


class PendingPoint(NamedTuple):
    """A point whose series is not added yet."""

    position: int
    key: SeriesKey
    identifiers: Identifiers


@dataclass(slots=True, eq=False)
class ResolvedPoints:
    """The points of some offers, one after another.

    Attributes:
        columns: Series 0 where there is none (yet).
        refused: Reasons by position.
        new: Series to add.
        pending: Points of these.
        limited: Points refused for the number of series, by source.
        fresh: Number of `new`, by source.
    """

    columns: Columns
    refused: dict[int, str]
    new: dict[SeriesKey, NewSeries]
    pending: list[PendingPoint]
    limited: Counter[str]
    fresh: Counter[str]


class SeriesResolver:
    """Finds the series of measured values by the present inventory; remembers what it has found.

    Runs in a thread, one call at a time.
    """

    def __init__(self, registry: SeriesRegistry) -> None:
        self._registry = registry
        self._known: dict[Identifiers, int] = {}
        self._inventory: InventorySnapshot | None = None
        self._generation = -1

    def resolve(
        self, offers: Sequence[Offer], inventory: InventorySnapshot, bounds: TimeBounds
    ) -> ResolvedPoints:
        """Return the points of offers with their series."""
        self._forget_if_changed(inventory)
        amount = sum(len(offer.measurements) for offer in offers)
        series = np.zeros(amount, np.int32)
        times = np.zeros(amount, np.int64)
        values = np.zeros(amount, np.float64)
        found = ResolvedPoints(Columns(series, times, values), {}, {}, [], Counter(), Counter())
        known, position = self._known, 0
        for offer in offers:
            for each in offer.measurements:
                identifiers = (each[3], each[4], each[5], each[0], each[6])
                one = known.get(identifiers)
                if one is None:
                    one = self._look_up(each, identifiers, position, found, offer.source)
                series[position] = one
                times[position] = int(each[2].timestamp() * MS)
                values[position] = _number(each[1])
                position += 1
        _refuse(found, bounds)
        return found

    def note_created(self, found: ResolvedPoints) -> None:
        """Fill in the series that were added."""
        for position, key, identifiers in found.pending:
            series = self._registry.find(key)
            if series is not None:
                self._known[identifiers] = series
                found.columns.series[position] = series

    def _look_up(
        self,
        measurement: Measurement,
        identifiers: Identifiers,
        position: int,
        found: ResolvedPoints,
        source: str,
    ) -> int:
        """Return the series of a value that is not remembered; 0: it is new, or refused."""
        assert self._inventory is not None
        names = Names(measurement.device_ip, measurement.device_name, measurement.device_aliases)
        place = place_of(names, self._inventory)
        device = place.device_ip or place.device_name or UNKNOWN_DEVICE
        if device == UNKNOWN_DEVICE and not any(names):
            found.refused[position] = NO_DEVICE
            return 0
        if not is_metric(measurement.metric):
            found.refused[position] = BAD_METRIC
            return 0
        key = SeriesKey(
            fitted(device, LONGEST_DEVICE),
            measurement.metric,
            one_line(measurement.resource, LONGEST_RESOURCE),
        )
        series = self._registry.find(key)
        if series is not None:
            self._known[identifiers] = series
            return series
        if key not in found.new:
            if not self._has_room(source, found):
                found.refused[position] = TOO_MANY
                found.limited[source] += 1
                return 0
            owner = self._inventory.device_at(key.device)
            found.new[key] = _new(measurement, key, place.device_name, owner, source)
            found.fresh[source] += 1
        found.pending.append(PendingPoint(position, key, identifiers))
        return 0

    def _has_room(self, source: str, found: ResolvedPoints) -> bool:
        registry = self._registry
        return found.fresh[source] < registry.room_of(source) and len(found.new) < registry.room

    def _forget_if_changed(self, inventory: InventorySnapshot) -> None:
        generation = self._registry.generation
        if (
            inventory is not self._inventory
            or generation != self._generation
            or len(self._known) > MOST_KNOWN
        ):
            self._known, self._inventory, self._generation = {}, inventory, generation


def _new(
    measurement: Measurement, key: SeriesKey, name: str | None, owner: Device | None, source: str
) -> NewSeries:
    return NewSeries(
        key=key,
        device_name=name,
        device_id=owner.id if owner is not None else None,
        unit=one_line(measurement.unit, LONGEST_UNIT),
        kind=measurement.kind,
        source=source,
    )


def _number(value: object) -> float:
    """Return a value as a float; NaN if it is not a number, or too large."""
    try:
        return float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        return math.nan


def _refuse(found: ResolvedPoints, bounds: TimeBounds) -> None:
    """Note the reasons of points whose value or time cannot be stored."""
    _, times, values = found.columns
    for which, reason in (
        (~np.isfinite(values), NOT_A_NUMBER),
        (times < bounds.earliest, TOO_OLD),
        (times > bounds.latest, FUTURE),
    ):
        for position in np.flatnonzero(which).tolist():
            found.refused.setdefault(position, reason)
