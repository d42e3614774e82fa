"""Parts of budgets: shares, and recent senders."""

from opsconductor.flood.limiter import Senders, fair_shares
from opsconductor.limits import Rate

RATE = Rate(per_s=10, burst=100)


def test_a_small_demand_is_met_in_full() -> None:
    """The rest is divided evenly among those who want more."""
    assert fair_shares({"flood": 5_000, "quiet": 3, "other": 500}, 103) == {
        "quiet": 3,
        "other": 50,
        "flood": 50,
    }
    assert fair_shares({"a": 5, "b": 1, "c": 1}, 2) == {"b": 1, "c": 1, "a": 0}
    assert fair_shares({"a": 5}, -1) == {"a": 0}
    assert fair_shares({}, 10) == {}


def test_a_flooding_sender_is_never_forgotten_beside_invented_ones() -> None:
    """Memory for invented addresses stays bounded, and a flooding sender keeps its empty bucket."""
    senders = Senders(RATE, most=100)
    senders.meet("flood", 0.0).messages.take(100)
    for number in range(10_000):
        senders.meet(f"invented {number}", 0.0)
        if number % 40 == 0:
            senders.meet("flood", 0.0)
        assert len(senders) <= 100
    assert senders.meet("flood", 0.0).messages.available(RATE, 0.0) == 0
