"""Acknowledgement of an alert, its withdrawal, and those at the source."""

from typing import Any

from opsconductor.engine.correlation.correlate import COST_OF_CHANGE, end_hold, suppress_if_cut
from opsconductor.engine.notifications import inform
from opsconductor.engine.recipients.steps import acknowledgement_expiry, begin_again
from opsconductor.engine.rerouting import is_audible, look_again, wait_again
from opsconductor.engine.routing.situation import spelled
from opsconductor.engine.step import EngineStep
from opsconductor.model.alert import LONGEST_WHO, Alert
from opsconductor.model.command import Acknowledge, Operator, Unacknowledge
from opsconductor.model.enums import AlertEvent, HistoryAction, NotificationKind, Status
from opsconductor.model.text import one_line

OURSELVES = "opsconductor"
NOT_ACKNOWLEDGED: dict[str, Any] = {"acknowledged_at": None, "acknowledged_by": None}


def follow_source(work: EngineStep, alert: Alert, *, before: str | None) -> None:
    """Acknowledge an alert, or withdraw it, when its source reports a change of acknowledgement.

    Only changes at the source count: a different decision here is not overruled by every poll,
    and what was acknowledged here stays so if it is withdrawn there.

    Args:
        alert: After the report was taken over.
        before: Who had acknowledged it there until now.
    """
    taker = alert.source_acknowledged_by
    if taker == before:
        return
    is_followed = alert.status is Status.ACKNOWLEDGED and alert.acknowledged_by == before
    if taker is None and is_followed:
        by_source = Unacknowledge(alert_id=alert.id, operator=Operator(name=alert.source_system))
        unacknowledge(work, alert, by_source, "source.unacknowledged")
    elif is_followed:
        work.change(alert, acknowledged_by=taker)
    elif taker is not None and alert.status is not Status.ACKNOWLEDGED:
        by_taker = Acknowledge(alert_id=alert.id, operator=Operator(name=taker))
        acknowledge(work, alert, by_taker, "source.acknowledged")


def acknowledge(work: EngineStep, alert: Alert, command: Acknowledge, rule: str) -> None:
    """Acknowledge: it no longer notifies, and is no consequence any more."""
    old = alert
    work.state.unacknowledged.remember(alert)
    alert = work.change(
        alert,
        status=Status.ACKNOWLEDGED,
        acknowledged_at=work.now,
        acknowledged_by=one_line(command.operator.name, LONGEST_WHO),
        correlated_to_id=None,
        correlation_rule=None,
        notify_at=None,
        unacknowledged_since=None,
        reroute_at=None,
        planned=(),
    )
    if expiry := acknowledgement_expiry(work, alert):
        alert = work.change(alert, reroute_at=expiry.at)
    shown = inform(work, alert, NotificationKind.ACKNOWLEDGED, AlertEvent.ACKNOWLEDGED)
    work.record(alert, HistoryAction.ACKNOWLEDGED, rule, old=old.status, changes=shown, by=command)


def unacknowledge(
    work: EngineStep, alert: Alert, command: Unacknowledge, rule: str, *, taker: str | None = None
) -> None:
    """Withdraw the acknowledgement; notify if it has never been notified, or by rules that have waited.

    Escalations begin again, unless the acknowledgement is taken back: then all is as before it.

    Args:
        taker: Who is reminded because the acknowledgement has expired; None: it was withdrawn.
    """
    old = alert
    values = {"unacknowledged_since": work.now, "reroute_at": None, **NOT_ACKNOWLEDGED}
    alert = work.change(alert, status=Status.ACTIVE, **values)
    work.record(alert, HistoryAction.UNACKNOWLEDGED, rule, old=Status.ACKNOWLEDGED, by=command)
    if suppress_if_cut(work, alert):
        return
    earlier = work.state.unacknowledged.of(alert.id) if command.restore else None
    if earlier is not None and _was_presented(earlier):
        _wait_as_before(work, alert, earlier)
    elif not alert.notified:
        end_hold(work, alert)
    elif is_audible(alert):
        since = old.acknowledged_at or work.now
        begun = look_again(work, alert, before=old, at=since, rule="route.unacknowledged", is_rest=True)
        begin_again(work, alert, begun, taker=taker)


def _was_presented(alert: Alert) -> bool:
    """Return False if an alert was suppressed, or came acknowledged: then its rules were not evaluated."""
    is_waiting = alert.notify_at is not None or alert.reroute_at is not None or alert.planned
    return alert.status is Status.ACTIVE and bool(alert.notified or is_waiting)


def _wait_as_before(work: EngineStep, alert: Alert, earlier: Alert) -> None:
    """Continue what the acknowledgement has stopped; what is overdue is due now."""
    alert = work.change(
        alert,
        unacknowledged_since=earlier.unacknowledged_since,
        notify_at=earlier.notify_at,
        reroute_at=earlier.reroute_at,
        planned=earlier.planned,
    )
    wait_again(work, alert)


def expire_acknowledgement(work: EngineStep, alert: Alert) -> None:
    """Withdraw an acknowledgement if its time is over, else wait until it is."""
    expiry = acknowledgement_expiry(work, alert)
    if expiry is None or expiry.at > work.now:
        work.change(alert, reroute_at=None if expiry is None else expiry.at)
        return
    work.budget -= COST_OF_CHANGE
    taker, policy = alert.acknowledged_by, expiry.policy
    notes = f"acknowledged by {taker} for {spelled(policy.acknowledgement_expires)}, escalation {policy.name}"
    command = Unacknowledge(alert_id=alert.id, operator=Operator(name=OURSELVES), notes=notes)
    unacknowledge(work, alert, command, "acknowledgement.expired", taker=taker)
