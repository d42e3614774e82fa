"""Carries out what operators ask, and takes over what a look at a device has found."""

from opsconductor.errors import AlertConflict, AlertNotFound
from opsconductor.model.alert import Alert
from opsconductor.model.command import Acknowledge, Assign, Command, Note, Resolve, Unacknowledge, Verified
from opsconductor.model.enums import OPEN_STATUSES, HistoryAction, Status
from opsconductor.pipeline.correlate import propagate
from opsconductor.pipeline.describe import change_of
from opsconductor.pipeline.state import State
from opsconductor.pipeline.text import one_line
from opsconductor.pipeline.transition import acknowledge, resolve, unacknowledge
from opsconductor.pipeline.verify import verified
from opsconductor.pipeline.work import LONGEST_WHO, Work

OPERATOR = "operator"


def check(state: State, command: Command) -> None:
    """Refuse a command that cannot be carried out, before anything is touched.

    Raises:
        AlertNotFound: The engine knows no such alert: it never was, or was closed too long ago.
        AlertConflict: The alert's state does not allow it.
    """
    alert = state.book.find(command.alert_id)
    if alert is None:
        raise AlertNotFound(f"no alert {command.alert_id} is open or was closed a short while ago")
    if not isinstance(command, Note) and alert.status not in OPEN_STATUSES:
        raise AlertConflict(f"the alert is {alert.status} already")
    if isinstance(command, Acknowledge) and alert.status is Status.ACKNOWLEDGED:
        raise AlertConflict(f"the alert is acknowledged already, by {alert.acknowledged_by}")
    if isinstance(command, Unacknowledge) and alert.status is not Status.ACKNOWLEDGED:
        raise AlertConflict(f"the alert is {alert.status}, not acknowledged")


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
