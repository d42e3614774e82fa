"""Content of Matrix events: plain text and HTML."""

from collections.abc import Mapping

from opsconductor.connector.outgoing.appearance import colour_of, detail_of, escaped, shortened
from opsconductor.model.notifications.notification import Notification

LONGEST_TEXT = 8_000
LONGEST_SUBJECT = 500
LONGEST_VALUE = 300
LONGEST_MESSAGE = 2_000
MOST_ROWS = 20


def content_of(notification: Notification) -> Mapping[str, object]:
    """Return the content of a message with all details."""
    return {
        "msgtype": "m.text",
        "body": shortened(f"{line_of(notification)}\n{notification.text}", LONGEST_TEXT),
        "format": "org.matrix.custom.html",
        "formatted_body": _html(notification),
        "net.opsconductor.notification": str(notification.id),
    }


def line_of(notification: Notification) -> str:
    """Return the subject."""
    return shortened(notification.subject, LONGEST_SUBJECT)


def _html(notification: Notification) -> str:
    subject = escaped(line_of(notification))
    colour = colour_of(notification)
    parts = [f'<strong><font color="{colour}" data-mx-color="{colour}">{subject}</font></strong>']
    if notification.own_text:
        parts += escaped(shortened(notification.own_text, LONGEST_TEXT)).splitlines()
    else:
        parts += [
            f"{escaped(name)}: {escaped(shortened(value, LONGEST_VALUE))}"
            for name, value in notification.rows[:MOST_ROWS]
        ]
        if message := detail_of(notification, LONGEST_MESSAGE):
            parts.append(f"<code>{escaped(message)}</code>")
    if notification.acknowledge_url:
        parts.append(f'<a href="{escaped(notification.acknowledge_url)}">Acknowledge</a>')
    if notification.url:
        parts.append(f'<a href="{escaped(notification.url)}">Open alert</a>')
    return "<br>".join(parts)
