"""Unpacks chunks and days of aggregates; one that is damaged is left out and logged."""

import logging
from collections.abc import Mapping, Sequence

import numpy as np

from opsconductor.errors import DecodeError
from opsconductor.series.aggregates import TimeSlots, no_slots, unpack_slots
from opsconductor.series.packing.codec import unpack
from opsconductor.series.points import Points, empty_points, in_order
from opsconductor.store.series.chunks import PackedPart, time_of

log = logging.getLogger(__name__)


def points_of(chunk: PackedPart) -> Points:
    """Return the points of a chunk; none if it is damaged."""
    try:
        return unpack(chunk.packed)
    except DecodeError as error:
        _log_damage(chunk, error)
        return empty_points()


def slots_of_day(day: PackedPart) -> TimeSlots:
    """Return the aggregates of a day; none if it is damaged."""
    try:
        return unpack_slots(day.packed)
    except DecodeError as error:
        _log_damage(day, error)
        return no_slots()


def unpacked(chunks: Sequence[PackedPart]) -> Mapping[int, Points]:
    """Return the points of chunks, by series."""
    found: dict[int, list[Points]] = {}
    for chunk in chunks:
        found.setdefault(chunk.series, []).append(points_of(chunk))
    return {series: _joined(parts) for series, parts in found.items()}


def _joined(parts: Sequence[Points]) -> Points:
    if len(parts) == 1:
        return parts[0]
    times, values = (np.concatenate(column) for column in zip(*parts, strict=True))
    return in_order(Points(times, values))


def _log_damage(part: PackedPart, error: DecodeError) -> None:
    about = {"series": part.series, "at": time_of(part.start).isoformat(), "error": str(error)}
    log.error("stored points are damaged and left out", extra=about)
