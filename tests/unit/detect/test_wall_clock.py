"""Seasons follow the wall clock of a zone and the operators' calendar."""

import datetime as dt
from zoneinfo import ZoneInfo

import numpy as np

from opsconductor.detect.calendar import Slots, WallClock, by_weekday

BERLIN = ZoneInfo("Europe/Berlin")


def slots_of(clock: WallClock, *moments: dt.datetime) -> Slots:
    """Return the slots of some local times."""
    return clock.slots(np.array([each.timestamp() for each in moments]))


def test_hours_are_those_of_the_zone_on_both_sides_of_summer_time() -> None:
    """Nine in the morning is hour 9 in winter and in summer."""
    clock = WallClock("Europe/Berlin", by_weekday)
    winter, summer = (dt.datetime(2025, month, 7, 9, 30, tzinfo=BERLIN) for month in (1, 7))
    found = slots_of(clock, winter, summer)
    assert found.hour.tolist() == [9, 9]
    assert found.week_hour.tolist() == [24 + 9, 9]


def test_a_holiday_counts_as_the_day_it_is_mapped_to() -> None:
    """The operators' calendar makes a Wednesday a Sunday, for the week alone."""
    holiday = dt.date(2025, 1, 1)
    clock = WallClock("Europe/Berlin", lambda day: 6 if day == holiday else day.weekday())
    found = slots_of(clock, dt.datetime(2025, 1, 1, 9, 30, tzinfo=BERLIN))
    assert found.week_hour.tolist() == [6 * 24 + 9]
    assert found.hour.tolist() == [9]


def test_knots_are_the_middles_of_hours() -> None:
    """At a quarter past, an hour's own knot weighs three quarters; across midnight the days' kinds hold."""
    clock = WallClock("UTC", by_weekday)
    found = slots_of(clock, dt.datetime(2025, 1, 6, 0, 15, tzinfo=dt.UTC))
    assert (found.left[0], found.right[0]) == (23, 0)
    assert (found.week_left[0], found.week_right[0]) == (167, 0)
    assert found.weight[0] == 0.75
