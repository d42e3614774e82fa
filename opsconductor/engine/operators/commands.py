"""Execution of operator commands and of verification results."""

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from typing import Any

from opsconductor.engine.acknowledging import acknowledge, unacknowledge
from opsconductor.engine.alert_fields import change_of
from opsconductor.engine.clock import later, utc_text
from opsconductor.engine.correlation.correlate import depends, end_hold, propagate
from opsconductor.engine.correlation.review import fingerprint_now
from opsconductor.engine.muting.shelving import shelve, unshelve
from opsconductor.engine.operators.overrides import MOST_OWN_TAGS, OPERATOR, reopen_by, set_severity, tag
from opsconductor.engine.state import EngineState
from opsconductor.engine.step import EngineStep
from opsconductor.engine.transitions import clear, resolve
from opsconductor.errors import AlertConflict, AlertNotFound, CommandExpired
from opsconductor.model.alert import LONGEST_WHO, Alert
from opsconductor.model.command import (
    Acknowledge,
    Assign,
    Command,
    Expected,
    Note,
    Reopen,
    Resolve,
    SetSeverity,
    Shelve,
    Tag,
    Unacknowledge,
    Unshelve,
    Verified,
)
from opsconductor.model.enums import OPEN_STATUSES, HistoryAction, Severity, Status
from opsconductor.model.text import one_line

FORGOTTEN = "the daemon has restarted since, and does not know how it was before"


def verified(work: EngineStep, alert: Alert, command: Verified) -> None:
    """End an alert that is over; notify now of one that was held only for verification.

    What was reported again since the poll began is not ended by it.
    """
    if command.is_over:
        at = work.state.clock.place(command.looked_at)
        if alert.last_occurrence_at <= at:
            clear(work, alert, at, "verify.over", by=command)
        return
    rule = "verify.unknown" if command.is_over is None else "verify.stands"
    if alert.status is Status.ACTIVE and alert.notify_at is not None:
        _end_hold(work, alert, command, rule)
    else:
        work.record(alert, HistoryAction.NOTED, rule, old=alert.status, by=command)


def _end_hold(work: EngineStep, alert: Alert, command: Verified, rule: str) -> None:
    """Notify now, or when its settle time is over: a cause may still arrive."""
    assert alert.notify_at is not None
    began_at = alert.transitions[-1] if alert.transitions else alert.received_at
    settled_at = later(began_at, work.state.settings.settle_time)
    if depends(work, alert) and settled_at > work.now:
        alert = work.change(alert, notify_at=min(alert.notify_at, settled_at))
        work.record(alert, HistoryAction.NOTED, rule, old=alert.status, by=command)
    else:
        end_hold(work, alert, rule, by=command)


def check(state: EngineState, command: Command, now: datetime) -> None:
    """Reject a command that cannot be executed, before anything is changed.

    Raises:
        AlertNotFound: The engine has no such alert: it never existed, or was closed too long ago.
        AlertConflict: The alert's state does not allow it, or differs from what the operator saw.
        CommandExpired: It was to be executed earlier.
    """
    alert = state.book.find(command.alert_id)
    if alert is None:
        raise AlertNotFound(f"no alert {command.alert_id} is open or was closed recently")
    if not isinstance(command, Verified):
        _check_expected(alert, command.expected, now)
    if isinstance(command, Reopen):
        _check_reopen(state, alert)
    elif not isinstance(command, Note) and alert.status not in OPEN_STATUSES:
        raise _conflict(alert, "")
    _check_state(state, alert, command, now)


def _check_state(state: EngineState, alert: Alert, command: Command, now: datetime) -> None:
    match command:
        case Acknowledge() if alert.status is Status.ACKNOWLEDGED:
            raise _conflict(alert, "")
        case Unacknowledge() if alert.status is not Status.ACKNOWLEDGED:
            raise _conflict(alert, ", not acknowledged")
        case Unacknowledge(restore=True) if state.unacknowledged.of(alert.id) is None:
            raise AlertConflict(f"{FORGOTTEN}; unacknowledge it instead", {})
        case Shelve() if command.until <= now:
            raise AlertConflict(f"it would be shelved until {utc_text(command.until)}, which is over", {})
        case Unshelve() if alert.shelved_until is None:
            raise _conflict(alert, ", not shelved")
        case Unshelve(restore=True) if state.unshelved.of(alert.id) is None:
            raise AlertConflict(f"{FORGOTTEN}; unshelve it instead", {})
        case SetSeverity():
            _check_severity(alert, command)
        case Tag():
            _check_tags(alert, command)


