"""Wall clock and calendar: times to hours of the day and of the week in the zone of the operators."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

Calendar = Callable[[dt.date], int]
"""Kind of a day: the weekday (0 = Monday) as which it counts; an operator maps a holiday to 6, Sunday."""

QUARTER_S = 900
WIDEST_TABLE = 4_096
CACHED_QUARTERS = 20_000
HOURS = 24
MIDDLE = 0.5
"""Of an hour: where its knot lies."""


def by_weekday(day: dt.date) -> int:
    """Return the weekday itself: a calendar without holidays."""
    return day.weekday()


@dataclass(frozen=True, slots=True, kw_only=True)
class Slots:
    """Positions of times in the day and the week; all arrays of one length.

    A time lies between two knots, the middles of hours: `left` with weight 1 - `weight`, `right` with
    `weight`.

    Attributes:
        hour: Hour of the day, 0 to 23.
        week_hour: Hour of the week, 0 to 167.
        left: Hour of the day of the knot before.
        right: Hour of the day of the knot after.
        week_left: Hour of the week of the knot before.
        week_right: Hour of the week of the knot after.
        weight: Weight of the knot after, 0 to 1.
    """

    hour: NDArray[np.intp]
    week_hour: NDArray[np.intp]
    left: NDArray[np.intp]
    right: NDArray[np.intp]
    week_left: NDArray[np.intp]
    week_right: NDArray[np.intp]
    weight: NDArray[np.float32]


class WallClock:
    """Maps times to slots; offsets of zones are multiples of a quarter of an hour, so quarters are cached."""

    def __init__(self, zone: str, calendar: Calendar) -> None:
        self._zone = ZoneInfo(zone)
        self._calendar = calendar
        self._quarters: dict[int, tuple[int, ...]] = {}

    def _quarter(self, number: int) -> tuple[int, ...]:
        """Return quarter of the hour, hour, and the kind of the day, the day before and the day after."""
        found = self._quarters.get(number)
        if found is None:
            if len(self._quarters) >= CACHED_QUARTERS:
                self._quarters.clear()
            local = dt.datetime.fromtimestamp(number * QUARTER_S, self._zone)
            day, one = local.date(), dt.timedelta(days=1)
            kinds = (self._calendar(each) % 7 for each in (day, day - one, day + one))
            found = self._quarters[number] = (local.minute // 15, local.hour, *kinds)
        return found

    def slots(self, times: NDArray[np.float64]) -> Slots:
        """Return the slots of times in seconds since 1970; they must lie between the years 1 and 9999."""
        quarters = np.floor(times / QUARTER_S).astype(np.int64)
        first = int(quarters.min())
        if int(quarters.max()) - first < WIDEST_TABLE:
            which = quarters - first
            present = np.flatnonzero(np.bincount(which)).tolist()
            table = np.zeros((5, present[-1] + 1), dtype=np.int64)
            for each in present:
                table[:, each] = self._quarter(first + each)
        else:
            unique, which = np.unique(quarters, return_inverse=True)
            table = np.array([self._quarter(int(each)) for each in unique], dtype=np.int64).T
        quarter, hour, today, before, after = table[:, which]
        inside = (quarter + (times / QUARTER_S - quarters)) * 0.25
        early = inside < MIDDLE
        left = np.where(early, hour - 1, hour)
        right = left + 1
        week_left = np.where(left < 0, before * HOURS + HOURS - 1, today * HOURS + left)
        week_right = np.where(right == HOURS, after * HOURS, today * HOURS + right)
        return Slots(
            hour=hour,
            week_hour=today * HOURS + hour,
            left=left % HOURS,
            right=right % HOURS,
            week_left=week_left,
            week_right=week_right,
            weight=np.where(early, inside + 0.5, inside - 0.5).astype(np.float32),
        )
