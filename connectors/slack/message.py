"""Messages for Slack: a line with the subject, and an attachment with details and the severity's colour.

Source:
    docs.slack.dev: "Formatting message text", "Reference: blocks", chat.postMessage.
"""

from collections.abc import Mapping

from connectors.slack.button import button_of
from opsconductor.connector.outgoing.appearance import (
    can_be_acknowledged,
    colour_of,
    detail_of,
    escaped,
    shortened,
)
from opsconductor.model.notifications.notification import Notification

LONGEST_TEXT = 4_000
LONGEST_SECTION = 3_000
LONGEST_FIELD = 2_000
MOST_FIELDS = 10

Json = Mapping[str, object]


def message_of(notification: Notification, *, has_button: bool = False) -> Json:
    """Return the fields of a message with all details.

    Args:
        has_button: Slack posts to us when a person presses a button; otherwise the button is the link.
    """
    blocks: list[Json] = []
    fields = [_field(name, value) for name, value in notification.rows[:MOST_FIELDS]]
    if fields and not notification.own_text:
        blocks.append({"type": "section", "fields": fields})
    if message := notification.own_text or detail_of(notification, LONGEST_SECTION // 5):
        text = _markdown(escaped(message), LONGEST_SECTION)
        blocks.append({"type": "section", "text": text})
    if has_button and can_be_acknowledged(notification):
        blocks.append(button_of(notification.alert_id))
    elif notification.acknowledge_url:
        blocks.append(
            {"type": "actions", "elements": [_link_button("Acknowledge", notification.acknowledge_url)]}
        )
    ends = f"{escaped(notification.rule_name)} | {notification.id}"
    blocks.append({"type": "context", "elements": [_markdown(ends, LONGEST_FIELD)]})
    attachment = {"color": colour_of(notification), "blocks": blocks}
    return {"text": line_of(notification), "attachments": [attachment]}


def line_of(notification: Notification) -> str:
    """Return the subject in bold, as a link to the alert if the page's address is known."""
    subject = escaped(shortened(notification.subject, LONGEST_TEXT // 4))
    return f"*<{notification.url}|{subject}>*" if notification.url else f"*{subject}*"


def _field(name: str, value: str) -> Json:
    return _markdown(f"*{escaped(name)}*\n{escaped(shortened(value, LONGEST_FIELD // 4))}", LONGEST_FIELD)


def _link_button(text: str, url: str) -> Json:
    return {"type": "button", "text": {"type": "plain_text", "text": text}, "style": "primary", "url": url}


def _markdown(text: str, longest: int) -> Json:
    return {"type": "mrkdwn", "text": shortened(text, longest)}
