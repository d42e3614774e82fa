"""Which columns are compared, and which rows are the baseline."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase

import numpy as np

from opsconductor.datasets.analysis.settings import (
    LEAST_BASELINE,
    AnalysisSettings,
    BaselineKind,
    CannotAnalyse,
)
from opsconductor.datasets.matrix import DatasetColumn, DatasetMatrix


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnLeftOut:
    """A column that is not compared, and why."""

    name: str
    reason: str


def select_columns(
    matrix: DatasetMatrix, settings: AnalysisSettings
) -> tuple[DatasetMatrix, list[DatasetColumn], list[ColumnLeftOut]]:
    """Return the matrix of the wanted columns, these columns, and those that are left out.

    Raises:
        CannotAnalyse: None is left.
    """
    used: list[int] = []
    left_out = [
        ColumnLeftOut(name=each.name, reason=each.kind)
        for each in matrix.index.columns
        if each.kind != "number"
    ]
    features = matrix.index.features
    for at, column in enumerate(features):
        if reason := _reason(column, settings):
            left_out.append(ColumnLeftOut(name=column.name, reason=reason))
        else:
            used.append(at)
    if not used:
        raise CannotAnalyse(
            "no column is left to compare: choose others by features, or leave fewer out by excluded"
        )
    return replace(matrix, use=np.array(used)), [features[at] for at in used], left_out


def _reason(column: DatasetColumn, settings: AnalysisSettings) -> str:
    if column.is_text:
        return "text"
    if column.low is None:
        return "empty"
    if settings.features and not _matches(column.name, settings.features):
        return "not chosen"
    return "excluded" if _matches(column.name, settings.excluded) else ""


def _matches(name: str, patterns: Sequence[str]) -> bool:
    return any(name == pattern or fnmatchcase(name, pattern) for pattern in patterns)


def baseline_rows(matrix: DatasetMatrix, settings: AnalysisSettings) -> int:
    """Return how many rows at the beginning are the baseline.

    Raises:
        CannotAnalyse: These are too few, or nothing is left to compare with them.
    """
    rows = _wanted_rows(matrix, settings)
    if rows < LEAST_BASELINE:
        raise CannotAnalyse(
            f"the baseline has {rows} rows, {LEAST_BASELINE} are needed: choose a larger baseline_value"
        )
    if rows >= matrix.index.rows:
        raise CannotAnalyse(
            f"the baseline takes all {matrix.index.rows} rows, nothing is left to compare with it: choose a "
            "smaller baseline_value"
        )
    return rows


def _wanted_rows(matrix: DatasetMatrix, settings: AnalysisSettings) -> int:
    index, value = matrix.index, settings.baseline_value
    if settings.baseline_kind is BaselineKind.SHARE:
        return int(index.rows * value)
    if settings.baseline_kind is BaselineKind.ROWS:
        return int(value)
    if settings.baseline_kind is BaselineKind.FILES:
        return sum(file.rows for file in index.files[: int(value)])
    times = matrix.times()
    if times is None:
        raise CannotAnalyse("the dataset has no column of times: give the baseline as share, rows or files")
    later = np.flatnonzero(times >= value)
    return int(later[0]) if later.size else index.rows
