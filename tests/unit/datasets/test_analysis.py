"""Analyses of all columns together: findings, their explanation, and how limits are computed."""

from pathlib import Path

import numpy as np
import pytest

from opsconductor.datasets.analysis.outcome import AnalysisOutcome, RowLevel, read_rows
from opsconductor.datasets.analysis.quantiles import limit_of, ordinary
from opsconductor.datasets.analysis.run import analyse
from opsconductor.datasets.analysis.settings import AnalysisSettings, BaselineKind, CannotAnalyse
from opsconductor.datasets.reading.table import DataFile, read_files
from tests.support.series.planted import FAULTS, lines_of, process


def analysed(folder: Path, values: np.ndarray, **settings: object) -> AnalysisOutcome:
    """Write values as CSV, read and analyse them."""
    source = folder / "values.csv"
    source.write_text("".join(lines_of(values)))
    read_files([DataFile(name=source.name, path=source)], folder, lambda _share: None)
    return analyse(folder, folder, AnalysisSettings(**settings), lambda _share, _step: None)


def levels_in(folder: Path) -> np.ndarray:
    """Return the level of every row."""
    return np.concatenate([part["level"] for _, part in read_rows(folder)])


def test_planted_faults_are_found_and_the_right_features_explain_them(tmp_path: Path) -> None:
    """Faults of one or two features among 50 are found; these features are named first, with their size."""
    outcome = analysed(tmp_path, process())
    rows = {row.row - 1: row for row in outcome.rows if row.level is RowLevel.ANOMALOUS}
    for fault in FAULTS:
        seen = [rows[at] for at in range(fault.first, fault.first + fault.rows) if at in rows]
        assert len(seen) >= 0.9 * fault.rows
        wanted = {f"f_{feature}" for feature in fault.shifts}
        right = [row for row in seen if {each.name for each in row.features[: len(wanted)]} == wanted]
        assert len(right) >= 0.9 * len(seen)
        expected = [next(each for each in row.features if each.name in wanted) for row in right]
        sizes = [abs(float(each.value) - float(each.expected)) / (10 * 0.4) for each in expected]
        assert np.median(sizes) == pytest.approx(11.5, abs=1.5)
    planted = sum(fault.rows for fault in FAULTS)
    assert outcome.summary["anomalous"] < planted + 0.025 * 1_000


def test_ordinary_rows_are_called_anomalous_as_rarely_as_asked(tmp_path: Path) -> None:
    """Rates of false alarms hold for unseen rows, also with few rows for many features."""
    for rows, baseline, most in ((6_000, 3_000, 0.02), (2_000, 120, 0.03)):
        values = process(rows, (), seed=11)
        outcome = analysed(tmp_path, values, baseline_kind=BaselineKind.ROWS, baseline_value=float(baseline))
        share = outcome.summary["anomalous"] / outcome.summary["monitored_rows"]
        assert share < most, (rows, outcome.summary)


def test_the_same_file_gives_the_same_result(tmp_path: Path) -> None:
    """No step is random."""
    first = analysed(tmp_path, process()).document()
    assert analysed(tmp_path, process()).document() == first


def test_columns_that_cannot_be_compared_do_no_harm(tmp_path: Path) -> None:
    """Constant, copied, empty and gappy columns neither fail nor alarm; a constant that changes warns."""
    values = process(2_000, ())
    rng = np.random.default_rng(5)
    values[:, 3] = 7.0
    values[1_900:1_910, 3] = 8.0
    values[:, 4] = values[:, 5] * 2 + 1
    values[rng.random(2_000) < 0.2, 6] = np.nan
    values[:, 8] = np.nan
    outcome = analysed(tmp_path, values)
    left_out = {each["name"]: each["reason"] for each in outcome.summary["left_out"]}
    assert left_out == {"time": "time", "f_3": "constant in the baseline", "f_8": "empty"}
    assert outcome.summary["anomalous"] < 25
    (changed,) = outcome.summary["changed_constants"]
    assert (changed["name"], changed["rows"], changed["first_row"]) == ("f_3", 10, 1_901)
    assert (levels_in(tmp_path)[1_900:1_910] > 0).all()


def test_a_broken_relation_is_found_though_each_value_is_ordinary(tmp_path: Path) -> None:
    """A copy of another column that stops following it is found and named."""
    values = process(2_000, ())
    values[:, 4] = values[:, 5] * 2 + 1
    values[1_800:1_810, 4] = values[1_500:1_510, 4]
    outcome = analysed(tmp_path, values)
    levels = levels_in(tmp_path)
    assert (levels[1_800:1_810] == RowLevel.ANOMALOUS).sum() >= 9
    first = [row.features[0].name for row in outcome.rows if 1_801 <= row.row <= 1_810]
    assert set(first) <= {"f_4", "f_5"}


def test_a_missing_value_is_no_anomaly(tmp_path: Path) -> None:
    """A missing value is estimated from the other features; a row with too few values is unknown."""
    values = process(2_000, ())
    values[1_500:1_600, 10:15] = np.nan
    values[1_700, :40] = np.nan
    outcome = analysed(tmp_path, values)
    levels = levels_in(tmp_path)
    assert (levels[1_500:1_600] == RowLevel.ANOMALOUS).sum() <= 5
    assert levels[1_700] == RowLevel.UNKNOWN
    assert outcome.summary["unknown"] == 1


def test_settings_that_do_not_suit_are_refused_with_a_remedy(tmp_path: Path) -> None:
    """Too small a baseline, no columns to compare, unknown columns."""
    values = process(100, ())
    for settings, message in (
        ({"baseline_value": 0.1}, "20 are needed"),
        ({"baseline_kind": BaselineKind.ROWS, "baseline_value": 500.0}, "nothing is left"),
        ({"features": ("g_*",)}, "no column is left"),
    ):
        with pytest.raises(CannotAnalyse, match=message):
            analysed(tmp_path, values, **settings)


def test_limits_are_quantiles_or_extrapolated_beyond_them() -> None:
    """With 999 distances the limit for 1 % is the 990th; with ten it is at least the largest."""
    distances = np.arange(1.0, 1_000.0)
    assert (limit_of(distances, 0.01).value, limit_of(distances, 0.01).source) == (990.0, "quantile")
    few = limit_of(np.arange(1.0, 11.0), 0.01)
    assert few.source == "extrapolated"
    assert few.value >= 10.0


def test_rows_of_the_baseline_that_are_far_from_all_others_do_not_raise_the_limits() -> None:
    """Up to 5 % are left out."""
    distances = np.concatenate([np.random.default_rng(1).chisquare(5, 1_000), np.full(20, 1e6)])
    assert ordinary(distances).sum() == 1_000
