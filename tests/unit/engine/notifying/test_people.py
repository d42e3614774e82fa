"""Rules that name persons, teams and schedules: over which methods they are notified, now or later."""

from dataclasses import replace
from datetime import timedelta

import pytest

from opsconductor.model.command import Acknowledge, Unacknowledge
from opsconductor.model.notifications.policy import ChannelPolicy, RecipientLimit
from opsconductor.model.notifications.rule import Failover, NotificationRule, RuleChannel
from opsconductor.model.notifications.time_window import RecurringWindow
from opsconductor.model.people.directory import PeopleDirectory
from opsconductor.model.people.escalation import EscalationPolicy, EscalationStep
from opsconductor.model.people.person import Team
from tests.support.engine.people_scene import (
    NIGHT,
    P1,
    directory,
    layer,
    mail,
    paging,
    person,
    phone,
    schedule,
    target,
)
from tests.support.engine.pipeline_scene import ANNA, START, Scene, rule, seconds

EDGE = "10.0.0.1"
DAY = RecurringWindow(zone="UTC", days=frozenset(range(5)), begin=8 * 60, end=18 * 60)
TEN_HOURS = 10 * 3_600
"""From the start of a scene, Sunday 12:00, to 22:00."""


def scene(people: PeopleDirectory, *rules: NotificationRule, after_s: float = 0) -> Scene:
    """Make a stage without settle time on which these rules apply."""
    stage = Scene(rules=rules, directory=people, settle_time=seconds(0))
    stage.now += seconds(after_s)
    return stage


def sent(stage: Scene) -> list[tuple[str, str]]:
    """List all messages: kind and recipient."""
    return [(kind, recipient) for kind, _, recipient in stage.notified()]


def reasons(stage: Scene) -> str:
    """Return the reasons of the latest decision."""
    alert = stage.alert(EDGE)
    entry = [each for each in stage.history(alert) if "routing" in each.changes][-1]
    return "\n".join(reason for _, _, reason in stage.verdicts(entry))


BOTH = person("anna", mail("anna"), phone("anna"))


@pytest.mark.parametrize(
    ("severity", "recipients"), [("major", ["anna@example.org"]), ("critical", ["anna@example.org", "anna"])]
)
def test_a_method_is_used_from_its_severity_on(severity: str, recipients: list[str]) -> None:
    """The phone is for critical alerts only, the mail for all; the decision has the reason."""
    stage = scene(directory(BOTH), paging("person anna"))
    stage.problem(EDGE, severity=severity)
    assert sent(stage) == [("problem", recipient) for recipient in recipients]
    assert ("minimum_severity is critical, the alert is major" in reasons(stage)) is (severity == "major")


def test_a_higher_severity_reaches_further_methods() -> None:
    """An alert that becomes critical is sent to the phone, and the recovery goes to both."""
    stage = scene(directory(BOTH), paging("person anna"))
    stage.problem(EDGE)
    stage.problem(EDGE, severity="critical")
    stage.clear(EDGE)
    assert sent(stage) == [
        ("problem", "anna@example.org"),
        ("worse", "anna@example.org"),
        ("problem", "anna"),
        ("recovery", "anna@example.org"),
        ("recovery", "anna"),
    ]
    assert {each.person for each in stage.alert(EDGE).notified} == {"anna"}


def test_each_member_of_a_team_is_notified_once() -> None:
    """A person named twice gets one message."""
    people = directory("anna", "bob", teams=[Team(name="network", members=("anna", "bob"))])
    stage = scene(people, paging("team network", "person bob"))
    stage.problem(EDGE)
    assert sent(stage) == [("problem", "anna@example.org"), ("problem", "bob@example.org")]


QUIET = person("anna", mail("anna", quiet_hours=(NIGHT,)))


def test_quiet_hours_hold_a_message_until_they_are_over() -> None:
    """An alert that is open in the morning is sent then, also after a restart; the decision has the time."""
    stage = scene(directory(QUIET), paging("person anna"), after_s=TEN_HOURS + 60)
    stage.problem(EDGE)
    assert sent(stage) == []
    assert "quiet hours until Mon 2026-03-02 07:00 UTC" in reasons(stage)
    stage.restart()
    stage.wait(9 * 3_600 - 61)
    assert sent(stage) == []
    stage.wait(1)
    assert sent(stage) == [("problem", "anna@example.org")]
    stage.clear(EDGE)
    assert sent(stage)[1:] == [("recovery", "anna@example.org")]


