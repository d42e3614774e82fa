"""A recipient gets a limited number of messages, then one about all waiting ones; nothing is lost."""

from dataclasses import replace
from datetime import timedelta
from time import process_time
from typing import Any

import pytest

from opsconductor.model.changes import NotificationIntent
from opsconductor.model.command import Acknowledge, Shelve
from opsconductor.model.notifications.policy import ChannelPolicy, RecipientLimit
from tests.support.engine.people_scene import MINUTE, directory, paging, policy, step
from tests.support.engine.pipeline_scene import ANNA, Scene, needs, report, rule

LIMIT = RecipientLimit(messages=3)
POLICIES = {"mail": ChannelPolicy(limit=LIMIT)}


def stage(**values: Any) -> Scene:
    """Make a scene in which a mailbox gets three messages in 15 minutes."""
    return Scene(policies=POLICIES, settle_time=0, grace_time=0, **values)


def overflow(scene: Scene, amount: int, severity: str = "major") -> None:
    """Report problems of so many devices."""
    for number in range(amount):
        scene.problem(f"10.0.{number // 250}.{1 + number % 250}", severity=severity)


def shown(message: NotificationIntent) -> tuple[str, int, dict[str, int], list[tuple[str, str]]]:
    """Return kind, new alerts, updates, and the alerts that a summary names."""
    facts: Any = message.facts
    names = [(each["kind"], each["device_ip"]) for each in facts["members"]]
    return str(message.kind), facts["amount"], facts["updates"], names


def test_messages_beyond_the_limit_wait_for_one_summary() -> None:
    """Three messages at once; 10 s later one that counts the others and names the worst first."""
    scene = stage()
    overflow(scene, 5)
    scene.problem("10.0.9.9", severity="critical")
    assert [message.kind for message in scene.messages()] == ["problem"] * 3
    scene.wait(9)
    assert len(scene.messages()) == 3
    scene.wait(1)
    (*_, summary) = scene.messages()
    assert shown(summary) == (
        "summary",
        3,
        {},
        [("problem", "10.0.9.9"), ("problem", "10.0.0.4"), ("problem", "10.0.0.5")],
    )
    assert summary.facts["severities"] == {"critical": 1, "major": 2}
    assert summary.alert_id == scene.alert("10.0.9.9").id
    assert summary.facts["severity"] == "critical"


def test_a_decision_says_that_its_message_waits() -> None:
    """History has the reason of the delay and the time of the message."""
    scene = stage()
    overflow(scene, 4)
    (entry,) = scene.history(scene.alert("10.0.0.4"))
    ((_, fired, reason),) = scene.verdicts(entry)
    assert fired
    assert "limited: noc@example.org gets it in the summary of 2026-03-01 12:00:10 UTC" in reason
    assert list(scene.engine.waits(scene.alert("10.0.0.4"))) == [("mail", "noc@example.org")]
    scene.wait(10)
    assert not scene.engine.waits(scene.alert("10.0.0.4"))


def test_an_alert_resolved_before_it_was_sent_is_never_sent() -> None:
    """A problem that waits and ends cancels out: no problem, no recovery, and no empty summary."""
    scene = stage()
    overflow(scene, 5)
    scene.clear("10.0.0.4")
    scene.clear("10.0.0.5")
    scene.wait(1_000)
    assert [message.kind for message in scene.messages()] == ["problem"] * 3


def test_recoveries_beyond_the_limit_are_in_the_summary() -> None:
    """A recipient of a problem gets its recovery, whatever the limit."""
    scene = stage()
    overflow(scene, 4)
    scene.wait(10)
    for number in range(1, 5):
        scene.clear(f"10.0.0.{number}")
    scene.wait(299)
    assert len(scene.messages()) == 4
    scene.wait(1)
    kind, amount, updates, names = shown(scene.messages()[-1])
    assert (kind, amount, updates) == ("summary", 0, {"recovery": 4})
    assert sorted(names) == [("recovery", f"10.0.0.{number}") for number in range(1, 5)]
    assert scene.messages()[-1].facts["status"] == "resolved"
    scene.wait(10_000)
    assert len(scene.messages()) == 5


