"""Models of a declared notification rule: its conditions and channels (docs/notifications.md)."""

import re
from datetime import date, timedelta
from typing import Annotated, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, StringConstraints, ValidationInfo

from opsconductor.config.provision.declared.row_model import Declared, Short
from opsconductor.config.provision.field_types import (
    AddressPattern,
    AlertTypePattern,
    ConnectorName,
    Name,
    OneOrMany,
    Text50,
    Text255,
)
from opsconductor.connector.settings.duration import PositiveDuration
from opsconductor.model.enums import AlertEvent, Category, Priority, Severity
from opsconductor.model.notifications.time_window import DAYS, OnHolidays
from opsconductor.model.people.target import TargetKind

LONGEST_THROTTLE_MINUTES = 366 * 1_440
MOST_PRIORITY = 1_000_000
MOST_OCCURRENCES = 1_000_000_000
DEEPEST_CONDITIONS = 5
MOST_CONDITIONS = 100
MOST_HOLIDAYS = 400
MOST_DIGESTS = 24
CLOCK = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]|24:00")


def _days(value: object) -> object:
    """Replace spans of days (`mon-fri`) by their days."""
    listed = value if isinstance(value, list | tuple) else (value,)
    days: list[object] = []
    for each in listed:
        first, dash, last = each.lower().partition("-") if isinstance(each, str) else ("", "", "")
        if dash and first in DAYS and last in DAYS:
            begin, length = DAYS.index(first), (DAYS.index(last) - DAYS.index(first)) % 7 + 1
            days += [DAYS[(begin + number) % 7] for number in range(length)]
        else:
            days.append(each.lower() if isinstance(each, str) else each)
    return days


def _day(text: str) -> str:
    if text not in DAYS:
        raise ValueError(f"one of {', '.join(DAYS)}, or a span such as mon-fri")
    return text


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(
            "a time zone that this machine knows, such as Europe/Berlin or UTC (package tzdata)"
        ) from None
    return name


def _clock(text: str) -> str:
    if not CLOCK.fullmatch(text):
        raise ValueError("a time of day such as 08:00, in quotes; 24:00 is the end of the day")
    return text


def _digest_time(text: str) -> str:
    if not CLOCK.fullmatch(text) or text == "24:00":
        raise ValueError("a time of day such as 08:00, in quotes")
    return text


