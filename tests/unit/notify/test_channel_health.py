"""How many messages a channel is given: healthy, down, and while the other side asks to wait."""

from datetime import UTC, datetime, timedelta

from opsconductor.limits import Backoff, Rate
from opsconductor.notify.channel_health import CRITICAL_EVERY, DOWN_AFTER, ChannelHealth
from opsconductor.store.notifications.outbox import CRITICAL, Room

NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
PROBE = Backoff(first=timedelta(seconds=2), longest=timedelta(seconds=30))
WAIT = timedelta(minutes=5)
HOUR = timedelta(hours=1)


def seconds(amount: float) -> datetime:
    """Return the time so many seconds later."""
    return NOW + timedelta(seconds=amount)


def a_channel() -> ChannelHealth:
    """Return the health of a channel with four slots."""
    return ChannelHealth(4, PROBE, WAIT)


def failed(
    health: ChannelHealth, chance: float = 0.5, *, is_first: bool = False, wait: timedelta | None = None
) -> None:
    """Make an attempt fail now."""
    health.failed(NOW, chance, is_first=is_first, wait=wait)


def down(health: ChannelHealth) -> ChannelHealth:
    """Make a channel fail until it counts as down."""
    for _ in range(DOWN_AFTER):
        failed(health)
    return health


def test_a_healthy_channel_gets_all_its_slots() -> None:
    """Slots that are taken are not given again."""
    health = a_channel()
    assert health.room(NOW).slots == 4
    health.running = 3
    assert health.room(NOW).slots == 1
    health.running = 5
    assert health.room(NOW).slots == 0


def test_one_slot_is_kept_for_messages_that_were_never_tried() -> None:
    """Four messages that hang at every attempt do not delay a new one."""
    health = a_channel()
    assert health.room(NOW) == Room(slots=4, retries=3)
    health.running = health.retrying = 3
    assert health.room(NOW) == Room(slots=1, retries=0)


def test_single_failures_are_no_outage() -> None:
    """Failures between successes (one recipient is greylisted) delay no other message."""
    health = a_channel()
    for _ in range(10):
        for _ in range(DOWN_AFTER - 1):
            failed(health)
        assert not health.worked(NOW)
    assert not health.is_down(NOW)
    assert health.room(NOW).slots == 4


def test_a_channel_that_is_down_gets_one_message_at_a_time() -> None:
    """After a pause one message is tried; while it is on its way no other is."""
    health = down(a_channel())
    assert health.is_down(NOW)
    assert health.room(NOW).retries == 0
    assert health.room(seconds(1)) == Room(slots=1, retries=1)
    health.running = 1
    assert health.room(seconds(1)).slots == 0


def test_pauses_grow_while_it_stays_down() -> None:
    """Each further failure doubles the pause, up to the longest."""
    health = down(a_channel())
    failed(health)
    assert health.room(seconds(1)).retries == 0
    assert health.room(seconds(2)).retries == 1
    for _ in range(50):
        failed(health, 1.0)
    assert health.room(seconds(29)).retries == 0
    assert health.room(seconds(30)).retries == 1


def test_a_message_that_was_never_tried_is_tried_although_others_were_refused() -> None:
    """Refused messages make the channel look down; a new message waits for seconds at most."""
    health = a_channel()
    for _ in range(50):
        failed(health, 1.0)
    assert health.room(NOW) == Room(slots=1, retries=0)
    for _ in range(50):
        failed(health, 1.0, is_first=True)
    assert health.room(seconds(4)).slots == 0
    assert health.room(seconds(5)) == Room(slots=1, retries=0)


def test_a_refused_message_delays_no_other() -> None:
    """After HTTP 500 for the content of a message, the next untried one is tried at once."""
    health = a_channel()
    for _ in range(50):
        health.failed(NOW, 1.0, is_first=True, is_about_message=True)
    assert health.is_down(NOW)
    assert health.room(NOW) == Room(slots=1, retries=0)


def test_one_success_opens_the_channel_fully() -> None:
    """All waiting messages are sent at once."""
    health = down(a_channel())
    assert health.worked(NOW)
    assert not health.is_down(NOW)
    assert health.room(NOW).slots == 4


def test_a_wait_is_the_channels_and_has_a_limit() -> None:
    """Retry-After: 3600 holds the channel for five minutes, and a critical is tried meanwhile."""
    health = a_channel()
    failed(health, wait=HOUR)
    assert health.is_down(NOW)
    assert health.room(seconds(14)).slots == 0
    assert health.room(NOW + CRITICAL_EVERY) == Room(slots=1, retries=1, least_urgency=CRITICAL)
    assert health.room(seconds(299)).least_urgency == CRITICAL
    assert health.room(seconds(300)) == Room(slots=4, retries=3)


def test_a_short_wait_is_no_outage() -> None:
    """Retry-After: 1 is how servers pace their clients."""
    health = a_channel()
    failed(health, wait=timedelta(seconds=1))
    assert not health.is_down(NOW)
    assert health.room(NOW).slots == 0
    assert health.room(seconds(1)).slots == 4


def test_a_success_ends_a_wait_unless_it_began_before_the_wait_was_asked_for() -> None:
    """Of four messages at once one gets 429 and three are taken: the wait still holds."""
    health = a_channel()
    failed(health, wait=HOUR)
    assert not health.worked(NOW - timedelta(seconds=1))
    assert health.room(seconds(1)).slots == 0
    assert health.worked(seconds(15))
    assert health.room(seconds(15)).slots == 4


def test_a_rate_limits_what_is_started() -> None:
    """One message a second, two in a burst: a third waits a second, however many slots are free."""
    health = ChannelHealth(4, PROBE, WAIT, Rate(per_s=1, burst=2))
    assert health.room(NOW).slots == 2
    health.started(NOW)
    health.started(NOW)
    assert health.room(NOW).slots == 0
    assert health.room(seconds(1)) == Room(slots=1, retries=3)


def test_a_new_configuration_has_its_own_rate_and_slots() -> None:
    """A channel that is changed by a reload is limited by its new settings at once."""
    health = ChannelHealth(4, PROBE, WAIT, Rate(per_s=1, burst=1))
    health.started(NOW)
    health.renew(2, None)
    assert health.room(NOW).slots == 2
