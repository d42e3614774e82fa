"""Uptime Kuma: its webhook notification, sent as JSON.

Source:
    louislam/uptime-kuma `server/notification-providers/webhook.js`, `server/model/heartbeat.js`.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from connectors.webhook_in.fields import Document, as_document, first, host_of, moment, part, text
from connectors.webhook_in.formats.shape import wrong_shape
from connectors.webhook_in.report import Format, Reading, SourceReport, links_of, trial_of
from connectors.webhook_in.words import category_of, severity_of
from opsconductor.errors import NormalizeError
from opsconductor.model.enums import Category, Severity

NOTICE_EXPIRES_AFTER = timedelta(days=1)
DOWN, UP, PENDING, MAINTENANCE = range(4)
NO_URL = frozenset({"", "https://", "http://"})
"""URL of monitors that have none."""
CATEGORIES: Mapping[str, Category] = {
    "ping": Category.NETWORK,
    "port": Category.NETWORK,
    "dns": Category.NETWORK,
    "snmp": Category.NETWORK,
    "docker": Category.COMPUTE,
}
"""Category by type of monitor; all others are applications."""


def items(document: object) -> Sequence[object]:
    """Return the one message of a post."""
    if not isinstance(document, dict) or not ({"heartbeat", "msg"} & document.keys()):
        raise wrong_shape("an object with `heartbeat`, `monitor` and `msg`")
    return (document,)


def read(item: object, _document: object, reading: Reading) -> SourceReport:
    """Return the report of one message; maintenance clears the alert, because no action is expected."""
    message = as_document(item)
    beat, monitor = part(message, "heartbeat"), part(message, "monitor")
    if not beat:
        return _notice(message, monitor, reading)
    status = beat.get("status")
    if status not in (DOWN, UP, PENDING, MAINTENANCE) or isinstance(status, bool):
        raise NormalizeError("no_status", f"heartbeat.status is {text(status) or 'not there'}")
    kind = text(monitor.get("type")).lower()
    tags = _tags(monitor.get("tags"))
    url = text(monitor.get("url"))
    name = text(monitor.get("name"))
    monitor_id = first(beat, "monitorID", "monitor_id") or text(monitor.get("id"))
    return SourceReport(
        device=host_of(text(monitor.get("hostname")) or ("" if url in NO_URL else url)) or name,
        what=f"{kind or 'monitor'}_down",
        category=category_of(tags.get("category", "")) or CATEGORIES.get(kind),
        severity=_severity(status, tags.get("severity", ""), reading),
        resource=f"monitor={monitor_id}",
        title=f"{name or 'Monitor'} is {('down', 'up', 'pending', 'in maintenance')[int(status)]}",
        message=first(beat, "msg") or text(message.get("msg")),
        at=_time(beat),
        tags=tuple(f"{key}={value}" if value else key for key, value in tags.items()),
        problem_id=monitor_id,
        links=links_of({"url": url}),
    )


def _severity(status: object, word: str, reading: Reading) -> Severity:
    if status in (UP, MAINTENANCE):
        return Severity.CLEAR
    if status == PENDING:
        return Severity.INFO
    found = severity_of(word, reading.words, Severity.MAJOR)
    return Severity.MAJOR if found is Severity.CLEAR else found


def _notice(message: Document, monitor: Document, reading: Reading) -> SourceReport:
    """Return the report of a message without heartbeat: a test, or an expiring certificate."""
    content = text(message.get("msg"))
    if content.endswith("Testing"):
        return trial_of(reading.config.format, message=content)
    return SourceReport(
        device=host_of(text(monitor.get("hostname"))),
        what="uptime_kuma_notice",
        severity=Severity.WARNING,
        resource=text(monitor.get("name")) or content[:100],
        title=content or "Message from Uptime Kuma",
        message=content,
        expires_after=NOTICE_EXPIRES_AFTER,
    )


def _time(beat: Document) -> datetime | None:
    """Return the time: `time` is UTC without a zone, `localDateTime` is in `timezoneOffset`."""
    return moment(beat.get("time"), UTC)


def _tags(tags: object) -> dict[str, str]:
    found = tags if isinstance(tags, list) else []
    return {
        name: text(tag.get("value"))
        for tag in found
        if isinstance(tag, dict) and (name := text(tag.get("name")))
    }


FORMAT = Format(items, read)
