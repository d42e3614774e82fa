"""Laws that must hold after every step, whatever has happened."""

from collections import Counter
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from opsconductor.engine.engine import Engine
from opsconductor.engine.flap import stable_at
from opsconductor.engine.rerouting import is_audible
from opsconductor.model.alert import Alert
from opsconductor.model.changes import Changes, HistoryEntry, NotificationIntent
from opsconductor.model.enums import OPEN_STATUSES, HistoryAction, NotificationKind, Status
from opsconductor.model.inventory.device import Dependency
from opsconductor.model.notifications.rule import Conditions
from tests.simulation.database import Database
from tests.simulation.machine import check_path
from tests.simulation.people import is_known
from tests.simulation.reference import Reference

Target = tuple[str, str]
UNKNOWN = {NotificationKind.ACKNOWLEDGED, NotificationKind.EXPIRED}
"""Kinds of messages that recipients may get without the problem."""
SUBSCRIBED = {("mail", "resolved")}
"""Recipients of a rule on the event that an alert is resolved; all others need the problem first."""
BEGINNINGS = {HistoryAction.CREATED, HistoryAction.REOPENED}


class Recipients:
    """Keeps the recipients of each alert's problem, from the messages alone.

    Attributes:
        notified: Recipients of an open problem.
        owed: Recipients that still get a recovery, in a summary.
        messages: All messages in order.
    """

    def __init__(self) -> None:
        self.notified: dict[UUID, set[Target]] = {}
        self.owed: set[tuple[UUID, Target]] = set()
        self.messages: list[NotificationIntent] = []
        self._ever: set[tuple[UUID, Target]] = set()
        self._recovered: dict[UUID, list[Target]] = {}
        self._statuses: dict[UUID, Status] = {}
        self._ends: dict[tuple[UUID, Target], str] = {}

    def listen(self, changes: Changes) -> None:
        """Go through messages and history rows in the order in which they were written."""
        self.messages += changes.notifications
        again = {entry.alert_id for entry in changes.history if entry.action is HistoryAction.UNSUPPRESSED}
        rows = sorted((*changes.history, *changes.notifications), key=lambda row: row.created_at)  # type: ignore[attr-defined]
        for row in rows:
            if isinstance(row, HistoryEntry):
                self._statuses[row.alert_id] = row.new_status
            notified = self.notified.setdefault(row.alert_id, set())  # type: ignore[attr-defined]
            if isinstance(row, NotificationIntent) and row.kind is NotificationKind.SUMMARY:
                self._receive_summary(row)
            elif isinstance(row, NotificationIntent):
                self._receive(row, notified, may_repeat=row.alert_id in again)
            elif row.action is HistoryAction.RESOLVED:  # type: ignore[attr-defined]
                recovered = self._recovered.pop(row.alert_id, [])  # type: ignore[attr-defined]
                assert notified or not recovered, "a recovery without problem"
                recovered = [target for target in recovered if target not in SUBSCRIBED]
                assert set(recovered) <= notified, "recovery for others than the problem"
                assert len(recovered) == len(set(recovered)), "recovery is sent twice"
                self.owed |= {(row.alert_id, target) for target in notified - set(recovered)}  # type: ignore[attr-defined]
                notified.clear()
            elif row.action is HistoryAction.EXPIRED:  # type: ignore[attr-defined]
                notified.clear()
        assert not self._recovered, "a recovery without resolution"

    def _receive(self, message: NotificationIntent, notified: set[Target], *, may_repeat: bool) -> None:
        target = (message.channel, message.recipient)
        if message.kind in {NotificationKind.ACKNOWLEDGED, NotificationKind.EXPIRED}:
            assert notified, "the end of a problem that was not sent"
            return
        has_waited = bool(message.facts.get("is_limit")) and target in SUBSCRIBED
        if message.kind is NotificationKind.RECOVERY and (
            (message.alert_id, target) in self.owed or has_waited
        ):
            self.owed.discard((message.alert_id, target))
            return
        if message.kind is NotificationKind.RECOVERY:
            self._recovered.setdefault(message.alert_id, []).append(target)
            return
        if message.kind is NotificationKind.REMINDER:
            assert self._statuses[message.alert_id] is Status.ACTIVE, "a reminder of an acknowledged alert"
        if message.kind is NotificationKind.PROBLEM:
            assert target not in notified or may_repeat, "one problem sent twice"
            self.owed.discard((message.alert_id, target))  # it is back: that it was over is outdated
        elif message.kind is not NotificationKind.FLAPPING:
            assert target in notified, f"{message.kind} without the problem"
        notified.add(target)
        self._ever.add((message.alert_id, target))

    def _receive_summary(self, message: NotificationIntent) -> None:
        """Process the alerts of a summary: first the resolved ones, then the new ones."""
        target = (message.channel, message.recipient)
        members = list(message.facts["members"])  # type: ignore[call-overload]
        assert amount_in(message) == len(members)
        for each in reversed(members):
            alert_id = UUID(each["alert_id"])
            if each["kind"] == NotificationKind.RECOVERY:
                is_owed = (alert_id, target) in self.owed or self._is_later_end(alert_id, target, each)
                assert is_owed or target in SUBSCRIBED, "a recovery without problem"
                self.owed.discard((alert_id, target))
                self._ends[alert_id, target] = each["resolved_at"]
            elif each["kind"] != NotificationKind.PROBLEM:
                is_known = (alert_id, target) in self._ever
                assert is_known or each["kind"] in UNKNOWN, "an update without the problem"
            elif "is_new" in each:
                notified = self.notified.setdefault(alert_id, set())
                assert target not in notified, "one problem sent twice"
                notified.add(target)
                self._ever.add((alert_id, target))
                # it came again before its recovery was sent: of one alert a summary keeps the latest only
                self.owed.discard((alert_id, target))

    def _is_later_end(self, alert_id: UUID, target: Target, line: Mapping[str, Any]) -> bool:
        """Return whether a recipient was told of an earlier end only.

        A group's message may say that late: the engine has forgotten the alert, and that it was back since.
        """
        known = self._ends.get((alert_id, target))
        return known is not None and known < line["resolved_at"]