def test_an_alert_resolved_in_the_night_is_not_sent_in_the_morning() -> None:
    """Neither the problem nor its recovery: she was never notified."""
    stage = scene(directory(QUIET), paging("person anna"), after_s=TEN_HOURS)
    stage.problem(EDGE)
    stage.wait(3_600)
    stage.clear(EDGE)
    stage.wait(12 * 3_600)
    assert sent(stage) == []


def test_an_alert_acknowledged_in_the_night_is_not_sent_in_the_morning() -> None:
    """When the acknowledgement is withdrawn after the quiet hours, it is sent then."""
    stage = scene(directory(QUIET), paging("person anna"), rule("log", 9), after_s=TEN_HOURS)
    stage.problem(EDGE)
    stage.order(Acknowledge(alert_id=stage.alert(EDGE).id, operator=ANNA))
    stage.wait(12 * 3_600)
    assert sent(stage) == [("problem", "log")]
    stage.order(Unacknowledge(alert_id=stage.alert(EDGE).id, operator=ANNA))
    assert sent(stage)[1:] == [("problem", "anna@example.org")]


def test_an_urgent_alert_goes_through_quiet_hours_if_so_set() -> None:
    """P1 passes where `priority_through` is P1; a critical alert of a device without dependents is P2."""
    through = person("anna", mail("anna", quiet_hours=(NIGHT,), priority_through=P1))
    stage = scene(directory(through), paging("person anna"), after_s=TEN_HOURS)
    stage.problem(EDGE, severity="critical")
    assert stage.alert(EDGE).priority != P1
    assert sent(stage) == []
    stage.settings = stage.settings.model_copy(update={})
    urgent = person("anna", mail("anna", quiet_hours=(NIGHT,), priority_through=stage.alert(EDGE).priority))
    other = scene(directory(urgent), paging("person anna"), after_s=TEN_HOURS)
    other.problem(EDGE, severity="critical")
    assert sent(other) == [("problem", "anna@example.org")]


def test_the_person_on_call_is_notified_when_the_rule_fires() -> None:
    """A handover notifies no person again; later alerts go to the next person."""
    people = directory("anna", "bob", schedules=[schedule("noc", layer("anna", "bob"))])
    stage = scene(people, paging("schedule noc"), after_s=18 * 3_600)
    stage.problem(EDGE)
    stage.wait(4 * 3_600)
    stage.problem("10.0.0.2")
    assert sent(stage) == [("problem", "anna@example.org"), ("problem", "bob@example.org")]
    assert "anna is on call in noc (layer weekly)" in reasons(stage)


GAP = schedule("noc", layer("anna", "bob", restricted_to=(DAY,)))
"""On Sunday at 12:00 the schedule is unassigned."""


def test_a_gap_is_never_silent() -> None:
    """Without another recipient all persons in the schedule are notified, and the decision has the reason."""
    stage = scene(directory("anna", "bob", schedules=[GAP]), paging("schedule noc"))
    stage.problem(EDGE)
    assert sent(stage) == [("problem", "anna@example.org"), ("problem", "bob@example.org")]
    assert "schedule noc is unassigned at Sun 2026-03-01 12:00 UTC" in reasons(stage)


def test_in_a_gap_the_other_recipients_of_the_rule_are_enough() -> None:
    """The team is not notified where the rule has another recipient."""
    mails = (RuleChannel(channel="mail", recipients=("noc",)),)
    stage = scene(directory("anna", "bob", schedules=[GAP]), paging("schedule noc", channels=mails))
    stage.problem(EDGE)
    assert sent(stage) == [("problem", "noc")]


def test_a_disabled_person_is_not_notified() -> None:
    """The decision says that she is disabled."""
    gone = person("bob", enabled=False)
    stage = scene(directory("anna", gone), paging("person anna", "person bob"))
    stage.problem(EDGE)
    assert sent(stage) == [("problem", "anna@example.org")]
    assert "bob is disabled" in reasons(stage)


