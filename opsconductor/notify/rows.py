"""Table of a message: names and values, most important first."""

from collections.abc import Mapping
from datetime import tzinfo

from opsconductor.connector.outgoing.runbook import runbook_of
from opsconductor.model.inventory.port import PORT, interface_of
from opsconductor.notify.clean import line_of
from opsconductor.notify.reading import moment, text_in

MOST_CUSTOM_FIELDS = 20


def rows_of(facts: Mapping[str, object], zone: tzinfo | None) -> list[tuple[str, str]]:
    """Return the known facts, most important first; unknown ones are left out."""
    tags = facts.get("tags")
    port = port_of(facts)
    rows = [
        *ways_of(facts, zone),
        ("Device", device_of(facts)),
        ("Site", text_in(facts, "site")),
        ("Port", f"{port} ({text_in(facts, 'resource')})" if port else ""),
        ("Resource", "" if port else text_in(facts, "resource")),
        ("Runbook", runbook_of(facts)[1]),
        ("Severity", text_in(facts, "severity")),
        ("Priority", priority_of(facts)),
        ("Began", moment(facts.get("occurred_at"), zone)),
        ("Last seen", moment(facts.get("last_occurrence_at"), zone)),
        ("Occurrences", text_in(facts, "occurrence_count")),
        ("Ended", moment(facts.get("resolved_at"), zone)),
        ("Ended by", text_in(facts, "resolved_by")),
        ("Acknowledged", moment(facts.get("acknowledged_at"), zone)),
        ("By", text_in(facts, "acknowledged_by")),
        ("Assigned to", text_in(facts, "assigned_to")),
        ("Category", text_in(facts, "category")),
        ("Alert type", text_in(facts, "alert_type")),
        ("Source", text_in(facts, "source_system")),
        ("Tags", ", ".join(line_of(tag) for tag in tags) if isinstance(tags, list) else ""),
    ]
    return [(name, value) for name, value in rows if value] + custom_rows(facts)


def ways_of(facts: Mapping[str, object], zone: tzinfo | None) -> list[tuple[str, str]]:
    """Return why a message comes this way: it is sent again, or in place of another; empty as a rule."""
    ways = [("Sent again", _sent_again(facts, zone)), ("In place of", _in_place_of(facts))]
    return [each for each in ways if each[1]]


def _sent_again(facts: Mapping[str, object], zone: tzinfo | None) -> str:
    """Return who had a message sent again that was given up; empty: it was not sent again."""
    by = text_in(facts, "resent_by")
    at = moment(facts.get("given_up_at"), zone)
    return f"by {by}, it was given up {at}; the state below is that of its time" if by else ""


def _in_place_of(facts: Mapping[str, object]) -> str:
    """Return whose message this is, if that could not be delivered; empty: it is no failover."""
    other = facts.get("failover_of")
    if not isinstance(other, Mapping):
        return ""
    whom = " ".join(filter(None, (text_in(other, "channel"), text_in(other, "recipient"))))
    error = text_in(other, "error")
    return f"{whom}, which could not be reached{': ' if error else ''}{error}"


def custom_rows(facts: Mapping[str, object]) -> list[tuple[str, str]]:
    """Return the custom fields that are not empty; the port's name and the runbook have rows of their own."""
    fields = facts.get("custom_fields")
    if not isinstance(fields, dict):
        return []
    shown = {PORT if port_of(facts) else None, runbook_of(facts)[0]}
    filled = [
        (str(name), line_of(value))
        for name, value in fields.items()
        if value not in (None, "", [], {}) and name not in shown
    ]
    return filled[:MOST_CUSTOM_FIELDS]


def port_of(facts: Mapping[str, object]) -> str:
    """Return the name of the affected port; empty if it is unknown or the resource is no interface."""
    fields = facts.get("custom_fields")
    is_port = interface_of(text_in(facts, "resource"))
    return text_in(fields, PORT) if is_port and isinstance(fields, Mapping) else ""


def device_of(facts: Mapping[str, object]) -> str:
    """Return the name of the device, its address in brackets."""
    name, address = text_in(facts, "device_name"), text_in(facts, "device_ip")
    return f"{name} ({address})" if name and address and name != address else name or address


def priority_of(facts: Mapping[str, object]) -> str:
    """Return the priority with impact and urgency."""
    priority, impact, urgency = (text_in(facts, name) for name in ("priority", "impact", "urgency"))
    return f"{priority} (impact {impact}, urgency {urgency})" if priority and impact and urgency else priority
