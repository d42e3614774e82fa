"""Trial of hyperparameters: planted deviations, replay through fresh detectors, scores."""

from dataclasses import replace

import numpy as np
import pytest

from opsconductor.detect.config import DAY_S, DetectorConfig
from opsconductor.detect.trial.planting import LEAST, CannotTry, Planted, plant
from opsconductor.detect.trial.replaying import LabelledSpan, TrialPoints
from opsconductor.detect.trial.scoring import Trial, auc, rates, tried

START, STEP_S, DAYS, SERIES = 1_735_516_800.0, 3_600.0, 8, 20
JUDGED_FROM = START + DAYS / 2 * DAY_S


def drawn(seed: int = 1) -> TrialPoints:
    """Return series with a day and some noise."""
    rng = np.random.default_rng(seed)
    times = START + np.arange(DAYS * 24) * STEP_S
    values = np.concatenate(
        [
            50 + 5 * np.sin(times / DAY_S * 2 * np.pi + row) + rng.normal(size=len(times))
            for row in range(SERIES)
        ]
    )
    series = np.repeat(np.arange(SERIES, dtype=np.int32), len(times))
    return TrialPoints(series, np.tile(times, SERIES), values)


def planted(points: TrialPoints, labels: list[LabelledSpan], seed: int = 7) -> Planted:
    """Return the points with deviations."""
    return plant(np.random.default_rng(seed), points, JUDGED_FROM, labels)


def test_a_seed_plants_the_same_deviations_and_nothing_where_the_detector_learns() -> None:
    """Points before the second half stay unchanged, and so do those near judged anomalies."""
    points, label = drawn(), LabelledSpan(0, JUDGED_FROM, START + DAYS * DAY_S, "true")
    once, again = planted(points, [label]), planted(points, [label])
    assert once.spans == again.spans
    assert np.array_equal(once.points.values, again.points.values)
    assert len(once.spans) >= LEAST
    assert {each.kind for each in once.spans} == {
        "spike", "dip", "shift", "drift", "flatline", "missing", "noise",
    }  # fmt: skip
    early = once.points.times < JUDGED_FROM
    assert np.array_equal(once.points.values[early], points.values[points.times < JUDGED_FROM])
    assert all(each.series != 0 for each in once.spans)
    assert planted(points, [], seed=8).spans != once.spans


def test_too_little_history_is_refused() -> None:
    """A trial on a handful of deviations would show nothing."""
    points = drawn()
    few = TrialPoints(*(each[points.series < 3] for each in points))
    with pytest.raises(CannotTry, match="into 3 series, 20 are needed"):
        planted(few, [])


def test_hyperparameters_that_find_nothing_score_less_than_those_of_the_release() -> None:
    """F1 differs, the ranking hardly; a repeat of a judged false alarm counts against the trial."""
    points = drawn()
    spike = START + 6.5 * DAY_S
    points.values[(points.series == 4) & (np.abs(points.times - spike) <= STEP_S)] += 60
    label = LabelledSpan(4, spike - 3_600, spike + 3 * 3_600, "false")
    trial = Trial(points, planted(points, [label]), [label], JUDGED_FROM)
    shares: list[float] = []
    release = tried(trial, DetectorConfig(), shares.append)
    deaf = tried(trial, replace(DetectorConfig(), open_days=1e6), shares.append)
    assert release["f1"] > 0.2 > deaf["f1"]  # type: ignore[operator]
    assert abs(release["auc"] - deaf["auc"]) < 0.1  # type: ignore[operator]
    assert release["auc"] > 0.6  # type: ignore[operator]
    assert release["feedback"]["false"] == 1  # type: ignore[index]
    assert release["feedback"]["precision"] == 0.0  # type: ignore[index]
    assert min(shares) == 0.0
    assert max(shares) <= 1.0


def test_rates_and_ranking_are_those_of_the_textbook() -> None:
    """Precision, recall and F1 from counts; the area under the curve counts equal ones as half."""
    assert rates(6, 2, 12) == {"precision": 0.75, "recall": 0.5, "f1": 0.6}
    assert rates(0, 0, 0) == {"precision": None, "recall": None, "f1": None}
    assert rates(0, 0, 5) == {"precision": None, "recall": 0.0, "f1": 0.0}
    assert auc(np.array([2.0, 3.0]), np.array([1.0, 2.0])) == 0.875
    assert auc(np.array([]), np.array([1.0])) is None
