"""Text output of datasets and analyses."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from rich.table import Table
from rich.text import Text

from opsconductor.cli.alerts.text import console
from opsconductor.model.text import printable

MIB = 1024 * 1024
MOST_FAULTS, MOST_COLUMNS = 20, 12

Json = Mapping[str, Any]


def print_datasets(found: Sequence[Json]) -> None:
    """Print a table of datasets."""
    table = _table("id", "name", "rows", "files", "MiB", "analyses", "owner", "tags", "created")
    for each in found:
        rows = "" if each["rows"] is None else f"{each['rows']:,}"
        owner = each["created_by"] + (" (shared)" if each["is_shared"] else "")
        size = f"{each['bytes'] / MIB:,.1f}"
        first = (each["id"], each["name"], rows, str(each["files"]), size, str(each["analyses"]))
        _add(table, *first, owner, ", ".join(each["tags"]), _local(each["created_at"]))
    console().print(table)


def dataset_lines(found: Json) -> Iterator[str]:
    """Yield the lines of one dataset: files, columns, faults."""
    shared = ", shared" if found["is_shared"] else ""
    yield f"{found['name']} ({found['id']}) of {found['created_by']}{shared}"
    if found["description"]:
        yield f"  {found['description']}"
    for file in found["uploads"]:
        reason = f": {file['error_message']}" if file["error_message"] else ""
        yield f"  file {file['original_filename']}, {file['file_size']:,} bytes, {file['status']}{reason}"
    job = found["job"]
    if job and job["status"] in ("waiting", "processing"):
        yield f"  being read: {job['progress']:.0%}"
    if found["rows"] is not None:
        numbers = [each["name"] for each in found["columns"] if each["kind"] == "number"]
        times = [each["name"] for each in found["columns"] if each["kind"] == "time"]
        more = f" and {len(numbers) - MOST_COLUMNS} more" if len(numbers) > MOST_COLUMNS else ""
        yield f"  {found['rows']:,} rows, time: {times[0] if times else 'none'}"
        yield f"  {len(numbers)} columns of numbers: {', '.join(numbers[:MOST_COLUMNS])}{more}"
    yield from fault_lines(found)


def fault_lines(found: Json) -> Iterator[str]:
    """Yield what was wrong in the files of a dataset."""
    for remark in found["remarks"]:
        yield f"  note: {remark}"
    for fault in found["faults"][:MOST_FAULTS]:
        place = f"{fault['file']}:{fault['line']}" if fault["line"] else fault["file"]
        column = f" column {fault['column']}" if fault["column"] else ""
        yield f"  ! {place}{column}: found {fault['found']}, expected {fault['expected']}"
    if (rest := found["fault_total"] - MOST_FAULTS) > 0:
        yield f"  ! and {rest:,} more faults; such cells and rows are left out"


def print_analyses(found: Sequence[Json]) -> None:
    """Print a table of analyses."""
    table = _table("id", "dataset", "status", "anomalous", "warnings", "rows", "by", "created")
    for each in found:
        results = each["results"] or {}
        counts = [
            f"{results[name]:,}" if results else "" for name in ("anomalous", "warning", "monitored_rows")
        ]
        status = each["status"] if each["status"] != "running" else f"running {each['progress']:.0%}"
        _add(
            table,
            each["id"],
            each["dataset"],
            status,
            *counts,
            each["created_by"],
            _local(each["created_at"]),
        )
    console().print(table)


def analysis_lines(found: Json) -> Iterator[str]:
    """Yield the lines of one analysis."""
    yield f"analysis {found['id']} of {found['dataset']}: {found['status']}"
    if found["error_message"]:
        yield f"  {found['error_message']}"
    results = found["results"]
    if not results:
        return
    limits = results["limits"]
    yield (
        f"  {results['baseline_rows']:,} rows of baseline, {results['monitored_rows']:,} rows compared in "
        f"{results['features']} features ({results['components']} components keep {results['explained']:.1%})"
    )
    yield (
        f"  {results['anomalous']:,} anomalous, {results['warning']:,} warnings, "
        f"{results['normal']:,} normal, {results['unknown']:,} with too few values"
    )
    named = [
        f"{name.upper()} {limits[name]['value']:.4g} ({limits[name]['source']})" for name in ("t2", "spe")
    ]
    yield f"  limits: {', '.join(named)}"
    leading = [f"{each['name']} ({each['first']:,})" for each in results["leading"][:8] if each["first"]]
    if leading:
        yield f"  features that explain most anomalous rows: {', '.join(leading)}"
    for each in results["changed_constants"]:
        yield f"  {each['name']} was always {each['value']:g} and changes in {each['rows']:,} rows"


def print_rows(rows: Sequence[Json]) -> None:
    """Print a table of rows with the features that explain them."""
    table = _table("row", "where", "time", "level", "distance", "by", "explained by")
    for row in rows:
        features = [
            f"{each['name']} {_value(each['value'])}, expected {_value(each['expected'])} ({share:.0%})"
            for each in row["features"]
            if (share := each["share"]) >= 0
        ]
        level = row["severity"] or row["level"]
        first = (f"{row['row_number']:,}", f"{row['file']}:{row['line']}", _local(row["occurred_at"]), level)
        _add(table, *first, f"{row['distance']:.2f}", row["statistic"], "; ".join(features))
    console().print(table)


def _value(value: float | None) -> str:
    return "nothing" if value is None else f"{value:g}"


def _table(*headings: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bright_black")
    for heading in headings:
        table.add_column(heading, overflow="fold")
    return table


def _add(table: Table, *texts: str) -> None:
    table.add_row(*(Text(printable(text)) for text in texts))


def _local(moment: str | None) -> str:
    return "" if moment is None else f"{datetime.fromisoformat(moment).astimezone():%Y-%m-%d %H:%M:%S}"
