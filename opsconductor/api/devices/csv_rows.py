"""Dependencies in CSV files: what an export writes and an import reads; pure."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from opsconductor.model.spreadsheet import FORMULA_SIGNS

DECLARED = ("device_ip", "depends_on_ip", "dependency_type", "via_resources", "description", "confidence")
"""Columns that an import reads; the first two are required."""
SHOWN = ("origin", "declared_in", "created_by", "missing_since")
"""Columns of an export beside those; an import ignores them."""
RESOURCE_SEPARATOR = ";"
LONGEST_FOUND = 100

Fault = dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class CsvRow:
    """A row of a file.

    Attributes:
        line: Where it begins; the header is line 1.
        value: As a provisioning file has it.
    """

    line: int
    value: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class CsvContent:
    """The rows of a file, and what cannot be read of it."""

    rows: Sequence[CsvRow]
    faults: Sequence[Fault]


def read_csv(body: bytes) -> CsvContent:
    """Read a file; commas separate the cells, or semicolons if there is no comma in the header."""
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        found = f"the byte 0x{body[error.start]:02x} at {error.start}"
        return CsvContent(rows=(), faults=[_fault("file", found, "text in UTF-8")])
    head = text.split("\n", 1)[0]
    delimiter = ";" if ";" in head and "," not in head else ","
    cells = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    rows: list[CsvRow] = []
    faults: list[Fault] = []
    try:
        names = [name.strip() for name in next(cells, [])]
        faults += _faults_in_header(names)
        line = cells.line_num + 1
        for row in cells:
            if len(row) > len(names):
                faults.append(_fault(f"line {line}", f"{len(row)} cells", f"at most {len(names)}"))
            elif any(row):
                rows.append(CsvRow(line=line, value=_value(names, row)))
            line = cells.line_num + 1
    except csv.Error as error:
        faults.append(_fault(f"line {cells.line_num}", str(error), "CSV with a header row, RFC 4180"))
    return CsvContent(rows=rows, faults=[*faults, *_twice(rows), *_nul(rows)])


def write_csv(rows: Iterable[Sequence[str]]) -> bytes:
    """Return rows as CSV."""
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()


def _value(names: Sequence[str], row: Sequence[str]) -> dict[str, Any]:
    """Return the declared columns of a row; an empty cell means the default."""
    value: dict[str, Any] = {
        name: _plain(cell.strip())
        for name, cell in zip(names, row, strict=False)
        if cell.strip() and name in DECLARED
    }
    if via := value.pop("via_resources", ""):
        value["via_resources"] = [part.strip() for part in via.split(RESOURCE_SEPARATOR) if part.strip()]
    return value


def _plain(cell: str) -> str:
    """Remove the apostrophe that an export puts before what a spreadsheet would calculate."""
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(FORMULA_SIGNS) else cell


def _faults_in_header(names: Sequence[str]) -> Iterator[Fault]:
    known = ", ".join(DECLARED)
    for name in dict.fromkeys(names):
        if name not in (*DECLARED, *SHOWN) or names.count(name) > 1:
            yield _fault("line 1", name or "an empty name", f"each of {known} at most once")
    for name in DECLARED[:2]:
        if name not in names:
            yield _fault("line 1", "nothing", f"a column {name}")


def _twice(rows: Sequence[CsvRow]) -> Iterator[Fault]:
    """Yield a fault for each row that declares what an earlier one does."""
    first: dict[tuple[object, ...], int] = {}
    for row in rows:
        kind = row.value.get("dependency_type", "network")
        key = (row.value.get("device_ip"), row.value.get("depends_on_ip"), kind)
        line = first.setdefault(key, row.line)
        if line != row.line:
            yield _fault(f"line {row.line}", "a dependency again", f"it once (first in line {line})")


def _nul(rows: Sequence[CsvRow]) -> Iterator[Fault]:
    for row in rows:
        for name, value in row.value.items():
            if any("\0" in text for text in ([value] if isinstance(value, str) else value)):
                yield _fault(f"line {row.line}: {name}", "a NUL character", "text without it")


def _fault(name: str, found: str, expected: str) -> Fault:
    return {"name": name, "found": found[:LONGEST_FOUND], "expected": expected}
