"""Correlation: suppresses each consequence under its nearest cause, and re-evaluates it when that is over.

A change queues the alerts for which it may matter in `State.pending`; a step spends a bounded effort on
them, and the rest is due in the next one.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from opsconductor.engine.alert_fields import Beginning
from opsconductor.engine.alert_index import AlertIndex, cause_key, cuts, device_key, is_consequence
from opsconductor.engine.clock import NO_TIME, later
from opsconductor.engine.correlation.suppression import suppression_by
from opsconductor.engine.notifications import announce, kind_of
from opsconductor.engine.step import EngineStep
from opsconductor.model.alert import LONGEST_TYPE, Alert
from opsconductor.model.command import Command
from opsconductor.model.enums import OPEN_STATUSES, DependencyType, HistoryAction, Status
from opsconductor.model.identified import IdentifiedReport
from opsconductor.model.text import fitted

COST_OF_LOOK = 1
COST_OF_CHANGE = 4
"""Cost of a change of an alert, as a multiple of the evaluation that led to it."""


class Cause(NamedTuple):
    """The alert that causes another one, and the type of dependency."""

    alert: Alert
    dependency_type: DependencyType


def depends(work: EngineStep, alert: Alert) -> bool:
    """Return True if an alert may have a cause on another device."""
    return work.state.reachability.depends(device_key(alert), alert.alert_type)


def may_be_cause(work: EngineStep, alert: Alert) -> bool:
    """Return True if alerts of other devices may turn out to be consequences of an alert."""
    device, graph = device_key(alert), work.state.inventory.graph
    return (device in graph.dependents or device in graph.managers) and cuts(alert)


def is_verified(work: EngineStep, alert: Alert) -> bool:
    """Return True if a connector verifies an alert before it is notified."""
    looks = work.state.looks
    return bool(looks.verifiers) and looks.applies_to(alert)


def suppress_if_cut(work: EngineStep, alert: Alert) -> bool:
    """Suppress an alert if every path of its device is cut; return whether it was."""
    cause = cause_of(work, alert)
    if cause is not None:
        _suppress(work, alert, cause)
    return cause is not None


def begin_suppressed(work: EngineStep, alert: Alert) -> Mapping[str, object] | None:
    """Suppress a new alert while every path of its device is cut.

    Returns:
        Content of the history row of its beginning; None: it is not cut.
    """
    cause = cause_of(work, alert)
    return None if cause is None else _under(work, alert, cause)[1]


def beginning_of(work: EngineStep, event: IdentifiedReport) -> Beginning | None:
    """Return the initial state of an alert: suppressed or held; None: neither, or to be evaluated once open.

    A new alert has no influence on whether its own device is cut off, unless that is on a cycle.
    """
    state, report = work.state, event.report
    device = event.device_ip or event.device_name or ""
    if state.rejected is not None or state.is_circular(device) or report.acknowledged_by:
        return None
    alert_type = fitted(report.alert_type, LONGEST_TYPE)
    if not state.reachability.depends(device, alert_type):
        return None
    cause = _cause_at(work, device, alert_type)
    if cause is not None:
        work.budget -= COST_OF_CHANGE
        found = suppression_by(*cause)
        rule = found.values["correlation_rule"]
        return Beginning(Status.SUPPRESSED, cause.alert.id, rule, why=found.row(None))
    if state.settings.settle_time <= NO_TIME:
        return None
    return Beginning(notify_at=later(work.now, state.settings.settle_time))


def hold(work: EngineStep, alert: Alert) -> bool:
    """Hold an alert until a cause, its consequences or a verification may have arrived.

    Returns:
        False: there is nothing to wait for.
    """
    is_linked = depends(work, alert) or may_be_cause(work, alert)
    wait = work.state.settings.settle_time if is_linked else NO_TIME
    if is_verified(work, alert):
        wait = max(wait, work.state.looks.hold_time)
    if wait <= NO_TIME:
        return False
    work.change(alert, notify_at=later(work.now, wait))
    return True


def propagate(work: EngineStep) -> None:
    """Evaluate pending alerts, until none is left or the budget of this step is spent."""
    state, pending, reachability = work.state, work.state.pending, work.state.reachability
    if state.agenda.due_at > work.now:  # neither alerts nor devices wait
        return

    def is_left() -> bool:
        if pending:
            return True
        pending.add_devices(reachability.next_concerned())
        return bool(pending) or reachability.has_concerned or state.settle()

    def alerts_of(device: str) -> Sequence[str]:
        reachability.take(device)
        found = work.book.by_device.get(device)
        if not found:
            reachability.forget(device)
        return found

    while work.budget > 0 and is_left():
        work.budget -= COST_OF_LOOK
        fingerprint = pending.pop(alerts_of)
        alert = work.book.open.get(fingerprint) if fingerprint is not None else None
        if alert is not None:
            reconsider(work, alert)


def reconsider(work: EngineStep, alert: Alert) -> None:
    """Suppress an open alert, change its cause, or start its grace time, as things are now.

    An acknowledged alert is left alone.
    """
    if alert.status not in (Status.ACTIVE, Status.SUPPRESSED):
        return
    cause = cause_of(work, alert)
    if cause is None:
        if is_consequence(alert):
            _begin_grace(work, alert)
    elif cause_key(alert) != cause.alert.id.int:
        _suppress(work, alert, cause)


def end_grace(work: EngineStep, alert: Alert) -> None:
    """Make a former consequence an alert in its own right, and notify."""
    work.budget -= COST_OF_CHANGE
    alert = work.change(
        alert,
        status=Status.ACTIVE,
        correlated_to_id=None,
        correlation_rule=None,
        notify_at=None,
        unacknowledged_since=work.now,
    )
    alert, shown = announce(work, alert, kind_of(alert))
    work.record(
        alert, HistoryAction.UNSUPPRESSED, "correlate.grace_over", old=Status.SUPPRESSED, changes=shown
    )


def end_hold(
    work: EngineStep, alert: Alert, rule: str = "route.settled", *, by: Command | None = None
) -> None:
    """Notify of an alert whose settle time has passed without a cause, or that is verified."""
    alert = work.change(alert, notify_at=None)
    before = alert.notified
    alert, shown = announce(work, alert, kind_of(alert))
    action = HistoryAction.UPDATED if alert.notified == before else HistoryAction.NOTIFIED
    work.record(alert, action, rule, old=alert.status, changes=shown, by=by)


def cause_of(work: EngineStep, alert: Alert) -> Cause | None:
    """Return the nearest cause of an alert; None: its device is not cut off by an alert elsewhere.

    The present cause is kept as long as it holds, else the oldest is chosen.
    """
    device = device_key(alert)
    if not work.state.reachability.depends(device, alert.alert_type):
        return None
    return _cause_at(work, device, alert.alert_type, alert)


def _cause_at(work: EngineStep, device: str, alert_type: str, alert: Alert | None = None) -> Cause | None:
    """Return the nearest cause of an alert of a device, or None.

    Args:
        alert: Its present state; None: it is not open yet.
    """
    reachability, rejected = work.state.reachability, work.state.rejected
    is_circular = work.state.is_circular(device)
    for kind, paths in reachability.severed(device):
        if kind is DependencyType.MANAGEMENT and not reachability.is_about_reachability(alert_type):
            continue
        causes = found = [each for path in paths for each in reachability.cutters(path)]
        if is_circular or rejected is not None:
            causes = [each for each in found if leads_elsewhere(work.book, each, device)]
        if rejected is not None and alert is not None and len(causes) < len(found):
            rejected[alert.fingerprint] = None
        if len(causes) == 1:
            return Cause(causes[0], kind)
        if causes:
            known = alert.correlated_to_id if alert is not None else None
            present = next((each for each in causes if each.id == known), None)
            return Cause(present or min(causes, key=lambda each: (each.received_at, each.id)), kind)
    return None


def leads_elsewhere(book: AlertIndex, cause: Alert, device: str) -> bool:
    """Return True if no alert in the chain of a cause is of the device itself."""
    for number in book.chains.chain(cause.id.int):
        alert = book.numbered(number)
        if alert is None or alert.status not in OPEN_STATUSES:
            return True
        if device_key(alert) == device:
            return False
    return True


def _suppress(work: EngineStep, alert: Alert, cause: Cause) -> None:
    old = alert
    alert, changes = _under(work, alert, cause)
    if old.status is not Status.SUPPRESSED or old.correlated_to_id != alert.correlated_to_id:
        work.record(alert, HistoryAction.SUPPRESSED, "correlate.cut", old=old.status, changes=changes)


def _under(work: EngineStep, alert: Alert, cause: Cause) -> tuple[Alert, Mapping[str, object]]:
    """Move an alert under a cause; return it and the content of a history row."""
    work.budget -= COST_OF_CHANGE
    found = suppression_by(*cause)
    return work.change(alert, **found.values), found.row(alert.correlated_to_id)


def _begin_grace(work: EngineStep, alert: Alert) -> None:
    work.budget -= COST_OF_CHANGE
    if work.state.settings.grace_time > NO_TIME:
        work.change(alert, notify_at=later(work.now, work.state.settings.grace_time))
    else:
        end_grace(work, alert)
