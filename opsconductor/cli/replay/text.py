"""Output of a replay: as a JSON document and as tables."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from opsconductor.app.configuring.rehearsal import Rehearsal, Request
from opsconductor.cli.terminal.moment import shown
from opsconductor.model.alert import Alert
from opsconductor.model.enums import Status
from opsconductor.model.text import printable
from opsconductor.replay.compare import NotifiedInReplay, device_of, differences, is_of, notified_in

MOST_ROWS = 40
MOST_DEVICES = 5

Json = dict[str, Any]
MARKS = {"added": ("+", "green"), "missing": ("-", "red"), "changed": ("~", "yellow")}


def as_json(request: Request, rehearsal: Rehearsal) -> Json:
    """Return the whole result of a replay, JSON-ready, most important first in each list."""
    span, outcome, device = request.span, rehearsal.outcome, rehearsal.device
    alerts = [alert for alert in outcome.alerts.values() if is_of(alert, device)]
    real = [alert for alert in rehearsal.real_alerts if is_of(alert, device)]
    reach = rehearsal.reach
    return {
        "from": span.begin.isoformat(),
        "to": span.end.isoformat(),
        "device": device,
        "connectors": list(span.connectors),
        "plan": rehearsal.plan or None,
        "archive": reach and {"from": reach[0].isoformat(), "to": reach[1].isoformat()},
        "events": outcome.events,
        "not_kept": outcome.not_kept,
        "skipped": _skipped(rehearsal),
        "alerts": _alerts(alerts),
        "notifications": _notifications(notified_in(outcome, alerts), rehearsal.real_notifications),
        "unmapped": _unmapped(rehearsal),
        "differences": [
            {
                "fate": str(each.fate),
                "device": each.device,
                "alert_type": each.alert_type,
                "resource": each.resource,
                "fields": {name: list(values) for name, values in each.fields.items()},
            }
            for each in differences(alerts, real, begin=span.begin, end=span.end)
        ],
    }


def _skipped(rehearsal: Rehearsal) -> list[Json]:
    """Return the events that could not be replayed, by connector and reason."""
    outcome = rehearsal.outcome
    reasons = {
        (connector, rehearsal.faults.get(connector, "it is not configured, or not enabled")): amount
        for connector, amount in outcome.no_connector.items()
    } | {
        (connector, f"cannot be decoded: {reason}"): amount
        for (connector, reason), amount in outcome.undecodable.items()
    }
    return [
        {"connector": connector, "reason": reason, "events": amount}
        for (connector, reason), amount in sorted(reasons.items())
    ]


def _alerts(alerts: Iterable[Alert]) -> list[Json]:
    """Summarize alerts by device and type, most severe first."""
    groups: dict[tuple[str, str], list[Alert]] = {}
    for alert in alerts:
        groups.setdefault((device_of(alert), alert.alert_type), []).append(alert)
    ordered = sorted(groups.items(), key=lambda item: (-max(a.severity.rank for a in item[1]), item[0]))
    return [
        {
            "device": device,
            "alert_type": alert_type,
            "severity": str(max((alert.severity for alert in group), key=lambda severity: severity.rank)),
            "alerts": len(group),
            "reports": sum(alert.occurrence_count for alert in group),
            "open": sum(alert.status.is_open for alert in group),
            "suppressed": sum(alert.status is Status.SUPPRESSED for alert in group),
        }
        for (device, alert_type), group in ordered
    ]


def _notifications(
    replayed: Mapping[NotifiedInReplay, int], real: Mapping[NotifiedInReplay, int]
) -> list[Json]:
    return [
        {**who._asdict(), "replayed": replayed.get(who, 0), "real": real.get(who, 0)}
        for who in sorted({*replayed, *real})
    ]


def _unmapped(rehearsal: Rehearsal) -> list[Json]:
    """Summarize unmapped events, most frequent first."""
    sums: dict[tuple[str, str, str], Json] = {}
    for name, amount in rehearsal.outcome.unmapped.items():
        if is_of(name, rehearsal.device):
            entry = sums.setdefault(name[:3], {"events": 0, "devices": []})
            entry["events"] += amount
            entry["devices"].append(device_of(name))
    ordered = sorted(sums.items(), key=lambda item: (-item[1]["events"], item[0]))
    return [
        {"connector": connector, "alert_type": alert_type, "resource": resource, **entry}
        for (connector, alert_type, resource), entry in ordered
    ]


def as_text(request: Request, rehearsal: Rehearsal) -> RenderableType:
    """Render a replay as text. Control characters are escaped."""
    document = as_json(request, rehearsal)
    parts: list[RenderableType] = list(_head(request, rehearsal, document))
    if not document["events"]:
        return Group(*parts)
    for title, columns, rows in (
        ("Alerts there would have been", ALERT_COLUMNS, document["alerts"]),
        ("Who would have been notified", NOTICE_COLUMNS, document["notifications"]),
        ("What no mapping matches", UNMAPPED_COLUMNS, [_short(row) for row in document["unmapped"]]),
    ):
        parts += [Text(), Text(title, style="bold"), *_table(columns, rows)]
    parts += [Text(), Text("Differences from what is in the database", style="bold")]
    parts += _more([_difference(row) for row in document["differences"][:MOST_ROWS]], document["differences"])
    return Group(*parts)


ALERT_COLUMNS = ("device", "alert_type", "severity", "alerts", "reports", "open", "suppressed")
NOTICE_COLUMNS = ("rule", "channel", "recipient", "kind", "replayed", "real")
UNMAPPED_COLUMNS = ("connector", "alert_type", "resource", "events", "devices")


def _head(request: Request, rehearsal: Rehearsal, document: Json) -> Iterable[Text]:
    span = request.span
    about = f", device {rehearsal.device}" if rehearsal.device else ""
    yield Text(printable(f"{shown(span.begin)} to {shown(span.end)}{about}"))
    if rehearsal.plan:
        yield Text(f"tried with files that are not applied: {rehearsal.plan}")
    yield Text(f"{document['events']} events replayed")
    if document["not_kept"]:
        kept_out = f"{document['not_kept']} more events were counted but not kept, as in a storm"
        yield Text(f"! {kept_out}: counts are lower than they were", style="yellow")
    if not document["events"]:
        yield Text(f"! {_why_nothing(rehearsal)}", style="yellow")
    for row in document["skipped"]:
        text = f"! {row['events']} events of connector {row['connector']} are left out: {row['reason']}"
        yield Text(printable(text), style="yellow")


def _why_nothing(rehearsal: Rehearsal) -> str:
    if rehearsal.reach is None:
        return "the archive is empty: the daemon fills it while archive.enabled is true"
    first, last = rehearsal.reach
    return f"the archive goes from {shown(first)} to {shown(last)}; retention.raw_events_days sets how far"


def _table(columns: Sequence[str], rows: Sequence[Json]) -> list[RenderableType]:
    table = Table(box=None, pad_edge=False, header_style="bright_black")
    for name in columns:
        is_number = bool(rows) and isinstance(rows[0][name], int)
        table.add_column(name.replace("_", " "), justify="right" if is_number else "left")
    for row in rows[:MOST_ROWS]:
        table.add_row(*(Text(printable(str(row[name]))) for name in columns))
    return _more([table] if rows else [], rows)


def _more(shown_parts: Sequence[RenderableType], rows: Sequence[Json]) -> list[RenderableType]:
    """Render a line for an empty list, or for the entries that are not shown."""
    if not rows:
        return [Text("nothing", style="bright_black")]
    rest = len(rows) - MOST_ROWS
    return [*shown_parts, *([Text(f"and {rest} more: see --json", style="bright_black")] if rest > 0 else [])]


def _short(row: Json) -> Json:
    devices = row["devices"]
    more = f" and {len(devices) - MOST_DEVICES} more" if len(devices) > MOST_DEVICES else ""
    return {**row, "devices": ", ".join(devices[:MOST_DEVICES]) + more}


def _difference(row: Json) -> Text:
    mark, style = MARKS[row["fate"]]
    line = Text(printable(f"{mark} {row['device']} {row['alert_type']} {row['resource']}".rstrip()), style)
    fields = [f"{name} {real} -> {replayed}" for name, (real, replayed) in row["fields"].items()]
    if fields:
        line.append(printable(": " + "; ".join(fields)), style="default")
    return line
