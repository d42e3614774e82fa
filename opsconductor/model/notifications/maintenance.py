"""Maintenance windows: times in which some alerts are muted; a silence is one that begins now."""

from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from opsconductor.model.notifications.rule import Conditions, RuleChannel


class MuteMode(StrEnum):
    """What a window does to its alerts besides muting them."""

    MUTE = "mute"
    """They are shown, and marked."""
    HIDE = "hide"
    """They are left out of lists unless a request includes them."""


class WindowEvent(StrEnum):
    """What the recipients of a window's announcements are notified of."""

    BEGUN = "begun"
    MOVED = "moved"
    """It ends at another time than was announced."""
    OVER = "over"


@dataclass(frozen=True, slots=True, kw_only=True)
class Recurrence:
    """How a window recurs.

    Attributes:
        rule: Recurrence rule of RFC 5545 without COUNT and UNTIL (`FREQ=WEEKLY;BYDAY=TU`).
        zone: Name in the IANA time zone database, whose local times count.
        duration: Of each occurrence.
    """

    rule: str
    zone: str
    duration: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class MaintenanceWindow:
    """One row of `maintenance_windows`.

    Attributes:
        name: Unique.
        conditions: Of the alerts; without any, all alerts are meant.
        behind: Name or address of a device: alerts of the device, and of those that are cut off without it;
            empty: of any device.
        start_at: Begin; of one that recurs the first.
        end_at: None: it lasts until it is ended. Of one that recurs: no occurrence begins then or later.
        cut_at: It ended then, of one that recurs the occurrence at this time, before its planned end.
        announce: Who is notified when it begins, is moved and ends.
        fault: Why it cannot be used and mutes nothing; empty: it can.
    """

    id: UUID
    name: str
    start_at: datetime
    end_at: datetime | None
    conditions: Conditions = field(default_factory=Conditions)
    behind: str = ""
    mode: MuteMode = MuteMode.MUTE
    reason: str = ""
    created_by: str = ""
    recurrence: Recurrence | None = None
    cut_at: datetime | None = None
    announce: tuple[RuleChannel, ...] = ()
    fault: str = ""


def scope_of(window: MaintenanceWindow) -> str:
    """Return in words what a window mutes: `core-sw-1 and what is behind it with site hamburg`."""
    behind = [f"{window.behind} and what is behind it"] if window.behind else []
    return " with ".join([*behind, *_words(window.conditions)]) or "everything"


def _words(conditions: Conditions) -> Iterator[str]:
    """Yield each condition as its name and values."""
    for each in fields(Conditions):
        value = getattr(conditions, each.name)
        if value == each.default:
            continue
        name = "not" if each.name == "none" else each.name
        values = value if isinstance(value, tuple) else (value,)
        yield f"{name} {' or '.join(_value(one) for one in values)}"


def _value(value: object) -> str:
    if isinstance(value, Conditions):
        return f"({', '.join(_words(value))})"
    if isinstance(value, tuple):  # the name of a custom field and its patterns
        return f"{value[0]} {' or '.join(value[1])}"
    return str(value)