def test_summaries_are_at_most_one_in_five_minutes() -> None:
    """A storm that lasts sends three messages, then a summary every five minutes."""
    scene = stage()
    for number in range(60):
        scene.problem(f"10.1.0.{number + 1}")
        scene.wait(10)
    (*single, summary) = scene.messages()
    assert [message.kind for message in single] == ["problem"] * 4
    assert shown(summary)[:2] == ("summary", 30)
    named = [each.facts["device_ip"] for each in single] + [address for _, address in shown(summary)[3]]
    assert len(named) == len(set(named)) == 34


def test_a_critical_alert_does_not_wait_five_minutes() -> None:
    """A summary with a new critical problem is sent after 10 s, at most once a minute."""
    scene = stage()
    overflow(scene, 5)
    scene.wait(10)
    scene.wait(60)
    before = len(scene.messages())
    scene.problem("10.0.9.8", severity="critical")
    scene.wait(10)
    assert scene.messages()[-1].facts["device_ip"] == "10.0.9.8"
    scene.problem("10.0.9.9", severity="critical")
    scene.wait(59)
    assert len(scene.messages()) == before + 1
    scene.wait(1)
    assert scene.messages()[-1].facts["device_ip"] == "10.0.9.9"


@pytest.mark.parametrize("address", ["10.0.0.1", "10.0.9.9"])
def test_an_alert_that_becomes_critical_does_not_wait_five_minutes(address: str) -> None:
    """Whether its recipient knows the problem, or it waits for a summary itself."""
    scene = stage()
    overflow(scene, 5)
    scene.wait(10)
    scene.wait(60)
    scene.problem("10.0.9.9")
    before = len(scene.messages())
    scene.problem(address, severity="critical")
    scene.wait(10)
    assert len(scene.messages()) == before + 1


def test_the_limit_is_for_each_recipient_and_only_where_people_read() -> None:
    """A channel without a limit gets every message by itself."""
    scene = Scene(policies={"mail": ChannelPolicy(is_single=True)}, settle_time=0)
    overflow(scene, 30)
    assert [message.kind for message in scene.messages()] == ["problem"] * 30


def test_a_restart_loses_and_repeats_nothing() -> None:
    """Waiting messages and the number sent are known after a restart."""
    scene = stage()
    overflow(scene, 5)
    scene.restart()
    scene.problem("10.0.9.9")
    scene.wait(10)
    scene.restart()
    scene.wait(400)
    (*_, summary) = scene.messages()
    assert [message.kind for message in scene.messages()] == ["problem"] * 3 + ["summary"]
    assert shown(summary)[1] == 3


def test_a_higher_severity_moves_what_waits_forward() -> None:
    """An alert that gets worse while it waits is listed, and counted, by its present severity."""
    scene = stage()
    overflow(scene, 5)
    scene.problem("10.0.0.5", severity="critical")
    scene.wait(10)
    (*_, summary) = scene.messages()
    assert summary.facts["severities"] == {"critical": 1, "major": 1}
    assert shown(summary)[3][0] == ("problem", "10.0.0.5")


def test_an_alert_acknowledged_while_it_waits_is_shown_so() -> None:
    """The summary has the name of the operator."""
    scene = stage()
    overflow(scene, 5)
    scene.order(Acknowledge(alert_id=scene.alert("10.0.0.4").id, operator=ANNA))
    scene.wait(10)
    members: Any = scene.messages()[-1].facts["members"]
    assert {each["acknowledged_by"] for each in members} == {"anna", None}


