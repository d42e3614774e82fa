"""Transitions of an alert because of reports and time."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from opsconductor.engine.acknowledging import NOT_ACKNOWLEDGED, follow_source
from opsconductor.engine.alert_fields import (
    ACTIVE,
    change_of,
    described,
    is_worse,
    new_alert,
    source_acknowledged_by,
)
from opsconductor.engine.correlation.correlate import (
    begin_suppressed,
    beginning_of,
    cause_of,
    depends,
    end_hold,
    hold,
    is_verified,
    may_be_cause,
    suppress_if_cut,
)
from opsconductor.engine.flap import is_too_often, with_transition
from opsconductor.engine.muting.marking import NOT_MUTED, shelf_over
from opsconductor.engine.muting.shelving import off_shelf
from opsconductor.engine.notifications import announce, inform, notify_recovery
from opsconductor.engine.rerouting import wait_again
from opsconductor.engine.step import EngineStep
from opsconductor.model.alert import NO_FIELDS, Alert
from opsconductor.model.command import Command
from opsconductor.model.enums import AlertEvent, HistoryAction, NotificationKind, Status
from opsconductor.model.identified import IdentifiedReport

CREATED, PROBLEM = HistoryAction.CREATED, NotificationKind.PROBLEM
"""Looked up once, see `enums.CLEAR`."""
REOPENED: Mapping[str, Any] = {
    **NOT_ACKNOWLEDGED,
    "status": Status.ACTIVE,
    "resolved_at": None,
    "resolved_by": None,
    "correlated_to_id": None,
    "correlation_rule": None,
    "notified": (),
    "last_event": AlertEvent.REOPENED,
}
"""Fields of an alert that is open again."""


def create(work: EngineStep, event: IdentifiedReport, at: datetime, *, snapshot_scope: str = "") -> None:
    """Open an alert: suppressed, held or notified at once."""
    begun = beginning_of(work, event)
    alert = new_alert(work, event, at, snapshot_scope=snapshot_scope, begun=begun or ACTIVE)
    work.add(alert)
    work.keep_raw(alert, event.report)
    if begun is None:
        present(work, alert, CREATED, "fold.new", old=None)
        return
    work.record(alert, CREATED, "fold.new", old=None, changes=begun.why or NO_FIELDS)
    if begun.why is None and is_verified(work, alert):
        hold(work, alert)


def create_resolved(work: EngineStep, event: IdentifiedReport, at: datetime) -> None:
    """Store a problem whose clear came before it, without notification."""
    alert = new_alert(work, event, at)
    work.add(alert)
    work.keep_raw(alert, event.report)
    work.record(alert, CREATED, "fold.new", old=None)
    resolve(work, alert, "fold.late", resolved_by=alert.source_system, is_clear=True)


def reopen(
    work: EngineStep, alert: Alert, event: IdentifiedReport, at: datetime, *, snapshot_scope: str = ""
) -> None:
    """Reopen a recently closed alert: the same problem is back."""
    old, values = alert, described(work, alert, event, at)
    is_off_shelf = is_worse(values["severity"], than=alert.severity)
    alert = work.change(
        alert,
        **values,
        **REOPENED,
        **(off_shelf(alert) if is_off_shelf else shelf_over(work, alert)),
        unacknowledged_since=work.now,
        snapshot_scope=snapshot_scope,
        transitions=with_transition(alert.transitions, work.now, work.state.settings),
    )
    work.keep_raw(alert, event.report)
    if is_too_often(alert.transitions, work.state.settings):
        work.record(alert, HistoryAction.REOPENED, "fold.reopen", old=old.status)
        start_flapping(work, alert, is_new=True)
        follow_source(work, work.book.latest(alert), before=None)
    else:
        present(work, alert, HistoryAction.REOPENED, "fold.reopen", old=old.status)


def worsen(work: EngineStep, alert: Alert, event: IdentifiedReport, at: datetime) -> None:
    """Raise the severity by a report; an acknowledgement of the lower one is withdrawn.

    An acknowledgement at the source stays if the report carries it and the problem's id: such a sender
    reports a change, and knows of both (Zabbix). A poll only repeats an old acknowledgement. The higher
    severity is notified all the same.
    """
    values = described(work, alert, event, at)
    values["transitions"] = with_transition(alert.transitions, work.now, work.state.settings)
    taker = source_acknowledged_by(event.report, alert)
    is_known = taker is not None and taker == alert.acknowledged_by == alert.source_acknowledged_by
    is_kept = event.report.has_problem_id and is_known
    work.keep_raw(alert, event.report)
    escalate(work, alert, values, "fold.worse", keeps_acknowledgement=is_kept)


def escalate(
    work: EngineStep,
    alert: Alert,
    values: dict[str, Any],
    rule: str,
    *,
    keeps_acknowledgement: bool,
    by: Command | None = None,
) -> None:
    """Raise the severity and notify of that, unless the alert is quiet.

    Args:
        values: The new values of the alert.
    """
    old = alert
    is_new = alert.status is Status.ACKNOWLEDGED and not keeps_acknowledgement
    if is_new:
        values |= NOT_ACKNOWLEDGED | {"status": Status.ACTIVE, "unacknowledged_since": work.now}
    alert = work.change(alert, **values, **off_shelf(alert))
    changes = {
        **change_of("severity", old.severity, alert.severity),
        **change_of("shelved_by", old.shelved_by, alert.shelved_by),
    }
    flaps = alert.flapping_since is None and is_too_often(alert.transitions, work.state.settings)
    is_taken = alert.source_acknowledged_by not in (None, old.source_acknowledged_by)
    is_quiet = flaps or is_taken or _is_quiet(alert)
    is_notified = not (is_quiet or (is_new and cause_of(work, alert) is not None))
    if is_notified or alert.notified:
        alert = work.change(alert, last_event=AlertEvent.ESCALATED)
    if is_notified:
        alert, shown = announce(work, alert, NotificationKind.WORSE, old_severity=old.severity)
        changes = {**changes, **shown}
    work.record(alert, HistoryAction.ESCALATED, rule, old=old.status, changes=changes, by=by)
    if flaps:
        start_flapping(work, alert, is_new=is_new)
    elif is_new and not is_taken and not suppress_if_cut(work, alert) and not alert.notified and is_quiet:
        # it flaps, and was acknowledged before the flapping was notified
        end_hold(work, alert)


def update(work: EngineStep, alert: Alert, event: IdentifiedReport, at: datetime) -> None:
    """Take over a lower severity or another meaning, without notification."""
    old = alert
    alert = work.change(alert, **described(work, alert, event, at))
    work.keep_raw(alert, event.report)
    wait_again(work, alert)
    changes = {
        **change_of("severity", old.severity, alert.severity),
        **change_of("reported_severity", old.reported_severity, alert.reported_severity),
        **change_of("is_cutting", old.is_cutting, alert.is_cutting),
    }
    if changes:
        work.record(alert, HistoryAction.UPDATED, "fold.update", old=old.status, changes=changes)


def clear(work: EngineStep, alert: Alert, at: datetime, rule: str, *, by: Command | None = None) -> None:
    """Resolve an alert by its source or by verification."""
    settings = work.state.settings
    if alert.is_clear:
        work.change(alert, last_occurrence_at=at)
        return
    values: dict[str, Any] = {
        "is_clear": True,
        "last_occurrence_at": at,
        "transitions": with_transition(alert.transitions, work.now, settings),
    }
    if alert.flapping_since is not None:
        work.change(alert, **values)
    elif is_too_often(values["transitions"], settings):
        start_flapping(work, work.change(alert, **values))
    else:
        who = by.operator.name if by else alert.source_system
        resolve(work, alert, rule, resolved_by=who, by=by, **values)


def come_back(work: EngineStep, alert: Alert, event: IdentifiedReport, at: datetime) -> None:
    """Record that a flapping alert is a problem again; nothing is notified while it flaps."""
    transitions = with_transition(alert.transitions, work.now, work.state.settings)
    work.change(alert, **described(work, alert, event, at), transitions=transitions)
    work.keep_raw(alert, event.report)


def resolve(
    work: EngineStep, alert: Alert, rule: str, *, resolved_by: str, by: Command | None = None, **values: Any
) -> None:
    """Close an alert and notify those who were notified of the problem."""
    old = alert
    alert = work.change(alert, **_closed(work, alert, Status.RESOLVED), resolved_by=resolved_by, **values)
    notify_recovery(work, alert)
    shown = inform(work, alert, NotificationKind.RECOVERY, AlertEvent.RESOLVED)
    work.record(alert, HistoryAction.RESOLVED, rule, old=old.status, changes=shown, by=by)


def expire(work: EngineStep, alert: Alert, rule: str = "time.expired") -> None:
    """Close an alert that is not repeated; only rules on this event notify: whether it is over is unknown."""
    old = alert
    alert = work.change(alert, **_closed(work, alert, Status.EXPIRED), is_clear=False)
    shown = inform(work, alert, NotificationKind.EXPIRED, AlertEvent.EXPIRED)
    work.record(alert, HistoryAction.EXPIRED, rule, old=old.status, changes=shown)


def start_flapping(work: EngineStep, alert: Alert, *, is_new: bool = False) -> None:
    """Notify once that an alert flaps; then it is silent until it is stable.

    Args:
        is_new: It was not active before, so that it may have to be suppressed or held first.
    """
    alert = work.change(alert, flapping_since=work.now)
    shown: Any = {}
    held = is_new and depends(work, alert) and (suppress_if_cut(work, alert) or hold(work, alert))
    if not held and alert.status is Status.ACTIVE and alert.notify_at is None:
        alert, shown = announce(work, alert, NotificationKind.FLAPPING)
    alert = work.book.latest(alert)
    work.record(alert, HistoryAction.FLAPPING, "flap.start", old=alert.status, changes=shown)


def end_flapping(work: EngineStep, alert: Alert) -> None:
    """Notify the final state of an alert that has stopped flapping, whatever it is."""
    alert = work.change(alert, flapping_since=None, transitions=())
    shown: Any = {}
    if alert.is_clear:
        work.record(alert, HistoryAction.STABLE, "flap.stable", old=alert.status)
        resolve(work, alert, "flap.stable", resolved_by=alert.source_system)
        return
    if alert.status is Status.ACTIVE and alert.notify_at is None:
        alert, shown = announce(work, alert, NotificationKind.STABLE)
    work.record(alert, HistoryAction.STABLE, "flap.stable", old=alert.status, changes=shown)


def present(
    work: EngineStep,
    alert: Alert,
    action: HistoryAction,
    rule: str,
    *,
    old: Status | None,
    by: Command | None = None,
) -> None:
    """Record an alert that has become a problem, and suppress, hold or notify it."""
    if alert.source_acknowledged_by is not None and by is None:
        work.record(alert, action, rule, old=old)
        follow_source(work, alert, before=None)
        return
    if depends(work, alert) or may_be_cause(work, alert) or is_verified(work, alert):
        why = begin_suppressed(work, alert)
        work.record(work.book.latest(alert), action, rule, old=old, changes=why or NO_FIELDS, by=by)
        if why is None and not hold(work, alert):
            end_hold(work, alert)
        return
    alert, shown = announce(work, alert, PROBLEM)
    work.record(alert, action, rule, old=old, changes=shown, by=by)


def _is_quiet(alert: Alert) -> bool:
    """Return True if an alert must not notify now: suppressed, held or flapping."""
    return (
        alert.status is Status.SUPPRESSED or alert.notify_at is not None or alert.flapping_since is not None
    )


def _closed(work: EngineStep, alert: Alert, status: Status) -> dict[str, Any]:
    return {
        "status": status,
        "resolved_at": work.now,
        "notify_at": None,
        "expires_at": None,
        "flapping_since": None,
        "unacknowledged_since": None,
        "reroute_at": None,
        "planned": (),
        "impacted": work.book.chains.count(alert.id.int),
        **NOT_MUTED,
    }
