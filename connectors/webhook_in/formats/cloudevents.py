"""CloudEvents 1.0: structured, binary and in batches; `envelope.py` converts all three into one form.

An envelope contains sender, type and time, but not the problem: if the data has no field with a usual name,
a mapping is needed.

Source:
    cloudevents/spec, "HTTP Protocol Binding" 1.0.2.
"""

import re

from connectors.webhook_in.fields import Document, as_document, first, host_of, moment, part, text
from connectors.webhook_in.formats.shape import one_or_many
from connectors.webhook_in.report import Format, Reading, SourceReport, links_of
from connectors.webhook_in.words import category_of, is_over, severity_of
from opsconductor.errors import NormalizeError
from opsconductor.model.enums import Severity

ENDINGS = re.compile(
    r"[._-](raised|triggered|firing|fired|opened|created|started|alerting|failed)$", re.IGNORECASE
)
"""Suffixes of types for the start of a problem; the type without suffix is the problem."""
CLEARING = re.compile(
    r"[._-](cleared|clear|resolved|recovered|closed|ended|ok|normal|restored)$", re.IGNORECASE
)
DEVICES = ("device", "device_name", "hostname", "host", "node", "instance")
SEVERITIES = ("severity", "level", "priority")
PROBLEM_IDS = ("problemid", "problem_id", "alertid", "alert_id", "incidentid", "incident_id", "dedup_key")
"""Fields with the id of a fault; `id` is that of the event, which differs in the recovery."""
STATES = ("status", "state", "event_action")
TITLES = ("title", "summary", "name")
MESSAGES = ("message", "description", "details", "text")


def read(item: object, _document: object, reading: Reading) -> SourceReport:
    """Return the report of one event by the usual names in its attributes and data."""
    event = as_document(item)
    kind, source = text(event.get("type")), text(event.get("source"))
    if not kind or not source:
        raise NormalizeError("no_attributes", "type and source are required")
    data = part(event, "data")
    what = CLEARING.sub("", ENDINGS.sub("", kind))
    return SourceReport(
        device=_either(event, data, *DEVICES) or host_of(source),
        what=what,
        category=category_of(_either(event, data, "category")),
        severity=_severity(kind, event, data, reading),
        resource=text(event.get("subject")) or text(data.get("resource")),
        title=first(data, *TITLES) or kind,
        message=first(data, *MESSAGES) or text(event.get("data")),
        at=moment(event.get("time"), reading.zone),
        id=text(event.get("id")),
        problem_id=f"{source} {problem}" if (problem := _either(event, data, *PROBLEM_IDS)) else "",
        links=links_of({"url": data.get("url")}),
    )


def _either(event: Document, data: Document, *names: str) -> str:
    return first(event, *names) or first(data, *names)


def _severity(kind: str, event: Document, data: Document, reading: Reading) -> Severity:
    word, state = _either(event, data, *SEVERITIES), first(data, *STATES)
    if CLEARING.search(kind) or (state and is_over(state)):
        return Severity.CLEAR
    return severity_of(word, reading.words, reading.config.default_severity)


FORMAT = Format(one_or_many, read)
