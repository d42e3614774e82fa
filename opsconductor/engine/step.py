"""One step of the engine: its changes so far, and the only ways to change something."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple
from uuid import UUID

from opsconductor.engine.alert_index import cause_key, cuts, device_key
from opsconductor.engine.correlation.pending import CROWD
from opsconductor.engine.grouping.impact import HELD_BY
from opsconductor.engine.repeats import RepeatCounter, counted
from opsconductor.engine.state import EngineState
from opsconductor.model.alert import LONGEST_WHO, NO_FIELDS, Alert
from opsconductor.model.changes import Changes, HistoryEntry, NotificationIntent, UnmatchedClear
from opsconductor.model.command import Command
from opsconductor.model.construct import constructor_of, draft_of, replacer_of
from opsconductor.model.enums import OPEN_STATUSES, HistoryAction, Status
from opsconductor.model.normalized import NormalizedAlert, RawData, no_raw_data
from opsconductor.model.text import LONGEST_MESSAGE, fitted, one_line

_replaced = replacer_of(Alert)
_draft_entry = draft_of(HistoryEntry)
_changes = constructor_of(Changes)


CUTTING = frozenset(
    {"severity", "is_cutting", "device_ip", "device_name", "alert_type", "category", "resource"}
)
"""Fields that determine what an open alert cuts."""
INDEXED = CUTTING | {"status", "correlated_to_id", "snapshot_scope"}
"""Fields by which alerts are indexed or cut others; `notify_at` is one of a suppressed alert."""
TIMED = frozenset({"notify_at", "expires_at", "flapping_since", "reroute_at", "muted_until"})
MATCHED = CUTTING | {"custom_fields"}
"""Fields that determine which maintenance windows an alert is in."""
FOLLOWED = frozenset({"status", "severity", "impacted"}) | HELD_BY
"""Fields that decide whether and where an alert is named in a message that waits, and who gets an update."""


class Touched(NamedTuple):
    """Which of the sets above have one of some fields.

    Attributes:
        is_held: Whether `notify_at` is one of them.
        is_counted: Whether `occurrence_count` is.
    """

    is_indexed: bool
    is_cutting: bool
    is_timed: bool
    is_matched: bool
    is_followed: bool
    is_held: bool
    is_counted: bool


@cache  # code names the fields, so there are as many as places in code
def touched(*names: str) -> Touched:
    """Return what changes of some fields concern."""
    sets = (INDEXED, CUTTING, TIMED, MATCHED, FOLLOWED, {"notify_at"}, {"occurrence_count"})
    return Touched(*(not each.isdisjoint(names) for each in sets))


class EngineStep:
    """Collects the changes of one step; returns them as `Changes` at the end.

    Attributes:
        is_due: Whether more is to be done than what is asked for, see `Agenda`.
        first_transition: `Alert.transitions` of all alerts that begin in this step.
        tallies: Repeats that are counted but not yet written, by fingerprint.
        grown: Alerts as they were before a count reached what a rule waits for, by fingerprint.
        budget: What may still be spent in this step on evaluating other alerts, see `correlate`.
    """

    def __init__(self, state: EngineState) -> None:
        self.state = state
        self.book = state.book
        self.now: datetime = state.clock.now
        self.is_due = state.agenda.due_at <= self.now
        self.first_transition = (self.now,)
        self.tallies: dict[str, RepeatCounter] = {}
        self.grown: dict[str, Alert] = {}
        self.budget = state.budget
        self.notifications: list[NotificationIntent] = []
        self.triggered: dict[UUID, datetime] = {}
        self.unmatched_clears: list[UnmatchedClear] = []
        self.folded = 0
        self._created: dict[int, Alert] = {}
        self._updated: dict[int, Alert] = {}
        self._repeated: dict[int, Alert] = {}
        self._history: list[HistoryEntry] = []
        self._raw_data: dict[UUID, RawData] = {}

    def add(self, alert: Alert) -> None:
        """Add a new alert."""
        self._created[alert.id.int] = alert
        self.book.add(alert)
        self.state.timers.require(alert)
        self._note_match(alert)
        if alert.is_cutting:
            self._note_cuts(None, alert)

    def change(self, alert: Alert, **values: Any) -> Alert:
        """Change fields of an alert, given in its present state."""
        fields = touched(*values)
        if alert.notified and fields.is_followed:
            values = {**self.state.batches.follow(alert, values, self.now)}
            fields = touched(*values)
        changed = _replaced(alert, values)
        self._mark(changed)
        if not (fields.is_indexed or (fields.is_held and alert.status is Status.SUPPRESSED)):
            self.book.update(changed)
        else:
            self.book.replace(alert, changed)
            if alert.is_cutting or changed.is_cutting:
                if (
                    not fields.is_cutting
                    and alert.status in OPEN_STATUSES
                    and changed.status in OPEN_STATUSES
                ):
                    self._note_move(alert, changed)
                else:
                    self._note_cuts(alert, changed)
            if alert.status not in OPEN_STATUSES and changed.status in OPEN_STATUSES:
                self.book.chains.changed[changed.id.int] = None
                self._note_match(changed)
            elif changed.status not in OPEN_STATUSES and device_key(changed) not in self.book.by_device:
                self.state.reachability.forget(device_key(changed))
        if fields.is_timed:
            self.state.timers.follow(alert, changed, self.state.settings)
        if fields.is_matched:
            self._note_match(changed)
        if fields.is_counted and self.state.router.thresholds:
            self._note_count(alert, changed)
        return changed

    def count(self, alert: Alert, tally: RepeatCounter) -> Alert:
        """Write a tally: only the fields of a repeat change."""
        changed = counted(alert, tally, self.now)
        self.book.update(changed)
        if alert.id.int in self._created or alert.id.int in self._updated:
            self._mark(changed)
        else:
            self._repeated[alert.id.int] = changed
        if tally.latest is not None:
            self.keep_raw(changed, tally.latest)
        if self.state.router.thresholds:
            self._note_count(alert, changed)
        return changed

    def settle(self, fingerprint: str) -> None:
        """Write the repeats of one fingerprint, before something else happens to its alert."""
        tally = self.tallies.pop(fingerprint, None)
        if tally is not None and tally.count:
            self.count(self.book.open[fingerprint], tally)

    def keep_raw(self, alert: Alert, report: NormalizedAlert) -> None:
        """Store the raw data of the latest report of an alert."""
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
        """Add a history row about what has just happened to an alert; without another change that is one."""
        number = alert.id.int
        if number not in self._created and number not in self._updated and number not in self._repeated:
            self._mark(self.book.numbered(number) or alert)
        at = self.state.clock.stamp()
        entry = _draft_entry()
        entry.id = self.state.new_id(self.now)
        entry.alert_id = alert.id
        entry.action = action
        entry.created_at = at
        entry.rule = rule
        entry.old_status = old
        entry.new_status = alert.status
        entry.changes = changes
        if by:
            entry.user_id, entry.user_name = by.operator.id, one_line(by.operator.name, LONGEST_WHO)
            entry.notes = fitted(by.notes, LONGEST_MESSAGE) if by.notes else None
        entry.__class__ = HistoryEntry
        self._history.append(entry)

    def settle_all(self) -> None:
        """Write what is still only counted."""
        for fingerprint in tuple(self.tallies):
            self.settle(fingerprint)

    @property
    def changed(self) -> int:
        """Return the number of alerts that are new or changed, without mere repeats."""
        return len(self._created) + len(self._updated)

    def finish(self) -> Changes:
        """Return everything."""
        return _changes(
            created=tuple(self._created.values()),
            updated=tuple(self._updated.values()),
            repeated=tuple(self._repeated.values()),
            history=tuple(self._history),
            notifications=tuple(self.notifications),
            triggered_rules=self.triggered,
            raw_data=self._raw_data,
            unmatched_clears=tuple(self.unmatched_clears),
            folded=self.folded,
            documents=self.state.take_documents(),
        )

    def rename(self, alert: Alert, **values: Any) -> Alert:
        """Change the identity of an alert: device, fingerprint, the sender's id."""
        changed = _replaced(alert, values)
        self.book.remove(alert)
        self.book.add(changed)
        if changed.status in OPEN_STATUSES:
            self.state.queue_renamed(changed)
        self._note_match(changed)
        self._mark(changed)
        if alert.is_cutting:
            self._note_cuts(alert, changed)
        return changed

    def _note_match(self, alert: Alert) -> None:
        if self.state.may_be_muted(alert):
            self.state.unmarked[alert.fingerprint] = None

    def _note_count(self, old: Alert, new: Alert) -> None:
        """Note an alert that has occurred as often as a rule requires."""
        before, now = old.occurrence_count, new.occurrence_count
        if any(before < each <= now for each in self.state.router.thresholds):
            self.grown.setdefault(old.fingerprint, old)

    def _mark(self, alert: Alert) -> None:
        number = alert.id.int
        if number in self._created:
            self._created[number] = alert
            return
        self._repeated.pop(number, None)
        self._updated[number] = alert

    def _note_cuts(self, old: Alert | None, new: Alert) -> None:
        """Queue everything that may be concerned by the change of a cutting alert."""
        state, before, device = self.state, old if old is not None and cuts(old) else None, device_key(new)
        is_changed = not _cuts_alike(before, new if cuts(new) else None)
        if is_changed:
            concerned = state.reachability.update(device)
            if concerned:
                state.pending.add_devices(concerned)
            if before is not None:
                if device_key(before) != device:
                    state.pending.add_devices(state.reachability.update(device_key(before)))
                state.pending.add_alerts(self._below(new, concerned))
        if is_changed and state.is_circular(device):
            self._note_chain(new)
        elif old is not None:
            self._note_move(old, new)

    def _below(self, alert: Alert, queued: Collection[str]) -> Sequence[str]:
        """Return the consequences of an alert; unless they are very many, without those of queued devices."""
        found = self.book.consequences.get(alert.id.int)
        if not queued or len(found) > CROWD:
            return found
        return [each for each in found if device_key(self.book.open[each]) not in queued]

    def _note_move(self, old: Alert, new: Alert) -> None:
        """Queue everything that may be concerned when a cutting alert on a cycle moves."""
        if self.state.is_circular(device_key(new)) and cause_key(old) != cause_key(new):
            self._note_chain(new)

    def _note_chain(self, alert: Alert) -> None:
        """Queue everything whose chain may start or stop leading over an alert on a cycle of devices."""
        waiting, seen = [alert], {alert.id}
        for each in waiting:
            self.state.pending.add_devices(self.state.reachability.watchers(device_key(each)))
            below = [self.book.open[found] for found in self.book.consequences.get(each.id.int)]
            waiting += [found for found in below if cuts(found) and found.id not in seen]
            seen.update(found.id for found in below)


def _cuts_alike(one: Alert | None, other: Alert | None) -> bool:
    """Return True if two states of an alert cut the same; None: it cuts nothing."""
    if one is None or other is None:
        return one is other
    return (
        one.category is other.category
        and one.alert_type == other.alert_type
        and one.resource == other.resource
        and device_key(one) == device_key(other)
    )
