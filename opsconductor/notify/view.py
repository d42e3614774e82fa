"""Values for the templates: the facts of an alert as readable text, most important first."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta, tzinfo

from opsconductor.connector.outgoing.runbook import runbook_of
from opsconductor.connector.settings.duration import format_duration
from opsconductor.model.enums import NotificationKind, Severity, Status
from opsconductor.notify.clean import clean, line_of
from opsconductor.notify.reading import count_in, text_in, time_in
from opsconductor.notify.rows import port_of, rows_of, ways_of
from opsconductor.notify.summary import (
    SummarySection,
    label_of_summary,
    rules_of,
    sections_of,
    summary_rows,
    what_of_summary,
)
from opsconductor.notify.window import label_of_window, rows_of_window, what_of_window
from opsconductor.store.notifications.outbox import Claimed

COLOURS = {
    Severity.CRITICAL: ("#b3261e", "#ffffff"),
    Severity.MAJOR: ("#d4500c", "#ffffff"),
    Severity.MINOR: ("#f0a30a", "#1f1f1f"),
    Severity.WARNING: ("#ffd54a", "#1f1f1f"),
    Severity.INFO: ("#1c6fbf", "#ffffff"),
    Severity.CLEAR: ("#2e7d32", "#ffffff"),
}
"""Background and text colour by severity; the severity is always written out, too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NotificationView:
    """Values that a template may use.

    Attributes:
        label: The word in brackets: severity, or the outcome of the problem.
        what: Title, with device and resource where the title does not name them.
        is_over: True if the problem has ended.
        lasted: Duration of the problem, empty while it lasts.
        behind: The devices that are affected by it, with their sites; empty: none, or unknown.
        rows: Names and values of the table.
        ways: Those of them that say why the message came this way: sent again, or in place of another.
        message: The device's message, possibly several lines.
        colours: Background and text of the bar.
        url: Address of the alert on the operators' page; empty: unknown.
        acknowledge_url: Link that acknowledges without a log-in; empty: none.
        runbook: Link to the runbook, http or https; empty: none.
        facts: All facts, sanitized.
        sections: Of a message about several alerts: what has happened to which of them.
        link: What `url` opens, in words.
    """

    label: str
    kind: NotificationKind
    what: str
    severity: str
    old_severity: str
    is_over: bool
    is_expired: bool
    lasted: str
    resolved_by: str
    cause: str
    impacted: int
    behind: str
    rows: tuple[tuple[str, str], ...]
    ways: tuple[tuple[str, str], ...]
    message: str
    rule: str
    alert_id: str
    notification_id: str
    colours: tuple[str, str]
    url: str
    acknowledge_url: str
    runbook: str
    facts: Mapping[str, object]
    sections: tuple[SummarySection, ...] = ()
    link: str = "the alert"


LINKS = {NotificationKind.SUMMARY: "the alerts", NotificationKind.MAINTENANCE: "OpsConductor"}


