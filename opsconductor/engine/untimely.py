"""Times that the present clock cannot have given; pure."""

from datetime import datetime, timedelta
from typing import Any

from opsconductor.engine.clock import IN_FLIGHT, earlier, later
from opsconductor.model.alert import Alert


def is_untimely(alert: Alert, now: datetime, longest_wait: timedelta) -> bool:
    """Check whether a time of an alert is later than the present clock can have put it."""
    return bool(times_put_right(alert, now, longest_wait))


def times_put_right(alert: Alert, now: datetime, longest_wait: timedelta) -> dict[str, Any]:
    """List new values for the times of an alert that lie in an impossible future.

    Args:
        longest_wait: For how long people may not be told of an alert at most.
    """
    return {**_past_times(now, alert), **_waits(now, alert, longest_wait)}


def _past_times(now: datetime, alert: Alert) -> dict[str, Any]:
    """List the new values of times that lie in the future: none is last seen before it began."""
    known = (alert.occurred_at, alert.last_occurrence_at, alert.received_at, *alert.transitions)
    marks = (alert.acknowledged_at, alert.resolved_at, alert.flapping_since)
    is_right = alert.occurred_at <= alert.last_occurrence_at and max(known) <= now
    if is_right and all(at is None or at <= now for at in marks):
        return {}
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


def _waits(now: datetime, alert: Alert, longest_wait: timedelta) -> dict[str, Any]:
    values: dict[str, Any] = {}
    notify_by = later(now, longest_wait)
    if alert.notify_at is not None and alert.notify_at > notify_by:
        values["notify_at"] = notify_by
    if alert.expires_at is not None and alert.expires_after is not None:
        expire_by = later(now, alert.expires_after)
        if alert.expires_at > expire_by:
            values["expires_at"] = expire_by
    return values
