"""Operator commands to the engine, the only writer of alert state."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from opsconductor.model.enums import Severity, Status


@dataclass(frozen=True, slots=True, kw_only=True)
class Operator:
    """The giver of a command, recorded in history."""

    name: str
    id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """State of the alert that the operator saw; a command is rejected if it has changed.

    Attributes:
        status: None: any.
        severity: None: any.
        acknowledged_by: None: any.
        until: The command is not executed after this time; None: no limit.
    """

    status: Status | None = None
    severity: Severity | None = None
    acknowledged_by: str | None = None
    until: datetime | None = None


ANY_STATE = Expected()


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledge:
    """Acknowledge an alert; it does not notify unless it gets worse."""

    alert_id: UUID
    operator: Operator
    notes: str | None = None
    expected: Expected = ANY_STATE


@dataclass(frozen=True, slots=True, kw_only=True)
class Unacknowledge:
    """Withdraw the acknowledgement.

    Attributes:
        restore: Take the acknowledgement back: what waited before it continues, and nothing begins again.
    """

    alert_id: UUID
    operator: Operator
    notes: str | None = None
    restore: bool = False
    expected: Expected = ANY_STATE


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolve:
    """Resolve an alert."""

    alert_id: UUID
    operator: Operator
    notes: str | None = None
    expected: Expected = ANY_STATE


@dataclass(frozen=True, slots=True, kw_only=True)
class Reopen:
    """Reopen a closed alert: the problem lasts.

    Attributes:
        restore: Take the closing back: with the acknowledgement that it had.
    """

    alert_id: UUID
    operator: Operator
    notes: str | None = None
    restore: bool = False
    expected: Expected = ANY_STATE


@dataclass(frozen=True, slots=True, kw_only=True)
class SetSeverity:
    """Set the severity in place of the device, until that is withdrawn.

    Attributes:
        severity: None: that of the device again.
        notes: The reason.
    """

    alert_id: UUID
    operator: Operator
    severity: Severity | None
    notes: str | None = None
    expected: Expected = ANY_STATE


@dataclass(frozen=True, slots=True, kw_only=True)
class Tag:
    """Add tags of an operator, and remove such."""

    alert_id: UUID
    operator: Operator
    add: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()
    notes: str | None = None
    expected: Expected = ANY_STATE


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """Add a comment to the alert's history."""

    alert_id: UUID
    operator: Operator
    notes: str
    expected: Expected = ANY_STATE


@dataclass(frozen=True, slots=True, kw_only=True)
class Assign:
    """Assign an alert; None removes the assignment."""

    alert_id: UUID
    operator: Operator
    assigned_to: str | None
    notes: str | None = None
    expected: Expected = ANY_STATE


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """Result of polling the device.

    Attributes:
        operator: The connector that has polled.
        is_over: None: the poll was inconclusive.
        looked_at: Start of the poll; what was reported later is not affected by it.
        notes: What was read and found.
    """

    alert_id: UUID
    operator: Operator
    is_over: bool | None
    looked_at: datetime
    notes: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelve:
    """Mute an alert for a time, unless it gets worse.

    Attributes:
        notes: The reason.
    """

    alert_id: UUID
    operator: Operator
    until: datetime
    notes: str | None = None
    expected: Expected = ANY_STATE


@dataclass(frozen=True, slots=True, kw_only=True)
class Unshelve:
    """End that before its time.

    Attributes:
        restore: Take the last shelving back: what had shelved it before does so again.
    """

    alert_id: UUID
    operator: Operator
    notes: str | None = None
    restore: bool = False
    expected: Expected = ANY_STATE


Command = (
    Acknowledge
    | Unacknowledge
    | Resolve
    | Reopen
    | SetSeverity
    | Tag
    | Note
    | Assign
    | Verified
    | Shelve
    | Unshelve
)
