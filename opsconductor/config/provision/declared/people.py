"""Models of declared people, teams, on-call schedules and escalation policies (docs/notifications.md)."""

from datetime import timedelta
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field

from opsconductor.config.provision.declared.row_model import Declared, Short
from opsconductor.config.provision.declared.rule import (
    BoundedConditions,
    ClockTime,
    DeclaredConditions,
    GivenChannel,
    LocalDate,
    LocalWindow,
    ZoneName,
)
from opsconductor.config.provision.field_types import ConnectorName, Name, OneOrMany, Text255
from opsconductor.connector.settings.duration import PositiveDuration, format_duration
from opsconductor.model.enums import Priority, Severity

MOST_METHODS = 20
MOST_MEMBERS = 500
MOST_LAYERS = 20
MOST_WINDOWS = 20
MOST_STEPS = 50
MOST_TARGETS = 50
MOST_REPEATS = 100
HOUR = timedelta(hours=1)
LENGTHS = {"daily": "1d", "weekly": "7d"}


def _turn(length: timedelta) -> timedelta:
    if length % HOUR:
        raise ValueError("daily, weekly, or a length of time in whole hours such as 12h or 14d")
    return length


def _different(names: tuple[str, ...]) -> tuple[str, ...]:
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ValueError(f"each name once; {', '.join(twice)} is listed again")
    return names


Turn = Annotated[
    PositiveDuration,
    BeforeValidator(lambda value: LENGTHS.get(value, value) if isinstance(value, str) else value),
    AfterValidator(_turn),
]
Names = Annotated[tuple[Name, ...], OneOrMany, Field(max_length=MOST_MEMBERS)]
Windows = Annotated[tuple[LocalWindow, ...], OneOrMany, Field(max_length=MOST_WINDOWS)]
Targets = Annotated[tuple[GivenChannel, ...], OneOrMany, Field(min_length=1, max_length=MOST_TARGETS)]


class DeclaredOtherWay(Short):
    """Where a message to a person goes that a channel cannot deliver."""

    channel: ConnectorName
    recipient: Text255 = ""


class DeclaredMethod(Short):
    """One way to reach a person; the quiet hours are in the person's time zone."""

    channel: ConnectorName
    recipient: Text255 = ""
    minimum_severity: Severity | None = None
    quiet_hours: Windows = ()
    priority_through: Priority | None = None
    failover: DeclaredOtherWay | None = None


class DeclaredPerson(Declared):
    """A row of `users`."""

    name: Name
    display_name: Text255 | None = None
    time_zone: ZoneName = "UTC"
    enabled: bool = True
    contact_methods: Annotated[tuple[DeclaredMethod, ...], OneOrMany, Field(max_length=MOST_METHODS)] = ()


class DeclaredTeam(Declared):
    """A row of `teams`."""

    name: Name
    description: str | None = None
    members: Annotated[
        tuple[Name, ...], OneOrMany, Field(max_length=MOST_MEMBERS), AfterValidator(_different)
    ] = ()


class DeclaredLayer(Short):
    """A rotation; windows and handover are in the time zone of the schedule."""

    name: Name
    starts: LocalDate
    handover: ClockTime = "00:00"
    every: Turn = timedelta(days=7)
    participants: Annotated[Names, Field(min_length=1)]
    restricted_to: Windows = ()


class DeclaredSchedule(Declared):
    """A row of `schedules`; a later layer goes before an earlier one."""

    name: Name
    description: str | None = None
    time_zone: ZoneName
    layers: Annotated[tuple[DeclaredLayer, ...], OneOrMany, Field(min_length=1, max_length=MOST_LAYERS)]


class DeclaredStep(Short):
    """A step of an escalation policy."""

    after: PositiveDuration | None = None
    notify: Targets
    conditions: BoundedConditions = DeclaredConditions()


def _in_order(steps: tuple[DeclaredStep, ...]) -> tuple[DeclaredStep, ...]:
    last = timedelta(0)
    for step in steps:
        after = step.after or timedelta(0)
        if after < last:
            found, before = format_duration(after), format_duration(last)
            raise ValueError(f"steps in the order of after; {found} follows {before}")
        last = after
        if any(target.escalation or target.type for target in step.notify):
            raise ValueError("channel, person, team or schedule in the steps of a policy")
    return steps


class DeclaredPolicy(Declared):
    """A row of `escalation_policies`."""

    name: Name
    description: str | None = None
    steps: Annotated[
        tuple[DeclaredStep, ...], Field(min_length=1, max_length=MOST_STEPS), AfterValidator(_in_order)
    ]
    repeat: Annotated[int, Field(ge=0, le=MOST_REPEATS)] = 0
    repeat_after: PositiveDuration | None = None
    acknowledgement_expires: PositiveDuration | None = None
