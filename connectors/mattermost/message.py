"""Messages for Mattermost and Rocket.Chat: a line of text and an attachment with the details.

Source:
    developers.mattermost.com, "Incoming webhooks" and "Message attachments"; docs.rocket.chat,
    "Integrations".
"""

from collections.abc import Mapping

from opsconductor.connector.outgoing.appearance import colour_of, detail_of, shortened
from opsconductor.model.notifications.notification import Notification

LONGEST_SUBJECT = 1_000
LONGEST_VALUE = 300
LONGEST_MESSAGE = 1_500
LONGEST_OWN = 3_000
MOST_FIELDS = 12
MARKDOWN = str.maketrans({char: f"\\{char}" for char in "\\*_[]`~#>|@"})


def attachment_of(notification: Notification, *, is_rocket: bool) -> Mapping[str, object]:
    """Return the details of a message."""
    own = notification.own_text
    fields = [
        {"title": name, "value": plain(shortened(value, LONGEST_VALUE)), "short": True}
        for name, value in ([] if own else notification.rows[:MOST_FIELDS])
    ]
    detail = plain(shortened(own, LONGEST_OWN) if own else detail_of(notification, LONGEST_MESSAGE))
    link = notification.acknowledge_url
    acknowledge = f"**[Acknowledge]({link})**" if link else ""
    attachment: dict[str, object] = {
        "color": colour_of(notification),
        "fields": fields,
        "text": "\n".join(part for part in (detail, acknowledge) if part),
        "footer": f"{notification.rule_name} | {notification.id}",
    }
    if is_rocket:
        attachment["collapsed"] = False
        attachment["text"] = f"{attachment['text']}\n{notification.rule_name} | {notification.id}".strip()
        del attachment["footer"]
    return attachment


def line_of(notification: Notification) -> str:
    """Return the subject in bold, as a link to the alert if the page's address is known."""
    subject = plain(shortened(notification.subject, LONGEST_SUBJECT))
    return f"**[{subject}]({notification.url})**" if notification.url else f"**{subject}**"


def plain(text: str) -> str:
    """Escape Markdown, so that no text of a device is a link; a mention of people is broken as well."""
    return text.translate(MARKDOWN).replace("\\@", "@\N{ZERO WIDTH SPACE}")
