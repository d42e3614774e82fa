"""What answers hold: the declarations that both write them and describe them in the OpenAPI document.

All times are UTC in ISO 8601 with `Z`.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from opsconductor.model.alert import ALERT_FIELDS, AlertField
from opsconductor.model.enums import (
    ConnectorStatus,
    HistoryAction,
    NotificationKind,
    Severity,
    Status,
)


class View(BaseModel):
    """Root of all views; made from rows of the store or from values of the model."""

    model_config = ConfigDict(from_attributes=True, frozen=True, json_schema_mode_override="serialization")


def _shown(field: AlertField) -> Any:
    """Return the annotation of a field in a view, described as its declaration says."""
    hint = SHOWN_AS.get(field.hint, field.hint)
    return Annotated[hint, Field(description=field.column.description or None)]


SHOWN_AS: Mapping[Any, Any] = {
    datetime: AwareDatetime,
    datetime | None: AwareDatetime | None,
    Mapping[str, object]: dict[str, Any],
}
"""Types that are declared in another way when they become JSON."""


class AlertView(View):
    """An alert as lists and the live feed show it; the fields are those of `Alert` that are shown."""

    __annotations__ = {field.name: _shown(field) for field in ALERT_FIELDS if field.column.is_shown}


class HistoryView(View):
    """One thing that happened to an alert."""

    id: UUID
    action: HistoryAction
    old_status: Status | None
    new_status: Status | None
    user_name: str | None
    notes: str | None
    rule: str = Field(description="What caused it, as a word of the engine.")
    changes: dict[str, Any] = Field(description="Field to `[old, new]`; `routing`: verdicts of the rules.")
    created_at: AwareDatetime


class AlertDetail(AlertView):
    """One alert with its whole story."""

    raw_data: dict[str, Any] = Field(description="The last message as its source sent it.")
    history: list[HistoryView]
    cause: AlertView | None = Field(description="The nearest cause; null: there is none.")
    root: AlertView | None = Field(description="The end of the chain of causes; often `cause` itself.")
    consequences: list[AlertView] = Field(
        description="Suppressed because of this one, directly or through others; the worst 50."
    )


class ToldView(View):
    """Someone who was told of the problem and will be told when it is over."""

    rule_name: str
    channel: str
    recipient: str


class DeliveryView(View):
    """What became of one notification."""

    rule_name: str | None
    channel: str
    recipient: str
    kind: NotificationKind
    status: str = Field(description="`pending`, `sent` or `failed`.")
    attempts: int
    error_message: str | None
    created_at: AwareDatetime
    sent_at: AwareDatetime | None


class WhyView(View):
    """Why people were told of an alert, or were not."""

    status: Status
    cause: AlertView | None = Field(description="Why it is suppressed: the nearest alert upstream.")
    root: AlertView | None = Field(description="The end of the chain of causes; often `cause` itself.")
    correlation_rule: str | None = Field(description="Why it is suppressed, in words.")
    notify_at: AwareDatetime | None = Field(description="Held until then, in case a cause arrives.")
    flapping_since: AwareDatetime | None = Field(description="Quiet since then, because it flaps.")
    decisions: list[HistoryView] = Field(description="History with the verdicts of the notification rules.")
    notified: list[ToldView]
    deliveries: list[DeliveryView]


class SummaryView(View):
    """How many alerts are open."""

    status: dict[Status, int]
    severity: dict[Severity, dict[Status, int]]


class SessionView(View):
    """Who is logged in and what they may do."""

    name: str
    roles: tuple[str, ...]
    permissions: list[str]


class RejectionView(View):
    """Messages of one sender that a connector has refused or could not decode, for one reason."""

    sender: str = Field(description="Address, or topic.")
    reason: str
    explanation: str = Field(description="The reason in plain words.")
    remedy: str
    count: int
    first_at: AwareDatetime
    last_at: AwareDatetime
    is_repeated: bool = Field(description="It goes on, and there is an alert about it.")
    first_bytes: str = Field(description="Hexadecimal, secrets masked; empty when it was not looked at.")


class ConnectorView(View):
    """How a connector is."""

    name: str
    type: str
    role: str | None = Field(description="`source`, `channel` or `inventory`.")
    enabled: bool
    status: ConnectorStatus
    error_message: str | None
    webhook: str | None = Field(description="Path to which others post, if it takes posts.")
    last_poll_at: AwareDatetime | None = Field(description="When it last began to ask, if it polls.")
    last_success_at: AwareDatetime | None
    alerts_received: int | None = Field(description="In all; null while the database is away.")
    alerts_today: int | None = Field(description="Since midnight UTC.")
    rejected: list[RejectionView] = Field(
        description="What it has refused or could not decode lately, what is repeated first."
    )
    unmatched_recoveries: int = Field(
        description="Recoveries that met no open alert, since the start of the daemon."
    )


class CheckView(View):
    """What a connector found when it tried whether it would work."""

    ok: bool
    message: str
    details: dict[str, Any]


class PostView(View):
    """What became of a post; some formats have an answer of their own."""

    events: int = Field(description="How many events were committed.")


class ReportedView(View):
    """What became of reported events."""

    accepted: int = Field(description="How many are committed, now or before.")
    repeated: int = Field(description="How many of them were reported before, and are not counted again.")


class FaultView(View):
    """One thing wrong with the declared configuration."""

    file: str
    line: int | None
    key: str
    found: str
    expected: str


class ReloadView(View):
    """What came of a reload."""

    ok: bool = Field(description="All of the configuration is in force and works.")
    faults: list[FaultView] = Field(description="In the provisioning files; then nothing was changed.")
    error: str = Field(description="Why nothing was changed though the files are right; empty: it was.")
    failed: dict[str, str] = Field(description="Reason by name of connectors started now that do not work.")


class HealthView(View):
    """State of the daemon; without credentials the status alone."""

    model_config = ConfigDict(extra="allow")

    status: str = Field(description="`ok`, `degraded` or `failing`.")


class WaitingView(View):
    """What would go of an inventory at once, and waits for confirmation."""

    connector: str
    devices: int = Field(description="How many would be retired.")
    known_devices: int
    dependencies: int = Field(description="How many would be missing.")
    known_dependencies: int
    names: tuple[str, ...] = Field(description="Some of the devices.")


class AcceptedView(View):
    """What has changed when a person accepted a loss."""

    connector: str
    summary: str


class MissingView(View):
    """A dependency that its inventory lists no more; it suppresses nothing."""

    device_ip: str = Field(description="Address of the device, or its name if it has none.")
    depends_on_ip: str = Field(description="As `device_ip`.")
    dependency_type: str
    found_by: str
    description: str | None
    missing_since: AwareDatetime


class ForgottenView(View):
    """The dependencies that are missing, or were until they were removed."""

    is_forgotten: bool
    dependencies: list[MissingView]