def _date(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise ValueError("a date such as 2026-12-25") from None


def _in_order(days: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(sorted(set(days), key=DAYS.index))


def _texts(value: object) -> object:
    """Return numbers and truth values as text, as they are compared."""
    listed = value if isinstance(value, list | tuple) else (value,)
    return tuple(
        str(each).lower() if isinstance(each, bool) else str(each) if isinstance(each, int | float) else each
        for each in listed
    )


Pattern = Annotated[str, StringConstraints(min_length=1, max_length=255)]
Patterns = Annotated[tuple[Pattern, ...], OneOrMany]
FieldPatterns = Annotated[tuple[Pattern, ...], BeforeValidator(_texts), Field(min_length=1)]
Days = Annotated[
    tuple[Annotated[str, AfterValidator(_day)], ...], BeforeValidator(_days), AfterValidator(_in_order)
]
Holidays = Annotated[
    tuple[Annotated[str, AfterValidator(_date)], ...],
    OneOrMany,
    Field(max_length=MOST_HOLIDAYS),
    AfterValidator(lambda dates: tuple(sorted(set(dates)))),
]
ZoneName = Annotated[str, AfterValidator(_zone)]
ClockTime = Annotated[str, AfterValidator(_clock)]
LocalDate = Annotated[str, AfterValidator(_date)]


DigestTime = Annotated[str, AfterValidator(_digest_time)]
GroupKey = Annotated[str, StringConstraints(min_length=1, max_length=100)]


class LocalWindow(Short):
    """A window that recurs on days of the week, in a time zone that is given elsewhere."""

    model_config = ConfigDict(validate_by_alias=True, validate_by_name=False, serialize_by_alias=True)

    days: Days = ()
    begin: ClockTime = Field(default="00:00", alias="from")
    end: ClockTime = Field(default="24:00", alias="to")
    holidays: Holidays = ()
    on_holidays: OnHolidays = OnHolidays.EXCLUDED


class DeclaredWindow(LocalWindow):
    """A window that recurs on days of the week, in local time."""

    zone: ZoneName


class DeclaredConditions(Short):
    """Conditions of a rule; all must be met, and of several values of one of them any one."""

    model_config = ConfigDict(validate_by_alias=True, validate_by_name=False, serialize_by_alias=True)

    severity: Annotated[tuple[Severity, ...], OneOrMany] = ()
    minimum_severity: Severity | None = None
    category: Annotated[tuple[Category, ...], OneOrMany] = ()
    device_ip_pattern: Annotated[tuple[AddressPattern, ...], OneOrMany] = ()
    alert_type: Annotated[tuple[AlertTypePattern, ...], OneOrMany] = ()
    source_system: Annotated[tuple[Text50, ...], OneOrMany] = ()
    device_name: Patterns = ()
    site: Patterns = ()
    role: Patterns = ()
    device_tags: Patterns = ()
    device_status: Patterns = ()
    custom_fields: dict[Annotated[str, StringConstraints(min_length=1, max_length=255)], FieldPatterns] = (
        Field(default_factory=dict)
    )
    priority: Annotated[tuple[Priority, ...], OneOrMany] = ()
    event: Annotated[tuple[AlertEvent, ...], OneOrMany] = ()
    minimum_occurrences: Annotated[int, Field(ge=1, le=MOST_OCCURRENCES)] | None = None
    minimum_age: PositiveDuration | None = None
    unacknowledged_for: PositiveDuration | None = None
    is_cause: bool | None = None
    time: Annotated[tuple[DeclaredWindow, ...], OneOrMany] = ()
    all: Annotated[tuple["DeclaredConditions", ...], OneOrMany] = ()
    any: Annotated[tuple["DeclaredConditions", ...], OneOrMany] = ()
    none: Annotated[tuple["DeclaredConditions", ...], OneOrMany] = Field(default=(), alias="not")

    @property
    def parts(self) -> tuple[Self, ...]:
        """The conditions nested in these."""
        return (*self.all, *self.any, *self.none)  # type: ignore[arg-type]

    @property
    def depth(self) -> int:
        """Number of levels, 1 without nested conditions."""
        return 1 + max((part.depth for part in self.parts), default=0)

    @property
    def amount(self) -> int:
        """Number of mappings of conditions, this one included."""
        return 1 + sum(part.amount for part in self.parts)


class DeclaredFailover(Short):
    """Where a message goes that a channel cannot deliver."""

    channel: ConnectorName
    recipients: Annotated[tuple[Annotated[Text255, Field(min_length=1)], ...], OneOrMany] = ()


class DeclaredChannel(Short):
    """One target of a rule: a connector and its recipients, or those whom a name stands for.

    Short forms: the type of a connector in place of its name, and with a URL a connector of its own.
    """

    channel: ConnectorName | None = None
    type: Text50 | None = None
    url: Annotated[str, StringConstraints(min_length=1, max_length=2_000)] | None = None
    recipients: Annotated[tuple[Annotated[Text255, Field(min_length=1)], ...], OneOrMany] = ()
    failover: DeclaredFailover | None = None
    person: Name | None = None
    team: Name | None = None
    schedule: Name | None = None
    escalation: Name | None = None


WAYS = ("channel", "type", *TargetKind)
"""A target has exactly one of these keys."""


def _named(channel: DeclaredChannel) -> DeclaredChannel:
    given = [name for name in WAYS if getattr(channel, name) is not None]
    if len(given) != 1:
        raise ValueError("one of channel (the name of a connector), type, person, team, schedule, escalation")
    if (channel.recipients or channel.failover) and given[0] in list(TargetKind):
        raise ValueError(f"recipients and failover beside channel or type only, not beside {given[0]}")
    if channel.url is not None and channel.type is None:
        raise ValueError("type beside url, such as webhook")
    if channel.failover is not None and channel.failover.channel == channel.channel:
        raise ValueError("another channel in failover than the one that fails")
    return channel


GivenChannel = Annotated[DeclaredChannel, AfterValidator(_named)]


def _bounded(conditions: DeclaredConditions) -> DeclaredConditions:

    if conditions.depth > DEEPEST_CONDITIONS:
        raise ValueError(f"at most {DEEPEST_CONDITIONS} levels of all, any and not")
    if conditions.amount > MOST_CONDITIONS:
        raise ValueError(f"at most {MOST_CONDITIONS} nested conditions; use several rules")
    return conditions


BoundedConditions = Annotated[DeclaredConditions, AfterValidator(_bounded)]


class DeclaredDigest(Short):
    """Set times, in local time, at which everything since the last one is sent in one message."""

    zone: Annotated[str, AfterValidator(_zone)]
    at: Annotated[tuple[DigestTime, ...], OneOrMany, Field(min_length=1, max_length=MOST_DIGESTS)]
    days: Days = ()


def _group_keys(keys: tuple[str, ...]) -> tuple[str, ...]:
    if len(set(keys)) < len(keys) or ("all" in keys and len(keys) > 1):
        raise ValueError("each name once; all stands alone")
    return keys


def _of_group(length: timedelta | None, info: ValidationInfo) -> timedelta | None:
    if length is not None and not info.data.get("group_by"):
        raise ValueError("group_by beside it (all: every alert is in one group)")
    return length


def _alone(digest: DeclaredDigest | None, info: ValidationInfo) -> DeclaredDigest | None:
    if digest is not None and info.data.get("group_by"):
        raise ValueError("either digest or group_by")
    return digest


GroupTime = Annotated[PositiveDuration | None, AfterValidator(_of_group)]


class DeclaredRule(Declared):
    """A row of `notification_rules`."""

    name: Name
    description: str | None = None
    enabled: bool = True
    priority: Annotated[int, Field(ge=0, le=MOST_PRIORITY)] = 100
    stop: bool = False
    conditions: BoundedConditions = DeclaredConditions()
    channels: Annotated[tuple[GivenChannel, ...], Field(min_length=1)]
    throttle_minutes: Annotated[int, Field(ge=0, le=LONGEST_THROTTLE_MINUTES)] = 0
    group_by: Annotated[tuple[GroupKey, ...], OneOrMany, AfterValidator(_group_keys)] = ()
    group_wait: GroupTime = None
    group_interval: GroupTime = None
    repeat_interval: GroupTime = None
    digest: Annotated[DeclaredDigest | None, AfterValidator(_alone)] = None