def view_of(
    claimed: Claimed, zone: tzinfo | None, url: str = "", acknowledge_url: str = ""
) -> NotificationView:
    """Convert the facts of a notification to readable text.

    Args:
        zone: Time zone of the times; None: the machine's own.
        url: Address of the alert on the operators' page; empty: unknown.
        acknowledge_url: Link that acknowledges without a log-in; empty: none.
    """
    facts = clean(claimed.facts)
    assert isinstance(facts, dict)
    severity = text_in(facts, "severity")
    status = text_in(facts, "status")
    is_over = claimed.kind is NotificationKind.RECOVERY or status in {Status.RESOLVED, Status.EXPIRED}
    shown = Severity.CLEAR if is_over else severity
    sections = sections_of(facts, zone) if claimed.kind is NotificationKind.SUMMARY else ()
    match claimed.kind:
        case NotificationKind.SUMMARY:
            label, what = label_of_summary(facts, sections), what_of_summary(facts, sections, zone)
            rows = summary_rows(facts, sections, zone)
        case NotificationKind.MAINTENANCE:
            label, what = label_of_window(facts), what_of_window(facts, zone)
            rows = rows_of_window(facts, zone)
        case _:
            label, what, rows = label_of(claimed.kind, facts), what_of(facts), rows_of(facts, zone)
    return NotificationView(
        label=label,
        kind=claimed.kind,
        what=what,
        severity=severity,
        old_severity=text_in(facts, "old_severity"),
        is_over=is_over,
        is_expired=status == Status.EXPIRED,
        lasted=lasted(facts) if is_over else "",
        resolved_by=text_in(facts, "resolved_by"),
        cause=text_in(facts, "cause"),
        impacted=count_in(facts, "impacted"),
        behind="" if is_over else behind_of(facts),
        rows=tuple(rows),
        ways=tuple(ways_of(facts, zone)),
        message=str(facts.get("message") or ""),
        rule=rule_of(claimed),
        alert_id=str(claimed.alert_id),
        notification_id=str(claimed.id),
        colours=next((pair for name, pair in COLOURS.items() if name == shown), COLOURS[Severity.INFO]),
        url=url,
        acknowledge_url=acknowledge_url,
        runbook=runbook_of(facts)[1],
        facts=facts,
        sections=sections,
        link=LINKS.get(claimed.kind, "the alert"),
    )


def rule_of(claimed: Claimed) -> str:
    """Return the name of the rule, of a message about several alerts the names of all that are in it."""
    return rules_of(claimed.facts, line_of(claimed.rule_name))


NAMED = frozenset({NotificationKind.FLAPPING, NotificationKind.ACKNOWLEDGED, NotificationKind.EXPIRED})
"""Kinds whose name is the label."""


def label_of(kind: NotificationKind, facts: Mapping[str, object]) -> str:
    """Return the subject in a word or two: `CRITICAL`, `RESOLVED`, `FLAPPING`."""
    severity = text_in(facts, "severity").upper() or "ALERT"
    ended = {Status.RESOLVED: "RESOLVED", Status.EXPIRED: "EXPIRED"}
    state = next((word for status, word in ended.items() if text_in(facts, "status") == status), severity)
    if kind is NotificationKind.RECOVERY:
        return "RESOLVED" if state == severity else state
    if kind in NAMED:
        return kind.upper()
    if kind is NotificationKind.STABLE:
        return f"STABLE: {state}"
    if kind is NotificationKind.REMINDER:
        return f"REMINDER: {severity}"
    return severity


def what_of(facts: Mapping[str, object]) -> str:
    """Return the problem in one line; device and resource are added where the title lacks them.

    A port is given by its name if that is known.
    """
    what = text_in(facts, "title") or text_in(facts, "alert_type") or "Alert"
    device = text_in(facts, "device_name") or text_in(facts, "device_ip")
    for part in (device, port_of(facts) or text_in(facts, "resource")):
        if part and part.lower() not in what.lower():
            what = f"{what} - {part}"
    return what


def lasted(facts: Mapping[str, object]) -> str:
    """Return the duration of the problem, in whole seconds."""
    began, ended = time_in(facts, "occurred_at"), time_in(facts, "resolved_at")
    if began is None or ended is None or ended < began:
        return ""
    return format_duration(timedelta(seconds=(ended - began) // timedelta(seconds=1)))


def behind_of(facts: Mapping[str, object]) -> str:
    """Return the devices behind a cause: `43 devices behind it (Hamburg, Kiel)`; empty: none."""
    amount = count_in(facts, "impacted_devices")
    if not amount:
        return ""
    more = "more than " if facts.get("is_impact_larger") else ""
    text = f"{more}{amount:,} device{'' if amount == 1 else 's'} behind it"
    sites = facts.get("impacted_sites")
    names = [line_of(site) for site in sites] if isinstance(sites, list) else []
    further = count_in(facts, "impacted_more_sites")
    if further:
        names.append(f"{further} more site{'' if further == 1 else 's'}")
    return f"{text} ({', '.join(names)})" if names else text
