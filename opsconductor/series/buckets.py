"""Points that are in the log and not in chunks yet, in memory.

The series are divided into buckets by their id. The hours of a bucket begin at an offset of its own, so that
every ten seconds one of 360 buckets is due, and never all series at once.
"""

from typing import Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from opsconductor.series.points import Columns, Floats, Ids, Millis, Points, chosen, in_order

Scalar = TypeVar("Scalar", bound=np.generic)

BUCKETS: Final = 360
HOUR_MS: Final = 3_600_000
APART_MS: Final = HOUR_MS // BUCKETS
GRACE_MS: Final = 60_000
"""A bucket waits this long after its hour for points that come late."""
MOST_IN_BUCKET: Final = 400_000
"""A bucket with more points is due at once; 100,000 series a minute make 17,000 in an hour."""
FIRST_ROOM: Final = 256


def bucket_of(series: int) -> int:
    """Return the bucket of a series."""
    return series % BUCKETS


def window_start(bucket: int, at: int) -> int:
    """Return the beginning (ms) of the hour of a bucket in which a time is."""
    offset = bucket * APART_MS
    return (at - offset) // HOUR_MS * HOUR_MS + offset


class Bucket:
    """Points of the series of one bucket, in order of arrival."""

    __slots__ = ("_amount", "_series", "_times", "_values")

    def __init__(self) -> None:
        self._amount = 0
        self._series: Ids = np.empty(0, np.int32)
        self._times: Millis = np.empty(0, np.int64)
        self._values: Floats = np.empty(0, np.float64)

    def __len__(self) -> int:
        return self._amount

    def add(self, series: Ids, times: Millis, values: Floats) -> None:
        """Append points."""
        end = self._amount + len(series)
        if end > len(self._series):
            room = max(end, 2 * self._amount, FIRST_ROOM)
            self._series = _larger(self._series, room)
            self._times = _larger(self._times, room)
            self._values = _larger(self._values, room)
        self._series[self._amount : end] = series
        self._times[self._amount : end] = times
        self._values[self._amount : end] = values
        self._amount = end

    def columns(self) -> Columns:
        """Return all points; a view."""
        amount = self._amount
        return Columns(self._series[:amount], self._times[:amount], self._values[:amount])

    def of(self, series: int) -> Points:
        """Return the points of a series, in order of time."""
        _, times, values = chosen(self.columns(), self.columns().series == series)
        return in_order(Points(times, values))

    def keep(self, kept: Columns) -> None:
        """Replace all points."""
        self._series, self._times = kept.series.copy(), kept.times.copy()
        self._values = kept.values.copy()
        self._amount = len(kept.series)


def _larger(column: NDArray[Scalar], room: int) -> NDArray[Scalar]:
    larger = np.empty(room, column.dtype)
    larger[: len(column)] = column
    return larger


class OpenPoints:
    """All buckets."""

    def __init__(self) -> None:
        self.buckets = tuple(Bucket() for _ in range(BUCKETS))

    def __len__(self) -> int:
        return sum(map(len, self.buckets))

    def add(self, columns: Columns) -> None:
        """Distribute points to their buckets."""
        if not len(columns.series):
            return
        buckets = columns.series % BUCKETS
        order = np.argsort(buckets, kind="stable")
        series, times, values = chosen(columns, order)
        found, begins = np.unique(buckets[order], return_index=True)
        ends = np.append(begins[1:], len(order))
        for bucket, begin, end in zip(found.tolist(), begins.tolist(), ends.tolist(), strict=True):
            self.buckets[bucket].add(series[begin:end], times[begin:end], values[begin:end])

    def of(self, series: int) -> Points:
        """Return the points of a series, in order of time."""
        return self.buckets[bucket_of(series)].of(series)
