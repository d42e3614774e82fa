"""Recurring windows of time in a named time zone, such as working hours."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import NamedTuple
from zoneinfo import ZoneInfo

DAY = timedelta(days=1)
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
FARTHEST = 400
"""Maximum number of days that are searched for the next window."""
MINUTES_A_DAY = 24 * 60


class OnHolidays(StrEnum):
    """What the holidays of a window mean."""

    EXCLUDED = "excluded"
    """The window does not begin on a holiday."""
    INCLUDED = "included"
    """The window begins on every holiday too, whatever the day of the week."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecurringWindow:
    """A window that recurs on days of the week.

    Attributes:
        zone: Name in the IANA time zone database (`Europe/Berlin`).
        days: Days of the week on which it begins, 0 is Monday.
        begin: Minutes after midnight.
        end: Minutes after midnight, at most 24 hours; not after `begin`: it ends on the next day.
        holidays: Local dates.
    """

    zone: str
    days: frozenset[int] = frozenset(range(7))
    begin: int = 0
    end: int = MINUTES_A_DAY
    holidays: frozenset[date] = frozenset()
    on_holidays: OnHolidays = OnHolidays.EXCLUDED


class WindowState(NamedTuple):
    """State of a window at a time.

    Attributes:
        since: From when the state is valid.
        until: First time at which it may differ; None: never, as far as is searched.
    """

    is_open: bool
    since: datetime
    until: datetime | None


def window_at(window: RecurringWindow, at: datetime) -> WindowState:
    """Return the state of a window at a time.

    Limits are times of the local clock. One that the clock skips counts as if it had not been moved yet
    (RFC 5545, 3.3.5). Of one that the clock shows twice, the first begins a window and the second ends it.
    """
    zone = ZoneInfo(window.zone)
    today = at.astimezone(zone).date()
    since = at
    for begin, end in _spans(window, zone, today - DAY):
        if end <= at:
            continue
        if begin > at:
            return WindowState(is_open=False, since=since, until=begin)
        return WindowState(is_open=True, since=max(begin, since), until=end)
    return WindowState(is_open=False, since=since, until=None)


def _spans(window: RecurringWindow, zone: ZoneInfo, first: date) -> Iterator[tuple[datetime, datetime]]:
    """Return begin and end of the window, in order, from the first day on."""
    for number in range(FARTHEST):
        day = first + number * DAY
        if _begins_on(window, day):
            end_day = day + DAY if window.end <= window.begin else day
            yield (
                moment_at(day, window.begin, zone, is_second=False),
                moment_at(end_day, window.end, zone, is_second=True),
            )


def _begins_on(window: RecurringWindow, day: date) -> bool:
    if day in window.holidays:
        return window.on_holidays is OnHolidays.INCLUDED
    return day.weekday() in window.days


def moment_at(day: date, minutes: int, zone: ZoneInfo, *, is_second: bool) -> datetime:
    """Return the time at which the local clock shows these minutes after midnight."""
    if minutes >= MINUTES_A_DAY:
        day, minutes = day + DAY, minutes - MINUTES_A_DAY
    local = datetime.combine(day, time(minutes // 60, minutes % 60), zone)
    first, second = local.astimezone(UTC), local.replace(fold=1).astimezone(UTC)
    return max(first, second) if is_second else first
