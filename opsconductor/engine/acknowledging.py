"""Acknowledgement of an alert, its withdrawal, and those at the source."""

from typing import Any

from opsconductor.engine.correlation.correlate import end_hold, suppress_if_cut
from opsconductor.engine.notifications import inform
from opsconductor.engine.rerouting import is_audible, look_again
from opsconductor.engine.step import EngineStep
from opsconductor.model.alert import LONGEST_WHO, Alert
from opsconductor.model.command import Acknowledge, Operator, Unacknowledge
from opsconductor.model.enums import AlertEvent, HistoryAction, NotificationKind, Status
from opsconductor.model.text import one_line

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
    )
    shown = inform(work, alert, NotificationKind.ACKNOWLEDGED, AlertEvent.ACKNOWLEDGED)
    work.record(alert, HistoryAction.ACKNOWLEDGED, rule, old=old.status, changes=shown, by=command)


def unacknowledge(work: EngineStep, alert: Alert, command: Unacknowledge, rule: str) -> None:
    """Withdraw the acknowledgement; notify if it has never been notified, or by rules that have waited."""
    old = alert
    alert = work.change(alert, status=Status.ACTIVE, unacknowledged_since=work.now, **NOT_ACKNOWLEDGED)
    work.record(alert, HistoryAction.UNACKNOWLEDGED, rule, old=Status.ACKNOWLEDGED, by=command)
    if suppress_if_cut(work, alert):
        return
    if not alert.notified:
        end_hold(work, alert)
    elif is_audible(alert):
        since = old.acknowledged_at or work.now
        look_again(work, alert, before=old, at=since, rule="route.unacknowledged")
