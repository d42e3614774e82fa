"""When a failed delivery is tried again, and when it is given up."""

from datetime import timedelta

import pytest

from opsconductor.notify.backoff import Backoff

BACKOFF = Backoff(first=timedelta(seconds=5), longest=timedelta(minutes=5), give_up_after=timedelta(hours=24))
ALMOST_ONE = 0.999999


@pytest.mark.parametrize(
    ("failures", "longest_s"),
    [(1, 5), (2, 10), (3, 20), (4, 40), (7, 300), (8, 300), (1_000_000, 300), (0, 5), (-3, 5)],
)
def test_the_longest_pause_doubles_up_to_a_limit(failures: int, longest_s: int) -> None:
    """5, 10, 20 seconds and so on up to five minutes, however many failures there were."""
    pause = BACKOFF.pause(failures, ALMOST_ONE)
    assert pause.total_seconds() == pytest.approx(longest_s, rel=1e-4)


def test_full_jitter_spreads_over_the_whole_pause() -> None:
    """Chance decides between now and the longest pause, so that what failed together parts."""
    assert BACKOFF.pause(3, 0.0) == timedelta(0)
    assert BACKOFF.pause(3, 0.25) == timedelta(seconds=5)
    assert BACKOFF.pause(3, 0.5) == timedelta(seconds=10)


def test_a_message_is_given_up_by_age() -> None:
    """The age of the message decides, not the number of attempts."""
    assert not BACKOFF.is_over(timedelta(hours=23, minutes=59))
    assert BACKOFF.is_over(timedelta(hours=24))
    assert not BACKOFF.is_over(timedelta(hours=-1))
