"""Severity, state and texts of a notification in the forms that receivers take."""

from collections.abc import Mapping

from opsconductor.model.enums import NotificationKind, Severity, Status
from opsconductor.model.notifications.notification import Notification
from opsconductor.model.text import folded, paragraphs

MARK = "\N{HORIZONTAL ELLIPSIS} (shortened)"
LONGEST_FACT = 500
COLOURS: Mapping[str, str] = {
    Severity.CRITICAL: "#b3261e",
    Severity.MAJOR: "#d4500c",
    Severity.MINOR: "#f0a30a",
    Severity.WARNING: "#ffd54a",
    Severity.INFO: "#1c6fbf",
    Severity.CLEAR: "#2e7d32",
}
"""Colour by severity, as on the page and in e-mails; clear: the problem is over."""
BEGINNINGS = frozenset({NotificationKind.PROBLEM, NotificationKind.WORSE, NotificationKind.REMINDER})
"""Kinds that begin an incident; the others only add to one."""

NOT_OF_ONE = frozenset({NotificationKind.SUMMARY, NotificationKind.MAINTENANCE})
"""Kinds of messages that are about several alerts, or about none."""


def is_about_problem(notification: Notification) -> bool:
    """Return True if a notification is about a problem that is new or worse, alone or among others."""
    is_new = notification.kind is NotificationKind.SUMMARY and bool(notification.facts.get("amount"))
    return is_new or notification.kind in BEGINNINGS


def is_over(notification: Notification) -> bool:
    """Return True if the problem has ended."""
    ended = {Status.RESOLVED, Status.EXPIRED}
    return notification.kind is NotificationKind.RECOVERY or fact(notification, "status") in ended


def is_acknowledged(notification: Notification) -> bool:
    """Return True if the alert is acknowledged and this does not begin an incident."""
    is_so = fact(notification, "status") == Status.ACKNOWLEDGED
    return is_so and notification.kind not in BEGINNINGS


def can_be_acknowledged(notification: Notification) -> bool:
    """Return True if it is about one alert that is not acknowledged, as far as the notification shows."""
    is_one = notification.kind not in NOT_OF_ONE
    return is_one and fact(notification, "status") == Status.ACTIVE and not is_over(notification)


def shown_severity(notification: Notification) -> str:
    """Return the severity to show: `clear` if the problem is over, else one of the known ones."""
    if is_over(notification):
        return Severity.CLEAR
    severity = fact(notification, "severity")
    return severity if severity in COLOURS else Severity.INFO


def colour_of(notification: Notification) -> str:
    """Return the colour to show, as #rrggbb."""
    return COLOURS[shown_severity(notification)]


def fact(notification: Notification, name: str) -> str:
    """Return a fact as one line; empty if it is missing."""
    value = notification.facts.get(name)
    return "" if value is None else folded(str(value), LONGEST_FACT)


def detail_of(notification: Notification, longest: int) -> str:
    """Return the device's own message, which may have several lines, cut to this many characters."""
    message = notification.facts.get("message")
    text = paragraphs(str(message), 2 * longest).strip() if message else ""
    return shortened(text, longest)


def device_of(notification: Notification) -> str:
    """Return the name of the device, else its address."""
    return fact(notification, "device_name") or fact(notification, "device_ip")


def shortened(text: str, longest: int) -> str:
    """Cut a text to this many characters; a mark says so."""
    return text if len(text) <= longest else text[: max(0, longest - len(MARK))].rstrip() + MARK


def shortened_bytes(text: str, longest: int) -> str:
    """Cut a text to this many bytes of UTF-8, never within a character; a mark says so."""
    encoded = text.encode()
    if len(encoded) <= longest:
        return text
    room = max(0, longest - len(MARK.encode()))
    return encoded[:room].decode("utf-8", "ignore").rstrip() + MARK


def escaped(text: str) -> str:
    """Escape the three characters that Slack, Telegram and Matrix read as markup."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
