"""Counters become rates; wraps and restarts are distinguished."""

import numpy as np

from opsconductor.series.points import Points
from opsconductor.series.rates import LatestValues, rates_of

MINUTE = 60_000


def counted(*counts: float, every: int = MINUTE) -> Points:
    """Return counts, one a minute."""
    return Points(np.arange(1, len(counts) + 1, dtype=np.int64) * every, np.array(counts, np.float64))


def test_a_rate_is_the_increase_per_second() -> None:
    """The first count has none; an unchanged counter has 0."""
    found = rates_of(counted(0, 600, 600, 1800))
    assert found.times.tolist() == [2 * MINUTE, 3 * MINUTE, 4 * MINUTE]
    assert found.values.tolist() == [10, 0, 20]


def test_a_wrap_at_32_bits_is_an_increase() -> None:
    """The rate continues."""
    start = 2**32 - 1000
    assert rates_of(counted(start - 600, start, 200)).values.tolist() == [10, 20]


def test_a_wrap_at_64_bits_is_an_increase() -> None:
    """Of a counter beyond 32 bits."""
    step = 2.0**20
    values = (2.0**64 - 2 * step, 2.0**64 - step, 0.0)
    assert rates_of(counted(*values)).values.tolist() == [step / 60, step / 60]


def test_a_restart_has_no_rate() -> None:
    """A restarted device does not seem to have sent gigabytes; the next rate counts again."""
    assert rates_of(counted(4_000_000_000, 4_000_000_600, 50, 650)).values.tolist() == [10, 10]


def test_a_fall_right_at_the_beginning_is_a_restart() -> None:
    """No earlier rate is known."""
    assert rates_of(counted(2**32 - 5, 5)).values.tolist() == []


def test_nothing_is_computed_over_a_long_gap() -> None:
    """Most of the gap is unknown."""
    assert rates_of(counted(0, 600, every=2 * 3_600_000)).values.tolist() == []


def test_one_after_the_other_gives_the_rates_of_all_at_once() -> None:
    """Live rates equal those of a query, whatever the batches are."""
    rng = np.random.default_rng(7)
    counts = np.cumsum(rng.integers(0, 10**9, 200)) % 2**32
    times = np.cumsum(rng.integers(1_000, 90_000, 200))
    whole = rates_of(Points(times, counts.astype(np.float64)))
    latest = LatestValues()
    latest.note_counters([5])
    found_times: list[int] = []
    found_values: list[float] = []
    for part in np.array_split(np.arange(200), [3, 4, 50, 120]):
        ids = np.full(len(part), 5, np.int32)
        _, some_times, some_values = latest.follow(ids, times[part], counts[part].astype(np.float64))
        found_times += some_times.tolist()
        found_values += some_values.tolist()
    assert found_times == whole.times.tolist()
    assert found_values == whole.values.tolist()


def test_late_and_repeated_points_are_not_followed() -> None:
    """Of several at one time the last counts; older ones than the newest are left out."""
    latest = LatestValues()
    ids, times, values = latest.follow(
        np.array([1, 2, 1, 1], np.int32), np.array([20, 7, 10, 20]), np.array([1.0, 2.0, 3.0, 4.0])
    )
    assert list(zip(ids.tolist(), times.tolist(), values.tolist(), strict=True)) == [
        (2, 7, 2.0),
        (1, 10, 3.0),
        (1, 20, 4.0),
    ]
    assert latest.follow(np.array([1], np.int32), np.array([15]), np.array([9.0]))[0].tolist() == []


def test_one_large_batch_is_followed_as_many_small_ones_are() -> None:
    """An import has thousands of points of one series; wraps, restarts and gaps give the same rates."""
    rng = np.random.default_rng(3)
    amount = 3_000
    ids = rng.integers(1, 4, amount).astype(np.int32)
    times = np.cumsum(rng.choice([1_000, 60_000, 4_000_000], amount, p=[0.5, 0.49, 0.01]))
    counts = np.where(rng.random(amount) < 0.2, rng.integers(0, 2**32, amount), np.arange(amount) * 1_000.0)
    at_once, one_by_one = LatestValues(), LatestValues()
    for latest in (at_once, one_by_one):
        latest.note_counters([1, 3])
    whole = at_once.follow(ids, times, counts)
    parts = [
        one_by_one.follow(ids[at : at + 1], times[at : at + 1], counts[at : at + 1]) for at in range(amount)
    ]
    for place in range(3):
        assert whole[place].tolist() == np.concatenate([part[place] for part in parts]).tolist()
