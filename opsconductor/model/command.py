"""What operators ask of the engine; it is the only writer of alert state."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from opsconductor.model.enums import Severity, Status


@dataclass(frozen=True, slots=True, kw_only=True)
class Operator:
    """Who gives a command: kept in history."""

    name: str
    id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """State of the alert that the operator saw; a command is refused when it is another by now.

    Attributes:
        status: None: any.
        severity: None: any.
        acknowledged_by: None: anyone or no one.
        until: The command is not carried out later than this; None: whenever.
    """

    status: Status | None = None
    severity: Severity | None = None
    acknowledged_by: str | None = None
    until: datetime | None = None


ANY_STATE = Expected()


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledge:
    """Someone takes care of it; it stays quiet unless it gets worse."""

    alert_id: UUID
    operator: Operator
    notes: str | None = None
    expected: Expected = ANY_STATE


@dataclass(frozen=True, slots=True, kw_only=True)
class Unacknowledge:
    """Withdraw the acknowledgement."""

    alert_id: UUID
    operator: Operator
    notes: str | None = None
    expected: Expected = ANY_STATE


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolve:
    """Resolve an alert."""

    alert_id: UUID
    operator: Operator
    notes: str | None = None
    expected: Expected = ANY_STATE


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A remark in the alert's history."""

    alert_id: UUID
    operator: Operator
    notes: str
    expected: Expected = ANY_STATE


@dataclass(frozen=True, slots=True, kw_only=True)
class Assign:
    """Put an alert into someone's hands; None takes it out of them."""

    alert_id: UUID
    operator: Operator
    assigned_to: str | None
    notes: str | None = None
    expected: Expected = ANY_STATE


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """Somebody has looked at the device.

    Attributes:
        operator: The connector that has looked.
        is_over: None: the look told nothing.
        looked_at: When the look began; what was reported later is not touched by it.
        notes: What was looked at and found.
    """

    alert_id: UUID
    operator: Operator
    is_over: bool | None
    looked_at: datetime
    notes: str | None = None


Command = Acknowledge | Unacknowledge | Resolve | Note | Assign | Verified