def test_one_message_that_waits_is_the_usual_one() -> None:
    """With all facts, under the id of the summary; its recovery needs no summary either, within the limit."""
    scene = stage()
    overflow(scene, 4)
    waited = next(iter(scene.alert("10.0.0.4").notified)).batch
    scene.wait(10)
    (*_, single) = scene.messages()
    assert (single.kind, single.facts["device_ip"], single.id) == ("problem", "10.0.0.4", waited)
    assert [entry.batch for entry in scene.alert("10.0.0.4").notified] == [None]
    scene.wait(1_000)
    scene.clear("10.0.0.4")
    assert [message.kind for message in scene.messages()[4:]] == ["recovery"]


def test_a_summary_names_all_rules_whose_alerts_it_has() -> None:
    """Two rules for one mailbox; both are kept over a restart."""
    upper, lower = (rule(each, number, severity=(each,)) for number, each in ((2, "major"), (3, "minor")))
    scene = stage(rules=[upper, replace(lower, channels=upper.channels)])
    overflow(scene, 4)
    scene.problem("10.0.9.9", severity="minor")
    scene.restart()
    scene.wait(10)
    (*_, summary) = scene.messages()
    assert (summary.kind, summary.facts["rules"]) == ("summary", ["major", "minor"])


def test_an_alert_that_becomes_a_consequence_while_it_waits_is_not_sent() -> None:
    """A cause that arrives later removes the waiting consequence."""
    scene = stage(dependencies=needs("10.0.0.4", "10.0.7.7"))
    overflow(scene, 4)
    scene.problem("10.0.7.7", "network_unreachable", "critical")
    scene.wait(10)
    last = scene.messages()[-1]
    assert (last.kind, last.facts["device_ip"]) == ("problem", "10.0.7.7")
    assert not scene.alert("10.0.0.4").notified


def test_ten_thousand_alerts_in_a_minute_are_sent_in_a_few_messages() -> None:
    """The numbers are right, the message is bounded, and no step takes long."""
    scene = stage()
    longest_s = 0.0
    for batch in range(60):
        reports = [
            report(f"10.{batch}.{number // 200}.{1 + number % 200}", at=scene.now) for number in range(167)
        ]
        started = process_time()
        scene.send(*reports)
        longest_s = max(longest_s, process_time() - started)
        scene.wait(1)
    scene.wait(300)
    summaries = [message for message in scene.messages() if message.kind == "summary"]
    assert len(scene.messages()) == 3 + len(summaries)
    assert len(summaries) == 2
    amounts: list[Any] = [message.facts["amount"] for message in summaries]
    assert sum(amounts) == 60 * 167 - 3
    assert max(len(message.facts["members"]) for message in summaries) == 50  # type: ignore[arg-type]
    assert all(row.notified for row in scene.engine.open_alerts())
    documents = [len(repr(each.document)) for changes in scene.changes for each in changes.documents]
    assert max(documents) < 2_000
    assert longest_s < 1


@pytest.mark.parametrize("end", ["acknowledged", "muted"])
def test_a_waiting_reminder_is_not_sent_after_an_acknowledgement(end: str) -> None:
    """Also during a maintenance window: at the end of the wait there is nothing left to send."""
    steps = policy("core", step(timedelta(0), "person anna"), step(MINUTE, "person anna"))
    scene = Scene(
        rules=[paging("escalation core")],
        directory=directory("anna", policies=[steps]),
        policies={"mail": ChannelPolicy(limit=RecipientLimit(messages=1))},
        settle_time=0,
    )
    scene.problem("10.0.0.1")
    scene.wait(62)
    assert [message.kind for message in scene.messages()] == ["problem"]
    alert = scene.alert("10.0.0.1")
    if end == "acknowledged":
        scene.order(Acknowledge(alert_id=alert.id, operator=ANNA))
    else:
        scene.order(Shelve(alert_id=alert.id, operator=ANNA, until=alert.received_at + timedelta(hours=1)))
    scene.wait(60)
    assert [message.kind for message in scene.messages()] == ["problem"]
