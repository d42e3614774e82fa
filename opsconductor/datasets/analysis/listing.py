"""The rows that people look at: the farthest ones, with the features that explain them."""

import math

import numpy as np
import numpy.typing as npt

from opsconductor.datasets.analysis.baseline import standardized
from opsconductor.datasets.analysis.comparison import ComparedRows, ConstantColumns, RowComparison
from opsconductor.datasets.analysis.explain import FeatureShare, explain_rows
from opsconductor.datasets.analysis.outcome import ExplainedFeature, ExplainedRow, RowLevel

Floats = npt.NDArray[np.float64]

MOST_ROWS = 2_000
"""Rows that are explained: the farthest; all others are in the file of rows."""


def list_rows(given: RowComparison, constants: ConstantColumns, found: ComparedRows) -> list[ExplainedRow]:
    """Return the anomalous rows and the warnings after the baseline, the farthest first."""
    chosen = chosen_rows(given, found, MOST_ROWS)
    raw = given.matrix.rows_at(chosen)
    z = standardized(raw, given.scale)
    t2, spe = given.model.distances(z)
    centered = given.model.completed(z) - given.model.mean
    limits = given.limits
    shares = explain_rows(centered, given.model.matrix_of(limits.t2.value, limits.spe.value))
    changed = constants.matrix.rows_at(chosen)
    other = constants.changed(changed)
    times, lines = given.matrix.times(), given.matrix.lines()
    rows = []
    for place, row in enumerate(chosen):
        features = [_feature(given, raw[place], each) for each in shares[place]]
        features += [
            _constant(constants, int(at), changed[place, at]) for at in np.flatnonzero(other[place])[:5]
        ]
        by_t2 = t2[place] / limits.t2.value >= spe[place] / limits.spe.value
        at = math.nan if times is None else float(times[row])
        rows.append(
            ExplainedRow(
                row=row + 1,
                file=given.matrix.file_of(row),
                line=int(lines[row]),
                at=None if math.isnan(at) else at,
                level=RowLevel(int(found.levels[row])),
                t2=float(t2[place]),
                spe=float(spe[place]),
                distance=float(found.distance[row]),
                statistic="T2" if by_t2 else "SPE",
                threshold=limits.t2.value if by_t2 else limits.spe.value,
                features=features,
            )
        )
    return rows


def chosen_rows(given: RowComparison, found: ComparedRows, most: int) -> list[int]:
    """Return the anomalous rows after the baseline, then the warnings, each the farthest first."""
    monitored = found.levels[given.baseline_rows :]
    chosen: list[int] = []
    for level in (RowLevel.ANOMALOUS, RowLevel.WARNING):
        rows = np.flatnonzero(monitored == level) + given.baseline_rows
        order = np.argsort(-found.distance[rows], kind="stable")
        chosen += rows[order][: most - len(chosen)].tolist()
    return chosen


def _feature(given: RowComparison, raw: Floats, share: FeatureShare) -> ExplainedFeature:
    column, scale = given.columns[share.at], given.scale
    value = float(raw[share.at])
    known = value if not math.isnan(value) else float(scale.center[share.at])
    expected = known - share.shift * float(scale.scale[share.at])
    return ExplainedFeature(
        name=column.name,
        value=None if math.isnan(value) else _rounded(value + column.origin),
        expected=_rounded(expected + column.origin),
        share=share.share,
        shift=share.shift,
    )


def _constant(constants: ConstantColumns, at: int, value: float) -> ExplainedFeature:
    column = constants.columns[at]
    expected = column.origin + float(constants.values[at])
    return ExplainedFeature(
        name=column.name,
        value=_rounded(column.origin + float(value)),
        expected=_rounded(expected),
        share=0.0,
        shift=0.0,
    )


def _rounded(value: float) -> float:
    """Return a value with the digits that 32 bits hold."""
    return float(f"{value:.7g}")
