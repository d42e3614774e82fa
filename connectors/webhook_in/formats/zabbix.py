"""Zabbix: posts of this connector's media type, `zabbix-media-type.yaml`; others may use its names.

Each parameter is one macro: `{EVENT.ID}` is `event_id` or `EVENT.ID`. Macros that Zabbix cannot resolve are
left unchanged or become `*UNKNOWN*`; they count as missing.

Source:
    zabbix.com manual, "Macros supported by location"; keephq/keep `providers/zabbix_provider`.
"""

import json
import re
from collections.abc import Sequence
from datetime import datetime, timedelta, tzinfo

from connectors.webhook_in.fields import Document, as_document, first, lines, moment, text
from connectors.webhook_in.formats.shape import one_or_many
from connectors.webhook_in.report import Format, Reading, SourceReport, links_of, trial_of
from connectors.webhook_in.words import category_of, own_category, severity_of
from opsconductor.errors import NormalizeError
from opsconductor.model.enums import Category, Severity

UNRESOLVED = re.compile(r"\{[A-Z$#?][^{}]*\}|\*UNKNOWN\*")
NUMBERED = {
    "0": Severity.WARNING,  # not classified: it may be harmful
    "1": Severity.INFO,
    "2": Severity.WARNING,
    "3": Severity.MINOR,
    "4": Severity.MAJOR,
    "5": Severity.CRITICAL,
}
KNOWN_TAKER = "known_acknowledged_by"
"""Key under which the source stores who acknowledged the problem before, if known."""
KINDS = {"1": "zabbix_discovery", "2": "zabbix_registration", "3": "zabbix_internal", "4": "zabbix_service"}
"""Names by event source; 0 is a trigger, which has a name of its own."""
NEWS = frozenset({"1", "2"})
"""Sources whose events have no end."""
NEWS_EXPIRES_AFTER = timedelta(days=1)
CATEGORY_TAGS = ("category", "component", "class", "target")
TEST_MACROS = {"event_value": "{EVENT.VALUE}", "event_id": "{EVENT.ID}"}
ACKNOWLEDGING = re.compile(r"\backnowledged?\b")
OVER, TAKEN_CARE_OF = "0", ("yes", "acknowledged", "1", "true")


def read(item: object, _document: object, reading: Reading) -> SourceReport:
    """Return the report of one event: problem, recovery or update; identified by host and trigger."""
    event = resolved(as_document(item))
    if is_test(as_document(item)):
        return trial_of(reading.config.format, message=message_of(event))
    tags = tags_of(event.get("event_tagsjson") or event.get("event_tags"))
    name = first(event, "event_name", "trigger_name", "alert_subject")
    source = event.get("event_source", "0")
    severity = severity_of_event(event, source, reading)
    over = severity is Severity.CLEAR
    return SourceReport(
        device=first(event, "host_ip", "host_name", "host_host"),
        alias=first(event, "host_name", "host_host"),
        what=what_of(event, tags, source),
        category=own_category(own_type(event, tags)) or category_among(tags),
        severity=severity,
        resource=resource_of(event),
        title=name or "Zabbix event",
        message=message_of(event),
        at=time_of(event, reading.zone, over=over),
        problem_id=event.get("event_id", ""),
        tags=tuple(f"{tag}={value}" if value else tag for tag, value in tags),
        links=links_of({"url": event.get("trigger_url"), "event_url": event.get("event_url")}),
        acknowledged_by=acknowledged_by(event),
        expires_after=NEWS_EXPIRES_AFTER if source in NEWS else None,
    )


def resolved(event: Document) -> dict[str, str]:
    """Return the parameters under uniform names, without those that Zabbix could not resolve."""
    found = {}
    for key, value in event.items():
        content = json.dumps(value) if isinstance(value, list | dict) else text(value)
        if content and not UNRESOLVED.fullmatch(content):
            found[key.strip("{}").lower().replace(".", "_")] = content
    return found