def amount_in(message: NotificationIntent) -> int:
    """Return how many alerts a summary counts, and updates on alerts."""
    facts: Mapping[str, Any] = message.facts
    return int(facts["amount"]) + sum(facts["updates"].values())


def check(
    engine: Engine, database: Database, recipients: Recipients, dependencies: Collection[Dependency]
) -> None:
    """Check all laws."""
    rows = database.open()
    assert {alert.id: alert for alert in engine.open_alerts()} == {a.id: a for a in rows.values()}
    for alert in engine._state.book.closed.values():
        assert database.alerts[alert.id] == alert
    for alert in database.alerts.values():
        check_path(database.history[alert.id], alert.status)
        assert (alert.resolved_at is None) == (alert.status in OPEN_STATUSES)
    is_settled = not engine._state.is_unsettled
    by_id = {row.id: row for row in rows.values()}
    below = _below(by_id)
    for alert in rows.values():
        _check_open(alert, engine, database, recipients)
        assert alert.impacted == below[alert.id], "impacted is not the number of consequences"
        _check_timers(alert, engine)
        _check_waits(alert, engine)
        if is_settled:
            _check_chain(alert, by_id)
    if is_settled:
        _check_causes(Reference(dependencies, rows.values()))


def _check_open(alert: Alert, engine: Engine, database: Database, recipients: Recipients) -> None:
    batches = engine._state.batches
    waiting = [each for each in alert.notified if batches.is_waiting(each)]
    assert recipients.notified[alert.id] == {
        (notified.channel, notified.recipient) for notified in alert.notified if notified not in waiting
    }
    for notified in waiting:
        assert notified.batch is not None
        assert alert.status in (Status.ACTIVE, Status.ACKNOWLEDGED)
        assert _wakes_by(engine, batches.pending[notified.batch].due_at), "a message is lost"
    if alert.status is Status.ACTIVE and alert.notify_at is None and not alert.muted_kind:
        assert is_known(engine, alert), "an active alert that is neither sent nor held"
    if _is_consequence(alert):
        assert alert.correlated_to_id in database.alerts
    assert alert.is_clear == (alert.is_clear and alert.flapping_since is not None), "open and clear"


