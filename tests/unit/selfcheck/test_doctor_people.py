"""Findings on persons who are named and cannot be notified."""

from datetime import UTC, datetime
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

import pytest

from opsconductor.model.enums import Severity
from opsconductor.model.notifications.rule import RuleChannel
from opsconductor.model.notifications.time_window import RecurringWindow
from opsconductor.model.people.directory import PeopleDirectory
from opsconductor.model.people.person import Person, Team
from opsconductor.selfcheck import doctor
from opsconductor.selfcheck.doctor.finding import ok
from opsconductor.selfcheck.doctor.live import ORDER, in_order
from opsconductor.selfcheck.doctor.oncall import judge_people
from tests.support.engine.people_scene import (
    HOUR,
    NIGHT,
    P1,
    directory,
    layer,
    mail,
    paging,
    person,
    phone,
    policy,
    schedule,
    step,
)

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
WEEKDAYS = RecurringWindow(zone="UTC", days=frozenset(range(5)))


def test_gaps_of_named_schedules_are_found_in_advance() -> None:
    """Two weekends of the next two weeks; an unused schedule is skipped."""
    week = schedule("noc", layer("anna", restricted_to=(WEEKDAYS,)))
    known = directory("anna", schedules=[week, schedule("other")])
    (finding,) = judge_people(known, [paging("schedule noc")], NOW)
    assert finding.text.startswith(
        "schedule noc is unassigned: Sat 2026-03-07 00:00 to Mon 2026-03-09 00:00 UTC"
    )
    assert finding.text.count("Sat") == 2


def test_persons_who_cannot_be_notified_are_found() -> None:
    """A person without contact method, and names without an entry."""
    known = directory(Person(name="bob"))
    found = judge_people(known, [paging("person bob", "person carl", "schedule noc")], NOW)
    assert [finding.text for finding in found] == [
        "schedule noc does not exist, but is named",
        "person bob has no contact method and cannot be notified",
        "person carl does not exist, but is named",
        "rule rule 5 reaches no one: all persons whom it names are disabled, or cannot be notified",
    ]


def test_a_rule_that_reaches_no_one_is_found() -> None:
    """When all its persons are disabled; not if one is left, or a policy of it has a step with a channel."""
    mailed = RuleChannel(channel="mail", recipients=("boss",))
    known = directory(
        person("anna", enabled=False),
        "bob",
        teams=[Team(name="net", members=("anna", "bob"))],
        policies=[
            policy("core", step(HOUR, "person anna"), step(HOUR, channels=(mailed,))),
            policy("lone", step(HOUR, "person anna")),
        ],
    )
    targets = ("person anna", "team net", "escalation core", "escalation lone")
    rules = [paging(each, number=number) for number, each in enumerate(targets)]
    found = judge_people(known, [*rules, paging("person anna", number=9, channels=[mailed])], NOW)
    assert [each.text.partition(":")[0] for each in found if "no one" in each.text] == [
        "rule rule 0 reaches no one",
        "rule rule 3 reaches no one",
    ]


def test_every_finding_has_a_place_in_the_report() -> None:
    """The order has the areas of all parts, so that no finding ends the examination."""
    parts = [import_module(f"{doctor.__name__}.{part.name}") for part in iter_modules(doctor.__path__)]
    assert {part.AREA for part in parts if hasattr(part, "AREA")} <= set(ORDER)
    found = judge_people(directory(Person(name="bob")), [paging("person bob")], NOW)
    assert in_order([*found, ok("mappings", ""), ok("daemon", "")])[1:-1] == found


SLEEPER = person("anna", mail("anna", quiet_hours=(NIGHT,)), phone("anna", quiet_hours=(NIGHT,)))


def waits(*targets: str, known: PeopleDirectory, **values: Any) -> list[str]:
    """Return the findings on a rule by which critical alerts wait."""
    found = judge_people(known, [paging(*targets, **values)], NOW)
    return [finding.text for finding in found if "quiet hours" in finding.text]


def test_a_rule_whose_persons_all_sleep_is_found() -> None:
    """Seven nights of the next week, the first three of them shown."""
    (text,) = waits("person anna", known=directory(SLEEPER))
    assert text == (
        "by rule rule 5 a critical alert waits, as all its persons are in quiet hours: "
        "Mon 2026-03-02 22:00 UTC to Tue 2026-03-03 07:00 UTC; "
        "Tue 2026-03-03 22:00 UTC to Wed 2026-03-04 07:00 UTC; "
        "Wed 2026-03-04 22:00 UTC to Thu 2026-03-05 07:00 UTC; and 4 more"
    )


def test_only_common_quiet_hours_count() -> None:
    """Of a team, of the person on call, and of all steps of a policy."""
    late = RecurringWindow(zone="UTC", days=frozenset({0}), begin=5 * 60, end=9 * 60)
    bob = person("bob", mail("bob", quiet_hours=(late,)))
    team = [Team(name="two", members=("anna", "bob"))]
    (text,) = waits("team two", known=directory(SLEEPER, bob, teams=team))
    assert text.endswith("quiet hours: Mon 2026-03-09 05:00 UTC to Mon 2026-03-09 07:00 UTC")
    steps = policy("all", step(HOUR, "person anna"), step(2 * HOUR, "person bob"))
    assert waits("escalation all", known=directory(SLEEPER, bob, policies=[steps])) == [text]
    duty = schedule("noc", layer("bob", "anna", restricted_to=(WEEKDAYS,)))
    (text,) = waits("schedule noc", known=directory(SLEEPER, bob, schedules=[duty]))
    assert text.count(" to ") == 3
    # five nights of anna, the last one until the weekend without anybody; Monday until 07:00, then bob's hour
    assert text.endswith("and 4 more")


@pytest.mark.parametrize(
    ("person_known", "values"),
    [
        (person("anna", mail("anna", quiet_hours=(NIGHT,)), phone("anna")), {}),
        (person("anna", mail("anna", quiet_hours=(NIGHT,), priority_through=P1)), {}),
        (SLEEPER, {"severity": (Severity.MINOR,)}),
        (SLEEPER, {"time": (WEEKDAYS,)}),
        (SLEEPER, {"channels": [RuleChannel(channel="mail", recipients=("noc@example.org",))]}),
    ],
)
def test_nothing_is_found_if_nothing_waits(person_known: Person, values: dict[str, Any]) -> None:
    """A phone without quiet hours, priority_through, a rule for minor alerts, with a time or a channel."""
    assert waits("person anna", known=directory(person_known), **values) == []
