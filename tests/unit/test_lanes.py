"""Channels that a reload changes: no pause of the old configuration is kept."""

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import UUID

from opsconductor.connector.channel_traits import ChannelTraits
from opsconductor.connector.interface import Channel
from opsconductor.errors import Unreachable
from opsconductor.model.enums import NotificationKind
from opsconductor.notify.lanes import ChannelHealths
from opsconductor.notify.sending import Delivered, Flight
from opsconductor.notify.settings import DeliverySettings
from opsconductor.store.outbox import CRITICAL, Claimed
from tests.support.delivering import Recorder

NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
LATER = NOW + timedelta(seconds=10)
ASKS = Unreachable("busy", retry_after=timedelta(hours=1))


async def nothing() -> Delivered:
    """Stand in for an attempt whose end the test tells."""
    raise AssertionError


def flight(at: datetime) -> Flight:
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
    return Flight(claimed=claimed, task=task, started_at=at)


def waiting(old: Channel) -> ChannelHealths:
    """Make lanes whose channel `mail` was asked to wait for an hour."""
    lanes = ChannelHealths(DeliverySettings(), None)
    lanes.use({"mail": old}, NOW)
    first = flight(NOW)
    lanes.started(first)
    lanes.ended(first, NOW, ASKS)
    assert lanes.room(LATER)["mail"].least_urgency == CRITICAL or lanes.room(LATER)["mail"].slots == 0
    return lanes


async def test_a_changed_channel_does_not_keep_the_old_pause() -> None:
    """It gets all its slots at once, and what was postponed is to be made due."""
    lanes = waiting(Recorder())
    lanes.use({"mail": Recorder()}, LATER)
    assert lanes.room(LATER)["mail"].slots == DeliverySettings().slots
    assert lanes.back(LATER) == ["mail"]


async def test_a_reload_that_changes_nothing_keeps_the_pause() -> None:
    """The same channel still waits, though another one came."""
    old = Recorder()
    lanes = waiting(old)
    before = lanes.room(LATER)["mail"]
    lanes.use({"mail": old, "hook": Recorder()}, LATER)
    assert lanes.room(LATER)["mail"] == before
    assert lanes.back(LATER) == []


async def test_a_late_failure_of_the_old_channel_does_not_stop_the_new() -> None:
    """A message that was on its way when the channel was replaced says nothing about its successor."""
    lanes = waiting(Recorder())
    late = flight(NOW)
    lanes.started(late)
    lanes.use({"mail": Recorder()}, LATER)
    lanes.ended(late, LATER, ASKS)
    assert lanes.room(LATER)["mail"].slots == DeliverySettings().slots


async def test_a_removed_channel_is_not_hurried() -> None:
    """What waits for a channel that is gone is not made due again and again."""
    lanes = waiting(Recorder())
    lanes.use({}, LATER)
    assert lanes.back(LATER) == []


async def test_the_limits_of_one_channel_are_not_those_of_another() -> None:
    """A channel of one message at a time and one a second stands beside one without limits."""
    traits = {"slack": ChannelTraits(per_s=1, at_once=1)}
    lanes = ChannelHealths(DeliverySettings(), None, traits)
    lanes.use({"mail": Recorder(), "slack": Recorder()}, NOW)
    assert {name: room.slots for name, room in lanes.room(NOW).items()} == {"mail": 4, "slack": 1}
