"""Events of PagerDuty's Events API v2.

Source:
    developer.pagerduty.com, "Events API v2 overview" and "Send an alert event".
"""

import json
from collections.abc import Mapping

from opsconductor.connector.outgoing.appearance import (
    detail_of,
    device_of,
    fact,
    is_acknowledged,
    is_over,
    shortened,
    shown_severity,
)
from opsconductor.model.enums import NotificationKind, Severity
from opsconductor.model.notifications.notification import Notification

LONGEST_SUMMARY = 1_024
LONGEST_DETAILS = 100_000
SEVERITIES: Mapping[str, str] = {
    Severity.CRITICAL: "critical",
    Severity.MAJOR: "error",
    Severity.MINOR: "warning",
    Severity.WARNING: "warning",
    Severity.INFO: "info",
    Severity.CLEAR: "info",
}


def event_of(notification: Notification, routing_key: str) -> Mapping[str, object]:
    """Return the event: trigger, acknowledge or resolve of the incident with the key of the alert."""
    action = action_of(notification)
    event: dict[str, object] = {
        "routing_key": routing_key,
        "event_action": action,
        "dedup_key": key_of(notification),
    }
    if action == "trigger":
        event["payload"] = _payload(notification)
        event["client"] = "OpsConductor"
        if notification.url:
            event["client_url"] = notification.url
            event["links"] = [{"href": notification.url, "text": "Alert in OpsConductor"}]
    return event


def action_of(notification: Notification) -> str:
    """Return the action; an incident must exist before it can be acknowledged."""
    if is_over(notification):
        return "resolve"
    if notification.kind is NotificationKind.ACKNOWLEDGED:
        return "acknowledge"
    return "acknowledge" if is_acknowledged(notification) and notification.earlier else "trigger"


def key_of(notification: Notification) -> str:
    """Return the incident's key, the same for problem, changes and recovery of an alert."""
    return f"opsconductor:{notification.alert_id}"


def _payload(notification: Notification) -> Mapping[str, object]:
    details: dict[str, str] = {**dict(notification.rows), "Notification": str(notification.id)}
    if message := detail_of(notification, LONGEST_DETAILS // 10):
        details["Message"] = message
    if len(json.dumps(details)) > LONGEST_DETAILS:
        details = {"Notification": str(notification.id)}
    payload = {
        "summary": shortened(notification.subject, LONGEST_SUMMARY),
        "source": device_of(notification) or "opsconductor",
        "severity": SEVERITIES[shown_severity(notification)],
        "timestamp": fact(notification, "occurred_at") or notification.created_at.isoformat(),
        "component": fact(notification, "resource"),
        "group": fact(notification, "site"),
        "class": fact(notification, "alert_type"),
        "custom_details": details,
    }
    return {name: value for name, value in payload.items() if value}
