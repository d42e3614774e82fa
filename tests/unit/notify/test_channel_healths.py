"""Channels that a reload changes: no pause of the old configuration is kept."""

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import UUID

from opsconductor.connector.channel_traits import ChannelTraits
from opsconductor.connector.interface import Channel
from opsconductor.errors import Unreachable
from opsconductor.model.enums import NotificationKind
from opsconductor.notify.channel_healths import ChannelHealths
from opsconductor.notify.sending import Delivered, SendTask
from opsconductor.notify.settings import DeliverySettings
from opsconductor.store.notifications.outbox import CRITICAL, Claimed
from tests.support.notify.delivering import Recorder

NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
LATER = NOW + timedelta(seconds=10)
ASKS = Unreachable("busy", retry_after=timedelta(hours=1))


async def nothing() -> Delivered:
    """Stand in for an attempt that the test ends."""
    raise AssertionError


def send_task(at: datetime) -> SendTask:
    """Start a message on the channel `mail`."""
    claimed = Claimed(
        id=UUID(int=1),
        alert_id=UUID(int=2),
        rule_name="noc",
        channel="mail",
        recipient="noc@example.net",
        kind=NotificationKind.PROBLEM,
        facts={},
        created_at=NOW,
        attempt=2,
    )
    task = asyncio.create_task(nothing())
    task.cancel()
    return SendTask(claimed=claimed, task=task, started_at=at)


def waiting(old: Channel) -> ChannelHealths:
    """Make healths whose channel `mail` was asked to wait for an hour."""
    healths = ChannelHealths(DeliverySettings(), None)
    healths.use({"mail": old}, NOW)
    first = send_task(NOW)
    healths.started(first)
    healths.ended(first, NOW, ASKS)
    assert healths.room(LATER)["mail"].least_urgency == CRITICAL or healths.room(LATER)["mail"].slots == 0
    return healths


async def test_a_changed_channel_does_not_keep_the_old_pause() -> None:
    """It gets all its slots at once, and postponed messages become due."""
    healths = waiting(Recorder())
    healths.use({"mail": Recorder()}, LATER)
    assert healths.room(LATER)["mail"].slots == DeliverySettings().slots
    assert healths.back(LATER) == ["mail"]


async def test_a_reload_that_changes_nothing_keeps_the_pause() -> None:
    """The same channel still waits, though another one was added."""
    old = Recorder()
    healths = waiting(old)
    before = healths.room(LATER)["mail"]
    healths.use({"mail": old, "hook": Recorder()}, LATER)
    assert healths.room(LATER)["mail"] == before
    assert healths.back(LATER) == []


async def test_a_late_failure_of_the_old_channel_does_not_stop_the_new() -> None:
    """A message that was on its way when the channel was replaced does not affect its successor."""
    healths = waiting(Recorder())
    late = send_task(NOW)
    healths.started(late)
    healths.use({"mail": Recorder()}, LATER)
    healths.ended(late, LATER, ASKS)
    assert healths.room(LATER)["mail"].slots == DeliverySettings().slots


async def test_messages_of_a_removed_channel_are_not_made_due() -> None:
    """Messages for a removed channel do not become due again and again."""
    healths = waiting(Recorder())
    healths.use({}, LATER)
    assert healths.back(LATER) == []


async def test_the_limits_of_one_channel_are_not_those_of_another() -> None:
    """A channel of one message at a time and one a second is beside one without limits."""
    traits = {"slack": ChannelTraits(per_s=1, at_once=1)}
    healths = ChannelHealths(DeliverySettings(), None, traits)
    healths.use({"mail": Recorder(), "slack": Recorder()}, NOW)
    assert {name: room.slots for name, room in healths.room(NOW).items()} == {"mail": 4, "slack": 1}
