"""Suppresses the consequences of a cause, and looks at them again once it is over."""

from collections.abc import Iterator
from typing import NamedTuple
from uuid import UUID

from opsconductor.inventory.graph import Dependent, Path
from opsconductor.model.alert import Alert
from opsconductor.model.enums import (
    OPEN_STATUSES,
    Category,
    DependencyType,
    HistoryAction,
    NotificationKind,
    Status,
)
from opsconductor.pipeline.book import device_key, is_consequence
from opsconductor.pipeline.clock import NO_TIME, later
from opsconductor.pipeline.cuts import Severed, is_usable, severed
from opsconductor.pipeline.tell import announce
from opsconductor.pipeline.text import one_line
from opsconductor.pipeline.work import Shift, Work

LONGEST_RULE = 100


class Cause(NamedTuple):
    """The alert because of which another one is suppressed, and in which type of dependency."""

    alert: Alert
    dependency_type: DependencyType


def depends(work: Work, alert: Alert) -> bool:
    """Tell whether the device of an alert depends on anything."""
    return device_key(alert) in work.state.inventory.graph.needs


def suppress_if_cut(work: Work, alert: Alert) -> bool:
    """Suppress an alert if every path of its device is cut; tells whether it did."""
    cause = cause_of(work, alert)
    if cause is not None:
        _suppress(work, alert, cause)
    return cause is not None


def hold(work: Work, alert: Alert) -> bool:
    """Tell nobody before a cause may have come and a look may have been had; False: there is no such time."""
    wait = work.state.settings.settle_time if depends(work, alert) else NO_TIME
    if work.state.looks.wants(alert):
        wait = max(wait, work.state.looks.hold_time)
    if wait <= NO_TIME:
        return False
    work.change(alert, notify_at=later(work.now, wait))
    return True


def propagate(work: Work) -> None:
    """Look at all alerts that are touched by what has changed, until nothing changes any more."""
    while work.shifts:
        for fingerprint in _touched(work, work.shifts.popleft()):
            alert = work.book.open.get(fingerprint)
            if alert is not None:
                reconsider(work, alert)


def reconsider(work: Work, alert: Alert) -> None:
    """Suppress an open alert, give it another cause, or its grace time, as things are now.

    Whoever is taking care of an alert keeps it: an acknowledged one is left alone.
    """
    if alert.status not in (Status.ACTIVE, Status.SUPPRESSED):
        return
    cause = cause_of(work, alert)
    if cause is None:
        if is_consequence(alert):
            _begin_grace(work, alert)
    elif not (is_consequence(alert) and alert.correlated_to_id == cause.alert.id):
        _suppress(work, alert, cause)


def end_grace(work: Work, alert: Alert) -> None:
    """Make a former consequence an alert in its own right, and tell people."""
    alert = work.change(
        alert, status=Status.ACTIVE, correlated_to_id=None, correlation_rule=None, notify_at=None
    )
    alert, shown = announce(work, alert, kind_of(alert))
    work.record(
        alert, HistoryAction.UNSUPPRESSED, "correlate.grace_over", old=Status.SUPPRESSED, changes=shown
    )


def kind_of(alert: Alert) -> NotificationKind:
    """Tell as what people first hear of an alert."""
    return NotificationKind.PROBLEM if alert.flapping_since is None else NotificationKind.FLAPPING


def cause_of(work: Work, alert: Alert) -> Cause | None:
    """Find the root cause of an alert; None: its device is not cut off by an alert elsewhere.

    The cause it already has is kept as long as it holds, else the oldest is taken.
    """
    if not work.book.cutting or not depends(work, alert):
        return None
    for kind, fingerprints in _severed(work, device_key(alert)):
        roots = {root.id: root for each in fingerprints if (root := _root(work, each, alert)) is not None}
        if alert.correlated_to_id in roots:
            return Cause(roots[alert.correlated_to_id], kind)
        if roots:
            return Cause(min(roots.values(), key=lambda root: (root.received_at, root.id)), kind)
    return None