def _below(rows: Mapping[UUID, Alert]) -> Counter[UUID]:
    """Count the consequences of every alert, those of its consequences included; no chain is a circle."""
    below: Counter[UUID] = Counter()
    for row in rows.values():
        seen, each = {row.id}, rows.get(row.id)
        while each is not None and _is_consequence(each) and each.correlated_to_id is not None:
            assert each.correlated_to_id not in seen, "a chain of causes is a circle"
            seen.add(each.correlated_to_id)
            below[each.correlated_to_id] += 1
            each = rows.get(each.correlated_to_id)
    return below


def _check_chain(alert: Alert, rows: Mapping[UUID, Alert]) -> None:
    """Check that a chain of causes ends at an open alert that is not suppressed."""
    while _is_consequence(alert) and alert.correlated_to_id is not None:
        assert alert.correlated_to_id in rows, "suppressed without an open cause"
        alert = rows[alert.correlated_to_id]


def _check_timers(alert: Alert, engine: Engine) -> None:
    """Check that the engine wants to be woken in time for everything an alert waits for."""
    dues = [alert.notify_at, alert.expires_at, alert.reroute_at, alert.muted_until]
    if alert.flapping_since is not None:
        dues.append(stable_at(alert, engine._state.settings))
    for due in dues:
        assert due is None or _wakes_by(engine, due), "a timer is lost"


def _check_waits(alert: Alert, engine: Engine) -> None:
    """Check that no alert waits for a removed rule."""
    at, state = alert.reroute_at, engine._state
    if state.unrouted or state.review:  # after which it is found out anew
        return
    is_left = at is not None and at > state.clock.now and is_audible(alert)
    assert engine.router.waits or alert.planned or not is_left, "an alert waits for no rule"


def _wakes_by(engine: Engine, due: datetime) -> bool:
    wakes = engine.next_due()
    return wakes is not None and wakes <= max(due, engine._state.clock.now)


def _check_causes(reference: Reference) -> None:
    for alert in reference.alerts.values():
        causes = reference.causes(alert)
        if _is_consequence(alert):
            assert causes, "suppressed though not every path is cut"
            assert alert.correlated_to_id in {cause.id for cause in causes}, "the cause does not cut"
        elif alert.status is Status.ACTIVE:
            assert not causes, "active though every path is cut"


def _is_consequence(alert: Alert) -> bool:
    return alert.status is Status.SUPPRESSED and alert.notify_at is None


def check_agenda(engine: Engine) -> None:
    """Check that no part of the engine has something to do before the time on the agenda."""
    state = engine._state
    due = state.next_due()
    assert due is None or state.agenda.due_at <= due, "something due is not on the agenda"


def check_throttled(engine: Engine, begun: Collection[UUID]) -> None:
    """Check that a throttled rule is evaluated again when it may notify.

    Args:
        begun: Alerts that began or were reopened under the present rules.
    """
    for rule in engine.router.rules:
        if not rule.throttle or not rule.channels or rule.conditions != Conditions():
            continue
        for alert in engine.open_alerts():
            if is_audible(alert) and alert.id in begun:
                is_notified = any(each.rule_id == rule.id for each in alert.notified)
                is_planned = any(each.rule_id == rule.id for each in alert.planned)
                assert is_notified or is_planned, "a throttled rule is forgotten"


def check_waited(engine: Engine, since: datetime) -> None:
    """Check that rules for unacknowledged alerts fire in time.

    Args:
        since: Since when the rules are in force.
    """
    state = engine._state
    due = engine.next_due()
    if due is not None and due <= state.clock.now:
        return
    for rule in engine.router.rules:
        wait = rule.conditions.unacknowledged_for
        for alert in engine.open_alerts() if wait else ():
            begun = alert.unacknowledged_since
            if is_audible(alert) and begun is not None and since <= begun <= state.clock.now - wait:
                notified = {(each.channel, each.recipient) for each in alert.notified}
                assert ("mail", rule.name) in notified, "an unacknowledged alert was not sent"
