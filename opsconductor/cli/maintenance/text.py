"""Text output of `opsconductor maintenance`. Control characters are escaped."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from opsconductor.model.text import printable

Json = dict[str, Any]
STATES = {"active": "yellow", "planned": "bright_blue", "over": "bright_black"}


def windows_of(windows: Sequence[Json]) -> RenderableType:
    """Render maintenance windows as a table."""
    if not windows:
        return Text("no maintenance windows", style="green")
    table = Table(box=None, pad_edge=False, header_style="bright_black")
    for name in ("state", "from", "to", "mutes", "name", "alerts", "reason", "by"):
        table.add_column(name, overflow="fold")
    for each in windows:
        table.add_row(
            Text(each["state"], style=STATES[each["state"]]),
            *_times(each),
            _text(what_of(each)),
            _text(each["name"]),
            _text(_amount(each)),
            _text(each["reason"] or ""),
            _text(each["created_by"] or each["declared_in"] or ""),
        )
    return table


def line_of(window: Json) -> RenderableType:
    """Render what a window does, after it was added or changed."""
    at = window["state_until"] and _local(window["state_until"])
    ends = f"until {at}" if at else "until it is ended"
    when = {"active": ends, "planned": f"from {at}"}.get(window["state"], "it mutes no alerts any more")
    lines = [f"{window['name']}: {window['state']}, {when}", f"mutes {what_of(window)}"]
    if window["state"] == "active":
        lines.append(_amount(window))
    if window["announce"]:
        lines.append(f"announced to {', '.join(_recipients_of(window))}")
    if window["declared_in"]:
        lines.append(f"It is declared in {window['declared_in']}: change it there, or give --take-over.")
    return Group(*(_text(line) for line in lines))


def what_of(window: Json) -> str:
    """Return what a window is about, in words."""
    behind = [f"{window['behind']} and what is behind it"] if window["behind"] else []
    words = [*behind, *_conditions(window["conditions"])]
    hidden = " (hidden)" if window["mode"] == "hide" else ""
    return (" with ".join(words) if words else "everything") + hidden


def _recipients_of(window: Json) -> Iterator[str]:
    for each in window["announce"]:
        yield " ".join([each["channel"], *([", ".join(each["recipients"])] if each["recipients"] else [])])


def _times(window: Json) -> tuple[str, str]:
    """Return begin and end; of a window that recurs its rule, and the next or present occurrence."""
    if not window["recurring"]:
        return _local(window["start_at"]), _local(window["end_at"]) if window["end_at"] else "-"
    at = window["state_until"] and _local(window["state_until"])
    rule = f"{window['recurring']['rule']}, {window['recurring']['duration']}"
    return (rule, at or "-") if window["state"] == "active" else (f"{rule}, next {at or '-'}", "-")


def _conditions(conditions: Mapping[str, Any]) -> list[str]:
    return [f"{name} {_value(value)}" for name, value in conditions.items()]


def _value(value: object) -> str:
    if isinstance(value, list):
        return " or ".join(_value(each) for each in value)
    if isinstance(value, Mapping):
        return "(" + ", ".join(f"{name} {_value(each)}" for name, each in value.items()) + ")"
    return str(value)


def _amount(window: Json) -> str:
    if window["state"] != "active":
        return "-"
    held = f", {window['held']} to be notified at its end" if window["held"] else ""
    return f"{window['muted']} muted{held}"


def _local(moment: str) -> str:
    return f"{datetime.fromisoformat(moment).astimezone():%Y-%m-%d %H:%M %Z}"


def _text(value: object) -> Text:
    return Text(printable(str(value)))
