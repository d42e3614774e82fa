"""Limits how many posts are taken: a burst, and after it so many a minute. Pure: time is an argument."""

BURST_S = 6.0
"""A burst is what the pace is worth in so many seconds."""


class PostYield:
    """Counts posts against the time."""

    def __init__(self, per_minute: int) -> None:
        self._per_s = per_minute / 60
        self._burst = max(1.0, self._per_s * BURST_S)
        self._left = self._burst
        self._at_s: float | None = None

    def admits(self, now_s: float) -> bool:
        """Take one more post, or tell that it is too many."""
        elapsed_s = 0.0 if self._at_s is None else max(0.0, now_s - self._at_s)
        self._at_s = now_s
        self._left = min(self._burst, self._left + elapsed_s * self._per_s)
        if self._left < 1:
            return False
        self._left -= 1
        return True
