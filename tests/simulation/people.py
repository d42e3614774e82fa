"""Persons, schedules and escalation policies of a world, and the laws of what is planned for them."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from random import Random
from uuid import UUID

from opsconductor.engine.engine import Engine
from opsconductor.engine.rerouting import is_audible
from opsconductor.model.alert import Alert
from opsconductor.model.enums import AlertEvent, Priority, Severity, Status
from opsconductor.model.notifications.grouping import MessageGrouping
from opsconductor.model.notifications.rule import Conditions, NotificationRule, RuleChannel
from opsconductor.model.notifications.time_window import RecurringWindow
from opsconductor.model.people.directory import PeopleDirectory
from opsconductor.model.people.escalation import ANY_ALERT, EscalationPolicy, EscalationStep
from opsconductor.model.people.person import ContactMethod, Person, Team
from opsconductor.model.people.schedule import DutyOverride, Layer, Schedule
from tests.simulation.database import Database
from tests.support.engine.people_scene import MINUTE, layer, paging, target
from tests.support.engine.pipeline_scene import ALL, START, seconds

NAMES = ("anna", "bob", "carl", "dora")
ZONES = ("UTC", "Europe/Berlin", "Asia/Kathmandu")
PAGE = paging("escalation core", number=50)
"""The rule that pages a person of every problem."""
PAGING = (
    paging("person bob", number=51),
    paging("team all", number=52, minimum_severity=Severity.MAJOR),
    paging("schedule duty", number=53),
    paging("escalation core", number=54, minimum_age=seconds(300)),
    paging("escalation second", "person carl", number=55, channels=ALL.channels),
    replace(paging("escalation second", number=56), grouping=MessageGrouping(by=("device",))),
    replace(paging("team all", number=57), throttle=seconds(600)),
    paging("team all", number=58, event=(AlertEvent.ACKNOWLEDGED,)),
)
Escalation = tuple[UUID, UUID, str]


def some_people(random: Random) -> PeopleDirectory:
    """Declare persons; `anna` can always be reached by mail, and is in the team of all."""
    people = [_person(random, name) for name in NAMES]
    members = ("anna", *random.sample(NAMES[1:], random.randrange(4)))
    teams = (Team(name="all", members=members), Team(name="empty"))
    policies = (_policy(random, "core"), _policy(random, "second"))
    return PeopleDirectory.of(people, teams, [_schedule(random)], policies)


def _person(random: Random, name: str) -> Person:
    is_anna = name == "anna"
    mail = ContactMethod(channel="mail", recipient=f"{name}@example.org", **_quiet(random))  # type: ignore[arg-type]
    phone = ContactMethod(channel="hook", recipient=name, minimum_severity=Severity.CRITICAL)
    choices: tuple[tuple[ContactMethod, ...], ...] = ((mail,), (mail, phone), (phone,), ())
    return Person(
        name=name,
        zone=random.choice(ZONES),
        methods=random.choice(choices[:2] if is_anna else choices),
        enabled=is_anna or random.random() < 0.8,
    )


def _quiet(random: Random) -> Mapping[str, object]:
    """Draw the quiet hours of a method, which are never the whole day, or none."""
    if random.random() < 0.5:
        return {}
    begin = random.randrange(0, 1_440, 30)
    end = (begin + random.choice((30, 300, 900))) % 1_440
    window = RecurringWindow(zone=random.choice(ZONES), begin=begin, end=end or 1_440)
    return {"quiet_hours": (window,), "priority_through": random.choice((None, Priority.P1))}


def _schedule(random: Random) -> Schedule:
    layers = [_layer(random, number) for number in range(random.randrange(3))]
    begin = START + seconds(random.randrange(0, 20_000))
    override = DutyOverride(person=random.choice(NAMES), begin=begin, end=begin + seconds(5_000))
    overrides = random.choice(((), (override,)))
    return Schedule(name="duty", zone=random.choice(ZONES), layers=tuple(layers), overrides=overrides)


def _layer(random: Random, number: int) -> Layer:
    names = random.choices(NAMES, k=random.randrange(1, 4))
    hours = RecurringWindow(zone="UTC", begin=8 * 60, end=15 * 60)
    return layer(
        *names,
        name=f"layer {number}",
        every=random.choice((1, 12)) * 60 * MINUTE,
        restricted_to=random.choice(((), (hours,))),
    )


def _policy(random: Random, name: str) -> EscalationPolicy:
    """Declare a policy that names the team of all in one of its steps."""
    amount = random.randrange(1, 4)
    afters = sorted(seconds(random.choice((0, 0, 60, 300, 900))) for _ in range(amount))
    everybody = random.randrange(amount)
    steps = [_step(random, after, is_all=number == everybody) for number, after in enumerate(afters)]
    return EscalationPolicy(
        name=name,
        steps=tuple(steps),
        repeat=random.choice((0, 0, 1, 2)),
        repeat_after=afters[-1] + seconds(300),
        acknowledgement_expires=seconds(random.choice((0, 600, 3_600))),
    )


def _step(random: Random, after: timedelta, *, is_all: bool) -> EscalationStep:
    drawn = random.choice(("person bob", "person carl", "schedule duty", "team empty", "person missing"))
    head = RuleChannel(channel="mail", recipients=("head@example.org",))
    conditions = (ANY_ALERT, ANY_ALERT, Conditions(minimum_severity=Severity.MAJOR), OFTEN)
    return EscalationStep(
        after=after,
        targets=(target("team all" if is_all else drawn),),
        channels=random.choice(((), (), (), (head,))),
        conditions=random.choice(conditions),
    )


OFTEN = Conditions(minimum_occurrences=3)


def is_known(engine: Engine, alert: Alert) -> bool:
    """Return whether an active alert was sent, or will be, within the exceptions that are documented.

    Persons may choose not to be notified of what is not critical; quiet hours may hold a message; what was
    planned of a muted alert is evaluated at the end of muting.
    """
    if alert.notified or alert.planned or alert.muted_by:
        return True
    return engine.router.rule(ALL.id) is None and alert.severity is not Severity.CRITICAL


class Escalations:
    """The laws of what is planned, from one step of the engine to the next."""

    def __init__(self) -> None:
        self._steps: dict[Escalation, tuple[object, int]] = {}

    def check(self, engine: Engine, database: Database) -> None:
        """Check that steps come in order and in time, and only of what is active."""
        steps: dict[Escalation, tuple[object, int]] = {}
        now, due = engine._state.clock.now, engine.next_due()
        is_done = due is None or due > now
        for alert in database.alerts.values():
            assert not alert.planned or alert.status is Status.ACTIVE, (
                "something is planned of what is not active"
            )
            for each in alert.planned:
                assert not is_done or each.at > now or not is_audible(alert), "something planned is overdue"
                is_queued = bool(engine._state.review) or alert.fingerprint in engine._state.unrouted
                is_left = is_queued or not is_audible(alert)
                is_woken = alert.reroute_at is not None and alert.reroute_at <= each.at
                assert is_left or is_woken, "nothing wakes in time for what is planned"
                if each.policy:
                    key = (alert.id, each.rule_id, each.policy)
                    assert key not in steps, "an escalation is planned twice"
                    steps[key] = each.since, each.step
                    since, step = self._steps.get(key, (None, 0))
                    # a clock that was set back makes the beginning now, when another may begin
                    is_same = since == each.since != now
                    assert not is_same or step <= each.step, "the steps are not in order"
            if is_done:
                _check_expiry(engine, alert)
        self._steps = steps


def _check_expiry(engine: Engine, alert: Alert) -> None:
    """Check that an acknowledgement does not last longer than the policy of the rule on everything allows."""
    rule = engine.router.rule(PAGE.id)
    if alert.status is Status.ACKNOWLEDGED and rule is not None and alert.acknowledged_at is not None:
        lasts = engine.router.directory.policies["core"].acknowledgement_expires
        ends = alert.acknowledged_at + lasts
        assert not lasts or ends > engine._state.clock.now, "an acknowledgement has not expired"


def some_rules(random: Random) -> Sequence[NotificationRule]:
    """Choose some of the rules that name people."""
    return random.sample(PAGING, random.randrange(len(PAGING)))
