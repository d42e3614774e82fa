"""Syslog messages of notifications.

Source:
    RFC 5424 section 6 (format), RFC 6587 section 3.4 (framing), RFC 5425 section 4.3.
"""

from collections.abc import Mapping

from connectors.syslog_out.config import SyslogOutConfig
from opsconductor.connector.outgoing.appearance import device_of, fact, shortened_bytes, shown_severity
from opsconductor.model.enums import Severity
from opsconductor.model.notifications.notification import Notification

SEVERITIES: Mapping[str, int] = {
    Severity.CRITICAL: 2,
    Severity.MAJOR: 3,
    Severity.MINOR: 4,
    Severity.WARNING: 4,
    Severity.INFO: 6,
    Severity.CLEAR: 5,
}
BOM = b"\xef\xbb\xbf"
LONGEST_VALUE = 90
FACTS = ("severity", "status", "alert_type", "device_name", "device_ip", "resource", "site", "priority")
NIL = "-"


def message_of(notification: Notification, config: SyslogOutConfig) -> bytes:
    """Return the whole message without framing; its text, after the structured data, is cut to what fits."""
    priority = config.facility * 8 + SEVERITIES[shown_severity(notification)]
    at = notification.created_at.isoformat(timespec="milliseconds")
    host = _name(device_of(notification), 255)
    header = f"<{priority}>1 {at} {host} {config.app_name} {NIL} {notification.kind.value}"
    values = {
        "id": str(notification.id),
        "alert": str(notification.alert_id),
        "rule": notification.rule_name,
        **{name: fact(notification, name) for name in FACTS},
    }
    data = "".join(f' {name}="{_escaped(value)}"' for name, value in values.items() if value)
    start = f"{header} [opsconductor@{config.enterprise}{data}] ".encode() + BOM
    return start + shortened_bytes(notification.subject, config.longest_bytes - len(start)).encode()


def framed(message: bytes, framing: str) -> bytes:
    """Return a message as it is sent over a stream."""
    if framing == "newline":
        return message.replace(b"\n", b" ") + b"\n"
    return f"{len(message)} ".encode("ascii") + message


def _name(text: str, longest: int) -> str:
    """Return a text as a name of the header: printable ASCII without spaces."""
    name = "".join(char if "!" <= char <= "~" else "_" for char in text)[:longest]
    return name or NIL


def _escaped(value: str) -> str:
    """Return a value of structured data, escaped and cut."""
    text = shortened_bytes(value, LONGEST_VALUE)
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("]", "\\]")
