"""Text output of alerts: the table, and one alert with its history. Control characters are escaped."""

import re
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from io import TextIOBase
from typing import Any, TextIO, cast

from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from opsconductor.model.text import LONGEST_MESSAGE, paragraphs, printable

COLOURS = {
    "critical": "bold red",
    "major": "dark_orange",
    "minor": "yellow",
    "warning": "bright_blue",
    "info": "bright_black",
    "clear": "green",
}
WIDE = 2000
"""Width in columns when the output is not a terminal, so that nothing a script looks for is cut."""
FILL = re.compile(r" +$", re.MULTILINE)
SHORT_ID = 8
MINUTE_S, HOUR_S, DAY_S = 60, 3600, 86400

Json = dict[str, Any]


def console() -> Console:
    """Return a console for standard output: coloured on a terminal, plain and wide otherwise."""
    found = Console(highlight=False, markup=False)
    if found.is_terminal:
        return found
    return Console(file=cast("TextIO", TrimmedOutput(sys.stdout)), highlight=False, markup=False, width=WIDE)


class TrimmedOutput(TextIOBase):
    """Writes lines without the spaces by which a table fills its last column."""

    def __init__(self, file: TextIO) -> None:
        super().__init__()
        self._file = file

    @property
    def encoding(self) -> str:  # type: ignore[override]
        """The encoding of the file."""
        return self._file.encoding

    def write(self, text: str, /) -> int:
        """Write whole lines, as a console prints them."""
        self._file.write(FILL.sub("", text))
        return len(text)

    def flush(self) -> None:
        """Flush the file."""
        self._file.flush()


def list_of(answer: Json, now: datetime, *, most: int | None = None, fills: bool = True) -> RenderableType:
    """Render the API's answer to a list request; adds a line if the database lacks the newest state."""
    table = table_of(answer["data"], answer["meta"]["total"], now, most=most, fills=fills)
    if hidden := answer["meta"].get("hidden"):
        text = f"{hidden} open alert{'' if hidden == 1 else 's'} hidden by maintenance windows: see --hidden"
        table = Group(table, Text(text, style="yellow"))
    state = answer["meta"].get("database")
    if state not in ("away", "behind"):
        return table
    since, waiting = _local(answer["meta"]["since"]), answer["meta"]["waiting"]
    kept = f"changes are stored in the daemon's spool ({waiting} waiting)"
    return Group(table, Text(f"database {state} since {since}: live state; {kept}", style="yellow"))


def table_of(
    alerts: Sequence[Json], total: int, now: datetime, *, most: int | None = None, fills: bool = True
) -> RenderableType:
    """Render alerts as a table; ids are shortened to their end, because they begin with the time.

    Args:
        total: Number of matching alerts.
        most: Number of rows to show; a line below gives the number of the others.
        fills: Use the full width of the terminal instead of the width of the content.
    """
    table = Table(box=None, pad_edge=False, header_style="bright_black", expand=fills)
    for name, options in _COLUMNS.items():
        table.add_column(name, no_wrap=True, **options)
    shown = alerts[:most]
    for alert in shown:
        table.add_row(*_cells(alert, now))
    rest = total - len(shown)
    below = f"{total} alerts, {rest} not shown" if rest > 0 else f"{total} alert{'' if total == 1 else 's'}"
    return Group(table, Text(below, style="bright_black")) if alerts else Text("no alerts", style="green")


def story_of(alert: Json) -> RenderableType:
    """Render one alert with its fields, the varbinds of its trap and its history."""
    title = _text(alert["title"], COLOURS.get(alert["severity"], ""))
    facts = Table.grid(padding=(0, 2))
    for name, value in alert.items():
        if name not in _NO_FACTS and value not in (None, "", [], False):
            shown = _local(value) if name.endswith(("_at", "_since", "_until")) else value
            text = Text(paragraphs(value, LONGEST_MESSAGE)) if name == "message" else _text(shown)
            facts.add_row(Text(name, style="bright_black"), text)
    if alert["cause"]:
        facts.add_row(Text("cause", style="bright_black"), _text(alert["cause"]["title"]))
        if alert["root"]["id"] != alert["cause"]["id"]:
            facts.add_row(Text("root cause", style="bright_black"), _text(alert["root"]["title"]))
    history = Table.grid(padding=(0, 2))
    for entry in alert["history"]:
        said = [entry["notes"], *(changes_text(entry["changes"]))]
        history.add_row(
            Text(_local(entry["created_at"]), style="bright_black"),
            _text(entry["action"]),
            _text(entry["user_name"] or ""),
            _text("; ".join(part for part in said if part)),
        )
    varbinds = [Text(), _varbinds(alert["varbinds"])] if alert["varbinds"] else []
    return Group(title, Text(), facts, *varbinds, Text(), Text("history", style="bright_black"), history)


