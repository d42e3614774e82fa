"""Time as the engine sees it: given from outside, and sane even when the clock is not."""

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
"""The limits of time: every zone can show them."""


def later(moment: datetime, length: timedelta) -> datetime:
    """Add a length of time; the end of time when it lies beyond."""
    try:
        return min(moment + length, END)
    except OverflowError:
        return END


def earlier(moment: datetime, length: timedelta) -> datetime:
    """Take a length of time away; the beginning of time when it lies before."""
    try:
        return max(moment - length, BEGINNING)
    except OverflowError:
        return BEGINNING


class EngineClock:
    """Follows the times that the engine is given.

    A small step back is waited out, so that no transition seems to come before the one that led
    to it; a larger one is followed.

    Attributes:
        now: The time of the present step.
        ahead: How far `now` is before the clock on the wall, while a step back is waited out.
    """

    def __init__(self) -> None:
        self.now = BEGINNING
        self.ahead = NO_TIME
        self._last = BEGINNING
        self._stood_at = BEGINNING

    def observe(self, now: datetime) -> bool:
        """Take over the time of a new step.

        Returns:
            True when the clock was set back: all that lies in the future is to be put right.
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
        """Bring a time that a message tells onto this clock; nothing happens in the future.

        While a step back is waited out this clock stands still: what was received meanwhile was received
        now, in the order in which it comes.

        A time far in the future is of a message that was received before the clock was set back. It is
        put below whatever is still on its way here, so that what came after it does not look late.
        """
        if self.ahead:
            moment = min(later(moment, self.ahead), self.now)
            return moment if self.now - moment > IN_FLIGHT else self.now
        if moment <= self.now:
            return self._stood_at if self._was_received_standing(moment) else moment
        return self.now if moment - self.now <= IN_FLIGHT else earlier(self.now, IN_FLIGHT)

    def _was_received_standing(self, moment: datetime) -> bool:
        """Tell whether a message may have been received while this clock stood, and came out just after."""
        is_over = self.now - self._stood_at > IN_FLIGHT
        return not is_over and NO_TIME < self._stood_at - moment <= IN_FLIGHT

    def stamp(self) -> datetime:
        """Give a time for a row, later than that of every row before it."""
        self._last = self._last + TICK if self._last >= self.now else self.now
        return self._last


def is_untimely(alert: Alert, now: datetime, longest_wait: timedelta) -> bool:
    """Check whether a time of an alert is later than the present clock can have put it."""
    return bool(times_put_right(alert, now, longest_wait))


def times_put_right(alert: Alert, now: datetime, longest_wait: timedelta) -> dict[str, Any]:
    """List new values for the times of an alert that lie in an impossible future.

    Args:
        longest_wait: For how long people may not be told of an alert at most.
    """
    return {**_past_times(now, alert), **_waits(now, alert, longest_wait)}


def _past_times(now: datetime, alert: Alert) -> dict[str, Any]:
    """List the new values of times that lie in the future: none is last seen before it began."""
    known = (alert.occurred_at, alert.last_occurrence_at, alert.received_at, *alert.transitions)
    marks = (alert.acknowledged_at, alert.resolved_at, alert.flapping_since)
    is_right = alert.occurred_at <= alert.last_occurrence_at and max(known) <= now
    if is_right and all(at is None or at <= now for at in marks):
        return {}
    # Below whatever is still on its way here, so that it does not look late.
    last_at = earlier(now, IN_FLIGHT) if alert.last_occurrence_at > now else alert.last_occurrence_at
    times: dict[str, Any] = {
        "occurred_at": min(alert.occurred_at, last_at),
        "last_occurrence_at": last_at,
        "received_at": min(alert.received_at, now),
        "transitions": tuple(min(at, now) for at in alert.transitions),
    }
    for name in ("acknowledged_at", "resolved_at", "flapping_since"):
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
    return values
