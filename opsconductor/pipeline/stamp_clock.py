"""The one clock of the daemon: it jumps only where the engine sees it."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta


def _wall() -> datetime:
    return datetime.now(UTC)


class StampClock:
    """The time on the wall, as it was at the engine's latest step, and what has passed since.

    Messages are stamped with `now`. If the wall's clock is set wrong and right again while the engine is
    busy, no message gets a time that the engine knows nothing of, and none looks older than one before it.

    Args of the constructor:
        wall: The time that may jump.
        monotonic_s: Seconds that never do.
    """

    def __init__(
        self, wall: Callable[[], datetime] = _wall, monotonic_s: Callable[[], float] = time.monotonic
    ) -> None:
        self._wall = wall
        self._monotonic_s = monotonic_s
        self._at = wall()
        self._at_s = monotonic_s()

    def now(self) -> datetime:
        """Tell the time, aware, UTC."""
        return self._at + timedelta(seconds=self._monotonic_s() - self._at_s)

    def follow(self) -> datetime:
        """Take over the time on the wall, whatever it is; whoever calls it gives that time to the engine."""
        self._at, self._at_s = self._wall(), self._monotonic_s()
        return self._at
