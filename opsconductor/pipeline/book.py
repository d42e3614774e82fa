"""The alerts that the engine knows, and the indexes by which it finds them."""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Generic, TypeVar
from uuid import UUID

from opsconductor.inventory.graph import DependencyGraph
from opsconductor.model.alert import Alert, fingerprint_of
from opsconductor.model.enums import OPEN_STATUSES, SEVERITY_RANK, Severity, Status
from opsconductor.pipeline.clock import later
from opsconductor.pipeline.identify import UNKNOWN_DEVICE

Key = TypeVar("Key", str, UUID)
LEAST_CUTTING_RANK = SEVERITY_RANK[Severity.MAJOR]


def device_key(alert: Alert) -> str:
    """Name the device of an alert as the dependency graph does."""
    return alert.device_ip or alert.device_name or ""


def subject_of(alert: Alert) -> str:
    """Return what the fingerprint of an alert would be if its sender had no id for the problem."""
    return fingerprint_of(device_key(alert) or UNKNOWN_DEVICE, alert.alert_type, alert.resource)


def cuts(alert: Alert) -> bool:
    """Return whether an alert cuts what depends on its device."""
    return (
        alert.is_cutting
        and SEVERITY_RANK[alert.severity] >= LEAST_CUTTING_RANK
        and alert.status in OPEN_STATUSES
    )


def is_consequence(alert: Alert) -> bool:
    """Tell whether an alert is suppressed by a cause that is open: it is not in its grace time."""
    return alert.status is Status.SUPPRESSED and alert.notify_at is None


def root_id(alert: Alert) -> UUID | None:
    """Name the cause that an alert is to others: itself, or what it stands under; None: it cuts nothing."""
    if not cuts(alert):
        return None
    return (alert.correlated_to_id if is_consequence(alert) else None) or alert.id


class Index(Generic[Key]):
    """Fingerprints by some property of their alerts, in the order in which they came."""

    def __init__(self) -> None:
        self._found: dict[Key, dict[str, None]] = {}

    def __bool__(self) -> bool:
        return bool(self._found)

    def __contains__(self, key: Key) -> bool:
        return key in self._found

    def keys(self) -> frozenset[Key]:
        """List the keys under which there is something."""
        return frozenset(self._found)

    def get(self, key: Key) -> tuple[str, ...]:
        """List the fingerprints under a key."""
        return tuple(self._found.get(key, ()))

    def each(self, key: Key) -> Iterable[str]:
        """Show the fingerprints under a key; good until the next change."""
        return self._found.get(key, ())

    def count(self, key: Key) -> int:
        """Count the fingerprints under a key."""
        return len(self._found.get(key, ()))

    def move(self, fingerprint: str, old: Key | None, new: Key | None) -> None:
        """Put a fingerprint under another key; None: under none."""
        if old == new:
            return
        if old is not None:
            under = self._found[old]
            del under[fingerprint]
            if not under:
                del self._found[old]
        if new is not None:
            self._found.setdefault(new, {})[fingerprint] = None


