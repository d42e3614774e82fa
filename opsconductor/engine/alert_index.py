"""The alerts of the engine, and the indexes by which it finds them."""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import islice, takewhile
from typing import Generic, TypeVar
from uuid import UUID

from opsconductor.engine.clock import later
from opsconductor.engine.correlation.chains import Chains
from opsconductor.inventory.identify import UNKNOWN_DEVICE
from opsconductor.model.alert import Alert, fingerprint_of
from opsconductor.model.enums import OPEN_STATUSES, SEVERITY_RANK, Severity, Status

Key = TypeVar("Key", str, int)
LEAST_CUTTING_RANK = SEVERITY_RANK[Severity.MAJOR]
MOST_FORGOTTEN = 500
"""Closed alerts that one step forgets, more than one step closes: at most a millisecond."""


def is_reopenable(alert: Alert, now: datetime, reopen_window: timedelta) -> bool:
    """Return True if the same problem would reopen a closed alert."""
    return alert.resolved_at is not None and later(alert.resolved_at, reopen_window) >= now


def device_key(alert: Alert) -> str:
    """Return the device of an alert as a key of the dependency graph."""
    return alert.device_ip or alert.device_name or ""


def subject_of(alert: Alert) -> str:
    """Return the fingerprint that the alert would have if its sender had no id for the problem."""
    return fingerprint_of(device_key(alert) or UNKNOWN_DEVICE, alert.alert_type, alert.resource)


def cuts(alert: Alert) -> bool:
    """Return True if an alert cuts off dependents of its device."""
    return (
        alert.is_cutting
        and SEVERITY_RANK[alert.severity] >= LEAST_CUTTING_RANK
        and alert.status in OPEN_STATUSES
    )


def is_consequence(alert: Alert) -> bool:
    """Return True if an alert is suppressed by an open cause, that is, not in its grace time."""
    return alert.status is Status.SUPPRESSED and alert.notify_at is None


def cause_key(alert: Alert) -> int | None:
    """Return the id of the nearest cause of a consequence as a number; None: the alert is none."""
    cause_id = alert.correlated_to_id
    return cause_id.int if cause_id is not None and is_consequence(alert) else None


def cutting_key(alert: Alert) -> str | None:
    """Return the device whose dependents an alert cuts off; None: it cuts nothing."""
    return device_key(alert) if cuts(alert) else None


class Index(Generic[Key]):
    """Fingerprints by some property of their alerts, in order of insertion."""

    def __init__(self) -> None:
        # most keys have one fingerprint, which needs no container of its own
        self._found: dict[Key, str | dict[str, None]] = {}

    def __bool__(self) -> bool:
        return bool(self._found)

    def __contains__(self, key: Key) -> bool:
        return key in self._found

    def keys(self) -> frozenset[Key]:
        """Return the keys in use."""
        return frozenset(self._found)

    def get(self, key: Key) -> tuple[str, ...]:
        """Return the fingerprints under a key."""
        found = self._found.get(key, ())
        return (found,) if isinstance(found, str) else tuple(found)

    def each(self, key: Key) -> Iterable[str]:
        """Return a view of the fingerprints under a key, valid until the next change."""
        found = self._found.get(key, ())
        return (found,) if isinstance(found, str) else found

    def count(self, key: Key) -> int:
        """Return the number of fingerprints under a key."""
        found = self._found.get(key, ())
        return 1 if isinstance(found, str) else len(found)

    def move(self, fingerprint: str, old: Key | None, new: Key | None) -> None:
        """Move a fingerprint to another key; None: remove it."""
        if old == new:
            return
        if old is not None:
            under = self._found[old]
            if isinstance(under, str):
                if under != fingerprint:
                    raise KeyError(fingerprint)
                del self._found[old]
            else:
                del under[fingerprint]
                if not under:
                    del self._found[old]
        if new is not None:
            known = self._found.setdefault(new, fingerprint)
            if isinstance(known, dict):
                known[fingerprint] = None
            elif known != fingerprint:
                self._found[new] = {known: None, fingerprint: None}


