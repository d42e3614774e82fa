"""Wall clock and calendar: times to hours of the day and of the week in the zone of the operators."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from opsconductor.detect.config import HOUR_S

Calendar = Callable[[dt.date], int]
"""Kind of a day: the weekday (0 = Monday) as which it counts; an operator maps a holiday to 6, Sunday."""

QUARTER_S = 900
CACHED_QUARTERS = 20_000
HOURS = 24
QUARTERS = 4
QUARTERS_BEFORE_MIDDLE = 2
"""Of an hour, in the middle of which its knot lies."""


def by_weekday(day: dt.date) -> int:
    """Return the weekday itself: a calendar without holidays."""
    return day.weekday()


@dataclass(frozen=True, slots=True, kw_only=True)
class Slots:
    """Positions of times in the day and the week; one entry a time, or a single one that holds for all.

    A time lies between two knots, the middles of hours: `left` with weight 1 - `weight`, `right` with
    `weight`.

    Attributes:
        hour: Hour of the day, 0 to 23.
        week_hour: Hour of the week, 0 to 167.
        left: Hour of the day of the knot before.
        right: Hour of the day of the knot after.
        week_left: Hour of the week of the knot before.
        week_right: Hour of the week of the knot after.
        half: Half hour of the week, 0 to 335: as long as it is the same, so are all above.
        weight: Weight of the knot after, 0 to 1; one entry a time.
    """

    hour: NDArray[np.intp]
    week_hour: NDArray[np.intp]
    left: NDArray[np.intp]
    right: NDArray[np.intp]
    week_left: NDArray[np.intp]
    week_right: NDArray[np.intp]
    half: NDArray[np.intp]
    weight: NDArray[np.float32]

    @property
    def is_one(self) -> bool:
        """Return whether all times lie between the same knots."""
        return len(self.hour) == 1

    def part(self, rows: slice) -> "Slots":
        """Return the slots of some of the times; where one holds for all, only the weights are cut."""
        if self.is_one:
            return replace(self, weight=self.weight[rows])
        return Slots(**{each.name: getattr(self, each.name)[rows] for each in fields(self)})


class WallClock:
    """Maps times to slots; offsets of zones are multiples of a quarter of an hour, so quarters are cached."""

    def __init__(self, zone: str, calendar: Calendar) -> None:
        self._zone = ZoneInfo(zone)
        self._calendar = calendar
        self._quarters: dict[int, tuple[int, ...]] = {}

    def _quarter(self, number: int) -> tuple[int, ...]:
        """Return the slots of a quarter, and the time of the knot before."""
        found = self._quarters.get(number)
        if found is None:
            if len(self._quarters) >= CACHED_QUARTERS:
                self._quarters.clear()
            found = self._quarters[number] = self._computed(number)
        return found

    def _computed(self, number: int) -> tuple[int, ...]:
        """Return hour, hour of the week, the knots of day and week, half hour, time of the knot before."""
        local = dt.datetime.fromtimestamp(number * QUARTER_S, self._zone)
        day, hour, quarter = local.date(), local.hour, local.minute // 15
        today = self._calendar(day) % 7 * HOURS
        left = hour - 1 if quarter < QUARTERS_BEFORE_MIDDLE else hour
        right = left + 1
        week_left, week_right = today + left, today + right
        if left < 0:
            week_left = self._calendar(day - dt.timedelta(days=1)) % 7 * HOURS + HOURS - 1
        if right == HOURS:
            week_right = self._calendar(day + dt.timedelta(days=1)) % 7 * HOURS
        half = 2 * (today + hour) + (quarter >= QUARTERS_BEFORE_MIDDLE)
        knot = (number - (quarter + QUARTERS_BEFORE_MIDDLE) % QUARTERS) * QUARTER_S
        return hour, today + hour, left % HOURS, right % HOURS, week_left, week_right, half, knot

    def slots(self, times: NDArray[np.float64]) -> Slots:
        """Return the slots of times in seconds since 1970; they must lie between the years 1 and 9999."""
        first, last = (int(np.floor(each / QUARTER_S)) for each in (times.min(), times.max()))
        if first == last:
            table = np.array(self._quarter(first), dtype=np.intp)[:, None]
        else:
            unique, which = np.unique(np.floor(times / QUARTER_S), return_inverse=True)
            table = np.array([self._quarter(int(each)) for each in unique], dtype=np.intp).T[:, which]
        hour, week_hour, left, right, week_left, week_right, half, knot = table
        return Slots(
            hour=hour,
            week_hour=week_hour,
            left=left,
            right=right,
            week_left=week_left,
            week_right=week_right,
            half=half,
            weight=((times - knot) * (1 / HOUR_S)).astype(np.float32),
        )