def _severed(work: Work, device: str) -> tuple[Severed, ...]:
    known = work.state.severed
    if device not in known:
        known[device] = severed(device, work.state.inventory.graph, lambda path: _cutters(work, path))
    return known[device]


def _cutters(work: Work, path: Path, also: Alert | None = None) -> tuple[str, ...]:
    """List the alerts at a provider that cut a path: any, or those on all resources that carry it.

    Args:
        also: An alert that counts as cutting whether it still does or not.
    """
    cutting = work.book.cutting.get(path.provider)
    if not cutting and also is None:
        return ()
    alerts = [work.book.open[each] for each in cutting]
    if also is not None and device_key(also) == path.provider:
        alerts = [*(alert for alert in alerts if alert.fingerprint != also.fingerprint), also]
    if path.is_power:
        alerts = [alert for alert in alerts if alert.category is Category.POWER]
    if path.via:
        whole = [alert for alert in alerts if not alert.resource]
        if whole or not set(path.via) <= {alert.resource for alert in alerts}:
            alerts = whole
        else:
            alerts = [alert for alert in alerts if alert.resource in path.via]
    return tuple(alert.fingerprint for alert in alerts)


def _root(work: Work, fingerprint: str, consequence: Alert) -> Alert | None:
    """Follow a cutting alert to the top; None when that is the consequence's own device."""
    alert = work.book.open[fingerprint]
    seen: set[UUID] = set()
    while is_consequence(alert) and alert.correlated_to_id is not None:
        seen.add(alert.id)
        cause = work.book.find(alert.correlated_to_id)
        if cause is None or cause.status not in OPEN_STATUSES:
            break
        if cause.id in seen:
            return None
        alert = cause
    return None if device_key(alert) == device_key(consequence) else alert


def _suppress(work: Work, alert: Alert, cause: Cause) -> None:
    old = alert
    place = cause.alert.device_name or cause.alert.device_ip
    text = f"every {cause.dependency_type} path is cut by {cause.alert.alert_type} on {place}"
    alert = work.change(
        alert,
        status=Status.SUPPRESSED,
        correlated_to_id=cause.alert.id,
        correlation_rule=one_line(text, LONGEST_RULE),
        notify_at=None,
    )
    if old.correlated_to_id != alert.correlated_to_id or old.status is not Status.SUPPRESSED:
        before = str(old.correlated_to_id) if old.correlated_to_id else None
        changes = {"correlated_to_id": [before, str(cause.alert.id)], "why": text}
        work.record(alert, HistoryAction.SUPPRESSED, "correlate.cut", old=old.status, changes=changes)


def _begin_grace(work: Work, alert: Alert) -> None:
    if work.state.settings.grace_time > NO_TIME:
        work.change(alert, notify_at=later(work.now, work.state.settings.grace_time))
    else:
        end_grace(work, alert)


def _touched(work: Work, shift: Shift) -> Iterator[str]:
    """List the alerts that a shift may concern: consequences, and what is dark because of it or was.

    Behind a device that is usable even when the alert cuts, nothing has changed.
    """
    yield from work.book.consequences.get(shift.alert.id)
    if not shift.is_felt:
        return
    graph = work.state.inventory.graph
    starts = (
        dependent.device
        for dependent in graph.dependents.get(device_key(shift.alert), ())
        if _feels(dependent, shift.alert.resource, is_felt_by_all=shift.is_felt_by_all)
    )

    def cutters(path: Path) -> tuple[str, ...]:
        return _cutters(work, path, shift.alert)

    for device in graph.downstream(starts, lambda device: is_usable(device, graph, cutters)):
        yield from work.book.dependent.get(device)


def _feels(dependent: Dependent, resource: str, *, is_felt_by_all: bool) -> bool:
    """Tell whether a cut of a resource can matter to a dependent device."""
    if dependent.via:
        return not resource or resource in dependent.via
    return is_felt_by_all
