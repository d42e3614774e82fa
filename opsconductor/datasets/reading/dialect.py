"""Delimiter and decimal sign of a CSV file, found in its first lines."""

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

DELIMITERS = (",", ";", "\t", "|")
WITH_COMMA, WITH_POINT = re.compile(r"[+-]?\d+,\d+"), re.compile(r"[+-]?\d+\.\d+")


@dataclass(frozen=True, slots=True, kw_only=True)
class CsvDialect:
    """How a file is written.

    Attributes:
        decimal: `.` or `,`.
    """

    delimiter: str = ","
    decimal: str = "."


def dialect_of(lines: Sequence[str]) -> CsvDialect:
    """Return the delimiter with which most lines have as many cells as the header, and the decimal sign."""
    best, most = ",", 0.0
    for delimiter in DELIMITERS:
        amounts = [len(row) for row in _rows(lines, delimiter) if row]
        if amounts and amounts[0] > 1:
            same = sum(amount == amounts[0] for amount in amounts) / len(amounts)
            if same > most:
                best, most = delimiter, same
    if best == ",":
        return CsvDialect()
    cells = [cell.strip() for row in _rows(lines[1:], best) for cell in row]
    commas = sum(WITH_COMMA.fullmatch(cell) is not None for cell in cells)
    points = sum(WITH_POINT.fullmatch(cell) is not None for cell in cells)
    return CsvDialect(delimiter=best, decimal="," if commas > points else ".")


def _rows(lines: Sequence[str], delimiter: str) -> Iterator[list[str]]:
    try:
        yield from csv.reader(lines, delimiter=delimiter)
    except csv.Error:
        return
