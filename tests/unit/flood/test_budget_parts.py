"""The small parts of which budgets are made: buckets, shares, who has sent lately."""

from opsconductor.flood.senders import Senders
from opsconductor.flood.shares import fair_shares
from opsconductor.flood.token_bucket import Rate, TokenBucket

RATE = Rate(per_s=10, burst=100)


def test_a_bucket_lets_a_burst_through_and_then_its_rate() -> None:
    """A hundred at once, ten a second afterwards, never more than a hundred saved up."""
    bucket = TokenBucket(RATE, 0.0)
    assert bucket.spend(120, RATE, 0.0) == 20
    assert bucket.spend(5, RATE, 0.0) == 5
    assert bucket.spend(30, RATE, 2.0) == 10
    assert bucket.available(RATE, 1_000.0) == 100


def test_a_clock_that_is_set_back_neither_gives_nor_takes() -> None:
    """After it, time counts from where the clock stands now."""
    bucket = TokenBucket(RATE, 1_000.0)
    bucket.take(100)
    assert bucket.available(RATE, 0.0) == 0
    assert bucket.available(RATE, 1.0) == 10


def test_who_wants_little_gets_it_all() -> None:
    """The rest is divided evenly among those who want more than there is."""
    assert fair_shares({"flood": 5_000, "quiet": 3, "other": 500}, 103) == {
        "quiet": 3,
        "other": 50,
        "flood": 50,
    }
    assert fair_shares({"a": 5, "b": 1, "c": 1}, 2) == {"b": 1, "c": 1, "a": 0}
    assert fair_shares({"a": 5}, -1) == {"a": 0}
    assert fair_shares({}, 10) == {}


def test_a_flooding_sender_is_never_forgotten_beside_invented_ones() -> None:
    """However many addresses are invented, memory stays bounded, and who floods keeps its empty bucket."""
    senders = Senders(RATE, most=50)
    senders.meet("flood", 0.0).messages.take(100)
    for number in range(10_000):
        senders.meet(f"invented {number}", 0.0)
        if number % 40 == 0:
            senders.meet("flood", 0.0)
        assert len(senders) <= 100
    assert senders.meet("flood", 0.0).messages.available(RATE, 0.0) == 0
