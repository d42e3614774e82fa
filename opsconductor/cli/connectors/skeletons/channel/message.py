"""Format of a notification."""

import json

from opsconductor.model.notifications.notification import Notification


def line_of(notification: Notification) -> str:
    """Return one JSON object and a line feed; the receiver can drop duplicates by `id`."""
    message = {
        "id": str(notification.id),
        "kind": notification.kind,
        "subject": notification.subject,
        "text": notification.text,
        "url": notification.url,
    }
    return json.dumps(message) + "\n"
