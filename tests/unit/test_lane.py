"""How many messages a channel is given, healthy and down."""

from datetime import UTC, datetime, timedelta

from opsconductor.notify.backoff import Backoff
from opsconductor.notify.lane import DOWN_AFTER, Lane

NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
PROBE = Backoff(first=timedelta(seconds=2), longest=timedelta(seconds=30))


def down(lane: Lane) -> Lane:
    """Let a lane fail until it counts as down."""
    for _ in range(DOWN_AFTER):
        lane.failed(NOW, 0.5)
    return lane


def test_a_healthy_channel_gets_all_its_slots() -> None:
    """Slots that are taken are not given again."""
    lane = Lane(4, PROBE)
    assert lane.room(NOW) == 4
    lane.running = 3
    assert lane.room(NOW) == 1
    lane.running = 5
    assert lane.room(NOW) == 0


def test_single_failures_are_no_outage() -> None:
    """Failures with successes between them (one recipient is greylisted) slow nobody down."""
    lane = Lane(4, PROBE)
    for _ in range(10):
        for _ in range(DOWN_AFTER - 1):
            lane.failed(NOW, 0.5)
        lane.worked()
    assert not lane.is_down
    assert lane.room(NOW) == 4


def test_a_channel_that_is_down_gets_one_message_at_a_time() -> None:
    """After a pause one message tries; while it is on its way no other does."""
    lane = down(Lane(4, PROBE))
    assert lane.is_down
    assert lane.room(NOW) == 0
    assert lane.room(NOW + timedelta(seconds=1)) == 1
    lane.running = 1
    assert lane.room(NOW + timedelta(seconds=1)) == 0


def test_pauses_grow_while_it_stays_down() -> None:
    """Each further failure doubles the pause, up to the longest."""
    lane = down(Lane(4, PROBE))
    lane.failed(NOW, 0.5)
    assert lane.room(NOW + timedelta(seconds=1)) == 0
    assert lane.room(NOW + timedelta(seconds=2)) == 1
    for _ in range(50):
        lane.failed(NOW, 1.0)
    assert lane.room(NOW + timedelta(seconds=29)) == 0
    assert lane.room(NOW + timedelta(seconds=30)) == 1


def test_one_success_opens_the_channel_wide() -> None:
    """What has waited goes out at once."""
    lane = down(Lane(4, PROBE))
    lane.worked()
    assert not lane.is_down
    assert lane.room(NOW) == 4
