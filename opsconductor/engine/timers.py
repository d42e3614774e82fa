"""Timer queue; the state is in the alerts, a timer only says when to check it."""

from collections.abc import Callable
from datetime import datetime
from enum import Enum, auto
from heapq import heappop, heappush
from itertools import count

from opsconductor.config.settings import EngineSettings
from opsconductor.engine.agenda import Agenda
from opsconductor.engine.clock import later
from opsconductor.engine.flap import stable_at
from opsconductor.model.alert import Alert


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

    Attributes:
        heap: What is set.
        unswept: What a sweep has not reached yet; empty: none is in progress.
    """

    def __init__(self, agenda: Agenda) -> None:
        self._agenda = agenda
        self.heap: list[Timer] = []
        self.unswept: list[Timer] = []
        self._kept: set[tuple[TimerKind, str]] = set()
        self._order = count()

    def __len__(self) -> int:
        return len(self.heap) + len(self.unswept)

    def push(self, due: datetime, kind: TimerKind, fingerprint: str) -> None:
        """Set a timer for an alert."""
        heappush(self.heap, (due, next(self._order), kind, fingerprint))
        self._agenda.add(due)

    def require(self, alert: Alert) -> None:
        """Set every timer that the fields of an open alert require."""
        if alert.notify_at is not None:
            self.push(alert.notify_at, TimerKind.NOTIFY, alert.fingerprint)
        if alert.expires_at is not None:
            self.push(alert.expires_at, TimerKind.EXPIRE, alert.fingerprint)
        if alert.flapping_since is not None:
            self.push(alert.flapping_since, TimerKind.STABLE, alert.fingerprint)
        if alert.reroute_at is not None:
            self.push(alert.reroute_at, TimerKind.REROUTE, alert.fingerprint)
        if alert.muted_until is not None:
            self.push(alert.muted_until, TimerKind.MUTE, alert.fingerprint)

    def follow(self, old: Alert, new: Alert, settings: EngineSettings) -> None:
        """Set the timers that a change of an alert requires beside those that are set."""
        fingerprint = new.fingerprint
        if new.notify_at is not None and new.notify_at != old.notify_at:
            self.push(new.notify_at, TimerKind.NOTIFY, fingerprint)
        if new.expires_at is not None and (old.expires_at is None or new.expires_at < old.expires_at):
            self.push(new.expires_at, TimerKind.EXPIRE, fingerprint)
        if new.flapping_since is not None and old.flapping_since is None:
            stable = later(new.flapping_since, settings.flap_stable_time)
            self.push(stable, TimerKind.STABLE, fingerprint)
        if new.reroute_at is not None and new.reroute_at != old.reroute_at:
            self.push(new.reroute_at, TimerKind.REROUTE, fingerprint)
        if new.muted_until is not None and new.muted_until != old.muted_until:
            self.push(new.muted_until, TimerKind.MUTE, fingerprint)

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
        self.heap, self.unswept, self._kept = [], [], set()

    def begin_sweep(self) -> None:
        """Begin to remove the timers that are not needed; `sweep` continues it."""
        self.heap, self.unswept, self._kept = [], self.heap, set()

    def sweep(self, is_needed: IsNeeded, most: int) -> None:
        """Check this many timers, and keep one of each kind and alert of those that are needed."""
        for _ in range(min(most, len(self.unswept))):
            timer = self.unswept.pop()
            due, _, kind, fingerprint = timer
            if (kind, fingerprint) not in self._kept and is_needed(due, kind, fingerprint):
                self._kept.add((kind, fingerprint))
                heappush(self.heap, timer)

    def _first(self) -> list[Timer]:
        """Return the heap whose next timer is due first."""
        heap, unswept = self.heap, self.unswept
        return unswept if unswept and (not heap or unswept[0] < heap[0]) else heap


def is_needed(alert: Alert, kind: TimerKind, due: datetime, settings: EngineSettings) -> bool:
    """Return True if an open alert still waits for a timer; a later one is set if it is due too early."""
    match kind:
        case TimerKind.NOTIFY:
            return alert.notify_at == due
        case TimerKind.REROUTE:
            return alert.reroute_at == due
        case TimerKind.MUTE:
            return alert.muted_until == due
        case TimerKind.EXPIRE:
            return alert.expires_at is not None and due <= alert.expires_at
        case TimerKind.STABLE:
            return alert.flapping_since is not None and due <= stable_at(alert, settings)
