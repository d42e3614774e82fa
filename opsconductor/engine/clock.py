"""Time as the engine sees it: given from outside, and sane even when the clock is not."""

from datetime import UTC, datetime, timedelta

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
