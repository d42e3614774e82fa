"""Interface through which the API tries rules that are not applied."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Protocol
from uuid import UUID

from opsconductor.engine.recipients.foreseen import Forecast
from opsconductor.model.alert import Alert
from opsconductor.model.enums import Severity


class RuleTestStatus(StrEnum):
    """State of a test of rules."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleTestState:
    """One test of rules.

    Attributes:
        share: How much of the time is tested, 0 to 1.
        at: Time of the latest event that was processed again.
        error: Why it failed.
        result: JSON-ready, see `RuleTestView`; None until it is done.
    """

    id: UUID
    by: str
    started_at: datetime
    state: RuleTestStatus = RuleTestStatus.RUNNING
    share: float = 0.0
    at: datetime | None = None
    events: int = 0
    error: str = ""
    result: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TriedRules:
    """Rules to try.

    Attributes:
        document: What a provisioning file holds; None: the rules in force.
        is_alone: The rules in force that the document does not declare are left out.
    """

    document: Mapping[str, Any] | None = None
    is_alone: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleTestLimits:
    """How far a test goes.

    Attributes:
        events: Maximum number of events.
        time_limit_s: Seconds after which no more events are read.
    """

    begin: datetime
    end: datetime
    events: int
    time_limit_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ExampleAlert:
    """An alert that does not exist, described by what rules may ask about.

    Attributes:
        device: Name or address.
        age: How long ago it occurred.
    """

    device: str
    alert_type: str
    severity: Severity
    resource: str = ""
    title: str = ""
    source_system: str = "example"
    tags: tuple[str, ...] = ()
    custom_fields: Mapping[str, object] | None = None
    occurrences: int = 1
    age: timedelta = timedelta(0)


class RuleTrials(Protocol):
    """Tries rules that are not applied; faults in `TriedRules` raise ConfigError."""

    async def forecast(self, alert: Alert, at: datetime, tried: TriedRules) -> Forecast:
        """Return whom the rules would notify of an alert as it is, at a time."""

    async def alert_of(self, example: ExampleAlert, at: datetime) -> Alert:
        """Return the alert that the engine would make of an example at a time."""

    async def start(self, tried: TriedRules, limits: RuleTestLimits, by: str) -> RuleTestState | None:
        """Start a test; None: another one is running."""

    def find(self, test_id: UUID, /) -> RuleTestState | None:
        """Return one of the latest tests, or None."""

    async def cancel(self, test_id: UUID, /) -> RuleTestState | None:
        """End a running test; return its state, None if there is none of this id."""
