"""Payloads: a notification, and the state of a device."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from opsconductor.connector.outgoing.appearance import (
    BEGINNINGS,
    device_of,
    fact,
    is_over,
    shortened,
    shown_severity,
)
from opsconductor.model.alert import Alert
from opsconductor.model.enums import SEVERITY_RANK, Status
from opsconductor.model.notifications.notification import Notification

VERSION = 1
"""Incremented when a field changes its meaning or is removed, not for new fields."""
LONGEST_TEXT = 10_000
CLEARED, SUPPRESSED = "cleared", "suppressed"
"""States beside the severities; suppressed: everything is a consequence of a problem elsewhere."""


def notification_payload(notification: Notification) -> bytes:
    """Return the JSON document of a notification; see README.md for its fields."""
    document = {
        "version": VERSION,
        "id": str(notification.id),
        "kind": notification.kind.value,
        "attempt": notification.attempt,
        "created_at": notification.created_at.isoformat(),
        "rule": notification.rule_name,
        "subject": notification.subject,
        "text": shortened(notification.text, LONGEST_TEXT),
        "url": notification.url or None,
        "alert": notification.facts,
    }
    return _json(document)


def state_payload(notification: Notification, open_alerts: Sequence[Alert], now: datetime) -> bytes:
    """Return the JSON document of the state of the notification's device.

    Args:
        open_alerts: Of the device, as the engine has them now.
    """
    audible = [alert for alert in open_alerts if alert.status is not Status.SUPPRESSED]
    worst = max(audible, key=lambda alert: (SEVERITY_RANK[alert.severity], alert.occurred_at), default=None)
    document: dict[str, object] = {
        "version": VERSION,
        "device": device_of(notification),
        "device_ip": fact(notification, "device_ip") or None,
        "site": fact(notification, "site") or None,
        "at": now.astimezone(UTC).isoformat(timespec="milliseconds"),
        "open": len(audible),
        "acknowledged": sum(alert.status is Status.ACKNOWLEDGED for alert in audible),
        "suppressed": len(open_alerts) - len(audible),
    }
    if worst is not None:
        began = worst.occurred_at.astimezone(UTC).isoformat()
        return _json(
            {
                **document,
                "state": worst.severity,
                "title": worst.title,
                "since": began,
                "alert": str(worst.id),
            }
        )
    return _json({**document, **_without_alerts(notification, len(open_alerts))})


def _without_alerts(notification: Notification, suppressed: int) -> Mapping[str, object]:
    """Return the state when no alert of the device stands for itself, by the notification.

    A problem that the engine does not have is that of a test.
    """
    if suppressed:
        return {"state": SUPPRESSED, "title": None, "since": None, "alert": None}
    if is_over(notification) or notification.kind not in BEGINNINGS:
        return {"state": CLEARED, "title": None, "since": None, "alert": None}
    return {
        "state": shown_severity(notification),
        "title": fact(notification, "title"),
        "since": fact(notification, "occurred_at") or None,
        "alert": str(notification.alert_id),
        "open": 1,
    }


def _json(document: Mapping[str, object]) -> bytes:
    return json.dumps(document, separators=(",", ":"), ensure_ascii=False).encode()
