"""Alerts and notes of the Opsgenie API.

Source:
    docs.opsgenie.com, "Alert API": create, close, acknowledge, add note.
"""

from collections.abc import Mapping

from opsconductor.connector.outgoing.appearance import device_of, fact, shortened
from opsconductor.model.enums import Priority, Severity
from opsconductor.model.notifications.notification import Notification

LONGEST_MESSAGE = 130
LONGEST_DESCRIPTION = 15_000
LONGEST_NOTE = 20_000
LONGEST_NAME = 100
LONGEST_ENTITY = 512
PRIORITIES: Mapping[str, str] = {
    Severity.CRITICAL: "P1",
    Severity.MAJOR: "P2",
    Severity.MINOR: "P3",
    Severity.WARNING: "P4",
    Severity.INFO: "P5",
}
"""For alerts without a priority of their own."""
SOURCE = "OpsConductor"


def alias_of(notification: Notification) -> str:
    """Return the alias, the same for all notifications of an alert."""
    return f"opsconductor-{notification.alert_id}"


def alert_of(notification: Notification) -> Mapping[str, object]:
    """Return the document that creates an alert, or counts a repeat of the one with its alias."""
    alert: dict[str, object] = {
        "message": shortened(notification.subject, LONGEST_MESSAGE),
        "alias": alias_of(notification),
        "description": shortened(notification.text, LONGEST_DESCRIPTION),
        "details": {**dict(notification.rows), "notification": str(notification.id)},
        "entity": shortened(device_of(notification), LONGEST_ENTITY),
        "source": SOURCE,
        "priority": priority_of(notification),
        "tags": [tag for tag in (fact(notification, "severity"), fact(notification, "category")) if tag],
    }
    if notification.recipient:
        alert["responders"] = [{"type": "team", "name": notification.recipient}]
    return alert


def note_of(notification: Notification) -> Mapping[str, object]:
    """Return the document of a note, also of one that comes with the end of the alert."""
    lines = f"{notification.subject}\n\n{notification.text}"
    return {"source": SOURCE, "user": SOURCE, "note": shortened(lines, LONGEST_NOTE)}


def priority_of(notification: Notification) -> str:
    """Return the alert's own priority, else one by its severity."""
    own = fact(notification, "priority")
    return own if own in set(Priority) else PRIORITIES.get(fact(notification, "severity"), "P3")
