"""Each channel finds its kind of fault, and a lasting fault is one finding."""

import numpy as np
import pytest
from numpy.typing import NDArray

from opsconductor.detect.channels import DetectorChannel, Season, Stage
from opsconductor.detect.checkpoint import load, save
from opsconductor.detect.config import DetectorConfig
from opsconductor.detect.detector import Detector
from opsconductor.detect.findings import Findings, joined
from tests.unit.detect.feeds import START_S, begun, feed

INTERVAL_S = 900.0
PER_DAY = 96
LEARNT = 12 * PER_DAY
SERIES = 8


def at(first: int, last: int) -> NDArray[np.float64]:
    """Return the times of some samples."""
    return START_S + np.arange(first, last) * INTERVAL_S


def usual(first: int, last: int) -> NDArray[np.float64]:
    """Return the usual values of all series: a daily wave with noise."""
    values = np.random.default_rng(7).normal(size=(SERIES, 20 * PER_DAY))
    wave = 10 * np.sin(2 * np.pi * np.arange(20 * PER_DAY) / PER_DAY)
    return (50 + wave + 0.5 * values)[:, first:last]


@pytest.fixture(scope="module")
def learnt() -> bytes:
    """Learn twelve days once, as a checkpoint for all tests."""
    detector = Detector(DetectorConfig())
    feed(detector, at(0, LEARNT), usual(0, LEARNT))
    return b"".join(save(detector))


def faulty(learnt: bytes, changed: NDArray[np.float64], *, silent: bool = False) -> list[Findings]:
    """Go on after twelve days with other values."""
    detector = load(learnt).detector
    return feed(detector, at(LEARNT, LEARNT + changed.shape[1]), changed, silent=silent)


def rarest(found: list[Findings], channel: DetectorChannel, series: int = 0) -> float:
    """Return the highest rarity of a channel in the findings of a series."""
    every = joined([each for each in found if len(each)])
    return float(every.rarities[every.series == series, channel].max(initial=-9))


def test_usual_values_are_no_finding(learnt: bytes) -> None:
    """Two more days of the usual values are no finding."""
    every = joined(faulty(learnt, usual(LEARNT, LEARNT + 2 * PER_DAY)))
    assert every.rarity.max(initial=0) < 3.5


@pytest.mark.parametrize(
    "channel", [DetectorChannel.RESIDUAL, DetectorChannel.RATE, DetectorChannel.SURPRISE, DetectorChannel.RAW]
)
def test_a_spike_is_found(learnt: bytes, channel: DetectorChannel) -> None:
    """One sample far out is rare as a residual, as a rate, as a surprise and as a value never seen."""
    values = usual(LEARNT, LEARNT + 60)
    values[0, 40] += 60
    found = faulty(learnt, values)
    assert rarest(found, channel) > 2
    assert begun(found).series.tolist().count(0) == 1


@pytest.mark.parametrize("channel", [DetectorChannel.SMOOTHED, DetectorChannel.SHIFT])
def test_a_shift_is_found(learnt: bytes, channel: DetectorChannel) -> None:
    """A level that moves by six sigma is rare as a mean of an hour and as one of hours."""
    values = usual(LEARNT, LEARNT + 60)
    values[0, 30:] += 3
    assert rarest(faulty(learnt, values), channel) > 2


def test_a_drift_is_found(learnt: bytes) -> None:
    """A value that creeps by a few sigma within two days is found by the cumulative sum."""
    values = usual(LEARNT, LEARNT + 3 * PER_DAY)
    values[0] += np.linspace(0, 6, 3 * PER_DAY)
    found = faulty(learnt, values)
    assert rarest(found, DetectorChannel.CUSUM) > 1.5
    assert 0 in begun(found).series


def test_noise_that_grows_is_found(learnt: bytes) -> None:
    """Short-term volatility of many times the usual is found."""
    values = usual(LEARNT, LEARNT + 80)
    values[0, 30:] += np.random.default_rng(2).normal(size=50) * 12
    assert rarest(faulty(learnt, values), DetectorChannel.VOLATILITY) > 1.3


def test_a_flat_line_is_found(learnt: bytes) -> None:
    """A sensor that repeats one value is found against its own longest run."""
    values = usual(LEARNT, LEARNT + 80)
    values[0, 30:] = values[0, 29]
    assert rarest(faulty(learnt, values), DetectorChannel.FLATLINE) > 2


def test_missing_data_is_found_and_ends(learnt: bytes) -> None:
    """A series without values is one finding, which ends some samples after values return."""
    values = usual(LEARNT, LEARNT + PER_DAY)
    values[0, 20:50] = np.nan
    every = joined([each for each in faulty(learnt, values, silent=True) if len(each)])
    mine = every.take(every.series == 0)
    assert mine.channel[0] == DetectorChannel.MISSING
    assert mine.stage.tolist().count(Stage.BEGIN) == 1
    assert mine.stage.tolist()[-1] == Stage.END


def test_a_lasting_fault_is_one_finding(learnt: bytes) -> None:
    """A day of zeros is one beginning and one end, not a finding each sample."""
    values = usual(LEARNT, LEARNT + 3 * PER_DAY)
    values[0, 20:110] = 0
    every = joined([each for each in faulty(learnt, values) if len(each)])
    stages = every.stage[every.series == 0].tolist()
    assert stages.count(Stage.BEGIN) == 1
    assert stages.count(Stage.END) == 1


def test_an_outage_does_not_become_the_norm(learnt: bytes) -> None:
    """The day after a day of zeros is expected as before, within a tenth."""
    detector = load(learnt).detector
    values = usual(LEARNT, LEARNT + 2 * PER_DAY)
    values[0, :PER_DAY] = 0
    feed(detector, at(LEARNT, LEARNT + PER_DAY), values[:, :PER_DAY])
    residuals = []
    for column in range(PER_DAY, 2 * PER_DAY):
        time = at(LEARNT + column, LEARNT + column + 1)
        feed(detector, time, values[:, column : column + 1])
        state = detector.state.fields
        residuals.append(abs(float(state["deviation"][0] * state["scale"][0])))
    assert np.median(residuals) < 5


def test_the_season_of_a_daily_wave_is_the_hour_of_the_day(learnt: bytes) -> None:
    """The season is chosen by its errors; the week needs three visits, so that twelve days cannot have it."""
    state = load(learnt).detector.state
    assert set(state.fields["season"][:SERIES].tolist()) == {Season.DAY}


def test_a_finding_has_the_facts_of_its_explanation(learnt: bytes) -> None:
    """Value, expected value, range seen and direction are those of the series, in its own units."""
    values = usual(LEARNT, LEARNT + 60)
    values[0, 40] -= 60
    found = begun(faulty(learnt, values)).take(np.array([0]))
    assert found.value[0] == pytest.approx(values[0, 40])
    assert found.expected[0] == pytest.approx(values[0, 40] + 60, abs=3)
    assert 35 < found.low[0] < 42
    assert 58 < found.high[0] < 64
    assert found.direction[0] == -1
