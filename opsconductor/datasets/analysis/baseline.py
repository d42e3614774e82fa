"""The baseline of an analysis: its model, and distances of its rows from a model made without them."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import reduce

import numpy as np
import numpy.typing as npt

from opsconductor.datasets.analysis.components import (
    Moments,
    ProcessModel,
    model_of,
    moments_of,
    no_moments,
)
from opsconductor.datasets.analysis.scaling import RobustScale
from opsconductor.datasets.matrix import DatasetMatrix

Floats = npt.NDArray[np.float64]
Report = Callable[[float], None]

MOST_BLOCKS = 10
BLOCK_ROWS = 5
"""Rows of a block at least."""
BLOCK_BYTES = 128 * 1024 * 1024
"""Memory of the sums of all blocks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BaselineFit:
    """A baseline that was learned.

    Attributes:
        t2: T2 of its rows, each by a model without the block of its row.
        spe: The same of SPE.
        blocks: Number of blocks of adjacent rows.
    """

    model: ProcessModel
    t2: Floats
    spe: Floats
    blocks: int


def standardized(part: Floats, scale: RobustScale) -> Floats:
    """Return values in robust standard deviations from the median."""
    return (part - scale.center) / scale.scale


def fit_baseline(
    matrix: DatasetMatrix, scale: RobustScale, rows: int, explained_variance: float, report: Report
) -> BaselineFit:
    """Learn the first rows of a matrix whose columns are all usable.

    Adjacent rows are left out together, since they are alike: the distances of a row by a model that has
    seen its neighbours are too small.
    """
    width = matrix.use.size
    blocks = max(2, min(MOST_BLOCKS, rows // BLOCK_ROWS, BLOCK_BYTES // (8 * width * width)))
    edges = np.linspace(0, rows, blocks + 1).astype(int)
    sums: list[Moments] = []
    for at in range(blocks):
        parts = matrix.parts(int(edges[at]), int(edges[at + 1]))
        sums.append(
            reduce(
                lambda total, part: total.plus(moments_of(standardized(part[1], scale))),
                parts,
                no_moments(width),
            )
        )
        report(0.5 * (at + 1) / blocks)
    whole = reduce(lambda one, other: one.plus(other), sums)
    t2, spe = np.empty(rows), np.empty(rows)
    for at in range(blocks):
        without = model_of(whole.minus(sums[at]), explained_variance)
        for first, part in matrix.parts(int(edges[at]), int(edges[at + 1])):
            place = slice(first, first + len(part))
            t2[place], spe[place] = without.distances(standardized(part, scale))
        report(0.5 + 0.5 * (at + 1) / blocks)
    return BaselineFit(model=model_of(whole, explained_variance), t2=t2, spe=spe, blocks=blocks)
