"""Messages for Telegram, as HTML and as plain text.

Source:
    core.telegram.org/bots/api: sendMessage, editMessageText, "HTML style".
"""

from collections.abc import Mapping

from opsconductor.connector.outgoing.appearance import detail_of, escaped, shortened, shown_severity
from opsconductor.model.enums import Severity
from opsconductor.model.notifications.notification import Notification

LONGEST_TEXT = 4_096
LONGEST_SUBJECT = 500
LONGEST_MESSAGE = 1_000
LONGEST_OWN = 3_000
LONGEST_VALUE = 200
MOST_ROWS = 10
SYMBOLS: Mapping[str, str] = {
    Severity.CRITICAL: "\N{LARGE RED CIRCLE}",
    Severity.MAJOR: "\N{LARGE ORANGE CIRCLE}",
    Severity.MINOR: "\N{LARGE YELLOW CIRCLE}",
    Severity.WARNING: "\N{LARGE YELLOW CIRCLE}",
    Severity.INFO: "\N{LARGE BLUE CIRCLE}",
    Severity.CLEAR: "\N{LARGE GREEN CIRCLE}",
}


def html_of(notification: Notification) -> str:
    """Return the message as HTML; it counts at most 4,096 characters without its tags."""
    lines = [f"<b>{escaped(line_of(notification))}</b>"]
    if notification.own_text:
        lines += ["", escaped(shortened(notification.own_text, LONGEST_OWN))]
    else:
        lines += [
            f"{escaped(name)}: {escaped(shortened(value, LONGEST_VALUE))}"
            for name, value in notification.rows[:MOST_ROWS]
        ]
        if message := detail_of(notification, LONGEST_MESSAGE):
            lines += ["", f"<pre>{escaped(message)}</pre>"]
    if notification.acknowledge_url:
        lines += ["", f'<a href="{escaped(notification.acknowledge_url)}">Acknowledge</a>']
    if notification.url:
        lines += ["", f'<a href="{escaped(notification.url)}">Open alert</a>']
    return "\n".join(lines)


def plain_of(notification: Notification) -> str:
    """Return the message as plain text, for when the HTML is refused."""
    ends = f"\n{notification.url}" if notification.url else ""
    text = f"{line_of(notification)}\n\n{notification.text}"
    return shortened(text, LONGEST_TEXT - len(ends)) + ends


def line_of(notification: Notification) -> str:
    """Return the subject with a symbol of the severity."""
    return f"{SYMBOLS[shown_severity(notification)]} {shortened(notification.subject, LONGEST_SUBJECT)}"
