"""Models of a declared maintenance window (docs/notifications.md)."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Annotated, Self

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints, model_validator

from opsconductor.config.provision.declared.recurrence import checked_rule, occurs
from opsconductor.config.provision.declared.row_model import Declared, Short
from opsconductor.config.provision.declared.rule import (
    BoundedConditions,
    DeclaredChannel,
    DeclaredConditions,
    GivenChannel,
    ZoneName,
)
from opsconductor.config.provision.field_types import Name, OneOrMany
from opsconductor.connector.settings.duration import PositiveDuration
from opsconductor.model.notifications.maintenance import MuteMode

EXPECTED_TIME = "a time with its offset, such as 2026-12-01T22:00:00+01:00"
LONGEST_REASON = 1_000
MOST_ANNOUNCED = 20
"""Channels of the announcements of one window."""
LONGEST_OCCURRENCE = timedelta(days=31)
ABOUT_RULES = ("event", "minimum_occurrences", "minimum_age", "unacknowledged_for", "is_cause", "time")
"""Conditions of rules on what happens to an alert, which no window has."""


def _with_offset(value: object) -> object:
    """Return a time; the messages of pydantic name no example."""
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            raise ValueError(EXPECTED_TIME) from None
    if not isinstance(value, datetime) or value.tzinfo is None:
        raise ValueError(EXPECTED_TIME)
    return value


def _to_utc(moment: datetime) -> datetime:
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise ValueError("a time between the years 1 and 9999") from None


OffsetTime = Annotated[datetime, BeforeValidator(_with_offset), AfterValidator(_to_utc)]


def _parts(conditions: DeclaredConditions) -> Iterator[DeclaredConditions]:
    yield conditions
    for part in conditions.parts:
        yield from _parts(part)


def _of_alerts(conditions: DeclaredConditions) -> DeclaredConditions:
    for part in _parts(conditions):
        if given := [name for name in ABOUT_RULES if getattr(part, name) not in ((), None)]:
            raise ValueError(f"conditions on alerts and their devices; {given[0]} is for notification rules")
    return conditions


def _bounded_duration(length: timedelta) -> timedelta:
    if length > LONGEST_OCCURRENCE:
        raise ValueError(f"at most {LONGEST_OCCURRENCE.days}d")
    return length


def _of_channel(target: DeclaredChannel) -> DeclaredChannel:
    if target.channel is None and target.type is None:
        raise ValueError("channel (the name of a connector) or type, with recipients")
    return target


Announcement = Annotated[GivenChannel, AfterValidator(_of_channel)]


class DeclaredRecurrence(Short):
    """How a window recurs: a rule of RFC 5545 on local times."""

    rule: Annotated[str, StringConstraints(max_length=200), AfterValidator(checked_rule)]
    zone: ZoneName
    duration: Annotated[PositiveDuration, AfterValidator(_bounded_duration)]


class DeclaredMaintenance(Declared):
    """A row of `maintenance_windows`."""

    name: Name
    reason: Annotated[str, StringConstraints(max_length=LONGEST_REASON)] | None = None
    conditions: Annotated[BoundedConditions, AfterValidator(_of_alerts)] = DeclaredConditions()
    behind: Annotated[str, StringConstraints(min_length=1, max_length=255)] | None = None
    mode: MuteMode = MuteMode.MUTE
    start_at: OffsetTime
    end_at: OffsetTime | None = None
    recurring: DeclaredRecurrence | None = None
    announce: Annotated[tuple[Announcement, ...], OneOrMany, Field(max_length=MOST_ANNOUNCED)] = ()

    @model_validator(mode="after")
    def _ends_later(self) -> Self:
        if self.end_at is None and self.recurring is None and not self.conditions.device_status:
            raise ValueError("end_at, or recurring; a window on device_status may last as long as that")
        if self.end_at is not None and self.end_at <= self.start_at:
            raise ValueError("an end_at after start_at")
        return self

    @model_validator(mode="after")
    def _occurs(self) -> Self:
        recurring = self.recurring
        if recurring is not None and not occurs(recurring.rule, recurring.zone, self.start_at):
            raise ValueError(
                f"a recurring.rule with an occurrence within ten years of start_at; {recurring.rule} has none"
            )
        return self
