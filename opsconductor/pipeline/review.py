"""Looks at everything that is open: after loading, a new configuration, or a clock set back."""

from datetime import datetime, timedelta
from typing import Any

from opsconductor.inventory.snapshot import Place
from opsconductor.model.alert import Alert, fingerprint_of
from opsconductor.model.command import Acknowledge, Operator
from opsconductor.model.enums import SEVERITY_RANK, HistoryAction, Status
from opsconductor.pipeline.clock import IN_FLIGHT, earlier, later
from opsconductor.pipeline.correlate import depends, propagate, reconsider
from opsconductor.pipeline.describe import change_of
from opsconductor.pipeline.identify import UNKNOWN_DEVICE
from opsconductor.pipeline.priority import priority_of
from opsconductor.pipeline.text import one_line
from opsconductor.pipeline.transition import acknowledge, resolve
from opsconductor.pipeline.work import Work

LONGEST_NAME = 255


def review(work: Work) -> None:
    """Bring every alert into line with the time, the inventory and the open causes."""
    _put_times_right(work)
    for fingerprint in tuple(work.book.open):
        if fingerprint in work.book.open:  # it may have become one with another
            _follow_inventory(work, work.book.open[fingerprint])
    for fingerprint in tuple(work.book.open):
        present = work.book.open[fingerprint]
        if present.status is Status.SUPPRESSED or depends(work, present):
            reconsider(work, present)
    propagate(work)
    _recount(work)
    work.state.set_timers()
    work.state.moved = {}
    work.state.must_review = False


def _put_times_right(work: Work) -> None:
    """Move what lies in an impossible future to where the present clock would have put it.

    The history of an alert that began in the future keeps when it began by the clock of then.
    """
    settings = work.state.settings
    longest_wait = max(settings.settle_time, settings.grace_time, work.state.looks.hold_time)
    for alert in tuple(work.book):
        values = {**_past_times(work.now, alert), **_waits(work, alert, longest_wait)}
        if not values:
            continue
        changed = work.change(alert, **values)
        if "occurred_at" in values and alert.status.is_open:
            changes = change_of("occurred_at", alert.occurred_at, changed.occurred_at)
            work.record(changed, HistoryAction.UPDATED, "clock.set_back", old=alert.status, changes=changes)


def _past_times(now: datetime, alert: Alert) -> dict[str, Any]:
    """List the new values of times that lie in the future: none is last seen before it began."""
    # Below whatever is still on its way here, so that it does not look late.
    last_at = earlier(now, IN_FLIGHT) if alert.last_occurrence_at > now else alert.last_occurrence_at
    times: dict[str, Any] = {
        "occurred_at": min(alert.occurred_at, last_at),
        "last_occurrence_at": last_at,
        "received_at": min(alert.received_at, now),
        "transitions": tuple(min(at, now) for at in alert.transitions),
    }
    for name in ("acknowledged_at", "resolved_at", "flapping_since"):
        at = getattr(alert, name)
        times[name] = at and min(at, now)
    return {name: value for name, value in times.items() if value != getattr(alert, name)}


def _waits(work: Work, alert: Alert, longest_wait: timedelta) -> dict[str, Any]:
    values: dict[str, Any] = {}
    notify_by = later(work.now, longest_wait)
    if alert.notify_at is not None and alert.notify_at > notify_by:
        values["notify_at"] = notify_by
    if alert.expires_at is not None and alert.expires_after is not None:
        expire_by = later(work.now, alert.expires_after)
        if alert.expires_at > expire_by:
            values["expires_at"] = expire_by
    return values


def _follow_inventory(work: Work, alert: Alert) -> None:
    """Take over what the inventory now says about an alert's device.

    The next report of the same fault is to meet this alert and not to make a second one. Where its reports
    are not remembered the address decides, then the name.
    """
    inventory = work.state.inventory
    subject = work.book.subject(alert.fingerprint)
    place = work.state.moved.get(subject or alert.fingerprint)
    if place is not None:
        _move(work, alert, place)
        return
    names = (name for name in (alert.device_ip, alert.device_name) if name)
    device = next((found for name in names if (found := inventory.device_of(name)) is not None), None)
    values: dict[str, Any] = {}
    if device is not None:
        address = inventory.main_address(device.ip_address)
        if address != alert.device_ip:
            _move(work, alert, Place(address, one_line(device.name, LONGEST_NAME), None))
            return
        if alert.device_name != device.name:
            values["device_name"] = one_line(device.name, LONGEST_NAME)
    impact = work.state.impact(alert.device_ip)
    if impact is not alert.impact:
        values |= {"impact": impact, "priority": priority_of(impact, alert.severity)}
    if any(getattr(alert, name) != value for name, value in values.items()):
        work.change(alert, **values)


def _move(work: Work, alert: Alert, place: Place) -> None:
    """Give an alert to the device that it turned out to be about.

    When that device has the same problem open already, this alert is over: the other one goes on, and who
    took care of this one takes care of that.
    """
    name = place.device_name or alert.device_name
    device = place.device_ip or place.device_name or UNKNOWN_DEVICE
    fingerprint = alert.fingerprint
    if not alert.has_problem_id:
        fingerprint = fingerprint_of(device, alert.alert_type, alert.resource)
    if fingerprint != alert.fingerprint and fingerprint in work.book.open:
        _hand_over(work, alert, work.book.open[fingerprint])
        resolve(work, alert, "inventory.same_device", resolved_by=alert.source_system)
        return
    impact = work.state.impact(place.device_ip)
    old = alert
    alert = work.rename(
        alert,
        fingerprint=fingerprint,
        device_ip=place.device_ip,
        device_name=name,
        impact=impact,
        priority=priority_of(impact, alert.severity),
    )
    changes = change_of("device_ip", old.device_ip, place.device_ip)
    work.record(alert, HistoryAction.UPDATED, "inventory.moved", old=alert.status, changes=changes)


def _hand_over(work: Work, alert: Alert, other: Alert) -> None:
    """Acknowledge the other alert as this one was, unless it is worse."""
    is_worse = SEVERITY_RANK[other.severity] > SEVERITY_RANK[alert.severity]
    if alert.status is Status.ACKNOWLEDGED and other.status is not Status.ACKNOWLEDGED and not is_worse:
        taker = Operator(name=alert.acknowledged_by or alert.source_system)
        acknowledge(work, other, Acknowledge(alert_id=other.id, operator=taker), "inventory.same_device")


def _recount(work: Work) -> None:
    for alert in tuple(work.book.open.values()):
        impacted = work.book.consequences.count(alert.id)
        if impacted != alert.impacted:
            work.change(alert, impacted=impacted)
