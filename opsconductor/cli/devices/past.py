"""Text output of the state of a device at a time in the past."""

from collections.abc import Sequence
from datetime import datetime

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from opsconductor.cli.alerts.text import COLOURS, Json
from opsconductor.cli.terminal.moment import shown
from opsconductor.model.measured.quantity import quantity
from opsconductor.model.text import printable

FAINT = "bright_black"
SOURCES = {
    "history": "from the history of its alerts",
    "snapshot": "as it was stored at {known_at}; the history of that time is deleted",
    "none": "no data is stored for that time",
}


def past_of(state: Json) -> RenderableType:
    """Render the alerts of that time, then the values."""
    known_at = state["known_at"] and _local(state["known_at"])
    source = SOURCES[state["source"]].format(known_at=known_at)
    parts: list[RenderableType] = [
        Text.assemble((printable(state["name"]), "bold"), f"  {_local(state['at'])}"),
        Text(source, FAINT),
    ]
    if state["source"] != "none":
        parts += [Text(), _alerts(state["alerts"]) if state["alerts"] else Text("no open alert")]
    if state["values"]:
        parts += [Text(), _values(state["values"])]
    return Group(*parts)


def lines_of(state: Json) -> Sequence[Json]:
    """Return alerts and values as lines of one table."""
    columns = ("kind", "name", "resource", "severity", "status", "title", "value", "unit", "at")
    alerts = [
        {**each, "kind": "alert", "name": each["alert_type"], "at": each["occurred_at"]}
        for each in state["alerts"]
    ]
    values = [{**each, "kind": "value", "name": each["metric"]} for each in state["values"]]
    return [{column: each.get(column, "") for column in columns} for each in (*alerts, *values)]


def _alerts(alerts: Sequence[Json]) -> Table:
    table = _table("severity", "status", "since", "resource", "alert")
    for each in alerts:
        table.add_row(
            Text(each["severity"], COLOURS[each["severity"]]),
            each["status"],
            _local(each["occurred_at"]),
            Text(printable(each["resource"])),
            Text(printable(each["title"])),
        )
    return table


def _values(values: Sequence[Json]) -> Table:
    table = _table("metric", "resource", "value", "measured at")
    for each in values:
        table.add_row(
            Text(printable(each["metric"])),
            Text(printable(each["resource"])),
            Text(printable(quantity(each["value"], each["unit"]))),
            _local(each["at"]),
        )
    return table


def _table(*names: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style=FAINT)
    for name in names:
        table.add_column(name, overflow="fold")
    return table


def _local(text: str) -> str:
    return shown(datetime.fromisoformat(text))
