"""Adaptive cards of notifications.

Source:
    adaptivecards.io, schema 1.4; learn.microsoft.com, "Create incoming webhooks with Workflows".
"""

import json
from collections.abc import Mapping

from opsconductor.connector.outgoing.appearance import detail_of, shortened, shown_severity
from opsconductor.model.enums import Severity
from opsconductor.model.notifications.notification import Notification

LARGEST_BYTES = 28_000
"""Teams refuses messages of more than 28 KB."""
LONGEST_TITLE = 1_000
LONGEST_MESSAGES = (4_000, 400, 0)
MOST_FACTS = (20, 8, 3)
SHORTEST_OWN = 200
"""Characters that are left of a text of one's own, however long its escaped form is."""
COLOURS: Mapping[str, str] = {
    Severity.CRITICAL: "attention",
    Severity.MAJOR: "attention",
    Severity.MINOR: "warning",
    Severity.WARNING: "warning",
    Severity.INFO: "accent",
    Severity.CLEAR: "good",
}
MARKDOWN = str.maketrans({char: f"\\{char}" for char in "\\*_[]`~#>|"})


def body_of(notification: Notification) -> Mapping[str, object]:
    """Return the message; details are left out until it is small enough."""
    for longest, most in zip(LONGEST_MESSAGES, MOST_FACTS, strict=True):
        body = _body(notification, longest, most)
        if len(json.dumps(body)) <= LARGEST_BYTES:
            break
    return body


def plain(text: str) -> str:
    """Escape what a text block reads as Markdown, so that no text of a device is a link."""
    return text.translate(MARKDOWN)


def _body(notification: Notification, longest: int, most: int) -> Mapping[str, object]:
    title = {
        "type": "TextBlock",
        "text": plain(shortened(notification.subject, LONGEST_TITLE)),
        "weight": "Bolder",
        "size": "Medium",
        "wrap": True,
        "style": "heading",
        "color": COLOURS[shown_severity(notification)],
    }
    own = notification.own_text
    rows = () if own else notification.rows[:most]
    facts = [{"title": name, "value": plain(value)} for name, value in rows]
    text = shortened(own, max(longest, SHORTEST_OWN)) if own else ""
    message = text or (detail_of(notification, longest) if longest else "")
    card: dict[str, object] = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": [
            title,
            *([{"type": "FactSet", "facts": facts}] if facts else []),
            *([{"type": "TextBlock", "text": plain(message), "wrap": True}] if message else []),
            {
                "type": "TextBlock",
                "text": plain(f"{notification.rule_name} - {notification.id}"),
                "size": "Small",
                "isSubtle": True,
                "wrap": True,
            },
        ],
        "msteams": {"width": "full"},
    }
    links = (("Acknowledge", notification.acknowledge_url), ("Open alert", notification.url))
    if actions := [{"type": "Action.OpenUrl", "title": title, "url": url} for title, url in links if url]:
        card["actions"] = actions
    attachment = {
        "contentType": "application/vnd.microsoft.card.adaptive",
        "contentUrl": None,
        "content": card,
    }
    return {"type": "message", "attachments": [attachment]}
