"""Maintenance windows: times in which nobody is notified of some alerts; a silence is one that begins now."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from opsconductor.model.notifications.rule import Conditions


class MuteMode(StrEnum):
    """What a window does to its alerts besides that nobody is notified."""

    MUTE = "mute"
    """They are shown, and marked."""
    HIDE = "hide"
    """They are left out of lists unless somebody asks for them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MaintenanceWindow:
    """One row of `maintenance_windows`.

    Attributes:
        name: Unique.
        conditions: Of the alerts; without any, all alerts are meant.
        behind: Name or address of a device: alerts of the device, and of those that are cut off without it;
            empty: of any device.
        end_at: None: it lasts until it is ended.
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
    fault: str = ""
