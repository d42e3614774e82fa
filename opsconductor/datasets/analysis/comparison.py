"""Comparison of every row with the baseline."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from opsconductor.datasets.analysis.baseline import BaselineFit, standardized
from opsconductor.datasets.analysis.components import ProcessModel
from opsconductor.datasets.analysis.limits import DistanceLimits
from opsconductor.datasets.analysis.outcome import ROW, ROWS_FILE, RowLevel
from opsconductor.datasets.analysis.scaling import RobustScale
from opsconductor.datasets.matrix import DatasetColumn, DatasetMatrix

Floats = npt.NDArray[np.float64]

MOST_MISSING = 0.5
"""Share of the features of a row without a value beyond which nothing is said about it."""
SAME = 1e-6
"""Relative difference within which a constant is the same."""
MOST_CHANGED = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class RowComparison:
    """What rows are compared with.

    Attributes:
        columns: Those of the matrix, all of which vary in the baseline.
    """

    matrix: DatasetMatrix
    columns: Sequence[DatasetColumn]
    scale: RobustScale
    model: ProcessModel
    limits: DistanceLimits
    baseline_rows: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ConstantColumns:
    """Columns that are constant in the baseline: they have no distance, but a change is a warning."""

    matrix: DatasetMatrix
    columns: Sequence[DatasetColumn]
    values: Floats

    def changed(self, part: Floats) -> npt.NDArray[np.bool_]:
        """Return where rows have another value."""
        origins = np.array([column.origin for column in self.columns])
        near = SAME * np.maximum(1.0, np.abs(self.values + origins))
        other: npt.NDArray[np.bool_] = np.abs(part - self.values) > near  # False for missing values
        return other


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparedRows:
    """What was found of every row.

    Attributes:
        distance: The larger of T2 and SPE in their limits.
        changed: Constant columns with other values after the baseline, JSON-ready.
    """

    levels: npt.NDArray[np.uint8]
    distance: npt.NDArray[np.float32]
    changed: list[dict[str, Any]]


def compare_rows(
    given: RowComparison,
    constants: ConstantColumns,
    fit: BaselineFit,
    out: Path,
    report: Callable[[float], None],
) -> ComparedRows:
    """Compare all rows and write them to a file; those of the baseline have their distances from `fit`."""
    rows = given.matrix.index.rows
    levels, distance = np.empty(rows, np.uint8), np.empty(rows, np.float32)
    amounts = np.zeros(len(constants.columns), np.int64)
    firsts = np.full(len(constants.columns), -1, np.int64)
    with (out / ROWS_FILE).open("wb") as file:
        for begin, end in ((0, given.baseline_rows), (given.baseline_rows, rows)):
            pairs = zip(given.matrix.parts(begin, end), constants.matrix.parts(begin, end), strict=True)
            for (first, part), (_, fixed) in pairs:
                place = slice(first, first + len(part))
                t2, spe = (
                    (fit.t2[place], fit.spe[place])
                    if end == given.baseline_rows
                    else given.model.distances(standardized(part, given.scale))
                )
                other = constants.changed(fixed)
                _note_changed(other, first, amounts, firsts)
                distance[place] = np.maximum(t2 / given.limits.t2.value, spe / given.limits.spe.value)
                levels[place] = _levels(given, part, (t2, spe), np.asarray(other.any(axis=1)))
                file.write(_bytes(t2, spe, distance[place], levels[place]))
                report((first + len(part)) / rows)
    changed = [
        {
            "name": column.name,
            "rows": int(amount),
            "first_row": int(at) + 1,
            "value": column.origin + float(value),
        }
        for column, amount, at, value in zip(
            constants.columns, amounts, firsts, constants.values, strict=True
        )
        if amount
    ]
    return ComparedRows(levels=levels, distance=distance, changed=changed[:MOST_CHANGED])


def _note_changed(
    other: npt.NDArray[np.bool_], first: int, amounts: npt.NDArray[np.int64], firsts: npt.NDArray[np.int64]
) -> None:
    amounts += other.sum(axis=0)
    fresh = (firsts < 0) & other.any(axis=0)
    firsts[fresh] = first + other[:, fresh].argmax(axis=0)


def _levels(
    given: RowComparison, part: Floats, distances: tuple[Floats, Floats], changed: npt.NDArray[np.bool_]
) -> npt.NDArray[np.uint8]:
    (t2, spe), limits = distances, given.limits
    warned = (t2 > limits.t2_warning.value) | (spe > limits.spe_warning.value) | changed
    levels = np.where(warned, RowLevel.WARNING, RowLevel.NORMAL)
    levels[(t2 > limits.t2.value) | (spe > limits.spe.value)] = RowLevel.ANOMALOUS
    levels[np.isnan(part).mean(axis=1) > MOST_MISSING] = RowLevel.UNKNOWN
    return levels.astype(np.uint8)


def _bytes(
    t2: Floats, spe: Floats, distance: npt.NDArray[np.float32], levels: npt.NDArray[np.uint8]
) -> bytes:
    rows = np.empty(len(levels), ROW)
    rows["t2"], rows["spe"], rows["distance"], rows["level"] = t2, spe, distance, levels
    return rows.tobytes()
