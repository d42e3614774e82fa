"""Models of a declared maintenance window (docs/notifications.md)."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Annotated, Self

from pydantic import AfterValidator, BeforeValidator, StringConstraints, model_validator

from opsconductor.config.provision.declared_base import Declared
from opsconductor.config.provision.declared_rule import BoundedConditions, DeclaredConditions
from opsconductor.config.provision.field_types import Name
from opsconductor.model.notifications.maintenance import MuteMode

EXPECTED_TIME = "a time with its offset, such as 2026-12-01T22:00:00+01:00"
LONGEST_REASON = 1_000
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


class DeclaredMaintenance(Declared):
    """A row of `maintenance_windows`."""

    name: Name
    reason: Annotated[str, StringConstraints(max_length=LONGEST_REASON)] | None = None
    conditions: Annotated[BoundedConditions, AfterValidator(_of_alerts)] = DeclaredConditions()
    behind: Annotated[str, StringConstraints(min_length=1, max_length=255)] | None = None
    mode: MuteMode = MuteMode.MUTE
    start_at: OffsetTime
    end_at: OffsetTime

    @model_validator(mode="after")
    def _ends_later(self) -> Self:
        if self.end_at <= self.start_at:
            raise ValueError("an end_at after start_at")
        return self
