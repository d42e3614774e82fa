"""One analysis: `analyse` is the whole of it."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from opsconductor.datasets.analysis.anomalies import rows_as_anomalies
from opsconductor.datasets.analysis.baseline import fit_baseline
from opsconductor.datasets.analysis.comparison import ConstantColumns, RowComparison, compare_rows
from opsconductor.datasets.analysis.limits import limits_of
from opsconductor.datasets.analysis.listing import list_rows
from opsconductor.datasets.analysis.outcome import AnalysisOutcome, ExplainedRow, RowLevel
from opsconductor.datasets.analysis.points import points_of
from opsconductor.datasets.analysis.quantiles import ordinary
from opsconductor.datasets.analysis.scaling import MOST_MISSING, RobustScale, scale_of
from opsconductor.datasets.analysis.selection import ColumnLeftOut, baseline_rows, select_columns
from opsconductor.datasets.analysis.settings import AnalysisSettings, CannotAnalyse
from opsconductor.datasets.matrix import DatasetColumn, DatasetMatrix, open_matrix

Report = Callable[[float, str], None]

MOST_LISTED = 200
"""Columns that are listed with their outcome."""
MOST_LEADING = 20


def analyse(folder: Path, out: Path, settings: AnalysisSettings, report: Report) -> AnalysisOutcome:
    """Compare the rows after the baseline with it.

    Args:
        folder: Of the matrix.
        out: Gets the file of all rows.
        report: Called with how much is done, 0 to 1, and what is being done.

    Raises:
        CannotAnalyse: The settings do not suit the dataset.
    """
    matrix, columns, left_out = select_columns(open_matrix(folder), settings)
    rows = baseline_rows(matrix, settings)
    report(0.0, "scaling")
    usable = _usable(matrix, columns, scale_of(matrix, rows))

    def learning(done: float) -> None:
        report(0.05 + 0.55 * done, "learning the baseline")

    fit = fit_baseline(usable.matrix, usable.scale, rows, settings.explained_variance, learning)
    kept = ordinary(fit.t2) & ordinary(fit.spe)
    limits = limits_of(fit.t2[kept], fit.spe[kept], settings)
    comparison = RowComparison(
        matrix=usable.matrix, columns=usable.columns, scale=usable.scale, model=fit.model, limits=limits,
        baseline_rows=rows,
    )  # fmt: skip
    found = compare_rows(
        comparison, usable.constants, fit, out, lambda done: report(0.6 + 0.25 * done, "comparing")
    )
    report(0.85, "explaining")
    listed = list_rows(comparison, usable.constants, found)
    report(0.95, "drawing")
    points = points_of(comparison, found)
    summary = {
        "rows": matrix.index.rows,
        "baseline_rows": rows,
        "baseline_left_out": int((~kept).sum()),
        "monitored_rows": matrix.index.rows - rows,
        **_counts(found.levels, rows),
        "features": len(usable.columns),
        "components": len(fit.model.variances),
        "explained": round(fit.model.explained, 4),
        "shrinkage": round(fit.model.shrinkage, 4),
        "blocks": fit.blocks,
        "limits": asdict(limits),
        "left_out": [asdict(each) for each in (*left_out, *usable.left_out)[:MOST_LISTED]],
        "changed_constants": found.changed,
        "leading": _leading(listed),
    }
    anomalies = rows_as_anomalies(listed)
    return AnalysisOutcome(summary=summary, rows=listed, points=points, anomalies=anomalies)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Usable:
    """What of the wanted columns can be compared, and those that are constant in the baseline."""

    matrix: DatasetMatrix
    columns: Sequence[DatasetColumn]
    scale: RobustScale
    left_out: Sequence[ColumnLeftOut]
    constants: ConstantColumns


def _usable(matrix: DatasetMatrix, columns: Sequence[DatasetColumn], scale: RobustScale) -> _Usable:
    """Divide the columns.

    Raises:
        CannotAnalyse: None can be compared.
    """
    sparse = scale.missing > MOST_MISSING
    constant = np.flatnonzero(np.isnan(scale.scale) & ~sparse)
    used = np.flatnonzero(scale.is_usable)
    if not used.size:
        raise CannotAnalyse(
            "no column varies in the baseline: choose a larger baseline_value, or other columns by features"
        )
    left_out = [
        ColumnLeftOut(
            name=column.name,
            reason="mostly missing in the baseline" if sparse[at] else "constant in the baseline",
        )
        for at, column in enumerate(columns)
        if sparse[at] or np.isnan(scale.scale[at])
    ]
    return _Usable(
        matrix=replace(matrix, use=matrix.use[used]),
        columns=[columns[int(at)] for at in used],
        scale=RobustScale(center=scale.center[used], scale=scale.scale[used], missing=scale.missing[used]),
        left_out=left_out,
        constants=ConstantColumns(
            matrix=replace(matrix, use=matrix.use[constant]),
            columns=[columns[int(at)] for at in constant],
            values=scale.center[constant],
        ),
    )


def _counts(levels: npt.NDArray[np.uint8], rows: int) -> dict[str, int]:
    """Return the number of monitored rows by level, and of anomalous ones in the baseline."""
    monitored = np.bincount(levels[rows:], minlength=len(RowLevel))
    within = np.bincount(levels[:rows], minlength=len(RowLevel))
    counts = {level.name.lower(): int(monitored[level]) for level in RowLevel}
    return {**counts, "anomalous_in_baseline": int(within[RowLevel.ANOMALOUS])}


def _leading(listed: Sequence[ExplainedRow]) -> list[dict[str, Any]]:
    """Return the features that explain most anomalous rows, and in how many each is the first."""
    rows, first = Counter[str](), Counter[str]()
    for row in (each for each in listed if each.level is RowLevel.ANOMALOUS):
        rows.update({feature.name for feature in row.features})
        first.update({feature.name for feature in row.features[:1]})
    ranked = sorted(rows, key=lambda name: (-first[name], -rows[name], name))
    return [{"name": name, "first": first[name], "rows": rows[name]} for name in ranked[:MOST_LEADING]]
