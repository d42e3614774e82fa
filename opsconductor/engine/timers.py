"""What is due when; the truth stands in the alerts, a timer only says when to look."""

from datetime import datetime
from enum import Enum, auto
from heapq import heappop, heappush
from itertools import count


class TimerKind(Enum):
    """Why to look at an alert."""

    NOTIFY = auto()
    """Its settle or grace time may be over."""
    EXPIRE = auto()
    """It may have had no repeat for too long."""
    STABLE = auto()
    """It may have stopped flapping."""


class Timers:
    """A queue of times at which alerts, by fingerprint, are to be looked at."""

    def __init__(self) -> None:
        self._heap: list[tuple[datetime, int, TimerKind, str]] = []
        self._order = count()

    def __len__(self) -> int:
        return len(self._heap)

    def push(self, due: datetime, kind: TimerKind, fingerprint: str) -> None:
        """Ask to look at an alert at a time."""
        heappush(self._heap, (due, next(self._order), kind, fingerprint))

    def pop_due(self, now: datetime) -> tuple[TimerKind, str] | None:
        """Take out what is due, the longest overdue first; None: nothing is."""
        if not self._heap or self._heap[0][0] > now:
            return None
        _, _, kind, fingerprint = heappop(self._heap)
        return kind, fingerprint

    def next_due(self) -> datetime | None:
        """Tell when to look next; None: never."""
        return self._heap[0][0] if self._heap else None

    def clear(self) -> None:
        """Forget everything."""
        self._heap.clear()
