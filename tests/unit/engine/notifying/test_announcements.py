"""Announcements of maintenance windows: once each, to the same people, whatever happens in between."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from opsconductor.model.command import Acknowledge
from opsconductor.model.notifications.maintenance import MaintenanceWindow, Recurrence
from opsconductor.model.notifications.policy import ChannelPolicy
from opsconductor.model.notifications.rule import Conditions, Failover, RuleChannel
from tests.support.engine.pipeline_scene import ANNA, START, Scene, seconds

HOUR = 3_600
LEAF, OTHER = "10.1.2.3", "10.1.2.4"
SHIFT = RuleChannel(channel="mail", recipients=("shift", "boss"))
FIBRE = MaintenanceWindow(
    id=UUID(int=9),
    name="fibre",
    reason="ticket 4711",
    created_by="anna",
    conditions=Conditions(device_ip_pattern=(LEAF,), none=(Conditions(alert_type=("power_*",)),)),
    start_at=START + seconds(HOUR),
    end_at=START + seconds(2 * HOUR),
    announce=(SHIFT,),
)


def announced(scene: Scene) -> list[tuple[object, ...]]:
    """List the announcements: event, end in hours after the start of the scene, recipient."""
    found = []
    for each in scene.messages():
        if each.kind == "maintenance":
            window = each.facts["window"]
            assert isinstance(window, dict)
            end = window["end_at"]
            hours = None if end is None else (each.created_at.fromisoformat(end) - START) / timedelta(hours=1)
            found.append((window["event"], hours, each.recipient))
    return found


def test_begin_and_end_are_announced_once_to_each_recipient() -> None:
    """The message has the window, its reason, author and scope, and at the end the open alerts."""
    scene = Scene(windows=[FIBRE])
    scene.wait(0)
    assert announced(scene) == []
    scene.wait(HOUR)
    assert announced(scene) == [("begun", 2, "shift"), ("begun", 2, "boss")]
    assert scene.engine.next_due() == START + seconds(2 * HOUR)
    begun = scene.messages()[0]
    assert (begun.alert_id, begun.rule_name) == (FIBRE.id, "maintenance fibre")
    assert begun.facts["window"] == {
        "id": str(FIBRE.id),
        "name": "fibre",
        "reason": "ticket 4711",
        "created_by": "anna",
        "mutes": f"device_ip_pattern {LEAF} with not (alert_type power_*)",
        "end_at": "2026-03-01T14:00:00+00:00",
        "event": "begun",
    }
    scene.problem(LEAF)
    scene.wait(HOUR)
    over = scene.messages()[2:4]
    assert announced(scene)[2:] == [("over", 2, "shift"), ("over", 2, "boss")]
    assert [each.facts["window"]["open_alerts"] for each in over] == [1, 1]  # type: ignore[index]
    assert [each.kind for each in scene.messages()[4:]] == ["problem"]
    scene.wait(HOUR)
    assert len(announced(scene)) == 4


def test_a_moved_end_is_announced_and_a_deleted_window_is_over() -> None:
    """Recipients of an announced end get the new one; nothing else of a window is announced again."""
    scene = Scene(windows=[FIBRE])
    scene.wait(HOUR)
    later = replace(FIBRE, end_at=START + seconds(3 * HOUR))
    scene.maintain(later)
    assert announced(scene)[2:] == [("moved", 3, "shift"), ("moved", 3, "boss")]
    scene.maintain(replace(later, reason="another", announce=()))
    assert len(announced(scene)) == 4
    scene.wait(60)
    scene.maintain()
    assert [each[0] for each in announced(scene)[4:]] == ["over", "over"]


def test_a_restart_announces_nothing_again_and_forgets_nothing() -> None:
    """The beginning is stored with its messages: a daemon that was down at the end announces it late."""
    scene = Scene(windows=[FIBRE])
    scene.wait(HOUR)
    scene.restart()
    scene.wait(0)
    assert len(announced(scene)) == 2
    scene.now += seconds(2 * HOUR)
    scene.restart()
    scene.wait(0)
    assert [each[0] for each in announced(scene)[2:]] == ["over", "over"]
    scene.restart()
    scene.wait(0)
    assert len(announced(scene)) == 4


def test_a_window_that_was_missed_completely_is_not_announced() -> None:
    """A window that began and ended while the daemon was stopped is not announced."""
    scene = Scene(windows=[FIBRE])
    scene.wait(0)
    scene.now += seconds(5 * HOUR)
    scene.restart()
    scene.wait(0)
    assert announced(scene) == []


def test_a_command_at_the_time_of_the_beginning_announces_it_too() -> None:
    """The first step after the beginning announces it, whatever the step is for."""
    scene = Scene(windows=[FIBRE])
    scene.problem(OTHER)
    scene.now += seconds(HOUR)
    scene.order(Acknowledge(alert_id=scene.alert(OTHER).id, operator=ANNA))
    assert [each[0] for each in announced(scene)] == ["begun", "begun"]


def test_each_occurrence_is_announced() -> None:
    """Of a window that recurs each occurrence has its beginning and its end."""
    daily = Recurrence(rule="FREQ=DAILY", zone="UTC", duration=timedelta(hours=1))
    scene = Scene(
        windows=[replace(FIBRE, end_at=None, recurrence=daily, announce=(RuleChannel(channel="mail"),))]
    )
    for _ in range(50):
        scene.wait(HOUR)
    expected = [(event, end, "") for end in (2, 26, 50) for event in ("begun", "over")]
    assert announced(scene) == expected


def test_occurrences_without_a_pause_are_announced_each() -> None:
    """One ends as the next begins, or the daemon was down meanwhile: an end and a beginning, not two ends."""
    hourly = Recurrence(rule="FREQ=HOURLY", zone="UTC", duration=timedelta(hours=1))
    mail = (RuleChannel(channel="mail"),)
    scene = Scene(windows=[replace(FIBRE, end_at=None, recurrence=hourly, announce=mail)])
    for _ in range(2):
        scene.wait(HOUR)
    assert announced(scene) == [("begun", 2, ""), ("over", 2, ""), ("begun", 3, "")]
    scene.now += seconds(5 * HOUR)
    scene.restart()
    scene.wait(0)
    assert announced(scene)[3:] == [("over", 3, ""), ("begun", 8, "")]


def test_another_start_of_an_active_window_is_no_new_occurrence() -> None:
    """Only a beginning at or after the announced end is a new one."""
    scene = Scene(windows=[FIBRE])
    scene.wait(HOUR + 600)
    scene.maintain(replace(FIBRE, start_at=START + seconds(HOUR + 300), end_at=START + seconds(3 * HOUR)))
    assert [each[:2] for each in announced(scene)[2:]] == [("moved", 3), ("moved", 3)]


def test_channels_that_open_an_incident_for_each_alert_announce_nothing() -> None:
    """Such a channel would leave an incident open; the failover of another one is sent with the message."""
    beside = RuleChannel(
        channel="mail", recipients=("shift",), failover=Failover(channel="sms", recipients=("1",))
    )
    window = replace(FIBRE, announce=(RuleChannel(channel="tickets"), beside, beside))
    scene = Scene(windows=[window], policies={"tickets": ChannelPolicy(is_single=True)})
    scene.wait(HOUR)
    assert [each.channel for each in scene.messages()] == ["mail"]
    assert scene.messages()[0].facts["failover"] == {"channel": "sms", "recipients": ["1"]}
