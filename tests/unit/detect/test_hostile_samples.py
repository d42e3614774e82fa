"""Impossible values and times are tolerated, and the learned state stays usable."""

import warnings

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from opsconductor.detect.checkpoint import load, save
from opsconductor.detect.config import DetectorConfig
from opsconductor.detect.detector import MOST_LATE, Detector
from opsconductor.detect.state import FIELDS
from tests.unit.detect.feeds import START_S, feed, times

ONE = np.zeros(1, dtype=np.int32)
NOT_FINITE = {"quantum", "low", "high"}
"""Fields that are infinite until a value was seen."""


def give(detector: Detector, time: float, value: float) -> None:
    """Pass series 0 one sample."""
    detector.step(ONE, np.array([time]), np.array([value]))


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.one_of(st.floats(), st.sampled_from([0.0, 1e-310, -1e308, 1e308, 5e-324])),
            st.floats(min_value=-1e5, max_value=1e5),
        ),
        min_size=1,
        max_size=40,
    )
)
def test_any_values_at_any_times_leave_finite_state(samples: list[tuple[float, float]]) -> None:
    """NaN, infinities, denormal and huge values, and clocks that jump, raise nothing and leave no NaN."""
    detector = Detector(DetectorConfig())
    time = START_S
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for value, jump in samples:
            time += jump
            give(detector, time, value)
            detector.silent(time)
    if detector.size and detector.state.fields["count"][0]:
        for name in set(FIELDS) - NOT_FINITE:
            assert np.isfinite(detector.state.fields[name][0]), name
    assert load(b"".join(save(detector))).damaged == ()


def test_a_huge_value_is_forgotten_within_hours() -> None:
    """One value of 1e300 does not make the series blind: the level is back after a day."""
    rng = np.random.default_rng(1)
    detector = Detector(DetectorConfig())
    values = rng.normal(50, 1, (1, 4 * 96))
    values[0, 2 * 96] = 1e300
    feed(detector, times(4 * 96, 900), values)
    state = detector.state.fields
    assert abs(state["origin"][0] + state["level"][0] - 50) < 2
    assert state["scale"][0] < 3


def test_samples_older_than_the_last_are_ignored() -> None:
    """A late sample is not learned twice, and does not move the clock of its series."""
    detector = Detector(DetectorConfig())
    give(detector, START_S, 1)
    give(detector, START_S + 60, 2)
    give(detector, START_S + 30, 99)
    assert detector.state.fields["count"][0] == 2
    assert detector.state.fields["last_time"][0] == START_S + 60


def test_a_clock_that_was_set_back_is_followed() -> None:
    """Samples of the future do not silence a series: after some its clock is accepted."""
    detector = Detector(DetectorConfig())
    for step in range(5):
        give(detector, START_S + 60 * step, 1)
    give(detector, START_S + 1e9, 1)
    detector.not_beyond(START_S + 300)
    for step in range(5, 5 + MOST_LATE + 5):
        give(detector, START_S + 60 * step, 1)
    assert detector.state.fields["last_time"][0] == START_S + 60 * (4 + MOST_LATE + 5)


def test_the_interval_of_each_series_is_learnt_from_irregular_samples() -> None:
    """Series of ten seconds, five minutes and one hour with jitter are each known within a fifth."""
    rng = np.random.default_rng(4)
    detector = Detector(DetectorConfig())
    detector.grow(3)
    for series, interval in enumerate((10.0, 300.0, 3600.0)):
        time = START_S
        for _ in range(100):
            time += interval * rng.uniform(0.7, 1.3)
            detector.step(np.array([series], dtype=np.int32), np.array([time]), rng.normal(size=1))
        learnt = float(detector.state.fields["interval"][series])
        assert abs(learnt / interval - 1) < 0.2


def test_values_with_a_large_offset_keep_their_small_changes() -> None:
    """A gauge about 1e9 that moves by tenths is judged by the tenths."""
    rng = np.random.default_rng(5)
    detector = Detector(DetectorConfig())
    feed(detector, times(300), 1e9 + rng.normal(size=(1, 300)))
    assert 0.4 < detector.state.fields["scale"][0] < 1.6
