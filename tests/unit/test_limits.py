"""The token bucket, the backoff and the bounded map of `opsconductor.limits`."""

from collections import OrderedDict
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsconductor.limits import Backoff, BoundedMap, Rate, TokenBucket

RATE = Rate(per_s=10, burst=100)
BACKOFF = Backoff(first=timedelta(seconds=5), longest=timedelta(minutes=5), give_up_after=timedelta(hours=24))
ALMOST_ONE = 0.999999


def test_a_bucket_lets_a_burst_through_and_then_its_rate() -> None:
    """A hundred at once, ten a second afterwards, never more than a hundred saved up."""
    bucket = TokenBucket(RATE, 0.0)
    assert bucket.spend(120, RATE, 0.0) == 20
    assert bucket.spend(5, RATE, 0.0) == 5
    assert bucket.spend(30, RATE, 2.0) == 10
    assert bucket.available(RATE, 1_000.0) == 100


def test_a_clock_that_is_set_back_neither_gives_nor_takes() -> None:
    """After it, time counts from the new reading of the clock."""
    bucket = TokenBucket(RATE, 1_000.0)
    bucket.take(100)
    assert bucket.available(RATE, 0.0) == 0
    assert bucket.available(RATE, 1.0) == 10


def test_a_debt_is_paid_before_anything_passes() -> None:
    """Tokens taken beyond the balance are subtracted from those added later."""
    bucket = TokenBucket(RATE, 0.0)
    bucket.take(120)
    assert bucket.spend(1, RATE, 1.0) == 1
    assert bucket.spend(11, RATE, 3.0) == 1


@pytest.mark.parametrize(
    ("failures", "longest_s"),
    [(1, 5), (2, 10), (3, 20), (4, 40), (7, 300), (8, 300), (1_000_000, 300), (0, 5), (-3, 5)],
)
def test_the_longest_pause_doubles_up_to_a_limit(failures: int, longest_s: int) -> None:
    """5, 10, 20 seconds and so on up to five minutes, however many failures there are."""
    assert BACKOFF.limit(failures) == timedelta(seconds=longest_s)
    assert BACKOFF.pause(failures, ALMOST_ONE).total_seconds() == pytest.approx(longest_s, rel=1e-4)


def test_full_jitter_spreads_over_the_whole_pause() -> None:
    """Pauses are random between zero and the longest, so that parallel failures do not retry together."""
    assert BACKOFF.pause(3, 0.0) == timedelta(0)
    assert BACKOFF.pause(3, 0.25) == timedelta(seconds=5)
    assert BACKOFF.pause(3, 0.5) == timedelta(seconds=10)
    assert all(0 <= BACKOFF.random_pause_s(3) < 20 for _ in range(100))


def test_a_message_is_given_up_by_age() -> None:
    """The age of a message decides when it is given up, not the number of attempts."""
    assert not BACKOFF.is_over(timedelta(hours=23, minutes=59))
    assert BACKOFF.is_over(timedelta(hours=24))
    assert not BACKOFF.is_over(timedelta(hours=-1))


def test_a_read_by_use_keeps_an_entry_and_a_plain_one_does_not() -> None:
    """One class serves as an LRU cache and as a memory of the latest writes."""
    known = BoundedMap[str, int](2)
    known["a"], known["b"] = 1, 2
    assert known.use("a") == 1
    known["c"] = 3
    assert list(known) == ["a", "c"]
    assert known.get("a") == 1
    known["d"] = 4
    assert list(known) == ["c", "d"]
    assert known.use("gone") is None


@given(st.integers(1, 5), st.lists(st.tuples(st.sampled_from(["set", "use", "pop"]), st.integers(0, 8))))
def test_a_bounded_map_behaves_like_a_trimmed_dictionary(most: int, steps: list[tuple[str, int]]) -> None:
    """Against a dictionary that is cut after each step: same entries, same order, never too many."""
    known = BoundedMap[int, int](most)
    plain: OrderedDict[int, int] = OrderedDict()
    for number, (step, key) in enumerate(steps):
        if step == "set":
            known[key] = plain[key] = number
            plain.move_to_end(key)
        elif step == "use":
            assert known.use(key) == plain.get(key)
            if key in plain:
                plain.move_to_end(key)
        else:
            assert known.pop(key, None) == plain.pop(key, None)
        while len(plain) > most:
            plain.popitem(last=False)
        assert list(known.items()) == list(plain.items())
        assert known.oldest() == next(iter(plain.items()), None)
        assert known.is_full == (len(plain) == most)
