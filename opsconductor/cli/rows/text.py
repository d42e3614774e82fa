"""Text output of declared rows and of changes of them."""

import csv
import io
import json
from collections.abc import Iterator, Sequence

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from opsconductor.cli.alerts.text import Json
from opsconductor.cli.rows.kinds import RowKind
from opsconductor.config.provision.export import dump
from opsconductor.model.text import printable

OUTPUTS = ("table", "json", "csv", "yaml")
SIGNS = {"add": ("+", "green"), "change": ("~", "yellow"), "delete": ("-", "red")}
LONGEST_SHOWN = 80
FORMULA = ("=", "+", "-", "@", "\t")
"""Beginnings of texts that a spreadsheet would take for a formula."""


def text_of_rows(kind: RowKind, rows: Sequence[Json], output: str) -> str:
    """Return rows as JSON, CSV or YAML, which is a provisioning file that declares them."""
    match output:
        case "json":
            return json.dumps(rows, indent=2) + "\n"
        case "csv":
            return _csv(kind, rows)
        case _:
            return dump({kind.table: [_short(row["row"]) for row in rows]})


def text_of(row: Json) -> str:
    """Return a row as YAML, to be edited."""
    return dump(_short(row["row"]))


def change_of(changed: Json, *, is_trial: bool) -> Iterator[Text]:
    """Yield the lines that describe what a change has done, or would do."""
    for change in changed["changes"]:
        sign, style = SIGNS[change["verb"]]
        line = Text(f"{sign} {printable(change['name'])}", style=style)
        if change["fields"]:
            line.append(": " + "; ".join(map(_field, change["fields"])), style="default")
        yield line
    for remark in changed["remarks"]:
        yield Text(f"! {printable(remark)}", style="yellow")
    for name in changed["missing_secrets"]:
        yield Text(f"! the vault has no secret {name}: opsconductor credential set {name}", style="yellow")
    for name, reason in changed["failed"].items():
        yield Text(f"! {printable(name)} does not work: {printable(reason)}", style="bold red")
    if changed["error"]:
        yield Text(f"! stored, but not in force: {printable(changed['error'])}", style="bold red")
    yield Text(f"{changed['summary']} (dry run, nothing was changed)" if is_trial else changed["summary"])


def _field(change: Json) -> str:
    return f"{change['name']} {_value(change['old'])} -> {_value(change['new'])}"


def _value(value: object) -> str:
    text = value if isinstance(value, str) and value else json.dumps(value, ensure_ascii=False)
    text = printable(text)
    return text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}..."


def _short(row: Json) -> Json:
    """Return a row without empty values."""
    return {key: value for key, value in row.items() if value not in (None, [], {}, "")}


def table_of(kind: RowKind, rows: Sequence[Json]) -> RenderableType:
    """Render rows as a table."""
    table = Table(box=None, pad_edge=False, header_style="bright_black")
    names = ("id", *kind.columns) if kind.name == "ID" else kind.columns
    for name in (*names, "declared in"):
        table.add_column(name.replace("_", " "), overflow="fold")
    for row in rows:
        cells = [row["id"] if name == "id" else _cell(row["row"].get(name)) for name in names]
        where = "an inventory" if row["is_found"] else row["declared_in"] or ""
        table.add_row(*(Text(printable(cell)) for cell in (*cells, where)))
    return table


def _cell(value: object) -> str:
    """Return a value for reading: names of what a list holds, yes and no."""
    match value:
        case None | [] | {} | ():
            return ""
        case bool():
            return "yes" if value else "no"
        case list():
            return ", ".join(_cell(each) for each in value)
        case dict():
            return " ".join(f"{name}={_cell(each)}" for name, each in value.items())
        case _:
            return str(value)


def _csv(kind: RowKind, rows: Sequence[Json]) -> str:
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(["id", *kind.columns, "declared_in"])
    for row in rows:
        cells = [row["id"], *(_cell(row["row"].get(name)) for name in kind.columns), row["declared_in"] or ""]
        writer.writerow([f"'{cell}" if cell.startswith(FORMULA) else printable(cell) for cell in cells])
    return file.getvalue()
