"""Rows of an analysis as CSV, part by part."""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from opsconductor.datasets.analysis.outcome import ROW, RowLevel, read_rows
from opsconductor.datasets.matrix import open_matrix
from opsconductor.model.spreadsheet import cell_of

COLUMNS = ("row", "file", "line", "time", "part", "level", "severity", "t2", "spe", "distance", "features")
LEVELS: Mapping[str, frozenset[RowLevel]] = {
    "anomalous": frozenset({RowLevel.ANOMALOUS}),
    "warning": frozenset({RowLevel.ANOMALOUS, RowLevel.WARNING}),
    "all": frozenset(RowLevel),
}
"""Which rows are exported, by the name of what is asked for."""


def rows_as_csv(
    folder: Path, level: str, baseline_rows: int, explained: Mapping[int, Mapping[str, Any]]
) -> Iterator[bytes]:
    """Yield parts of a CSV with a header row; it blocks, so call it in a thread.

    Args:
        folder: What the analysis wrote.
        level: A key of `LEVELS`; below `all`, rows of the baseline are left out.
        explained: Explained rows by their number.
    """
    matrix = open_matrix(folder)
    times, lines = matrix.times(), matrix.lines()
    wanted = np.array(sorted(LEVELS[level]), np.uint8)
    yield _lines([COLUMNS])
    for first, part in read_rows(folder):
        chosen = np.flatnonzero(np.isin(part["level"], wanted))
        if level != "all":
            chosen = chosen[chosen + first >= baseline_rows]
        yield _lines(
            [
                _row(part[at], first + int(at), matrix.file_of(first + int(at)), explained)
                | {
                    "line": int(lines[first + at]),
                    "time": "" if times is None else _time(float(times[first + at])),
                    "part": "baseline" if first + at < baseline_rows else "monitored",
                }
                for at in chosen
            ]
        )


def _row(
    found: np.void, index: int, file: str, explained: Mapping[int, Mapping[str, Any]]
) -> dict[str, object]:
    about = explained.get(index + 1, {})
    values = {name: float(f"{found[name]:.6g}") for name in ROW.names or () if name != "level"}
    return {
        "row": index + 1,
        "file": cell_of(file),
        "level": RowLevel(int(found["level"])).name.lower(),
        "severity": about.get("severity") or "",
        "features": cell_of("; ".join(map(_feature, about.get("features", ())))),
        **values,
    }


def _feature(of: Mapping[str, Any]) -> str:
    return f"{of['name']} {of['value']} (expected {of['expected']}, {of['share']:.0%})"


def _time(seconds: float) -> str:
    return "" if np.isnan(seconds) else datetime.fromtimestamp(seconds, UTC).isoformat()


def _lines(rows: Sequence[Mapping[str, object] | Sequence[str]]) -> bytes:
    text = io.StringIO()
    table = csv.writer(text)
    table.writerows(row if not isinstance(row, Mapping) else [row[name] for name in COLUMNS] for row in rows)
    return text.getvalue().encode()
