"""Messages of ntfy, published as JSON.

Source:
    docs.ntfy.sh/publish: "Publish as JSON", "Message priority", "Send HTTP request", "Limitations".
"""

from collections.abc import Mapping

from opsconductor.connector.outgoing.appearance import (
    detail_of,
    shortened,
    shortened_bytes,
    shown_severity,
)
from opsconductor.model.enums import Severity
from opsconductor.model.notifications.notification import Notification

LARGEST_MESSAGE = 4_000
"""Beyond 4,096 bytes ntfy makes the message an attachment."""
LONGEST_TITLE = 250
LONGEST_DETAIL = 1_000
PRIORITIES: Mapping[str, tuple[int, str]] = {
    Severity.CRITICAL: (5, "rotating_light"),
    Severity.MAJOR: (4, "orange_circle"),
    Severity.MINOR: (3, "yellow_circle"),
    Severity.WARNING: (3, "warning"),
    Severity.INFO: (2, "information_source"),
    Severity.CLEAR: (3, "white_check_mark"),
}
"""Priority and symbol by severity."""


def message_of(notification: Notification, topic: str) -> Mapping[str, object]:
    """Return the document to publish."""
    priority, symbol = PRIORITIES[shown_severity(notification)]
    lines = [f"{name}: {value}" for name, value in notification.rows]
    if detail := detail_of(notification, LONGEST_DETAIL):
        lines.append(detail)
    text = notification.own_text or "\n".join(lines) or notification.text
    message: dict[str, object] = {
        "topic": topic,
        "title": shortened(notification.subject, LONGEST_TITLE),
        "message": shortened_bytes(text, LARGEST_MESSAGE),
        "priority": priority,
        "tags": [symbol, notification.kind.value],
    }
    if notification.url:
        message["click"] = notification.url
    if notification.acknowledge_url:
        message["actions"] = [
            {
                "action": "http",
                "label": "Acknowledge",
                "url": notification.acknowledge_url,
                "method": "POST",
                "clear": True,
            }
        ]
    return message
