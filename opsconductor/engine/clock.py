"""The engine's time: passed from outside, and consistent even if the clock is not."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from opsconductor.model.alert import Alert

NO_TIME = timedelta(0)
TICK = timedelta(microseconds=1)
TOLERATED_STEP = timedelta(seconds=10)
IN_FLIGHT = timedelta(seconds=10)
"""Longer than a message waits between its reception and the engine."""
BEGINNING = datetime.min.replace(tzinfo=UTC) + timedelta(days=2)
END = datetime.max.replace(tzinfo=UTC) - timedelta(days=2)
"""Limits of time that every zone can show."""
MARKS = ("acknowledged_at", "resolved_at", "flapping_since", "unacknowledged_since", "muted_since")
"""Times of an alert that are in the past, or None."""


def later(moment: datetime, length: timedelta) -> datetime:
    """Add a duration, limited to the end of time."""
    try:
        return min(moment + length, END)
    except OverflowError:
        return END


def earlier(moment: datetime, length: timedelta) -> datetime:
    """Subtract a duration, limited to the beginning of time."""
    try:
        return max(moment - length, BEGINNING)
    except OverflowError:
        return BEGINNING


def utc_text(moment: datetime) -> str:
    """Return a time as people read it: `2026-03-01 12:00:30 UTC`."""
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


class EngineClock:
    """Follows the times that are passed to the engine.

    During a small step back the time stands still, so that no transition seems to precede the one that led
    to it; a larger one is followed.

    Attributes:
        now: The time of the present step.
        ahead: How far `now` is ahead of the wall clock while it stands still.
    """

    def __init__(self) -> None:
        self.now = BEGINNING
        self.ahead = NO_TIME
        self._last = BEGINNING
        self._stood_at = BEGINNING

    def observe(self, now: datetime) -> bool:
        """Set the time of a new step.

        Returns:
            True if the clock was set back: all times in the future must be corrected.
        """
        self.ahead = max(self.now - now, NO_TIME)
        if NO_TIME < self.ahead <= TOLERATED_STEP:
            self._stood_at = self.now
            return False
        was_set_back = now < self.now
        self.now, self.ahead = now, NO_TIME
        if not was_set_back:
            return False
        self._last = now - TICK
        return True

    def place(self, moment: datetime) -> datetime:
        """Translate a message's time to this clock; nothing happens in the future.

        While this clock stands still, what was received meanwhile counts as received now, in order of
        arrival.

        A time far in the future is of a message that was received before the clock was set back. It is
        placed before whatever is still in progress, so that later messages do not look late.
        """
        if self.ahead:
            moment = min(later(moment, self.ahead), self.now)
            return moment if self.now - moment > IN_FLIGHT else self.now
        if moment <= self.now:
            is_later = moment >= self._stood_at
            return moment if is_later or not self._was_received_standing(moment) else self._stood_at
        return self.now if moment - self.now <= IN_FLIGHT else earlier(self.now, IN_FLIGHT)

    def _was_received_standing(self, moment: datetime) -> bool:
        """Return True if a message may have been received while this clock stood still."""
        is_over = self.now - self._stood_at > IN_FLIGHT
        return not is_over and NO_TIME < self._stood_at - moment <= IN_FLIGHT

    def stamp(self) -> datetime:
        """Return a time for a row, later than that of every row before it."""
        self._last = self._last + TICK if self._last >= self.now else self.now
        return self._last


def is_untimely(alert: Alert, now: datetime, longest_wait: timedelta) -> bool:
    """Return True if a time of an alert is later than the present clock can have set it."""
    return bool(times_put_right(alert, now, longest_wait))


def times_put_right(alert: Alert, now: datetime, longest_wait: timedelta) -> dict[str, Any]:
    """Return new values for the times of an alert that are in an impossible future.

    Args:
        longest_wait: Longest time for which an alert may be held before it is notified.
    """
    return {**_past_times(now, alert), **_waits(now, alert, longest_wait)}


def _past_times(now: datetime, alert: Alert) -> dict[str, Any]:
    """Return new values of times in the future: none is last seen before it began."""
    known = (alert.occurred_at, alert.last_occurrence_at, alert.received_at, *alert.transitions)
    marks = [getattr(alert, name) for name in MARKS]
    is_right = alert.occurred_at <= alert.last_occurrence_at and max(known) <= now
    if is_right and all(at is None or at <= now for at in marks):
        return {}
    # before whatever is still in progress, so that it does not look late
    last_at = earlier(now, IN_FLIGHT) if alert.last_occurrence_at > now else alert.last_occurrence_at
    times: dict[str, Any] = {
        "occurred_at": min(alert.occurred_at, last_at),
        "last_occurrence_at": last_at,
        "received_at": min(alert.received_at, now),
        "transitions": tuple(min(at, now) for at in alert.transitions),
    }
    for name in MARKS:
        at = getattr(alert, name)
        times[name] = at and min(at, now)
    return {name: value for name, value in times.items() if value != getattr(alert, name)}


def _waits(now: datetime, alert: Alert, longest_wait: timedelta) -> dict[str, Any]:
    values: dict[str, Any] = {}
    notify_by = later(now, longest_wait)
    if alert.notify_at is not None and alert.notify_at > notify_by:
        values["notify_at"] = notify_by
    if alert.expires_at is not None and alert.expires_after is not None:
        expire_by = later(now, alert.expires_after)
        if alert.expires_at > expire_by:
            values["expires_at"] = expire_by
    if any(each.since > now for each in alert.planned):
        values["planned"] = tuple(
            replace(each, at=later(now, each.at - each.since), since=now) if each.since > now else each
            for each in alert.planned
        )
    return values