def _varbinds(varbinds: Sequence[Json]) -> RenderableType:
    """Render name, value and meaning of each varbind."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bright_black")
    for column in ("varbind", "value", "meaning"):
        table.add_column(column, overflow="fold")
    for each in varbinds:
        value = "" if each["value"] is None else each["value"]
        table.add_row(_text(each["name"] or each["oid"]), _text(value), _text(each["meaning"] or ""))
    return table


def age(moment: str, now: datetime) -> str:
    """Return an age in at most its two largest units."""
    seconds = max(0, int((now - datetime.fromisoformat(moment)).total_seconds()))
    if seconds < MINUTE_S:
        return f"{seconds}s"
    if seconds < HOUR_S:
        return f"{seconds // MINUTE_S}m"
    if seconds < DAY_S:
        return f"{seconds // HOUR_S}h {seconds % HOUR_S // MINUTE_S:02d}m"
    return f"{seconds // DAY_S}d"


_COLUMNS: dict[str, dict[str, Any]] = {
    "id": {},
    "severity": {},
    "status": {},
    "device": {"max_width": 28},
    "alert": {"ratio": 1},
    "count": {"justify": "right"},
    "age": {"justify": "right"},
}
_NO_FACTS = frozenset(
    {"title", "custom_fields", "raw_data", "varbinds", "history", "cause", "root", "consequences"}
)
"""Fields of an alert that are rendered separately or span several lines."""


def _cells(alert: Json, now: datetime) -> list[Text]:
    style = COLOURS.get(alert["severity"], "")
    muted = f"  [{alert['muted_by']}]" if alert["muted_by"] else ""
    title = alert["title"] + muted + (f"  +{alert['impacted']} consequences" if alert["impacted"] else "")
    quiet = "" if alert["status"] == "active" else "bright_black"
    return [
        Text(alert["id"][-SHORT_ID:], style="bright_black"),
        _text(alert["severity"], style),
        _text(alert["status"], quiet),
        _text(alert["device_name"] or alert["device_ip"], quiet),
        _text(title, quiet),
        _text(alert["occurrence_count"]),
        _text(age(alert["occurred_at"], now)),
    ]


def _text(value: object, style: str = "") -> Text:
    if isinstance(value, Mapping):
        shown = ", ".join(f"{name} {each}" for name, each in value.items() if each not in (None, "", []))
    else:
        shown = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    return Text(printable(shown), style=style)


def changes_text(changes: Json) -> list[str]:
    """Return what an entry of the history has changed, each change in words."""
    pairs = [(name, change) for name, change in changes.items() if name not in {"routing", "routed"}]
    return [f"{name}: {_changed(name, change)}" for name, change in pairs]


def _changed(name: str, change: object) -> str:
    """Return what a value was and has become; times are local."""
    if not isinstance(change, list) or len(change) != 2:  # noqa: PLR2004 - before and after
        return str(change)
    is_time = name.endswith(("_at", "_since", "_until"))
    before, after = (_local(value) if is_time and value else value for value in change)
    if before in (None, ""):
        return str(after)
    return f"no longer {before}" if after in (None, "") else f"{before} -> {after}"


def _local(moment: str) -> str:
    return f"{datetime.fromisoformat(moment).astimezone():%Y-%m-%d %H:%M:%S %Z}"


def now() -> datetime:
    """Return the current time, from which ages are computed."""
    return datetime.now(UTC)
