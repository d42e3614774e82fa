"""When a failed delivery is tried again, and when it is given up."""

from dataclasses import dataclass
from datetime import timedelta

HIGHEST_POWER = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Backoff:
    """Exponential backoff with full jitter, so that what failed together does not return together.

    Attributes:
        first: Longest pause after the first failure; it doubles with every further one.
        longest: No pause is longer: after an outage everything is delivered within this time.
        give_up_after: A message that is older when it fails again becomes a dead letter.
    """

    first: timedelta = timedelta(seconds=5)
    longest: timedelta = timedelta(minutes=5)
    give_up_after: timedelta = timedelta(hours=24)

    def pause(self, failures: int, chance: float) -> timedelta:
        """Say how long to wait after so many failures in a row.

        Args:
            failures: 1 after the first.
            chance: A random number, 0 <= chance < 1.
        """
        doubled: timedelta = self.first * 2 ** min(max(failures, 1) - 1, HIGHEST_POWER)
        return min(doubled, self.longest) * chance

    def is_over(self, age: timedelta) -> bool:
        """Decide whether a message of this age that failed once more is given up."""
        return age >= self.give_up_after
