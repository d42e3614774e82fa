"""Timer queue; the state is in the alerts, a timer only says when to check it."""

from collections.abc import Callable
from datetime import datetime
from enum import Enum, auto
from heapq import heappop, heappush
from itertools import count


class TimerKind(Enum):
    """Why to check an alert."""

    NOTIFY = auto()
    """Its settle or grace time may be over."""
    EXPIRE = auto()
    """It may have had no repeat for too long."""
    STABLE = auto()
    """It may have stopped flapping."""
    REROUTE = auto()
    """A rule may fire that waits for time."""
    MUTE = auto()
    """What mutes it may have ended."""


Timer = tuple[datetime, int, TimerKind, str]
IsNeeded = Callable[[datetime, TimerKind, str], bool]


class Timers:
    """A queue of times at which alerts, by fingerprint, are to be checked.

    Timers of alerts that have changed since stay in it until they are due, or until a sweep removes them. A
    sweep moves what is needed from one heap to another, a part in each step: a heap without its last entries
    is still a heap.
    """

    def __init__(self) -> None:
        self._heap: list[Timer] = []
        self._unswept: list[Timer] = []
        self._kept: set[tuple[TimerKind, str]] = set()
        self._order = count()

    def __len__(self) -> int:
        return len(self._heap) + len(self._unswept)

    def push(self, due: datetime, kind: TimerKind, fingerprint: str) -> None:
        """Set a timer for an alert."""
        heappush(self._heap, (due, next(self._order), kind, fingerprint))

    def pop_due(self, now: datetime) -> tuple[TimerKind, str] | None:
        """Remove and return what is due, the longest overdue first; None: nothing is."""
        heap = self._first()
        if not heap or heap[0][0] > now:
            return None
        _, _, kind, fingerprint = heappop(heap)
        return kind, fingerprint

    def next_due(self) -> datetime | None:
        """Return the time of the next timer; None: there is none."""
        heap = self._first()
        return heap[0][0] if heap else None

    def clear(self) -> None:
        """Remove all timers."""
        self._heap, self._unswept, self._kept = [], [], set()

    @property
    def is_sweeping(self) -> bool:
        """Return True if a sweep has begun and is not finished."""
        return bool(self._unswept)

    def begin_sweep(self) -> None:
        """Begin to remove the timers that are not needed; `sweep` continues it."""
        self._heap, self._unswept, self._kept = [], self._heap, set()

    def sweep(self, is_needed: IsNeeded, most: int) -> None:
        """Check this many timers, and keep one of each kind and alert of those that are needed."""
        for _ in range(min(most, len(self._unswept))):
            timer = self._unswept.pop()
            due, _, kind, fingerprint = timer
            if (kind, fingerprint) not in self._kept and is_needed(due, kind, fingerprint):
                self._kept.add((kind, fingerprint))
                heappush(self._heap, timer)

    def _first(self) -> list[Timer]:
        """Return the heap whose next timer is due first."""
        heap, unswept = self._heap, self._unswept
        return unswept if unswept and (not heap or unswept[0] < heap[0]) else heap
