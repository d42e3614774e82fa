"""Notifications while PostgreSQL is away: order, urgency, recoveries, and which return to the outbox."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from opsconductor.model.changes import NotificationIntent
from opsconductor.model.enums import NotificationKind
from opsconductor.notify import outage as outage_module
from opsconductor.notify.outage import OutageOutbox, claimed_of
from opsconductor.store.notifications.outbox import Claimed, Room
from tests.support.notify.delivering import no_outage

NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
ROOM = Room(slots=2, retries=1)


def intent(
    number: int, *, alert: int = 1, kind: str = "problem", severity: str = "major", channel: str = "mail"
) -> NotificationIntent:
    """Return a notification of an alert."""
    return NotificationIntent(
        id=UUID(int=number),
        alert_id=UUID(int=alert),
        rule_id=UUID(int=9),
        rule_name="all",
        channel=channel,
        recipient="noc",
        kind=NotificationKind(kind),
        created_at=NOW,
        facts={"severity": severity},
    )


def numbers(claimed: list[Claimed]) -> list[int]:
    """Return their ids as numbers."""
    return [each.id.int for each in claimed]


def filled(*intents: NotificationIntent) -> OutageOutbox:
    """Return an outbox with these notifications."""
    outage = no_outage()
    outage.add(intents)
    return outage


def test_the_most_urgent_goes_first_within_the_room_of_each_channel() -> None:
    """Two slots: the critical one and the older of two equal ones; another channel has its own slots."""
    outage = filled(
        intent(1, alert=1),
        intent(2, alert=2),
        intent(3, alert=3, severity="critical"),
        intent(4, alert=4, channel="hook", severity="info"),
    )
    assert numbers(outage.due(NOW, {}, ROOM)) == [3, 1, 4]
    assert numbers(outage.due(NOW, {"mail": Room(slots=0, retries=0)}, ROOM)) == [4]


def test_of_one_alert_and_recipient_only_the_oldest_is_in_flight() -> None:
    """An escalation waits until the recipient has the problem, and is sent in its thread."""
    outage = filled(intent(1), intent(2, kind="worse", severity="critical"))
    (first,) = outage.due(NOW, {}, ROOM)
    assert (first.id.int, first.attempt) == (1, 1)
    assert outage.start(first)
    assert outage.due(NOW, {}, ROOM) == []
    outage.end(first, {"thread": "7"})
    (second,) = outage.due(NOW, {}, ROOM)
    assert (second.id.int, second.earlier) == (2, {"thread": "7"})


def test_a_recovery_is_sent_only_to_recipients_of_the_problem() -> None:
    """Sent from here or by the outbox before; unknown ones wait for PostgreSQL."""
    outage = filled(intent(2, kind="recovery"), intent(3, alert=5, kind="recovery"))
    assert outage.due(NOW, {}, ROOM) == []
    outage.note(claimed_of(intent(1)), {})
    assert numbers(outage.due(NOW, {}, ROOM)) == [2]


def test_the_recovery_of_a_problem_in_a_summary_is_sent() -> None:
    """A recipient of the summary knows its problems; the recovery begins no thread."""
    named = {"alert_id": str(UUID(int=5)), "is_new": True}
    summary = intent(1, kind="summary")
    outage = filled(replace(summary, facts={**summary.facts, "members": [named]}))
    (claimed,) = outage.due(NOW, {}, ROOM)
    assert outage.start(claimed)
    outage.end(claimed, {"thread": "7"})
    outage.add([intent(2, alert=5, kind="recovery"), intent(3, alert=6, kind="recovery")])
    (recovery,) = outage.due(NOW, {}, ROOM)
    assert (recovery.id.int, recovery.earlier) == (2, {})


def test_a_failed_one_waits_for_its_next_attempt() -> None:
    """It keeps its place before later ones of its recipient, and counts as a retry."""
    outage = filled(intent(1), intent(2, kind="worse"))
    (first,) = outage.due(NOW, {}, ROOM)
    outage.start(first)
    outage.postpone(first, NOW + timedelta(seconds=5))
    assert outage.due(NOW, {}, ROOM) == []
    assert outage.due(NOW + timedelta(seconds=5), {}, Room(slots=2, retries=0)) == []
    (again,) = outage.due(NOW + timedelta(seconds=5), {}, ROOM)
    assert (again.id.int, again.attempt) == (1, 2)


def test_a_claimed_message_is_handed_over_unless_it_was_sent_or_is_in_flight() -> None:
    """When PostgreSQL is back, nothing is sent by both sides."""
    outage = filled(intent(1, alert=1), intent(2, alert=2), intent(3, alert=3))
    sent, flying = outage.due(NOW, {}, ROOM)
    for each in (sent, flying):
        outage.start(each)
    outage.end(sent, {})
    claims = [claimed_of(intent(number, alert=number)) for number in (1, 2, 3, 4)]
    assert [outage.hand_over(each) for each in claims] == [False, False, True, True]
    assert len(outage) == 0
    outage.clear()
    assert [outage.hand_over(each) for each in claims] == [True, False, True, True]


def test_a_chosen_message_handed_over_meanwhile_is_not_sent() -> None:
    """While the beginning of its attempt is stored the outbox may claim it."""
    outage = filled(intent(1))
    (first,) = outage.due(NOW, {}, ROOM)
    assert outage.hand_over(first)
    assert not outage.start(first)


def test_a_channel_that_is_down_delays_no_other() -> None:
    """However many messages wait for it, those of another channel are found."""
    many = [intent(number, alert=number) for number in range(1, 3_001)]
    outage = filled(*many, intent(5_000, alert=5_000, channel="hook"))
    assert numbers(outage.due(NOW, {"mail": Room(slots=0, retries=0)}, ROOM)) == [5_000]


def test_messages_beyond_the_limit_wait_for_postgresql(monkeypatch: pytest.MonkeyPatch) -> None:
    """No more are taken, also while a failed one has exceeded the limit."""
    monkeypatch.setattr(outage_module, "MOST", 2)
    outage = filled(intent(1, alert=1), intent(2, alert=2))
    (first, _) = outage.due(NOW, {}, ROOM)
    outage.start(first)
    outage.add([intent(3, alert=3)])
    outage.postpone(first, NOW)
    outage.add([intent(4, alert=4)])
    assert len(outage) == 3
    assert outage.hand_over(claimed_of(intent(4, alert=4)))


def test_a_channel_that_is_down_takes_the_room_of_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    """What waits for it fills the memory; a critical one, and another channel, still have their share."""
    monkeypatch.setattr(outage_module, "MOST", 8)
    outage = filled(*(intent(number, alert=number) for number in range(1, 10)))
    outage.add([intent(10, alert=10, severity="critical"), intent(11, alert=11, channel="hook")])
    assert len(outage) == 10
    assert numbers(outage.due(NOW, {}, ROOM)) == [10, 11, 1]
    outage.add([intent(number, alert=number, channel="hook") for number in range(12, 20)])
    assert len(outage) == 11


def test_nothing_overtakes_a_message_that_was_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """The recovery of a problem that waits for PostgreSQL waits there too, also when there is room again."""
    monkeypatch.setattr(outage_module, "MOST", 1)
    outage = filled(intent(1, alert=1), intent(2, alert=2))
    (first,) = outage.due(NOW, {}, ROOM)
    outage.start(first)
    outage.end(first, {})
    outage.add([intent(3, alert=2, severity="critical"), intent(4, alert=4)])
    assert numbers(outage.due(NOW, {}, ROOM)) == [4]
    outage.clear()
    outage.add([intent(5, alert=2)])
    assert numbers(outage.due(NOW, {}, ROOM)) == [5]
