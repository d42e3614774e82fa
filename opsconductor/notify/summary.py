"""Texts of a message about several alerts."""

from collections.abc import Mapping, Sequence
from datetime import tzinfo
from typing import NamedTuple

from opsconductor.connector.outgoing.appearance import shortened
from opsconductor.model.enums import NotificationKind, Severity
from opsconductor.notify.clean import line_of
from opsconductor.notify.reading import count_in, moment, text_in, time_in
from opsconductor.notify.rows import ways_of

LONGEST_NAME = 120
MOST_IN_ROWS = 12
"""Alerts among the rows of channels that show no full text."""
HEADINGS: Mapping[str, str] = {
    NotificationKind.PROBLEM: "Again",
    NotificationKind.WORSE: "Worse",
    "still": "Still open",
    NotificationKind.UPDATED: "More consequences",
    NotificationKind.FLAPPING: "Flapping",
    NotificationKind.STABLE: "Stable again",
    NotificationKind.REMINDER: "Not acknowledged",
    NotificationKind.ACKNOWLEDGED: "Acknowledged",
    NotificationKind.EXPIRED: "Not reported again",
    NotificationKind.RECOVERY: "Resolved",
}
"""Headings of the updates, by kind of notification."""

Facts = Mapping[str, object]


class AlertLine(NamedTuple):
    """One alert of a message about several.

    Attributes:
        label: Its severity in capitals.
        what: The alert in one line.
    """

    label: str
    severity: str
    what: str


class SummarySection(NamedTuple):
    """Alerts to which the same has happened.

    Attributes:
        total: Number of all, in words.
        lines: The worst of them.
        more: Number of those without a line.
    """

    heading: str
    total: str
    lines: tuple[AlertLine, ...]
    more: int


def sections_of(facts: Facts, zone: tzinfo | None) -> tuple[SummarySection, ...]:
    """Return what a message about several alerts says: new ones first, what is over last."""
    members = [each for each in _listed(facts.get("members")) if isinstance(each, Mapping)]
    new = [each for each in members if each.get("is_new")]
    sections = []
    if amount := count_in(facts, "amount"):
        lines = tuple(_line(each, zone) for each in new)
        sections.append(SummarySection("New", severities_of(facts), lines, amount - len(lines)))
    updates = facts.get("updates")
    for kind, heading in HEADINGS.items():
        amount = count_in(updates, kind) if isinstance(updates, Mapping) else 0
        lines = tuple(
            _line(each, zone) for each in members if not each.get("is_new") and each.get("kind") == kind
        )
        if amount:
            sections.append(SummarySection(heading, alerts(amount), lines, amount - len(lines)))
    return tuple(sections)


def label_of_summary(facts: Facts, sections: Sequence[SummarySection]) -> str:
    """Return the message in a word or two: `12 ALERTS`, `3 RESOLVED`, `5 UPDATES`."""
    if amount := count_in(facts, "amount"):
        return f"{amount:,} ALERT{'' if amount == 1 else 'S'}"
    amount = sum(len(each.lines) + each.more for each in sections)
    if len(sections) == 1:
        return f"{amount:,} {sections[0].heading.upper()}"
    return f"{amount:,} UPDATES"


def rules_of(facts: Facts, otherwise: str) -> str:
    """Return the names of the rules whose alerts are in a message about several."""
    names = [line_of(each) for each in _listed(facts.get("rules"))]
    return ", ".join(names) or otherwise


def what_of_summary(facts: Facts, sections: Sequence[SummarySection], zone: tzinfo | None) -> str:
    """Return a message about several alerts in one line: their numbers, the worst of them, and since when.

    A number that the label has is not repeated. The time distinguishes messages that have the same numbers
    and the same alert at the top.
    """
    parts = []
    for each in sections:
        amount = len(each.lines) + each.more
        parts.append(each.total if each.heading == "New" else f"{amount:,} {each.heading.lower()}")
    lines = [line for each in sections for line in each.lines]
    worst = shortened(_name(_first(facts)), LONGEST_NAME) if lines else ""
    numbers = ", ".join(parts) or text_in(facts, "title") or "Alerts"
    since = time_in(facts, "waited_since")
    text = f"{numbers}: {worst}" if worst else numbers
    if worst and len(sections) == 1 and sections[0].heading != "New":
        others = len(lines) + sections[0].more - 1
        text = f"{worst} and {others:,} more" if others else worst
    return f"{text}{f', {since.astimezone(zone):%H:%M:%S}' if since else ''}"


def summary_rows(
    facts: Facts, sections: Sequence[SummarySection], zone: tzinfo | None
) -> list[tuple[str, str]]:
    """Return names and values for channels that show a table: the numbers, then the worst alerts."""
    rows = ways_of(facts, zone) + [(each.heading, each.total) for each in sections]
    if group := text_in(facts, "group"):
        rows.append(("Group", group))
    if since := moment(facts.get("waited_since"), zone):
        rows.append(("Since", since))
    for each in sections:
        rows += [(line.label.capitalize(), line.what) for line in each.lines[:MOST_IN_ROWS]]
    return rows


def severities_of(facts: Facts) -> str:
    """Return the number of new alerts by severity: `3 critical, 9 major`."""
    counts = facts.get("severities")
    if not isinstance(counts, Mapping):
        return alerts(count_in(facts, "amount"))
    words = [(severity, count_in(counts, severity)) for severity in Severity]
    return ", ".join(f"{amount:,} {severity}" for severity, amount in words if amount)


def alerts(amount: int) -> str:
    """Return a number of alerts in words."""
    return f"{amount:,} alert{'' if amount == 1 else 's'}"


def _line(member: Facts, zone: tzinfo | None) -> AlertLine:
    marks = [f"since {_clock(member.get('occurred_at'), zone)}"]
    if ended := _clock(member.get("resolved_at"), zone):
        marks = [f"over at {ended}"]
    elif impacted := count_in(member, "impacted"):
        marks.append(f"{impacted:,} consequence{'' if impacted == 1 else 's'}")
    if member.get("is_flapping"):
        marks.append("flapping")
    if who := text_in(member, "acknowledged_by"):
        marks.append(f"acknowledged by {who}")
    severity = text_in(member, "severity")
    return AlertLine(severity.upper(), severity, ", ".join([_name(member), *marks]))


def _name(member: Facts) -> str:
    """Return title, device and resource of an alert, with its site."""
    what = text_in(member, "title") or text_in(member, "alert_type")
    for part in (text_in(member, "device_name") or text_in(member, "device_ip"), text_in(member, "resource")):
        if part and part.lower() not in what.lower():
            what = f"{what} - {part}"
    site = text_in(member, "site")
    return f"{what} ({site})" if site else what


def _clock(value: object, zone: tzinfo | None) -> str:
    return moment(value, zone).partition(" (")[0]


def _first(facts: Facts) -> Facts:
    return next((each for each in _listed(facts.get("members")) if isinstance(each, Mapping)), {})


def _listed(value: object) -> Sequence[object]:
    return value if isinstance(value, list) else ()
