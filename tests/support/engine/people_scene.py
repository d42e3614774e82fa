"""People for tests: persons, teams, schedules, policies, and rules that name them."""

from collections.abc import Sequence
from datetime import date, timedelta
from uuid import UUID

from opsconductor.model.enums import Priority, Severity
from opsconductor.model.notifications.rule import Conditions, NotificationRule, RuleChannel
from opsconductor.model.notifications.time_window import RecurringWindow
from opsconductor.model.people.directory import PeopleDirectory
from opsconductor.model.people.escalation import EscalationPolicy, EscalationStep
from opsconductor.model.people.person import ContactMethod, Person, Team
from opsconductor.model.people.schedule import DutyOverride, Layer, Schedule
from opsconductor.model.people.target import PeopleTarget, TargetKind

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
NIGHT = RecurringWindow(zone="UTC", begin=22 * 60, end=7 * 60)


def target(words: str) -> PeopleTarget:
    """Name a target: `person anna`."""
    kind, _, name = words.partition(" ")
    return PeopleTarget(kind=TargetKind(kind), name=name)


def mail(name: str, **values: object) -> ContactMethod:
    """Reach a person by mail."""
    return ContactMethod(channel="mail", recipient=f"{name}@example.org", **values)  # type: ignore[arg-type]


def phone(name: str, **values: object) -> ContactMethod:
    """Reach a person by phone, for critical alerts only."""
    defaults: dict[str, object] = {"minimum_severity": Severity.CRITICAL}
    return ContactMethod(channel="phone", recipient=name, **(defaults | values))  # type: ignore[arg-type]


def person(name: str, *methods: ContactMethod, zone: str = "UTC", enabled: bool = True) -> Person:
    """Declare a person, with mail alone by default."""
    return Person(name=name, zone=zone, methods=methods or (mail(name),), enabled=enabled)


def layer(*names: str, **values: object) -> Layer:
    """Declare a weekly rotation from Monday 2026-02-23 08:00 on."""
    defaults: dict[str, object] = {"name": "weekly", "starts": date(2026, 2, 23), "handover": 8 * 60}
    return Layer(participants=names, **(defaults | values))  # type: ignore[arg-type]


def schedule(
    name: str, *layers: Layer, zone: str = "UTC", overrides: Sequence[DutyOverride] = ()
) -> Schedule:
    """Declare a schedule."""
    return Schedule(name=name, zone=zone, layers=layers, overrides=tuple(overrides))


def step(after: timedelta, *targets: str, **values: object) -> EscalationStep:
    """Declare a step of a policy."""
    return EscalationStep(after=after, targets=tuple(map(target, targets)), **values)  # type: ignore[arg-type]


def policy(name: str, *steps: EscalationStep, **values: object) -> EscalationPolicy:
    """Declare a policy."""
    return EscalationPolicy(name=name, steps=steps, **values)  # type: ignore[arg-type]


def paging(
    *targets: str, number: int = 5, channels: Sequence[RuleChannel] = (), **conditions: object
) -> NotificationRule:
    """Declare a rule that notifies people."""
    return NotificationRule(
        id=UUID(int=number),
        name=f"rule {number}",
        channels=tuple(channels),
        targets=tuple(map(target, targets)),
        conditions=Conditions(**conditions),  # type: ignore[arg-type]
        priority=number,
    )


def directory(
    *people: Person | str,
    teams: Sequence[Team] = (),
    schedules: Sequence[Schedule] = (),
    policies: Sequence[EscalationPolicy] = (),
) -> PeopleDirectory:
    """Make a directory; a name alone is a person with mail."""
    known = [person(each) if isinstance(each, str) else each for each in people]
    return PeopleDirectory.of(known, teams, schedules, policies)


P1 = Priority.P1
