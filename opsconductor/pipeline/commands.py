"""Carries out what operators ask, and takes over what a look at a device has found."""

from datetime import datetime

from opsconductor.errors import AlertConflict, AlertNotFound, CommandExpired
from opsconductor.model.alert import Alert
from opsconductor.model.command import (
    Acknowledge,
    Assign,
    Command,
    Expected,
    Note,
    Resolve,
    Unacknowledge,
    Verified,
)
from opsconductor.model.enums import OPEN_STATUSES, HistoryAction, Status
from opsconductor.pipeline.correlate import propagate
from opsconductor.pipeline.describe import change_of
from opsconductor.pipeline.state import State
from opsconductor.pipeline.text import one_line
from opsconductor.pipeline.transition import acknowledge, resolve, unacknowledge
from opsconductor.pipeline.verify import verified
from opsconductor.pipeline.work import LONGEST_WHO, Work

OPERATOR = "operator"


def check(state: State, command: Command, now: datetime) -> None:
    """Refuse a command that cannot be carried out, before anything is touched.

    Raises:
        AlertNotFound: The engine knows no such alert: it never was, or was closed too long ago.
        AlertConflict: The alert's state does not allow it, or is not the one that the operator saw.
        CommandExpired: It was to be carried out earlier.
    """
    alert = state.book.find(command.alert_id)
    if alert is None:
        raise AlertNotFound(f"no alert {command.alert_id} is open or was closed a short while ago")
    if not isinstance(command, Verified):
        _check_expected(alert, command.expected, now)
    if not isinstance(command, Note) and alert.status not in OPEN_STATUSES:
        raise _conflict(alert, "")
    if isinstance(command, Acknowledge) and alert.status is Status.ACKNOWLEDGED:
        raise _conflict(alert, "")
    if isinstance(command, Unacknowledge) and alert.status is not Status.ACKNOWLEDGED:
        raise _conflict(alert, ", not acknowledged")


def _check_expected(alert: Alert, expected: Expected, now: datetime) -> None:
    if expected.until is not None and now > expected.until:
        raise CommandExpired(f"it was to be done by {_at(expected.until)}; it was not done")
    if expected.status not in (None, alert.status):
        raise _conflict(alert, f", not {expected.status} any more")
    if expected.severity not in (None, alert.severity):
        raise _conflict(alert, f" and {alert.severity}, not {expected.severity} any more")
    if expected.acknowledged_by not in (None, alert.acknowledged_by):
        raise _conflict(alert, f", not by {expected.acknowledged_by} any more")


def _conflict(alert: Alert, difference: str) -> AlertConflict:
    """Say what the alert is, by whom and since when."""
    found = {"status": str(alert.status), "severity": str(alert.severity)}
    who, since = alert.resolved_by, alert.resolved_at
    if alert.status is Status.ACKNOWLEDGED:
        who, since = alert.acknowledged_by, alert.acknowledged_at
        found |= {"acknowledged_by": who or ""} | ({"acknowledged_at": since.isoformat()} if since else {})
    by = f" by {who}" if who else ""
    when = f" since {_at(since)}" if since else ""
    return AlertConflict(f"the alert is {alert.status}{by}{when}{difference}", found)


def _at(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC"


def execute(work: Work, command: Command) -> None:
    """Carry out a command that `check` allows."""
    alert = work.book.find(command.alert_id)
    assert alert is not None
    match command:
        case Acknowledge():
            acknowledge(work, alert, command, OPERATOR)
        case Unacknowledge():
            unacknowledge(work, alert, command, OPERATOR)
        case Resolve():
            who = one_line(command.operator.name, LONGEST_WHO)
            resolve(work, alert, OPERATOR, resolved_by=who, by=command, is_clear=False, transitions=())
        case Assign():
            _assign(work, alert, command)
        case Verified():
            verified(work, alert, command)
        case Note():
            work.record(alert, HistoryAction.NOTED, OPERATOR, old=alert.status, by=command)
    propagate(work)


def _assign(work: Work, alert: Alert, command: Assign) -> None:
    old = alert
    assigned_to = one_line(command.assigned_to, LONGEST_WHO) if command.assigned_to else None
    alert = work.change(alert, assigned_to=assigned_to)
    changes = change_of("assigned_to", old.assigned_to, assigned_to)
    work.record(alert, HistoryAction.ASSIGNED, OPERATOR, old=old.status, changes=changes, by=command)
