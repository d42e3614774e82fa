"""Review of all open alerts, a part in each step: after loading, or with a new configuration."""

from typing import Any

from opsconductor.engine.acknowledging import acknowledge
from opsconductor.engine.alert_fields import change_of
from opsconductor.engine.alert_index import device_key
from opsconductor.engine.clock import later, times_put_right
from opsconductor.engine.correlation.impacted import count_impact
from opsconductor.engine.priority import priority_of
from opsconductor.engine.state import EngineState
from opsconductor.engine.step import EngineStep
from opsconductor.engine.transitions import resolve
from opsconductor.inventory.identify import UNKNOWN_DEVICE, identify_again, place_at
from opsconductor.inventory.snapshot import DevicePlace
from opsconductor.model.alert import Alert, fingerprint_of
from opsconductor.model.command import Acknowledge, Operator
from opsconductor.model.enums import OPEN_STATUSES, SEVERITY_RANK, HistoryAction, Status


def review(work: EngineStep) -> None:
    """Put times in an impossible future right, then continue the review of the open alerts."""
    if work.state.untimely:
        _put_times_right(work)
    if work.state.review:
        _review_part(work)


def _review_part(work: EngineStep) -> None:
    """Bring a part of the open alerts into line with the inventory; after the last, correlate them."""
    state, todo = work.state, work.state.review
    for key, identity in todo.identities():
        work.budget -= 1
        if work.book.is_concerned(identity.fingerprint):
            todo.note(identity, identify_again(key, state.inventory))
        if work.budget <= 0:
            return
    for fingerprint in todo.alerts():
        work.budget -= 1
        alert = work.book.open.get(fingerprint)
        if alert is not None:  # else it is over, or has become one with another
            _review_alert(work, alert)
            reviewed = work.book.latest(alert)
            if reviewed.status in OPEN_STATUSES:
                todo.reviewed.append(reviewed.fingerprint)
                state.queue_reviewed(reviewed)
        if work.budget <= 0:
            break
    if not todo:
        state.pending.add_many(todo.reviewed)
        todo.end()


def _put_times_right(work: EngineStep) -> None:
    """Move times from an impossible future to where the present clock would have set them.

    The history of an alert that began in the future keeps the time of its beginning.
    """
    longest_wait = work.state.longest_wait
    for known in work.state.untimely:
        alert = work.book.find(known.id)
        values = times_put_right(alert, work.now, longest_wait) if alert is not None else {}
        if alert is None or not values:
            continue
        changed = work.change(alert, **values)
        if alert.status.is_open:
            work.state.timers.require(changed)
        if "occurred_at" in values and alert.status.is_open:
            changes = change_of("occurred_at", alert.occurred_at, changed.occurred_at)
            work.record(changed, HistoryAction.UPDATED, "clock.set_back", old=alert.status, changes=changes)
    work.state.untimely = ()


def _review_alert(work: EngineStep, alert: Alert) -> None:
    if alert.flapping_since is not None:  # the time after which it counts as stable may be another
        work.state.timers.require(alert)
    notify_by = later(work.now, work.state.longest_wait)
    if alert.notify_at is not None and alert.notify_at > notify_by:  # it was held for longer until now
        alert = work.change(alert, notify_at=notify_by)
    count_impact(work, alert)
    follow_inventory(work, work.book.open[alert.fingerprint])


def fingerprint_now(state: EngineState, alert: Alert) -> str:
    """Return the fingerprint that an alert has with the present inventory."""
    place = _place_of(state, alert)
    return alert.fingerprint if place is None else _fingerprint_at(alert, place)


def follow_inventory(work: EngineStep, alert: Alert) -> None:
    """Take over what the inventory now lists for an alert's device.

    The next report of the same fault must match this alert and not create a second one.
    """
    place = _place_of(work.state, alert)
    values: dict[str, Any] = {}
    if place is not None:
        if place.device_ip != alert.device_ip or not (
            place.device_ip or place.device_name == alert.device_name
        ):
            _move(work, alert, place)
            return
        values["device_name"] = place.device_name or alert.device_name
    impact = work.state.impact(device_key(alert))
    if impact is not alert.impact:
        values |= {"impact": impact, "priority": priority_of(impact, alert.severity)}
    if any(getattr(alert, name) != value for name, value in values.items()):
        work.change(alert, **values)


def _place_of(state: EngineState, alert: Alert) -> DevicePlace | None:
    """Return the device of an alert with the present inventory; None: it is not listed.

    If its reports are not remembered the address decides, then the name.
    """
    subject = state.book.subject(alert.fingerprint)
    place = state.review.moved.get(subject or alert.fingerprint)
    if place is not None:
        return place
    names = (name for name in (alert.device_ip, alert.device_name) if name)
    found = (state.inventory.device_of(name) for name in names)
    device = next((each for each in found if each is not None), None)
    return place_at(device) if device is not None else None


def _fingerprint_at(alert: Alert, place: DevicePlace) -> str:
    """Return the fingerprint of an alert at a device; with a problem id it keeps its own."""
    if alert.has_problem_id:
        return alert.fingerprint
    device = place.device_ip or place.device_name or UNKNOWN_DEVICE
    return fingerprint_of(device, alert.alert_type, alert.resource)


def _move(work: EngineStep, alert: Alert, place: DevicePlace) -> None:
    """Move an alert to the device that it turned out to be about.

    If that device has the same problem open already, this alert is closed: the other one continues, and takes
    over the acknowledgement.
    """
    name = place.device_name or alert.device_name
    fingerprint = _fingerprint_at(alert, place)
    if fingerprint != alert.fingerprint and fingerprint in work.book.open:
        _hand_over(work, alert, work.book.open[fingerprint])
        resolve(work, alert, "inventory.same_device", resolved_by=alert.source_system)
        return
    impact = work.state.impact(place.device_ip or place.device_name or UNKNOWN_DEVICE)
    old = alert
    alert = work.rename(
        alert,
        fingerprint=fingerprint,
        device_ip=place.device_ip,
        device_name=name,
        impact=impact,
        priority=priority_of(impact, alert.severity),
    )
    changes = {
        **change_of("device_ip", old.device_ip, place.device_ip),
        **change_of("device_name", old.device_name, name),
    }
    work.record(alert, HistoryAction.UPDATED, "inventory.moved", old=alert.status, changes=changes)


def _hand_over(work: EngineStep, alert: Alert, other: Alert) -> None:
    """Acknowledge the other alert as this one was, unless it is worse."""
    is_worse = SEVERITY_RANK[other.severity] > SEVERITY_RANK[alert.severity]
    if alert.status is Status.ACKNOWLEDGED and other.status is not Status.ACKNOWLEDGED and not is_worse:
        taker = Operator(name=alert.acknowledged_by or alert.source_system)
        acknowledge(work, other, Acknowledge(alert_id=other.id, operator=taker), "inventory.same_device")
