"""The daemon's clock: it jumps only where the engine sees it."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta


def _wall() -> datetime:
    return datetime.now(UTC)


class StampClock:
    """The wall clock at the engine's latest step, plus the monotonic time since.

    Messages are stamped with `now`. If the wall clock is set wrong and right again while the engine is
    busy, no message gets a time that is unknown to the engine, and none looks older than one before it.

    Args of the constructor:
        wall: Returns the time that may jump.
        monotonic_s: Returns seconds that never jump.
    """

    def __init__(
        self, wall: Callable[[], datetime] = _wall, monotonic_s: Callable[[], float] = time.monotonic
    ) -> None:
        self._wall = wall
        self._monotonic_s = monotonic_s
        self._at = wall()
        self._at_s = monotonic_s()

    def now(self) -> datetime:
        """Return the current time, aware, UTC."""
        return self._at + timedelta(seconds=self._monotonic_s() - self._at_s)

    def follow(self) -> datetime:
        """Adopt the wall clock's time, whatever it is; the caller passes that time to the engine."""
        self._at, self._at_s = self._wall(), self._monotonic_s()
        return self._at
