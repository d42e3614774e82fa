"""One channel as the worker sees it: how many messages it may be given now."""

from datetime import datetime

from opsconductor.notify.backoff import Backoff

DOWN_AFTER = 3
"""So many failures in a row, whichever messages they hit, and the channel itself counts as down."""


class Lane:
    """Keeps count of what is on its way and of failures in a row; never reads a clock.

    A channel that is down gets one message at a time with growing pauses: the others keep waiting
    without being tried, and go out at once when one of them gets through.
    """

    def __init__(self, slots: int, probe: Backoff) -> None:
        self._slots = slots
        self._probe = probe
        self._failures = 0
        self._closed_until: datetime | None = None
        self.running = 0

    @property
    def is_down(self) -> bool:
        """True while the channel does not work."""
        return self._failures >= DOWN_AFTER

    def room(self, now: datetime) -> int:
        """Say how many more messages the channel may be given."""
        if not self.is_down:
            return max(0, self._slots - self.running)
        is_closed = self._closed_until is not None and now < self._closed_until
        return 0 if is_closed or self.running else 1

    def worked(self) -> None:
        """Note an answer of the other side, be it a refusal."""
        self._failures = 0

    def failed(self, now: datetime, chance: float) -> None:
        """Note that the other side could not be reached.

        Args:
            now: The present time.
            chance: A random number, 0 <= chance < 1.
        """
        self._failures += 1
        self._closed_until = now + self._probe.pause(self._failures - DOWN_AFTER + 1, chance)