def _check_reopen(state: EngineState, alert: Alert) -> None:
    if alert.status in OPEN_STATUSES:
        raise _conflict(alert, "")
    successor = state.book.open.get(fingerprint_now(state, alert))
    if successor is not None:
        message = f"the same problem is open again as alert {successor.id}"
        raise AlertConflict(message, {"status": str(alert.status), "open_alert": str(successor.id)})


def _check_severity(alert: Alert, command: SetSeverity) -> None:
    if command.severity is None and alert.reported_severity is None:
        raise _conflict(alert, f", and {alert.severity} by its device: no other severity is set")
    if command.severity is Severity.CLEAR:
        raise AlertConflict("an alert is ended by `resolve`, not by the severity clear", {})


def _check_tags(alert: Alert, command: Tag) -> None:
    of_source = [each for each in command.remove if each in alert.tags and each not in alert.own_tags]
    if of_source:
        message = f"the tag {of_source[0]} is the source's, which every report would bring back"
        raise AlertConflict(message, {"tags": ",".join(alert.tags)})
    if len({*alert.own_tags, *command.add} - set(command.remove)) > MOST_OWN_TAGS:
        raise AlertConflict(f"it would have more than {MOST_OWN_TAGS} tags of people", {})


def _check_expected(alert: Alert, expected: Expected, now: datetime) -> None:
    if expected.until is not None and now > expected.until:
        raise CommandExpired(f"it was to be executed by {utc_text(expected.until)}; it was not executed")
    if expected.status not in (None, alert.status):
        raise _conflict(alert, f", not {expected.status} any more")
    if expected.severity not in (None, alert.severity):
        raise _conflict(alert, f" and {alert.severity}, not {expected.severity} any more")
    if expected.acknowledged_by not in (None, alert.acknowledged_by):
        raise _conflict(alert, f", not by {expected.acknowledged_by} any more")


def _conflict(alert: Alert, difference: str) -> AlertConflict:
    """Describe the alert's state, by whom and since when."""
    found = {"status": str(alert.status), "severity": str(alert.severity)}
    who, since = alert.resolved_by, alert.resolved_at
    if alert.status is Status.ACKNOWLEDGED:
        who, since = alert.acknowledged_by, alert.acknowledged_at
        found |= {"acknowledged_by": who or ""} | ({"acknowledged_at": since.isoformat()} if since else {})
    by = f" by {who}" if who else ""
    when = f" since {utc_text(since)}" if since else ""
    return AlertConflict(f"the alert is {alert.status}{by}{when}{difference}", found)


def _assign(work: EngineStep, alert: Alert, command: Assign) -> None:
    old = alert
    assigned_to = one_line(command.assigned_to, LONGEST_WHO) if command.assigned_to else None
    alert = work.change(alert, assigned_to=assigned_to)
    changes = change_of("assigned_to", old.assigned_to, assigned_to)
    work.record(alert, HistoryAction.ASSIGNED, OPERATOR, old=old.status, changes=changes, by=command)


def _resolve(work: EngineStep, alert: Alert, command: Resolve) -> None:
    who = one_line(command.operator.name, LONGEST_WHO)
    resolve(work, alert, OPERATOR, resolved_by=who, by=command, is_clear=False, transitions=())


def _note(work: EngineStep, alert: Alert, command: Note) -> None:
    work.record(alert, HistoryAction.NOTED, OPERATOR, old=alert.status, by=command)


ACTS: Mapping[type[Command], Callable[[EngineStep, Alert, Any], None]] = {
    Acknowledge: partial(acknowledge, rule=OPERATOR),
    Unacknowledge: partial(unacknowledge, rule=OPERATOR),
    Resolve: _resolve,
    Reopen: reopen_by,
    SetSeverity: set_severity,
    Tag: tag,
    Note: _note,
    Assign: _assign,
    Verified: verified,
    Shelve: shelve,
    Unshelve: unshelve,
}


def execute(work: EngineStep, command: Command) -> None:
    """Execute a command that `check` allows."""
    alert = work.book.find(command.alert_id)
    assert alert is not None
    ACTS[type(command)](work, alert, command)
    propagate(work)