def test_a_rule_without_reachable_persons_does_not_fire() -> None:
    """The rule did not fire, with the reason."""
    stage = scene(directory(), paging("person anna"))
    stage.problem(EDGE)
    assert sent(stage) == []
    assert "no one can be notified now: anna does not exist" in reasons(stage)


def test_a_change_of_people_takes_effect_at_once() -> None:
    """After a reload the new method is used."""
    stage = scene(directory("anna"), paging("person anna"))
    stage.directory = directory(person("anna", mail("anna2")))
    stage.reconfigure()
    stage.problem(EDGE)
    assert sent(stage) == [("problem", "anna2@example.org")]


def test_a_held_message_survives_a_clock_that_is_set_back() -> None:
    """It waits as long as it would have, not a day longer."""
    stage = scene(directory(QUIET), paging("person anna"), after_s=TEN_HOURS + 86_400)
    stage.problem(EDGE)
    stage.now -= timedelta(days=1)
    stage.wait(0)
    assert stage.now > START
    stage.wait(9 * 3_600)
    assert sent(stage) == [("problem", "anna@example.org")]


@pytest.mark.parametrize(("waiting", "kind"), [(1, "problem"), (2, "summary")])
def test_a_waiting_message_has_the_failover_of_the_person(waiting: int, kind: str) -> None:
    """Beyond the limit, alone or with others: the message goes to the failover as earlier ones would."""
    sms = Failover(channel="sms", recipients=("+49 1",))
    limit = ChannelPolicy(limit=RecipientLimit(messages=3))
    people = directory(person("anna", mail("anna", failover=sms)))
    stage = Scene(
        rules=(paging("person anna"),), directory=people, policies={"mail": limit}, settle_time=seconds(0)
    )
    for number in range(3 + waiting):
        stage.problem(f"10.0.0.{number + 1}")
    stage.restart()
    stage.wait(20)
    (*_, last) = stage.messages()
    assert (last.kind, last.facts["person"]) == (kind, "anna")
    assert last.facts["failover"] == {"channel": "sms", "recipients": ["+49 1"]}


@pytest.mark.parametrize("waiting", [1, 2])
def test_a_waiting_message_has_the_failover_of_any_of_its_rules(waiting: int) -> None:
    """The first rule has none: a message that a second one has joined has the failover of that."""
    limit = ChannelPolicy(limit=RecipientLimit(messages=3))
    sms = Failover(channel="sms", recipients=("+49 1",))
    plain, safe = (RuleChannel(channel="mail", recipients=("noc",), failover=each) for each in (None, sms))
    rules = (
        replace(rule("plain", 2, device_ip_pattern=("10.0.0.*",)), channels=(plain,)),
        replace(rule("safe", 3, device_ip_pattern=("10.0.1.*",)), channels=(safe,)),
    )
    stage = Scene(rules=rules, policies={"mail": limit}, settle_time=seconds(0))
    for number in range(4):
        stage.problem(f"10.0.0.{number + 1}")
    for number in range(waiting):
        stage.problem(f"10.0.1.{number + 1}")
    stage.restart()
    stage.wait(20)
    (*_, last) = stage.messages()
    assert last.kind == "summary"
    assert last.facts["failover"] == {"channel": "sms", "recipients": ["+49 1"]}


def test_a_method_and_a_step_have_failovers_of_their_own() -> None:
    """The message has the failover of the person or of the step."""
    sms = Failover(channel="sms", recipients=("+49 1",))
    anna = person("anna", mail("anna", failover=sms), phone("anna"))
    beside = RuleChannel(
        channel="chat", recipients=("noc",), failover=Failover(channel="mail", recipients=("noc",))
    )
    policy = EscalationPolicy(
        name="core", steps=(EscalationStep(channels=(beside,), targets=(target("person anna"),)),)
    )
    stage = scene(directory(anna, policies=[policy]), paging("escalation core"))
    stage.problem(EDGE, severity="critical")
    found = {each.recipient: each.facts.get("failover") for each in stage.messages()}
    assert found == {
        "noc": {"channel": "mail", "recipients": ["noc"]},
        "anna@example.org": {"channel": "sms", "recipients": ["+49 1"]},
        "anna": None,
    }
