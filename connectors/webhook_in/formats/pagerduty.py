"""PagerDuty's Events API v2, for senders with PagerDuty support: trigger, acknowledge, resolve, change.

Acknowledge and resolve identify their alert by `dedup_key` only. The alert's device and type are added to
the document as `known` by `keys.py`.

Source:
    PagerDuty/developer-docs `docs/events-API-v2`.
"""

import re
from datetime import timedelta

from connectors.webhook_in.fields import Document, as_document, first, lines, moment, part, text
from connectors.webhook_in.formats.shape import one_or_many
from connectors.webhook_in.report import Format, Reading, SourceReport, links_of, trial_of
from connectors.webhook_in.words import category_of, severity_of
from opsconductor.errors import NormalizeError
from opsconductor.model.enums import Severity

TRIGGER, ACKNOWLEDGE, RESOLVE = "trigger", "acknowledge", "resolve"
ACTIONS = frozenset({TRIGGER, ACKNOWLEDGE, RESOLVE})
CHANGE_EXPIRES_AFTER = timedelta(hours=6)
LONGEST_SUMMARY = 100
TEST = re.compile(
    r"(\[[^\]]{0,40}\] ?){0,3}(this is a test|testing transport|testalert"
    r"|test[ -](alert|notification|event|message|rule|incident|trigger))\b",
    re.IGNORECASE,
)
"""Prefixes of the summaries of test posts: Grafana, LibreNMS, Zabbix and others."""


def read(item: object, _document: object, reading: Reading) -> SourceReport:
    """Return the report of one event, identified by `dedup_key`."""
    event = as_document(item)
    payload, known = part(event, "payload"), part(event, "known")
    action = text(event.get("event_action")).lower()
    if not action and payload:
        return _change(event, reading)
    if action not in ACTIONS:
        raise NormalizeError("no_action", "event_action is none of trigger, acknowledge, resolve")
    key = text(event.get("dedup_key"))
    if TEST.match(text(payload.get("summary")) or first(known, "title")):
        over = action == RESOLVE
        return trial_of(reading.config.format, over=over, message=text(payload.get("summary")))
    return SourceReport(
        device=text(payload.get("source")) or first(known, "device"),
        what=first(payload, "class") or first(known, "alert_type") or "event",
        category=category_of(first(payload, "class") or first(known, "category")),
        severity=Severity.CLEAR if action == RESOLVE else _severity(payload, known, reading),
        resource=key,
        title=text(payload.get("summary")) or first(known, "title") or key,
        message=lines(_group(payload), *_details(payload.get("custom_details")))
        or text(known.get("message")),
        at=moment(payload.get("timestamp"), reading.zone),
        problem_id=key,
        links=links_of({"url": event.get("client_url"), **_links(event.get("links"))}),
        acknowledged_by=_who(event) if action == ACKNOWLEDGE else None,
    )


def _change(event: Document, reading: Reading) -> SourceReport:
    """Return the report of a change event: not a fault, kept for a while for comparison with later faults."""
    payload = part(event, "payload")
    summary = text(payload.get("summary"))
    return SourceReport(
        device=text(payload.get("source")),
        what="change",
        severity=Severity.INFO,
        resource=summary[:LONGEST_SUMMARY],
        title=summary or "Change",
        message=lines(*_details(payload.get("custom_details"))),
        at=moment(payload.get("timestamp"), reading.zone),
        links=links_of(_links(event.get("links"))),
        expires_after=CHANGE_EXPIRES_AFTER,
    )


def _severity(payload: Document, known: Document, reading: Reading) -> Severity:
    """Return the severity; an acknowledgement has none, and keeps the one before."""
    word = text(payload.get("severity")) or text(known.get("severity"))
    found = severity_of(word, reading.words, reading.config.default_severity)
    return Severity.INFO if found is Severity.CLEAR else found


def _who(event: Document) -> str:
    return text(event.get("client")) or "PagerDuty's API"


def _group(payload: Document) -> str:
    named = ((name, text(payload.get(name))) for name in ("component", "group", "class"))
    return ", ".join(f"{name} {value}" for name, value in named if value)


def _details(details: object) -> list[str]:
    if not isinstance(details, dict):
        return [text(details)]
    return [f"{name}: {shown}" for name, value in details.items() if (shown := text(value))]


def _links(links: object) -> dict[str, object]:
    found = links if isinstance(links, list) else []
    return {
        text(link.get("text")) or f"link_{number}": link.get("href")
        for number, link in enumerate(found, 1)
        if isinstance(link, dict)
    }


FORMAT = Format(one_or_many, read)
