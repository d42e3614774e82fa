"""One step of the engine: what it has changed so far, and the only ways to change something."""

from collections import deque
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from opsconductor.model.alert import NO_FIELDS, Alert
from opsconductor.model.changes import Changes, HistoryEntry, NotificationIntent, UnmatchedClear
from opsconductor.model.command import Command
from opsconductor.model.enums import OPEN_STATUSES, Category, HistoryAction, Status
from opsconductor.model.normalized import NormalizedAlert, RawData, no_raw_data
from opsconductor.pipeline.book import cuts, device_key, is_consequence, root_id
from opsconductor.pipeline.clock import later
from opsconductor.pipeline.state import State
from opsconductor.pipeline.tally import Tally, counted
from opsconductor.pipeline.text import LONGEST_MESSAGE, fitted, one_line
from opsconductor.pipeline.timers import TimerKind

LONGEST_WHO = 100


class Shift(NamedTuple):
    """An alert began or ceased to cut, stands under another root, or can no longer be a cause.

    Attributes:
        is_felt: What depends on the device may feel it.
        is_felt_by_all: Not only what depends on the alert's resource: no other alert that cuts the
            device makes up for it.
    """

    alert: Alert
    is_felt: bool
    is_felt_by_all: bool


class Work:
    """Collects what one step changes; hands it over as `Changes` at the end.

    Attributes:
        tallies: Repeats that are counted but not yet written down, by fingerprint.
        shifts: Changes that other alerts must still be looked at for, see `correlate`.
    """

    def __init__(self, state: State) -> None:
        self.state = state
        self.book = state.book
        self.now: datetime = state.clock.now
        self.tallies: dict[str, Tally] = {}
        self.shifts: deque[Shift] = deque()
        self.notifications: list[NotificationIntent] = []
        self.triggered: dict[UUID, datetime] = {}
        self.unmatched_clears: list[UnmatchedClear] = []
        self.folded = 0
        self._created: dict[UUID, Alert] = {}
        self._updated: dict[UUID, Alert] = {}
        self._repeated: dict[UUID, Alert] = {}
        self._history: list[HistoryEntry] = []
        self._raw_data: dict[UUID, RawData] = {}
        self._recount: dict[UUID, None] = {}

    def add(self, alert: Alert) -> None:
        """Take in a new alert."""
        self._created[alert.id] = alert
        self.book.add(alert)
        self.state.set_timers_of(alert)
        if cuts(alert):
            self._shift_between(None, alert)

    def change(self, alert: Alert, **values: Any) -> Alert:
        """Give an alert, in its present state, new values."""
        changed = replace(alert, **values)
        self.book.replace(alert, changed)
        self._mark(changed)
        self._set_timers(alert, changed)
        if alert.is_cutting or changed.is_cutting:
            self._shift_between(alert, changed)
        self._note_causes(alert, changed)
        return changed

    def count(self, alert: Alert, tally: Tally) -> Alert:
        """Write a tally down: nothing but the fields of a repeat changes."""
        changed = counted(alert, tally, self.now)
        known = self.book.open if alert.status in OPEN_STATUSES else self.book.closed
        known[alert.fingerprint] = changed
        if alert.id in self._created or alert.id in self._updated:
            self._mark(changed)
        else:
            self._repeated[alert.id] = changed
        if tally.latest is not None:
            self.keep_raw(changed, tally.latest)
        return changed

    def settle(self, fingerprint: str) -> None:
        """Write down the repeats of one fingerprint, before something else happens to its alert."""
        tally = self.tallies.pop(fingerprint, None)
        if tally is not None and tally.count:
            self.count(self.book.open[fingerprint], tally)

    def keep_raw(self, alert: Alert, report: NormalizedAlert) -> None:
        """Remember the raw data of the latest report of an alert."""
        if report.raw_data is not no_raw_data:
            self._raw_data[alert.id] = report.raw_data

    def record(
        self,
        alert: Alert,
        action: HistoryAction,
        rule: str,
        *,
        old: Status | None,
        changes: Mapping[str, object] = NO_FIELDS,
        by: Command | None = None,
    ) -> None:
        """Write a row of history about what has just happened to an alert."""
        at = self.state.clock.stamp()
        self._history.append(
            HistoryEntry(
                id=self.state.new_id(at),
                alert_id=alert.id,
                action=action,
                created_at=at,
                rule=rule,
                old_status=old,
                new_status=alert.status,
                user_id=by.operator.id if by else None,
                user_name=one_line(by.operator.name, LONGEST_WHO) if by else None,
                notes=fitted(by.notes, LONGEST_MESSAGE) if by and by.notes else None,
                changes=changes,
            )
        )

    def finish(self) -> Changes:
        """Write down what is still only counted, and hand everything over."""
        for fingerprint in tuple(self.tallies):
            self.settle(fingerprint)
        self._count_impact()
        return Changes(
            created=tuple(self._created.values()),
            updated=tuple(self._updated.values()),
            repeated=tuple(self._repeated.values()),
            history=tuple(self._history),
            notifications=tuple(self.notifications),
            triggered_rules=self.triggered,
            raw_data=self._raw_data,
            unmatched_clears=tuple(self.unmatched_clears),
            folded=self.folded,
        )

    def rename(self, alert: Alert, **values: Any) -> Alert:
        """Give an alert another identity: device, fingerprint, the sender's id."""
        changed = replace(alert, **values)
        self.book.remove(alert)
        self.book.add(changed)
        if changed.status in OPEN_STATUSES:
            self.state.set_timers_of(changed)
        self._mark(changed)
        return changed

    def _mark(self, alert: Alert) -> None:
        if alert.id in self._created:
            self._created[alert.id] = alert
            return
        self._repeated.pop(alert.id, None)
        self._updated[alert.id] = alert

    def _shift_between(self, old: Alert | None, new: Alert) -> None:
        """Remember whom a change of a cutting alert may concern: its consequences, its dependents.

        An alert that has moved cuts no more where it was, and newly where it is.
        """
        gained = root_id(new)
        if old is None:
            self._shift(new, None, gained)
        elif _cut_parts(old) == _cut_parts(new):
            self._shift(new, root_id(old), gained)
        else:
            self._shift(old, root_id(old), None)
            self._shift(new, None, gained)

    def _shift(self, alert: Alert, lost: UUID | None, gained: UUID | None) -> None:
        is_felt = lost != gained and device_key(alert) in self.state.inventory.graph.dependents
        if is_felt and (lost is None or gained is None):
            self.state.severed.clear()
        if is_felt or (gained != alert.id and self.book.consequences.count(alert.id)):
            is_covered = self._covers(alert, lost, is_loss=True) and self._covers(
                alert, gained, is_loss=False
            )
            self.shifts.append(Shift(alert, is_felt, is_felt_by_all=not is_covered))

    def _covers(self, alert: Alert, root: UUID | None, *, is_loss: bool) -> bool:
        """Tell whether other alerts cut the same device so that one root more or less is not felt.

        Whoever stands under the alert itself is looked at in any case.
        """
        if root is None:
            return True
        for fingerprint in self.book.cutting.each(device_key(alert)):
            other = self.book.open[fingerprint]
            cuts_less = alert.category is Category.POWER and other.category is not Category.POWER
            if other.id == alert.id or cuts_less:
                continue
            if root_id(other) == root or (root == alert.id if is_loss else root_id(other) == other.id):
                return True
        return False

    def _set_timers(self, old: Alert, new: Alert) -> None:
        timers, fingerprint = self.state.timers, new.fingerprint
        if new.notify_at is not None and new.notify_at != old.notify_at:
            timers.push(new.notify_at, TimerKind.NOTIFY, fingerprint)
        if new.expires_at is not None and (old.expires_at is None or new.expires_at < old.expires_at):
            timers.push(new.expires_at, TimerKind.EXPIRE, fingerprint)
        if new.flapping_since is not None and old.flapping_since is None:
            stable_at = later(self.now, self.state.settings.flap_stable_time)
            timers.push(stable_at, TimerKind.STABLE, fingerprint)

    def _note_causes(self, old: Alert, new: Alert) -> None:
        """Remember whose number of consequences may have changed."""
        if is_consequence(old) != is_consequence(new) or old.correlated_to_id != new.correlated_to_id:
            for cause_id in (old.correlated_to_id, new.correlated_to_id):
                if cause_id is not None:
                    self._recount[cause_id] = None
        if old.status not in OPEN_STATUSES and new.status in OPEN_STATUSES:
            self._recount[new.id] = None

    def _count_impact(self) -> None:
        """Bring `impacted` of open causes up to date; a closed one keeps its last number."""
        for cause_id in self._recount:
            cause = self.book.find(cause_id)
            if cause is not None and cause.status in OPEN_STATUSES:
                impacted = self.book.consequences.count(cause_id)
                if impacted != cause.impacted:
                    self.change(cause, impacted=impacted)


def _cut_parts(alert: Alert) -> tuple[str, str, Category]:
    """Return what decides whom a cut concerns."""
    return device_key(alert), alert.resource, alert.category
