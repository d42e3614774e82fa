"""The picture in two dimensions: principal components of the baseline. It draws; it decides nothing."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from opsconductor.datasets.analysis.baseline import standardized
from opsconductor.datasets.analysis.comparison import ComparedRows, RowComparison
from opsconductor.datasets.analysis.listing import chosen_rows
from opsconductor.datasets.analysis.outcome import RowLevel

MOST_POINTS = 4_000
MOST_MARKED = 1_500
"""Anomalous rows and warnings among the points; the rest is taken at equal distances."""


def points_of(given: RowComparison, found: ComparedRows) -> Mapping[str, Sequence[Any]]:
    """Return the points of a picture: number of the row, place, level, and whether it is of the baseline."""
    marked = set(chosen_rows(given, found, MOST_MARKED))
    rows = given.matrix.index.rows
    step = max(1, -(-rows // (MOST_POINTS - len(marked))))
    chosen = sorted(marked | set(range(0, rows, step)))
    model = given.model
    centered = model.completed(standardized(given.matrix.rows_at(chosen), given.scale)) - model.mean
    places = centered @ model.loadings[:, :2]
    second = places[:, 1] if places.shape[1] > 1 else _residual(given, centered)
    return {
        "row": [row + 1 for row in chosen],
        "x": np.round(places[:, 0], 4).tolist(),
        "y": np.round(second, 4).tolist(),
        "level": [RowLevel(int(found.levels[row])).name.lower() for row in chosen],
        "part": ["baseline" if row < given.baseline_rows else "monitored" for row in chosen],
    }


def _residual(given: RowComparison, centered: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return the distance from the only component, where there is no second one."""
    loadings = given.model.loadings
    rest: npt.NDArray[np.float64] = centered - centered @ loadings @ loadings.T
    return np.asarray(np.sqrt((rest**2).sum(axis=1)), np.float64)
