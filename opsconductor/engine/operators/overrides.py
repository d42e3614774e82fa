"""What people decide in place of the source: that an alert is not over, its severity, tags."""

from typing import Any

from opsconductor.engine.alert_fields import LONGEST_TAG, change_of, is_worse
from opsconductor.engine.clock import later
from opsconductor.engine.correlation.review import follow_inventory
from opsconductor.engine.muting.marking import marked, shelf_over
from opsconductor.engine.notifications import notify_again
from opsconductor.engine.priority import URGENCY, priority_of
from opsconductor.engine.recipients.steps import acknowledgement_expiry
from opsconductor.engine.rerouting import wait_again
from opsconductor.engine.step import EngineStep
from opsconductor.engine.transitions import REOPENED, escalate, present
from opsconductor.model.alert import LONGEST_REASON, LONGEST_WHO, Alert
from opsconductor.model.command import Reopen, SetSeverity, Tag
from opsconductor.model.enums import HistoryAction, Severity, Status
from opsconductor.model.text import one_line

OPERATOR = "operator"
"""Rule of what a person has ordered."""
MOST_OWN_TAGS = 50


def reopen_by(work: EngineStep, alert: Alert, command: Reopen) -> None:
    """Reopen a closed alert because a person says so; it is notified as a problem.

    If the closing is taken back, an acknowledgement holds again, and only those who were notified of the end
    are notified. The inventory may have changed while it was closed.
    """
    follow_inventory(work, alert)
    old = alert = work.book.latest(alert)
    length = alert.expires_after
    alert = work.change(
        alert,
        **REOPENED,
        **shelf_over(work, alert),
        unacknowledged_since=work.now,
        expires_at=None if length is None else later(work.now, length),
        is_clear=False,
    )
    if command.restore and old.acknowledged_at is not None:
        _acknowledge_again(work, alert, old, command)
    else:
        present(work, alert, HistoryAction.REOPENED, OPERATOR, old=old.status, by=command)


def _acknowledge_again(work: EngineStep, alert: Alert, old: Alert, command: Reopen) -> None:
    """Restore the acknowledgement that a reopened alert had when it was closed."""
    alert = work.change(
        alert,
        status=Status.ACKNOWLEDGED,
        acknowledged_at=old.acknowledged_at,
        acknowledged_by=old.acknowledged_by,
        unacknowledged_since=None,
        notified=old.notified,
    )
    if expiry := acknowledgement_expiry(work, alert):
        alert = work.change(alert, reroute_at=expiry.at)
    alert = marked(work, alert)
    is_muted = alert.muted_by is not None  # then the recipients know of the end only
    alert = work.change(alert, notified=()) if is_muted else notify_again(work, alert)
    changes = change_of("acknowledged_by", None, alert.acknowledged_by)
    work.record(alert, HistoryAction.REOPENED, OPERATOR, old=old.status, changes=changes, by=command)


def set_severity(work: EngineStep, alert: Alert, command: SetSeverity) -> None:
    """Set the severity until that is withdrawn, or withdraw it; a higher one is notified.

    An acknowledgement stays: a person has raised the severity and has seen the alert.
    """
    if command.severity is None:
        rule, severity = "operator.severity_withdrawn", alert.device_severity
        values: dict[str, Any] = {"reported_severity": None, "severity_by": None, "severity_reason": None}
    else:
        rule, severity = "operator.severity", command.severity
        values = {
            "reported_severity": alert.device_severity,
            "severity_by": one_line(command.operator.name, LONGEST_WHO),
            "severity_reason": one_line(command.notes, LONGEST_REASON) if command.notes else None,
        }
    values |= _graded(alert, severity)
    if is_worse(severity, than=alert.severity):
        escalate(work, alert, values, rule, keeps_acknowledgement=True, by=command)
        return
    old = alert
    alert = work.change(alert, **values)
    wait_again(work, alert)
    changes = {
        **change_of("severity", old.severity, alert.severity),
        **change_of("reported_severity", old.reported_severity, alert.reported_severity),
    }
    work.record(alert, HistoryAction.UPDATED, rule, old=old.status, changes=changes, by=command)


def tag(work: EngineStep, alert: Alert, command: Tag) -> None:
    """Add and remove tags of people; those of the source stay."""
    old, removed = alert, set(command.remove)
    added = [one_line(each, LONGEST_TAG) for each in command.add]
    own = tuple(dict.fromkeys([*(each for each in alert.own_tags if each not in removed), *added]))
    gone = removed.intersection(alert.own_tags).difference(own)
    tags = tuple(dict.fromkeys([*(each for each in alert.tags if each not in gone), *own]))
    alert = work.change(alert, own_tags=own, tags=tags)
    changes = change_of("tags", list(old.tags), list(alert.tags))
    work.record(alert, HistoryAction.UPDATED, "operator.tags", old=old.status, changes=changes, by=command)


def _graded(alert: Alert, severity: Severity) -> dict[str, Any]:
    """Return a severity and what follows from it."""
    return {
        "severity": severity,
        "urgency": URGENCY[severity],
        "priority": priority_of(alert.impact, severity),
    }