class Book:
    """Open alerts, and those closed so recently that they may be reopened.

    Attributes:
        open: By fingerprint.
        closed: By fingerprint, in the order in which they were closed.
        cutting: Alerts that cut what depends on their device, by device, if anything does.
        dependent: Open alerts by device, of devices that depend on something.
        consequences: Suppressed alerts by the id of their cause, without those in grace time.
        listed: Open alerts by the scope of the snapshots that list them.
        subjects: Alerts with a problem id, open or closed, by `subject_of`.
        statuses: How many are open, by status.
    """

    def __init__(self, alerts: Iterable[Alert], graph: DependencyGraph) -> None:
        self.open: dict[str, Alert] = {}
        self.closed: dict[str, Alert] = {}
        self.cutting: Index[str] = Index()
        self.dependent: Index[str] = Index()
        self.consequences: Index[UUID] = Index()
        self.listed: Index[str] = Index()
        self.subjects: Index[str] = Index()
        self.statuses: Counter[Status] = Counter()
        self._subjects: dict[str, str] = {}
        self._needs = graph.needs
        self._dependents = graph.dependents
        self._fingerprints: dict[UUID, str] = {}
        for alert in alerts:
            self.add(alert)

    def __iter__(self) -> Iterator[Alert]:
        yield from self.open.values()
        yield from self.closed.values()

    def find(self, alert_id: UUID) -> Alert | None:
        """Find an alert by id."""
        fingerprint = self._fingerprints.get(alert_id)
        if fingerprint is None:
            return None
        alert = self.open.get(fingerprint)
        if alert is None or alert.id != alert_id:
            alert = self.closed.get(fingerprint)
        return alert if alert is not None and alert.id == alert_id else None

    def is_concerned(self, fingerprint: str) -> bool:
        """Check whether an open alert has a fingerprint, or an alert with a problem id that subject."""
        return fingerprint in self.open or fingerprint in self.subjects

    def subject(self, fingerprint: str) -> str | None:
        """Return the subject of an alert with a problem id; None: it has none."""
        return self._subjects.get(fingerprint)

    def latest(self, alert: Alert) -> Alert:
        """Give the present state of an alert that is surely known."""
        found = self.find(alert.id)
        assert found is not None
        return found

    def add(self, alert: Alert) -> None:
        """Take in an alert that is not known yet."""
        self._fingerprints[alert.id] = alert.fingerprint
        if alert.has_problem_id:
            self._file(alert)
        if alert.status not in OPEN_STATUSES:
            self._close(alert)
            return
        fingerprint, device = alert.fingerprint, device_key(alert)
        self.open[fingerprint] = alert
        self.statuses[alert.status] += 1
        if device in self._dependents and cuts(alert):
            self.cutting.move(fingerprint, None, device)
        if device in self._needs:
            self.dependent.move(fingerprint, None, device)
        if alert.status is Status.SUPPRESSED and alert.notify_at is None:
            self.consequences.move(fingerprint, None, alert.correlated_to_id)
        if alert.snapshot_scope:
            self.listed.move(fingerprint, None, alert.snapshot_scope)

    def replace(self, old: Alert, new: Alert) -> None:
        """Put the new state of an alert in the place of the old one; the fingerprint stays."""
        fingerprint = new.fingerprint
        if fingerprint in self._subjects and _subject_parts(old) != _subject_parts(new):
            self._file(new)
        if old.status in OPEN_STATUSES:
            self.statuses[old.status] -= 1
        if new.status in OPEN_STATUSES:
            self.statuses[new.status] += 1
            if old.status not in OPEN_STATUSES:
                self.closed.pop(fingerprint, None)
            self.open[fingerprint] = new
        else:
            if old.status in OPEN_STATUSES:
                del self.open[fingerprint]
            self._close(new)
        for index, find_key in (
            (self.cutting, self._cutting_key),
            (self.dependent, self._dependent_key),
            (self.listed, _listed_key),
        ):
            index.move(fingerprint, find_key(old), find_key(new))
        self.consequences.move(fingerprint, _cause_key(old), _cause_key(new))

    def remove(self, alert: Alert) -> None:
        """Take an alert out of the book and of every index."""
        fingerprint = alert.fingerprint
        del self._fingerprints[alert.id]
        if alert.status not in OPEN_STATUSES:
            del self.closed[fingerprint]
            self._unfile(fingerprint)
            return
        del self.open[fingerprint]
        self.statuses[alert.status] -= 1
        self._unfile(fingerprint)
        self.cutting.move(fingerprint, self._cutting_key(alert), None)
        self.dependent.move(fingerprint, self._dependent_key(alert), None)
        self.listed.move(fingerprint, _listed_key(alert), None)
        self.consequences.move(fingerprint, _cause_key(alert), None)

    def forget_closed(self, now: datetime, reopen_window: timedelta) -> None:
        """Drop what was closed longer ago than the reopen window; the oldest stand first."""
        while self.closed:
            alert = next(iter(self.closed.values()))
            if alert.resolved_at is not None and later(alert.resolved_at, reopen_window) >= now:
                return
            del self.closed[alert.fingerprint]
            del self._fingerprints[alert.id]
            self._unfile(alert.fingerprint)

    def _close(self, alert: Alert) -> None:
        before = self.closed.get(alert.fingerprint)
        if before is not None and before.id != alert.id:
            del self.closed[before.fingerprint]
            del self._fingerprints[before.id]
        self.closed[alert.fingerprint] = alert

    def _file(self, alert: Alert) -> None:
        """Put an alert with a problem id under its present subject."""
        fingerprint, subject = alert.fingerprint, subject_of(alert)
        self.subjects.move(fingerprint, self._subjects.get(fingerprint), subject)
        self._subjects[fingerprint] = subject

    def _unfile(self, fingerprint: str) -> None:
        """Remove a fingerprint from its subject once neither an open nor a closed alert has it."""
        if fingerprint in self._subjects and fingerprint not in self.open and fingerprint not in self.closed:
            self.subjects.move(fingerprint, self._subjects.pop(fingerprint), None)

    def _dependent_key(self, alert: Alert) -> str | None:
        device = device_key(alert)
        return device if alert.status in OPEN_STATUSES and device in self._needs else None

    def _cutting_key(self, alert: Alert) -> str | None:
        device = device_key(alert)
        return device if device in self._dependents and cuts(alert) else None


def _subject_parts(alert: Alert) -> tuple[str | None, ...]:
    return alert.device_ip, alert.device_name, alert.alert_type, alert.resource


def _listed_key(alert: Alert) -> str | None:
    return alert.snapshot_scope if alert.snapshot_scope and alert.status in OPEN_STATUSES else None


def _cause_key(alert: Alert) -> UUID | None:
    return alert.correlated_to_id if is_consequence(alert) else None
