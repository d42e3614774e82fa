"""Points of series as arrays, as other parts get them."""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from opsconductor.model.measured.measurement import SeriesKey, SeriesKind

Ids = NDArray[np.int32]
Millis = NDArray[np.int64]
Floats = NDArray[np.float64]

MS = 1000


class Points(NamedTuple):
    """Points of one series, in order of time, no time twice.

    Attributes:
        times: Milliseconds since 1970.
        values: As measured; of counters the count.
    """

    times: Millis
    values: Floats


class Columns(NamedTuple):
    """Points of many series, in any order: three arrays of one length.

    Attributes:
        series: Ids.
        times: Milliseconds since 1970.
        values: As measured.
    """

    series: Ids
    times: Millis
    values: Floats


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PointBatch:
    """What came in within about a second, after it is durable; three arrays of one length.

    Points of one series are in order of time, within the batch and from one batch to the next: those that
    come late are stored, but are in no batch. Values of counters are rates per second; a point from which no
    rate follows (the first, one after a restart of the counter) is left out.

    Attributes:
        sequence: Number in the log; the next batch has a higher one.
        series: Ids, int32.
        times: Seconds since 1970, float64.
        values: float64.
    """

    sequence: int
    series: Ids
    times: Floats
    values: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesDescription:
    """One row of `metric_series`.

    Attributes:
        id: Counts up from 1; the id of a deleted series is not given again.
        device: Key of the device as in alerts: its main address, else its name.
        device_id: Its row in the inventory; None: it is in none.
        resource: What on the device is measured; empty: the device itself.
        source: Connector, `api:NAME` of a key, `upload:NAME` of a person.
        last_at: Time of the newest point before the last start; None: unknown.
    """

    id: int
    device: str
    device_name: str | None
    metric: str
    resource: str
    unit: str
    kind: SeriesKind
    source: str
    created_at: datetime
    device_id: UUID | None = None
    last_at: datetime | None = None

    @property
    def key(self) -> SeriesKey:
        """Return the identity of the series."""
        return SeriesKey(self.device, self.metric, self.resource)


def empty_points() -> Points:
    """Return no points."""
    return Points(np.empty(0, np.int64), np.empty(0, np.float64))


def empty_columns() -> Columns:
    """Return no points of any series."""
    return Columns(np.empty(0, np.int32), np.empty(0, np.int64), np.empty(0, np.float64))


def joined(parts: list[Columns]) -> Columns:
    """Return the points of several parts, in their order."""
    if not parts:
        return empty_columns()
    if len(parts) == 1:
        return parts[0]
    return Columns(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def chosen(columns: Columns, which: NDArray[np.bool_] | NDArray[np.intp]) -> Columns:
    """Return some of the points."""
    return Columns(columns.series[which], columns.times[which], columns.values[which])


def in_order(points: Points) -> Points:
    """Return points sorted by time; of several at one time the last given."""
    times, values = points
    if len(times) > 1 and not bool((times[1:] > times[:-1]).all()):
        order = np.argsort(times, kind="stable")
        times, values = times[order], values[order]
        last = np.append(times[1:] != times[:-1], True)
        times, values = times[last], values[last]
    return Points(times, values)


def merged(older: Points, newer: Points) -> Points:
    """Return the points of both; at the same time those of `newer`."""
    if not len(older.times):
        return in_order(newer)
    both = Points(np.concatenate((older.times, newer.times)), np.concatenate((older.values, newer.values)))
    return in_order(both)


def between(points: Points, first: int, behind: int) -> Points:
    """Return the points from one time (ms) up to before another."""
    begin, end = np.searchsorted(points.times, (first, behind))
    return Points(points.times[begin:end], points.values[begin:end])
