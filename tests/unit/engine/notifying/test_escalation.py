"""Escalation policies: steps until an acknowledgement, repeats, and acknowledgements that expire."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from opsconductor.model.command import Acknowledge, Operator, Resolve, Unacknowledge
from opsconductor.model.enums import Severity
from opsconductor.model.notifications.maintenance import MaintenanceWindow
from opsconductor.model.notifications.rule import Conditions, NotificationRule, RuleChannel
from opsconductor.model.people.directory import PeopleDirectory
from opsconductor.model.people.escalation import EscalationPolicy
from tests.support.engine.people_scene import (
    MINUTE,
    NIGHT,
    directory,
    layer,
    mail,
    paging,
    person,
    policy,
    schedule,
    step,
)
from tests.support.engine.pipeline_scene import ANNA, START, Scene, needs, rule, seconds

EDGE, CORE = "10.0.0.1", "10.0.0.254"
NONE = timedelta(0)
QUARTER = 15 * 60
CHAIN = policy(
    "core", step(NONE, "person anna"), step(15 * MINUTE, "person bob"), step(30 * MINUTE, "person carl")
)
LATE = policy("core", step(5 * MINUTE, "person anna"), step(15 * MINUTE, "person bob"))
PAGES = paging("escalation core")


def people(*policies: EscalationPolicy) -> PeopleDirectory:
    """Make a directory of three persons with mail."""
    return directory("anna", "bob", "carl", policies=policies or [CHAIN])


def scene(known: PeopleDirectory | None = None, *rules: NotificationRule, dependencies: object = ()) -> Scene:
    """Make a stage without settle time on which the policy applies to everything."""
    return Scene(dependencies, rules or (PAGES,), directory=known or people(), settle_time=seconds(0))  # type: ignore[arg-type]


def sent(stage: Scene) -> list[str]:
    """List what was sent: kind and the name of the recipient."""
    return [f"{kind} {recipient.partition('@')[0]}" for kind, _, recipient in stage.notified()]


def take(stage: Scene, who: Operator = ANNA) -> None:
    """Acknowledge the alert."""
    stage.order(Acknowledge(alert_id=stage.alert(EDGE).id, operator=who))


def test_getting_worse_before_the_first_step_notifies_no_one_early() -> None:
    """The persons of later steps are not those whom no one else is left for: the first step comes."""
    stage = scene(people(LATE))
    stage.problem(EDGE, severity="minor")
    stage.wait(60)
    stage.problem(EDGE, severity="critical")
    assert sent(stage) == []
    stage.wait(240)
    assert sent(stage) == ["problem anna"]
    stage.wait(600)
    assert sent(stage) == ["problem anna", "reminder anna", "problem bob"] or sent(stage)[1:] == [
        "problem bob"
    ]


def test_flapping_is_notified_by_a_step_that_comes_later() -> None:
    """The first step is due after 5 min, and the alert has begun to flap before: it is sent once."""
    stage = scene(people(LATE))
    for _ in range(3):
        stage.problem(EDGE)
        stage.now += seconds(1)
        stage.clear(EDGE)
        stage.now += seconds(1)
    stage.problem(EDGE)
    assert stage.alert(EDGE).flapping_since is not None
    assert sent(stage) == []
    for _ in range(6):
        stage.wait(60)
        stage.problem(EDGE)
        stage.clear(EDGE)
    assert sent(stage) == ["flapping anna"]
    for _ in range(20):
        stage.wait(60)
        stage.problem(EDGE)
        stage.clear(EDGE)
    assert sent(stage) == ["flapping anna"]


def test_the_next_step_follows_without_acknowledgement() -> None:
    """Each step runs at its time; the recovery goes to all notified persons."""
    stage = scene()
    stage.problem(EDGE)
    assert sent(stage) == ["problem anna"]
    stage.wait(QUARTER - 1)
    assert sent(stage) == ["problem anna"]
    stage.wait(1)
    assert sent(stage) == ["problem anna", "problem bob"]
    stage.wait(QUARTER)
    stage.wait(86_400)
    stage.clear(EDGE)
    assert sent(stage)[2:] == ["problem carl", "recovery anna", "recovery bob", "recovery carl"]
    assert "notified" in stage.story(stage.alert(EDGE))


def test_the_history_shows_the_step() -> None:
    """The decision of a step names it and why its person is notified."""
    stage = scene()
    stage.problem(EDGE)
    stage.wait(QUARTER)
    entry = stage.history(stage.alert(EDGE))[-1]
    assert entry.rule == "route.planned"
    assert stage.verdicts(entry) == [
        ("rule 5", True, "all conditions are met: step 2 of escalation core"),
    ]


@pytest.mark.parametrize("end", ["acknowledge", "resolve", "clear"])
def test_an_acknowledgement_or_the_end_ends_it(end: str) -> None:
    """No other person is notified afterwards, also after a restart."""
    stage = scene()
    stage.problem(EDGE)
    alert_id = stage.alert(EDGE).id
    if end == "acknowledge":
        take(stage)
    elif end == "resolve":
        stage.order(Resolve(alert_id=alert_id, operator=ANNA))
    else:
        stage.clear(EDGE)
    stage.restart()
    stage.wait(86_400)
    assert "problem bob" not in sent(stage)
    assert stage.alert(EDGE).planned == ()


def test_a_restart_changes_nothing() -> None:
    """The planned step is in the database."""
    stage = scene()
    stage.problem(EDGE)
    stage.wait(600)
    stage.restart()
    stage.wait(QUARTER - 600)
    assert sent(stage) == ["problem anna", "problem bob"]


def test_steps_that_are_overdue_are_run_in_order() -> None:
    """After the daemon was down for an hour both are run at once."""
    stage = scene()
    stage.problem(EDGE)
    stage.wait(3_600)
    assert sent(stage) == ["problem anna", "problem bob", "problem carl"]


def test_repeats_remind_notified_persons() -> None:
    """All steps are repeated as often as configured, then no more."""
    twice = policy(
        "core",
        step(NONE, "person anna"),
        step(15 * MINUTE, "person bob"),
        repeat=2,
        repeat_after=30 * MINUTE,
    )
    stage = scene(people(twice))
    stage.problem(EDGE)
    for _ in range(20):
        stage.wait(QUARTER)
    assert sent(stage) == ["problem anna", "problem bob", *2 * ["reminder anna", "reminder bob"]]


def test_a_step_without_recipients_is_followed_by_the_next_at_once() -> None:
    """A gap in the schedule of the first step notifies the second one, and not again at its time."""
    early = schedule("noc", layer("anna", starts=timedelta(days=365) + layer("x").starts))
    known = directory(
        "anna",
        "bob",
        "carl",
        schedules=[early],
        policies=[
            policy(
                "core",
                step(NONE, "schedule noc"),
                step(15 * MINUTE, "person bob"),
                step(30 * MINUTE, "person carl"),
            )
        ],
    )
    stage = scene(known)
    stage.problem(EDGE)
    assert sent(stage) == ["problem bob"]
    stage.wait(QUARTER)
    assert sent(stage) == ["problem bob"]
    stage.wait(QUARTER)
    assert sent(stage) == ["problem bob", "problem carl"]


def test_quiet_hours_of_one_person_notify_the_next_at_once() -> None:
    """The first person is notified in the morning, too, if the alert is not acknowledged."""
    asleep = person("anna", mail("anna", quiet_hours=(NIGHT,)))
    known = directory(asleep, "bob", "carl", policies=[CHAIN])
    stage = scene(known)
    stage.now += timedelta(hours=11)
    stage.problem(EDGE)
    assert sent(stage) == ["problem bob"]
    stage.wait(3_600)
    stage.wait(12 * 3_600)
    assert sent(stage) == ["problem bob", "problem carl", "problem anna"]


def test_a_policy_without_reachable_persons_notifies_all_it_names() -> None:
    """No person is on call in any step, so all participants are notified, and once only."""
    early = schedule("noc", layer("anna", "bob", starts=timedelta(days=365) + layer("x").starts))
    gaps = policy("core", step(NONE, "schedule noc"), step(15 * MINUTE, "schedule noc"))
    stage = scene(directory("anna", "bob", schedules=[early], policies=[gaps]))
    stage.problem(EDGE)
    assert sent(stage) == ["problem anna", "problem bob"]
    stage.wait(86_400)
    assert sent(stage) == ["problem anna", "problem bob"]


def test_a_step_has_conditions() -> None:
    """The second step is for critical alerts; others skip it, and the third runs at its time."""
    picky = policy(
        "core",
        step(NONE, "person anna"),
        step(15 * MINUTE, "person bob", conditions=Conditions(severity=(Severity.CRITICAL,))),
        step(30 * MINUTE, "person carl"),
    )
    stage = scene(people(picky))
    stage.problem(EDGE)
    stage.wait(QUARTER)
    assert sent(stage) == ["problem anna"]
    stage.wait(QUARTER)
    assert sent(stage) == ["problem anna", "problem carl"]


def test_a_higher_severity_goes_to_those_notified_so_far_and_leaves_the_steps() -> None:
    """The escalation goes on, and does not begin again."""
    stage = scene()
    stage.problem(EDGE)
    stage.wait(QUARTER)
    stage.problem(EDGE, severity="critical")
    assert sent(stage)[2:] == ["worse anna", "worse bob"]
    stage.wait(QUARTER)
    assert sent(stage)[4:] == ["problem carl"]


def test_a_withdrawn_acknowledgement_begins_again() -> None:
    """Persons notified before are reminded, and the next steps are due from now on."""
    stage = scene()
    stage.problem(EDGE)
    stage.wait(600)
    take(stage)
    stage.wait(3_600)
    stage.order(Unacknowledge(alert_id=stage.alert(EDGE).id, operator=ANNA))
    assert sent(stage) == ["problem anna", "reminder anna"]
    stage.wait(QUARTER - 1)
    assert len(sent(stage)) == 2
    stage.wait(1)
    assert sent(stage)[2:] == ["problem bob"]


EXPIRES = policy(
    "core",
    step(NONE, "person anna"),
    step(15 * MINUTE, "person bob"),
    acknowledgement_expires=2 * 60 * MINUTE,
)


def test_an_acknowledgement_expires() -> None:
    """The engine withdraws it and reminds its owner, and the escalation begins again; history says why."""
    stage = scene(people(EXPIRES))
    stage.problem(EDGE)
    stage.wait(QUARTER)
    take(stage, Operator(name="carl"))
    stage.wait(7_199)
    assert sent(stage) == ["problem anna", "problem bob"]
    stage.restart()
    stage.wait(1)
    assert sent(stage)[2:] == ["reminder anna", "problem carl"]
    entry = next(row for row in stage.history(stage.alert(EDGE)) if row.rule == "acknowledgement.expired")
    assert entry.notes == "acknowledged by carl for 2h, escalation core"
    stage.wait(QUARTER)
    assert sent(stage)[4:] == ["reminder bob"]


def test_an_acknowledgement_before_the_first_step_expires_too() -> None:
    """No person was notified yet, and the steps are still run."""
    late = policy("core", step(5 * MINUTE, "person anna"), acknowledgement_expires=60 * MINUTE)
    stage = scene(people(late), PAGES, rule("log", 9))
    stage.problem(EDGE)
    take(stage)
    stage.wait(3_600)
    stage.wait(300)
    assert sent(stage) == ["problem log", "problem anna"]


def test_a_change_of_the_policy_changes_when_an_acknowledgement_expires() -> None:
    """Without the limit it does not expire."""
    stage = scene(people(EXPIRES))
    stage.problem(EDGE)
    take(stage)
    stage.directory = people()
    stage.reconfigure()
    stage.wait(86_400)
    assert sent(stage) == ["problem anna"]
    assert stage.alert(EDGE).status == "acknowledged"


def test_suppression_ends_an_escalation_and_its_end_begins_it_again() -> None:
    """While the cause is known no person is notified of the consequence."""
    stage = scene(dependencies=needs(EDGE, CORE))
    stage.settings = stage.settings.model_copy(update={"grace_time": timedelta(0)})
    stage.reconfigure(needs(EDGE, CORE))
    stage.problem(EDGE)
    stage.problem(CORE)
    stage.wait(3_600)
    assert [message for message in stage.notified() if message[1] == EDGE] == [
        ("problem", EDGE, "anna@example.org")
    ]
    stage.clear(CORE)
    stage.wait(60)
    stage.wait(QUARTER)
    assert [message for message in stage.notified() if message[1] == EDGE][1:] == [
        ("problem", EDGE, "anna@example.org"),
        ("problem", EDGE, "bob@example.org"),
    ]


def test_a_step_notifies_by_address_too() -> None:
    """A connector with recipients can be a target of a step beside persons."""
    room = RuleChannel(channel="chat", recipients=("#noc",))
    both = policy("core", step(NONE, "person anna"), step(MINUTE, "person bob", channels=(room,)))
    stage = scene(people(both))
    stage.problem(EDGE)
    stage.wait(60)
    assert sent(stage) == ["problem anna", "problem #noc", "problem bob"]


def test_an_escalation_ends_when_its_rule_no_longer_fires() -> None:
    """The changed rule does not match any more: history says why no other person is notified."""
    stage = scene()
    stage.problem(EDGE)
    stage.reconfigure(rules=[paging("escalation core", minimum_severity=Severity.CRITICAL)])
    stage.wait(QUARTER)
    assert sent(stage) == ["problem anna"]
    (verdict,) = stage.history(stage.alert(EDGE))[-1].changes["routing"]  # type: ignore[misc]
    assert verdict["reason"] == "escalation core has ended: the rule no longer fires"


def test_an_escalation_goes_on_when_its_policy_is_renamed_or_replaced() -> None:
    """The rule has another policy by now: its steps follow from where the other one was, each person once."""
    stage = scene()
    stage.problem(EDGE)
    stage.directory = people(replace(CHAIN, name="core network"))
    stage.reconfigure(rules=[paging("escalation core network")])
    stage.wait(QUARTER)
    assert sent(stage) == ["problem anna", "problem bob"]
    stage.wait(QUARTER)
    assert sent(stage) == ["problem anna", "problem bob", "problem carl"]
    stage.wait(86_400)
    assert len(sent(stage)) == 3


def test_an_escalation_ends_with_the_steps_of_the_policy_in_its_place() -> None:
    """The policy that replaces it has no further step, and one without policy has none at all."""
    short = policy("short", step(NONE, "person anna"))
    for rules in ([paging("escalation short")], [paging("person anna")]):
        stage = scene()
        stage.problem(EDGE)
        stage.directory = people(short)
        stage.reconfigure(rules=rules)
        stage.wait(86_400)
        assert sent(stage) == ["problem anna"]


def test_maintenance_holds_the_steps_and_its_end_begins_anew() -> None:
    """At the end of a window the notified persons are reminded and the steps follow."""
    stage = scene()
    stage.problem(EDGE)
    begin, end = START + 10 * MINUTE, START + 120 * MINUTE
    stage.maintain(MaintenanceWindow(id=UUID(int=9), name="work", start_at=begin, end_at=end))
    stage.wait(600)
    stage.wait(3_600)
    assert sent(stage) == ["problem anna"]
    stage.wait(3_000)
    assert sent(stage)[1:] == ["reminder anna"]
    stage.wait(QUARTER)
    assert sent(stage)[2:] == ["problem bob"]


def test_somebody_is_notified_if_the_conditions_of_all_later_steps_are_not_met() -> None:
    """After a round without a notification, all persons of the policy are notified, once."""
    often = Conditions(minimum_occurrences=3)
    late = policy(
        "core",
        step(MINUTE, "person anna", conditions=often),
        step(2 * MINUTE, "person bob", conditions=often),
        repeat=1,
        repeat_after=5 * MINUTE,
    )
    stage = scene(people(late))
    stage.problem(EDGE, severity="critical")
    stage.wait(60)
    assert sent(stage) == []
    stage.wait(60)
    assert sent(stage) == ["problem anna", "problem bob"]
    stage.wait(86_400)
    assert sent(stage) == ["problem anna", "problem bob"]


def test_an_acknowledgement_expires_by_a_policy_that_is_changed_later() -> None:
    """The time counts from the acknowledgement, also where no rule waits for time."""
    stage = scene()
    stage.problem(EDGE)
    take(stage)
    stage.directory = people(replace(CHAIN, acknowledgement_expires=60 * MINUTE))
    stage.reconfigure()
    stage.wait(3_600)
    assert stage.alert(EDGE).acknowledged_at is None
