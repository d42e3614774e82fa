"""Outcome of an analysis: a file of all rows, and a document of what people look at."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

ROWS_FILE = "rows.bin"
ROW = np.dtype([("t2", "<f4"), ("spe", "<f4"), ("distance", "<f4"), ("level", "u1")])
"""One row of the file, in the order of the dataset."""
ROWS_AT_A_TIME = 100_000
SEVERITIES = ((8.0, "critical"), (4.0, "high"), (2.0, "medium"), (0.0, "low"))
"""Severity of an anomalous row by its distance, in limits."""


class RowLevel(IntEnum):
    """What a row is found to be."""

    NORMAL = 0
    WARNING = 1
    ANOMALOUS = 2
    UNKNOWN = 3
    """Too few values."""


def severity_of(distance: float) -> str:
    """Return the severity of an anomalous row by its distance, in limits."""
    return next(name for least, name in SEVERITIES if distance >= least)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainedFeature:
    """A feature that explains a row.

    Attributes:
        share: Of the distance, 0 to 1.
        expected: What the other features let expect.
        shift: How far `value` is from that, in robust standard deviations of the baseline.
    """

    name: str
    value: float | None
    expected: float | None
    share: float
    shift: float

    def document(self) -> dict[str, Any]:
        """Return it JSON-ready."""
        return {
            "name": self.name,
            "value": self.value,
            "expected": self.expected,
            "share": round(self.share, 4),
            "shift": round(self.shift, 3),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainedRow:
    """A row that is out of the ordinary.

    Attributes:
        row: Its number in the dataset, from 1.
        line: Its line in the file.
        at: Seconds since 1970; None: unknown.
        distance: In limits: above 1 it is anomalous.
        threshold: The limit of the statistic that decides.
    """

    row: int
    file: str
    line: int
    at: float | None
    level: RowLevel
    t2: float
    spe: float
    distance: float
    statistic: str
    threshold: float
    features: Sequence[ExplainedFeature]

    def document(self) -> dict[str, Any]:
        """Return it JSON-ready."""
        return {
            "row": self.row,
            "file": self.file,
            "line": self.line,
            "at": self.at,
            "level": self.level.name.lower(),
            "severity": severity_of(self.distance) if self.level is RowLevel.ANOMALOUS else None,
            "t2": self.t2,
            "spe": self.spe,
            "distance": self.distance,
            "statistic": self.statistic,
            "threshold": self.threshold,
            "features": [feature.document() for feature in self.features],
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class AnalysisOutcome:
    """What an analysis found.

    Attributes:
        summary: Counts, limits, features: JSON-ready.
        rows: Explained rows, the farthest first.
        points: Columns of the projection by name: `row`, `x`, `y`, `level`, `part`.
        anomalies: Runs of anomalous rows, the farthest first: JSON-ready, see `rows_as_anomalies`.
    """

    summary: Mapping[str, Any]
    rows: Sequence[ExplainedRow]
    points: Mapping[str, Sequence[Any]]
    anomalies: Sequence[Mapping[str, Any]] = ()

    def document(self) -> dict[str, Any]:
        """Return it JSON-ready."""
        return {
            "summary": dict(self.summary),
            "rows": [row.document() for row in self.rows],
            "points": {name: list(values) for name, values in self.points.items()},
            "anomalies": [dict(each) for each in self.anomalies],
        }


def read_rows(folder: Path) -> Iterator[tuple[int, npt.NDArray[Any]]]:
    """Yield all rows in parts, each with the index of its first row."""
    with (folder / ROWS_FILE).open("rb") as file:
        first = 0
        while (part := np.fromfile(file, ROW, ROWS_AT_A_TIME)).size:
            yield first, part
            first += part.size