def tags_of(listed: str | None) -> list[tuple[str, str]]:
    """Return the tags of `{EVENT.TAGSJSON}`, or of `{EVENT.TAGS}` (`name:value, name`)."""
    try:
        found = json.loads(listed or "[]")
    except (ValueError, RecursionError):
        pairs = [pair.partition(":") for pair in (listed or "").split(",") if pair.strip()]
        return [(name.strip(), value.strip()) for name, _, value in pairs]
    if not isinstance(found, list):
        return []
    return [
        (name, text(tag.get("value")))
        for tag in found
        if isinstance(tag, dict) and (name := text(tag.get("tag")))
    ]


def severity_of_event(event: Document, source: str, reading: Reading) -> Severity:
    """Return the severity; the value 0 means that the problem is over.

    Raises:
        NormalizeError: `no_value`: it is unknown whether it is a problem or its end.
    """
    if source in NEWS:
        return Severity.INFO
    value = text(event.get("event_value"))
    if not value:
        raise NormalizeError("no_value", "event_value is neither 1 (problem) nor 0 (over)")
    if value == OVER:
        return Severity.CLEAR
    word = first(event, "event_severity", "trigger_severity")
    number = first(event, "event_nseverity", "trigger_nseverity")
    if word.lower() in reading.words or number not in NUMBERED:
        found = severity_of(word, reading.words, reading.config.default_severity)
        return Severity.INFO if found is Severity.CLEAR else found
    return NUMBERED[number]


def what_of(event: Document, tags: Sequence[tuple[str, str]], source: str) -> str:
    """Return a stable name of the problem: names of events contain values."""
    return own_type(event, tags) or KINDS.get(source, "zabbix_trigger")


def own_type(event: Document, tags: Sequence[tuple[str, str]]) -> str:
    """Return the alert type in a tag or parameter; empty: there is none."""
    return dict(tags).get("alert_type") or text(event.get("alert_type"))


def is_test(item: Document) -> bool:
    """Return True for a post of the media type's "Test" button, which does not resolve macros."""
    parameters = {key.lower().replace(".", "_"): text(value).upper() for key, value in item.items()}
    return all(parameters.get(name) == macro for name, macro in TEST_MACROS.items())


def category_among(tags: Sequence[tuple[str, str]]) -> Category | None:
    """Return the first tag that names a category; Zabbix's own templates set `component` and `class`."""
    for wanted in CATEGORY_TAGS:
        for tag, value in tags:
            if tag.lower() == wanted and (found := category_of(value)):
                return found
    return None


def resource_of(event: Document) -> str:
    """Return the name of the trigger; for an event without one, that of the event."""
    trigger, item = text(event.get("trigger_id")), text(event.get("item_id"))
    if trigger:
        return f"trigger={trigger}"
    if item:
        return f"item={item}"
    return f"event={text(event.get('event_id'))}"


def message_of(event: Document) -> str:
    """Return the description."""
    item, value = text(event.get("item_name1")), text(event.get("item_lastvalue1"))
    return lines(
        first(event, "alert_message", "trigger_description"),
        text(event.get("event_opdata")),
        f"{item}: {value}" if item and value else "",
        text(event.get("event_update_message")),
    )


def time_of(event: Document, zone: tzinfo | None, *, over: bool) -> datetime | None:
    """Return when it began or ended; dates and times are in the server's zone, which is not included."""
    which = "event_recovery" if over else "event"
    if found := moment(event.get(f"{which}_timestamp"), zone):
        return found
    date, time = text(event.get(f"{which}_date")), text(event.get(f"{which}_time"))
    return moment(f"{date.replace('.', '-')}T{time}", zone) if date and time else None


def acknowledged_by(event: Document) -> str | None:
    """Return who acknowledged it; the user of an update may be another."""
    if text(event.get("event_ack_status")).lower() not in TAKEN_CARE_OF:
        return None
    action, known = text(event.get("event_update_action")).lower(), text(event.get(KNOWN_TAKER))
    if known and action and not ACKNOWLEDGING.search(action):
        return known
    return first(event, "user_fullname", "user_username") or "Zabbix"


FORMAT = Format(one_or_many, read)