class AlertIndex:
    """Open alerts, and those closed so recently that they may be reopened.

    Attributes:
        open: By fingerprint.
        closed: By fingerprint, in the order in which they were closed; some that cannot be reopened.
        cutting: Alerts that cut off dependents of their device, by device.
        by_device: Open alerts by device.
        consequences: Suppressed alerts by the number of the nearest cause's id, not those in grace time.
        chains: The same from each consequence up to the root, with the numbers of consequences.
        listed: Open alerts by the scope of the snapshots that list them.
        subjects: Alerts with a problem id, open or closed, by `subject_of`.
        statuses: Number of open alerts, by status.
    """

    def __init__(self, alerts: Iterable[Alert]) -> None:
        self.open: dict[str, Alert] = {}
        self.closed: dict[str, Alert] = {}
        self.cutting: Index[str] = Index()
        self.by_device: Index[str] = Index()
        self.consequences: Index[int] = Index()
        self.chains = Chains(self._cause_of)
        self.listed: Index[str] = Index()
        self.subjects: Index[str] = Index()
        self.statuses: Counter[Status] = Counter()
        self._subjects: dict[str, str] = {}
        self._fingerprints: dict[int, str] = {}
        for alert in alerts:
            self.add(alert)

    def __iter__(self) -> Iterator[Alert]:
        yield from self.open.values()
        yield from self.closed.values()

    def find(self, alert_id: UUID) -> Alert | None:
        """Return an alert by id, or None."""
        return self.numbered(alert_id.int)

    def numbered(self, number: int) -> Alert | None:
        """Return an alert by the number of its id, or None."""
        fingerprint = self._fingerprints.get(number)
        if fingerprint is None:
            return None
        alert = self.open.get(fingerprint)
        if alert is None or alert.id.int != number:
            alert = self.closed.get(fingerprint)
        return alert if alert is not None and alert.id.int == number else None

    def is_concerned(self, fingerprint: str) -> bool:
        """Return True if an open alert has a fingerprint, or an alert with a problem id that subject."""
        return fingerprint in self.open or fingerprint in self.subjects

    def subject(self, fingerprint: str) -> str | None:
        """Return the subject of an alert with a problem id; None: it has none."""
        return self._subjects.get(fingerprint)

    def latest(self, alert: Alert) -> Alert:
        """Return the present state of a known alert."""
        found = self.find(alert.id)
        assert found is not None
        return found

    def add(self, alert: Alert) -> None:
        """Add a new alert."""
        self._fingerprints[alert.id.int] = alert.fingerprint
        if alert.source_alert_id and alert.has_problem_id:
            self._file(alert)
        if alert.status not in OPEN_STATUSES:
            self._close(alert)
            return
        fingerprint, device = alert.fingerprint, device_key(alert)
        self.open[fingerprint] = alert
        self.statuses[alert.status] += 1
        self.by_device.move(fingerprint, None, device)
        if cuts(alert):
            self.cutting.move(fingerprint, None, device)
        cause = cause_key(alert) if alert.correlated_to_id is not None else None
        if cause is not None:
            self.consequences.move(fingerprint, None, cause)
            self.chains.move(alert.id.int, None, cause)
        if alert.snapshot_scope:
            self.listed.move(fingerprint, None, alert.snapshot_scope)

    def update(self, new: Alert) -> None:
        """Replace the state of an alert by one with equal index fields."""
        (self.open if new.status in OPEN_STATUSES else self.closed)[new.fingerprint] = new

    def replace(self, old: Alert, new: Alert) -> None:
        """Replace the state of an alert; the fingerprint stays."""
        fingerprint = new.fingerprint
        if self._subjects and fingerprint in self._subjects and _subject_parts(old) != _subject_parts(new):
            self._file(new)
        if old.status is not new.status:
            self._count(old, new)
        is_open = new.status in OPEN_STATUSES
        if is_open:
            self.open[fingerprint] = new
        else:
            self._close(new)
        is_moved = (
            (old.status in OPEN_STATUSES) is not is_open
            or old.device_ip != new.device_ip
            or old.device_name != new.device_name
        )
        if is_moved or old.severity is not new.severity or old.is_cutting is not new.is_cutting:
            self.cutting.move(fingerprint, cutting_key(old), cutting_key(new))
        if is_moved or old.snapshot_scope != new.snapshot_scope:
            self.by_device.move(fingerprint, _device_key(old), _device_key(new))
            self.listed.move(fingerprint, _listed_key(old), _listed_key(new))
        before, after = cause_key(old), cause_key(new)
        if before != after:
            self.consequences.move(fingerprint, before, after)
            self.chains.move(new.id.int, before, after)

    def remove(self, alert: Alert) -> None:
        """Remove an alert from every index."""
        fingerprint = alert.fingerprint
        del self._fingerprints[alert.id.int]
        if alert.status not in OPEN_STATUSES:
            del self.closed[fingerprint]
            self._unfile(fingerprint)
            return
        del self.open[fingerprint]
        self.statuses[alert.status] -= 1
        self._unfile(fingerprint)
        self.cutting.move(fingerprint, cutting_key(alert), None)
        self.by_device.move(fingerprint, device_key(alert), None)
        self.listed.move(fingerprint, _listed_key(alert), None)
        cause = cause_key(alert)
        self.consequences.move(fingerprint, cause, None)
        self.chains.move(alert.id.int, cause, None)

    def forget_closed(self, now: datetime, reopen_window: timedelta) -> None:
        """Remove some of what can no longer be reopened; the oldest are first, and the rest is next."""
        first = islice(self.closed.values(), MOST_FORGOTTEN)
        for alert in tuple(takewhile(lambda each: not is_reopenable(each, now, reopen_window), first)):
            del self.closed[alert.fingerprint]
            del self._fingerprints[alert.id.int]
            self._unfile(alert.fingerprint)

    def _cause_of(self, number: int) -> int | None:
        alert = self.numbered(number)
        return cause_key(alert) if alert is not None else None

    def _count(self, old: Alert, new: Alert) -> None:
        """Update the counts by status, and the place of an alert that opens or closes."""
        if old.status in OPEN_STATUSES:
            self.statuses[old.status] -= 1
            if new.status not in OPEN_STATUSES:
                del self.open[new.fingerprint]
        elif new.status in OPEN_STATUSES:
            self.closed.pop(new.fingerprint, None)
        if new.status in OPEN_STATUSES:
            self.statuses[new.status] += 1

    def _close(self, alert: Alert) -> None:
        before = self.closed.get(alert.fingerprint)
        if before is not None and before.id.int != alert.id.int:
            del self.closed[before.fingerprint]
            del self._fingerprints[before.id.int]
        self.closed[alert.fingerprint] = alert

    def _file(self, alert: Alert) -> None:
        """Index an alert with a problem id by its present subject."""
        fingerprint, subject = alert.fingerprint, subject_of(alert)
        self.subjects.move(fingerprint, self._subjects.get(fingerprint), subject)
        self._subjects[fingerprint] = subject

    def _unfile(self, fingerprint: str) -> None:
        """Remove a fingerprint from its subject once neither an open nor a closed alert has it."""
        if fingerprint in self._subjects and fingerprint not in self.open and fingerprint not in self.closed:
            self.subjects.move(fingerprint, self._subjects.pop(fingerprint), None)


def _subject_parts(alert: Alert) -> tuple[str | None, ...]:
    return alert.device_ip, alert.device_name, alert.alert_type, alert.resource


def _listed_key(alert: Alert) -> str | None:
    return alert.snapshot_scope if alert.snapshot_scope and alert.status in OPEN_STATUSES else None


def _device_key(alert: Alert) -> str | None:
    return device_key(alert) if alert.status in OPEN_STATUSES else None
