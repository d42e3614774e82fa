"""Text output of connectors: the status table and the results of checks."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from opsconductor.cli.alerts.text import Json, age
from opsconductor.model.text import printable

COLOURS = {
    "connected": "green",
    "degraded": "yellow",
    "error": "bold red",
    "disconnected": "yellow",
    "unknown": "bright_black",
}
COLUMNS = ("name", "type", "status", "last success", "today", "total")
QUIET = "bright_black"
MOST_REJECTED = 5
"""Lines shown per connector; `--json` has all."""


def connectors_of(rows: Sequence[Json], now: datetime, *, is_faulty: bool = False) -> RenderableType:
    """Render one line per connector, followed by its errors and the URL for posts."""
    if not rows and is_faulty:
        return Text("no connectors: the configuration that declares them has faults", style="bold red")
    if not rows:
        return Text("no connectors; declare some in a file of `provision`", style="yellow")
    table = Table(box=None, pad_edge=False, header_style=QUIET)
    for name in COLUMNS:
        table.add_column(name, no_wrap=True, justify="right" if name in {"today", "total"} else "left")
    notes = Table.grid(padding=(0, 2))
    notes.add_column(no_wrap=True)
    notes.add_column(overflow="fold")
    for row in rows:
        table.add_row(*_cells(row, now))
        for note in _notes(row):
            notes.add_row(Text(printable(row["name"])), note)
    return Group(table, Text(), notes) if notes.row_count else table


def checks_of(found: Mapping[str, Json]) -> RenderableType:
    """Render the result of each connector's check, with its details."""
    lines: list[Text] = []
    for name, check in found.items():
        mark, style = ("ok  ", "green") if check["ok"] else ("bad ", "bold red")
        lines.append(Text.assemble((mark, style), f"{printable(name)}: {printable(check['message'])}"))
        details = check["details"].items()
        lines += [Text(f"      {key}: {printable(_plain(value))}", QUIET) for key, value in details]
    return Group(*lines)


def _plain(value: object) -> str:
    """Format a detail for reading, without Python syntax."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping):
        value = [f"{key}: {_plain(part)}" for key, part in value.items()]
    if isinstance(value, Sequence) and not isinstance(value, str):
        value = ", ".join(map(_plain, value))
    return "-" if value in (None, "") else str(value)


def _cells(row: Json, now: datetime) -> list[Text]:
    status = row["status"] if row["enabled"] else "switched off"
    last, received = row["last_success_at"], row["alerts_received"]
    return [
        Text(printable(row["name"])),
        Text(printable(row["type"]), QUIET),
        Text(status, COLOURS.get(status, QUIET)),
        Text(f"{age(last, now)} ago" if last else "-"),
        Text("-" if received is None else f"{row['alerts_today']:,}"),
        Text("-" if received is None else f"{received:,}"),
    ]


def _notes(row: Json) -> Iterator[Text]:
    """Render the error, else the URL for posts, and recently rejected messages."""
    if row["error_message"]:
        yield Text(printable(row["error_message"]), "red")
    elif row["webhook"]:
        yield Text(f"posts: {row['webhook']}", QUIET)
    if amount := row["unmatched_recoveries"]:
        yield Text(f"recoveries without an open alert: {amount:,}", QUIET)
    for rejection in row["rejected"][:MOST_REJECTED]:
        yield Text(printable(_rejection(rejection)), "yellow" if rejection["is_repeated"] else QUIET)


def _rejection(rejection: Json) -> str:
    """Render one line: number, sender, time of the last, reason and remedy."""
    last_at = datetime.fromisoformat(rejection["last_at"]).astimezone()
    line = (
        f"rejected {rejection['count']:,}x from {rejection['sender']}, last {last_at:%Y-%m-%d %H:%M:%S}: "
        f"{rejection['explanation']} -> {rejection['remedy']}"
    )
    return f"{line} [{rejection['first_bytes']}]" if rejection["first_bytes"] else line
