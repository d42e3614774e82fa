"""Related alerts are sent in one message, and so is their end."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from opsconductor.model.changes import NotificationIntent, joined_changes
from opsconductor.model.command import Acknowledge, Unacknowledge
from opsconductor.model.notifications.grouping import DigestTimes, MessageGrouping, next_digest
from opsconductor.model.notifications.policy import ChannelPolicy, RecipientLimit
from tests.support.engine.pipeline_scene import ALL, ANNA, Scene, device, needs, rule, seconds

DEVICES = [
    device("10.0.0.1", "sw-1", site="Hamburg"),
    device("10.0.0.2", "sw-2", site="Hamburg"),
    device("10.0.0.3", "sw-3", site="Kiel"),
]


def stage(by: tuple[str, ...] = ("site",), **values: Any) -> Scene:
    """Make a scene whose only rule groups its messages."""
    grouping = MessageGrouping(by=by, **values)
    return Scene(rules=[replace(ALL, grouping=grouping)], devices=DEVICES, settle_time=0, grace_time=0)


def shown(message: NotificationIntent) -> tuple[str, str, list[tuple[str, str]]]:
    """Return kind, group and the named alerts of a message."""
    facts: Any = message.facts
    members = [(each["kind"], each["device_ip"]) for each in facts.get("members", ())]
    return str(message.kind), facts.get("group", ""), members


def told(scene: Scene) -> list[list[str]]:
    """Return what each message says, one `kind device` for each alert."""
    messages = [(each, shown(each)[2]) for each in scene.messages()]
    return [
        [f"{kind} {address}" for kind, address in members or [(each.kind, each.facts["device_ip"])]]
        for each, members in messages
    ]


def test_a_group_is_one_message_after_its_wait() -> None:
    """The first alert of a site waits 30 s for others; a single alert is sent as usual."""
    scene = stage()
    scene.problem("10.0.0.1")
    scene.wait(20)
    scene.problem("10.0.0.2", severity="critical")
    scene.problem("10.0.0.3")
    assert not scene.messages()
    scene.wait(10)
    (hamburg,) = scene.messages()
    assert shown(hamburg) == ("summary", "site=Hamburg", [("problem", "10.0.0.2"), ("problem", "10.0.0.1")])
    scene.wait(20)
    kiel = scene.messages()[1]
    assert (str(kiel.kind), kiel.facts["device_ip"]) == ("problem", "10.0.0.3")


def test_the_verdict_says_until_when_a_message_is_grouped() -> None:
    """The decision records why no message was sent yet."""
    scene = stage()
    scene.problem("10.0.0.1")
    ((_, _, reason),) = scene.verdicts(scene.history(scene.alert("10.0.0.1"))[0])
    assert "grouped until 2026-03-01 12:00:30 UTC: noc@example.org gets it" in reason
    assert "site=Hamburg" in reason


def test_later_alerts_are_sent_at_the_interval() -> None:
    """A group is sent again 5 min later at the earliest, in the same thread."""
    scene = stage()
    scene.problem("10.0.0.1")
    scene.problem("10.0.0.2")
    scene.wait(30)
    scene.problem("10.0.0.2", "power_lost")
    scene.problem("10.0.0.1", "power_lost")
    scene.wait(299)
    assert len(scene.messages()) == 1
    scene.wait(1)
    first, second = scene.messages()
    assert shown(second)[2] == [("problem", "10.0.0.2"), ("problem", "10.0.0.1")]
    assert second.alert_id == first.alert_id


def test_the_end_of_a_group_is_one_message() -> None:
    """When the last alert of a group is resolved, that is sent without waiting for the interval."""
    scene = stage()
    for address in ("10.0.0.1", "10.0.0.2"):
        scene.problem(address)
    scene.wait(40)
    for address in ("10.0.0.1", "10.0.0.2"):
        scene.clear(address)
    scene.wait(30)
    _, over = scene.messages()
    assert sorted(shown(over)[2]) == [("recovery", "10.0.0.1"), ("recovery", "10.0.0.2")]
    assert over.facts["status"] == "resolved"
    scene.wait(10_000)
    assert len(scene.messages()) == 2
    assert scene.engine.next_due() is None


def test_an_alert_resolved_within_the_wait_is_never_sent() -> None:
    """A flap shorter than the wait sends nothing."""
    scene = stage()
    scene.problem("10.0.0.1")
    scene.clear("10.0.0.1")
    scene.wait(10_000)
    assert not scene.messages()


def test_a_group_repeats_until_it_is_acknowledged() -> None:
    """Open and unacknowledged alerts are repeated at the interval of the rule."""
    scene = stage(repeat=seconds(3_600))
    for address in ("10.0.0.1", "10.0.0.2"):
        scene.problem(address)
    scene.wait(30)
    scene.wait(3_600)
    assert shown(scene.messages()[1])[2] == [("still", "10.0.0.1"), ("still", "10.0.0.2")]
    scene.order(Acknowledge(alert_id=scene.alert("10.0.0.1").id, operator=ANNA))
    scene.wait(3_600)
    assert shown(scene.messages()[2])[2] == [("still", "10.0.0.2")]
    scene.order(Acknowledge(alert_id=scene.alert("10.0.0.2").id, operator=ANNA))
    scene.wait(36_000)
    assert len(scene.messages()) == 3


def test_a_restart_loses_and_repeats_nothing() -> None:
    """Waiting messages, sent ones and the alerts of each group are known after a restart."""
    scene = stage(repeat=seconds(3_600))
    scene.problem("10.0.0.1")
    scene.restart()
    scene.problem("10.0.0.2")
    scene.wait(30)
    scene.restart()
    scene.clear("10.0.0.1")
    scene.restart()
    scene.clear("10.0.0.2")
    scene.wait(40)
    assert [shown(each)[0] for each in scene.messages()] == ["summary", "summary"]
    scene.restart()
    scene.wait(10_000)
    assert len(scene.messages()) == 2


def test_a_group_beyond_the_limit_goes_into_the_summary() -> None:
    """The limit of a recipient holds for groups too; the alerts of a group are in the summary."""
    limit = RecipientLimit(messages=1)
    scene = Scene(
        rules=[replace(ALL, grouping=MessageGrouping(by=("site",)))],
        devices=DEVICES,
        settle_time=0,
        policies={"mail": ChannelPolicy(limit=limit)},
    )
    for address in ("10.0.0.1", "10.0.0.2", "10.0.0.3"):
        scene.problem(address)
    scene.wait(30)
    scene.restart()
    assert len(scene.messages()) == 1
    scene.wait(10)
    (_, single) = scene.messages()
    assert (single.kind, single.facts["device_ip"]) == ("problem", "10.0.0.3")
    scene.clear("10.0.0.3")
    scene.wait(1_000)
    assert shown(scene.messages()[2])[0] in ("recovery", "summary")


def test_a_critical_alert_of_a_group_waits_for_no_late_summary() -> None:
    """The message of a group that goes into a summary brings it forward if it has a critical problem."""
    scene = Scene(
        rules=[replace(ALL, grouping=MessageGrouping(by=("site",)))],
        devices=DEVICES,
        settle_time=0,
        policies={"mail": ChannelPolicy(limit=RecipientLimit(messages=1))},
    )
    scene.problem("10.0.0.1")
    scene.problem("10.0.0.3")
    for seconds_more in (30, 10, 20):
        scene.wait(seconds_more)
    before = len(scene.messages())
    scene.problem("10.0.0.9", severity="critical")
    scene.wait(30)
    assert len(scene.messages()) == before
    scene.wait(10)
    assert scene.messages()[-1].facts["device_ip"] == "10.0.0.9"


def test_an_end_is_not_sent_after_the_problem_is_back_in_another_group() -> None:
    """A problem that is back more severe is in the message of another group, and its old end in none."""
    scene = stage(by=("severity",))
    for address in ("10.0.0.1", "10.0.0.2", "10.0.0.3"):
        scene.problem(address)
    scene.wait(30)
    scene.clear("10.0.0.1")
    scene.clear("10.0.0.2")
    scene.problem("10.0.0.1", severity="critical")
    scene.wait(30)
    assert told(scene)[1:] == [["problem 10.0.0.1"]]
    scene.restart()
    scene.wait(300)
    assert told(scene)[2:] == [["recovery 10.0.0.2"]]
    scene.clear("10.0.0.1")
    scene.wait(300)
    assert told(scene)[3:] == [["recovery 10.0.0.1"]]


def test_of_two_ends_in_two_groups_only_the_last_is_sent() -> None:
    """The first end waits in one group, the problem is back in another, and over again: it is over once."""
    scene = stage(by=("severity",))
    for address in ("10.0.0.1", "10.0.0.2"):
        scene.problem(address)
    scene.wait(30)
    scene.clear("10.0.0.1")
    scene.problem("10.0.0.1", severity="critical")
    scene.wait(30)
    scene.clear("10.0.0.1")
    scene.wait(30)
    scene.wait(240)
    scene.wait(400)
    assert told(scene)[1:] == [["problem 10.0.0.1"], ["recovery 10.0.0.1"]]


def test_an_end_is_sent_before_the_problem_is_back_in_a_later_group() -> None:
    """The end waits less long than the new problem: the recipient gets both, in this order."""
    scene = stage(by=("severity",))
    for address in ("10.0.0.1", "10.0.0.2"):
        scene.problem(address)
    scene.wait(30)
    scene.clear("10.0.0.1")
    scene.wait(290)
    scene.problem("10.0.0.1", severity="critical")
    scene.wait(10)
    scene.wait(30)
    assert told(scene)[1:] == [["recovery 10.0.0.1"], ["problem 10.0.0.1"]]


def test_a_rule_that_no_longer_groups_leaves_nothing_behind() -> None:
    """Waiting messages are sent, later messages are single ones, and no group is kept."""
    scene = stage()
    for address in ("10.0.0.1", "10.0.0.2"):
        scene.problem(address)
    scene.wait(30)
    scene.problem("10.0.0.3")
    scene.reconfigure(rules=[ALL], devices=DEVICES)
    scene.wait(30)
    for address in ("10.0.0.1", "10.0.0.2", "10.0.0.3"):
        scene.clear(address)
    kinds = [str(each.kind) for each in scene.messages()]
    assert kinds == ["summary", "problem", "recovery", "recovery", "recovery"]
    assert scene.engine.next_due() is None
    assert not scene.engine._state.batches.groups
    left = [each for each in joined_changes(scene.changes).documents if each.document is not None]
    assert [each.kind for each in left] == []


def test_an_incident_is_opened_for_each_alert() -> None:
    """Channels that open tickets get every alert by itself, whatever the rule combines."""
    scene = Scene(
        rules=[replace(ALL, grouping=MessageGrouping())],
        policies={"mail": ChannelPolicy(is_single=True)},
        settle_time=0,
    )
    scene.problem("10.0.0.1")
    scene.problem("10.0.0.2")
    assert scene.sent() == ["problem 10.0.0.1", "problem 10.0.0.2"]


def test_a_consequence_leaves_the_group_before_it_is_sent() -> None:
    """A cause that arrives within the wait leaves only itself in the message."""
    grouping = MessageGrouping(by=("category",))
    scene = Scene(
        needs("10.0.0.2", "10.0.0.1"), [replace(ALL, grouping=grouping)], settle_time=5, grace_time=0
    )
    scene.problem("10.0.0.2", "network_unreachable")
    scene.wait(6)
    scene.problem("10.0.0.1", "network_unreachable")
    scene.wait(5)
    scene.wait(30)
    assert scene.sent() == ["problem 10.0.0.1"]


def test_a_digest_is_sent_at_set_times() -> None:
    """One message has everything since the last digest; alerts resolved in between are left out."""
    times = DigestTimes(zone="UTC", at=(13 * 60, 18 * 60))
    scene = stage(by=(), digest=times)
    for address in ("10.0.0.1", "10.0.0.2", "10.0.0.3"):
        scene.problem(address)
    scene.clear("10.0.0.3")
    scene.wait(3_599)
    assert not scene.messages()
    scene.wait(1)
    assert [kind for kind, _ in shown(scene.messages()[0])[2]] == ["problem", "problem"]
    scene.clear("10.0.0.1")
    scene.wait(5 * 3_600)
    assert shown(scene.messages()[1])[2] == [("recovery", "10.0.0.1")]
    scene.wait(5 * 86_400)
    assert len(scene.messages()) == 2


def test_a_digest_keeps_local_time_when_the_clock_is_moved() -> None:
    """08:00 in Berlin is 07:00 UTC in winter and 06:00 UTC in summer; a skipped time is not lost."""
    morning = DigestTimes(zone="Europe/Berlin", at=(150, 480))
    assert next_digest(morning, datetime(2026, 3, 28, 7, 0, tzinfo=UTC)) == datetime(
        2026, 3, 29, 1, 30, tzinfo=UTC
    )
    assert next_digest(morning, datetime(2026, 3, 29, 1, 30, tzinfo=UTC)) == datetime(
        2026, 3, 29, 6, 0, tzinfo=UTC
    )
    assert next_digest(morning, datetime(2026, 10, 25, 0, 0, tzinfo=UTC)) == datetime(
        2026, 10, 25, 0, 30, tzinfo=UTC
    )
    assert next_digest(morning, datetime(2026, 10, 25, 0, 30, tzinfo=UTC)) == datetime(
        2026, 10, 25, 7, 0, tzinfo=UTC
    )
    weekdays = replace(morning, at=(480,), days=frozenset({0}))
    assert next_digest(weekdays, datetime(2026, 3, 3, tzinfo=UTC)) == datetime(2026, 3, 9, 7, 0, tzinfo=UTC)


def test_a_message_that_was_withdrawn_is_sent_after_an_acknowledgement_is_withdrawn() -> None:
    """The alert became a consequence while its message waited, and was acknowledged as one."""
    grouped = replace(ALL, grouping=MessageGrouping())
    scene = Scene(needs("10.0.0.2", "10.0.0.1"), [grouped, rule("other")], settle_time=0, grace_time=0)
    scene.problem("10.0.0.2")
    scene.problem("10.0.0.1")
    alert_id = scene.alert("10.0.0.2").id
    scene.order(Acknowledge(alert_id=alert_id, operator=ANNA))
    scene.clear("10.0.0.1")
    scene.order(Unacknowledge(alert_id=alert_id, operator=ANNA))
    scene.wait(30)
    assert ("problem", "10.0.0.2", "noc@example.org") in scene.notified()
