"""A token bucket; pure: time comes in as an argument."""

from typing import NamedTuple


class Rate(NamedTuple):
    """What a bucket lets through.

    Attributes:
        per_s: So many a second in the long run.
        burst: So many at once, after a quiet time.
    """

    per_s: float
    burst: float


class TokenBucket:
    """Lets a burst through, and after it so many a second.

    A clock that is set back gives nothing and takes nothing away.
    """

    __slots__ = ("_at_s", "_left")

    def __init__(self, rate: Rate, now_s: float) -> None:
        self._left = rate.burst
        self._at_s = now_s

    def available(self, rate: Rate, now_s: float) -> int:
        """Tell how many may pass now."""
        elapsed_s = now_s - self._at_s
        if elapsed_s > 0:
            self._left = min(rate.burst, self._left + elapsed_s * rate.per_s)
        self._at_s = now_s
        return int(self._left)

    def take(self, amount: int) -> None:
        """Let some pass: no more than are available."""
        self._left -= amount

    def spend(self, amount: int, rate: Rate, now_s: float) -> int:
        """Let pass what may; tells how many may not."""
        passed = min(amount, self.available(rate, now_s))
        self._left -= passed
        return amount - passed
