"""Models of answers, used for serialization and for the OpenAPI document.

All times are UTC in ISO 8601 with `Z`.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from opsconductor.model.alert import ALERT_FIELDS, AlertField
from opsconductor.model.enums import (
    HistoryAction,
    NotificationKind,
    Severity,
    Status,
)
from opsconductor.model.outside_account import AccountOrigin


class View(BaseModel):
    """Base of all views; created from rows of the store or values of the model."""

    model_config = ConfigDict(from_attributes=True, frozen=True, json_schema_mode_override="serialization")


def _shown(field: AlertField) -> Any:
    """Return the annotation of a field in a view, with the description from its declaration."""
    hint = SHOWN_AS.get(field.hint, field.hint)
    return Annotated[hint, Field(description=field.column.description or None)]


SHOWN_AS: Mapping[Any, Any] = {
    datetime: AwareDatetime,
    datetime | None: AwareDatetime | None,
    Mapping[str, object]: dict[str, Any],
}
"""Types that are declared differently in JSON."""


class AlertFields(View):
    """The visible fields of `Alert`."""

    __annotations__ = {field.name: _shown(field) for field in ALERT_FIELDS if field.column.is_shown}


class AlertView(AlertFields):
    """An alert in lists and in the live feed."""

    site: str | None = Field(None, description="Of its device, by the present inventory.")


class HistoryView(View):
    """One entry of an alert's history."""

    id: UUID
    action: HistoryAction
    old_status: Status | None
    new_status: Status | None
    user_name: str | None
    notes: str | None
    rule: str = Field(description="Cause of the transition, an identifier of the engine.")
    changes: dict[str, Any] = Field(description="Field to `[old, new]`; `routing`: verdicts of the rules.")
    created_at: AwareDatetime


class VarbindView(View):
    """A varbind of the latest trap of an alert."""

    oid: str
    name: str | None = Field(description="By the known MIBs, with the instance; null: it is not known.")
    type: str = Field(description="As in SMIv2: `INTEGER`, `OCTET STRING` ...")
    value: Any = Field(description="As it was sent; octets that are no text in hexadecimal.")
    meaning: str | None = Field(
        description="What the value does not say: the label of a number, the number with its unit, the names "
        "of bits, the name of an OID, a duration; null: nothing."
    )


class DeviceFactsView(View):
    """The device of an alert by the present inventory."""

    name: str
    ip_address: str | None
    device_type: str | None
    manufacturer: str | None
    model: str | None
    site: str | None
    location: str | None
    role: str | None
    status: str | None
    tags: tuple[str, ...]
    dependents: int = Field(description="Devices that depend on it, directly or indirectly.")


class AlertDetail(AlertView):
    """One alert with its complete history."""

    device: DeviceFactsView | None = Field(description="Null: the inventory does not have it.")
    runbook: str = Field(description="Link of http or https in its custom fields; empty: none.")
    raw_data: dict[str, Any] = Field(description="The latest message as the source sent it.")
    varbinds: list[VarbindView] = Field(description="Of the latest trap; empty: the message was no trap.")
    history: list[HistoryView]
    cause: AlertView | None = Field(description="The nearest cause; null: there is none.")
    root: AlertView | None = Field(description="The end of the chain of causes; often `cause` itself.")
    consequences: list[AlertView] = Field(
        description="Alerts suppressed because of this one, directly or indirectly; the 50 most severe."
    )


class NotifiedView(View):
    """A recipient notified of the problem, who will be notified of its end."""

    rule_name: str
    channel: str
    recipient: str
    person: str = Field(description="Empty: the rule names the recipient itself.")


class DeliveryView(View):
    """Outcome of one notification."""

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
    """Why an alert was or was not notified."""

    answer: str | None = Field(description="Why `for` was or was not notified, in one sentence.")

    status: Status
    cause: AlertView | None = Field(description="Why it is suppressed: the nearest alert upstream.")
    root: AlertView | None = Field(description="The end of the chain of causes; often `cause` itself.")
    correlation_rule: str | None = Field(description="Why it is suppressed, in words.")
    muted_by: str | None = Field(description="The maintenance window or shelf that mutes it.")
    muted_until: AwareDatetime | None = Field(description="When that ends.")
    is_held: bool = Field(description="A notification waits for the end of muting.")
    notify_at: AwareDatetime | None = Field(description="Held until then, in case a cause arrives.")
    flapping_since: AwareDatetime | None = Field(description="Flapping since then: nothing is sent.")
    reroute_at: AwareDatetime | None = Field(description="When a rule that waits for time may fire.")
    decisions: list[HistoryView] = Field(
        description="History with the verdicts of the notification rules: in the last entry those of every "
        "rule, in the others those of rules that fired or were held back."
    )
    notified: list[NotifiedView]
    deliveries: list[DeliveryView]


class SummaryView(View):
    """Numbers of open alerts, without those that a maintenance window hides."""

    hidden: int = Field(description="Those that are hidden.")
    status: dict[Status, int]
    severity: dict[Severity, dict[Status, int]]


class SessionView(View):
    """The caller and its permissions."""

    name: str
    kind: Literal["user", "key"]
    origin: AccountOrigin = Field(description="Where the account of a user is kept; of a key `local`.")
    roles: tuple[str, ...]
    permissions: list[str]
    expires_at: AwareDatetime | None = Field(description="When the key, or the session, ends at the latest.")
    must_enrol: bool = Field(
        description="A role requires a second factor: until one is set up, nothing else is permitted."
    )
    is_limited: bool = Field(description="The caller sees some alerts only, by a row filter.")
    limited: list[str] = Field(
        description="Those of the permissions that extend to the rows of a filter only: what is about all "
        "devices is refused with `limited_rows`."
    )


class SignInWaysView(View):
    """Ways to log in beside name and password."""

    proxy_user: str | None = Field(description="User whom the reverse proxy has authenticated; null: none.")
    oidc: str | None = Field(description="Name of the identity provider, behind `/login/oidc`; null: none.")
    passkeys: bool = Field(description="Whether passkeys can be used here.")


class LoggedOutView(View):
    """Where to go after the log-out."""

    address: str | None = Field(description="Logs out at the identity provider, too; null: nowhere.")


class PostView(View):
    """Outcome of a post; some formats have an answer of their own."""

    events: int = Field(description="Number of committed events.")


class ReportedView(View):
    """Outcome of reported events."""

    accepted: int = Field(description="Number committed, now or earlier.")
    repeated: int = Field(description="Number of them reported before and not counted again.")


class FaultView(View):
    """One fault of the declared configuration."""

    file: str
    line: int | None
    key: str
    found: str
    expected: str


class ReloadView(View):
    """Outcome of a reload."""

    ok: bool = Field(description="All of the configuration is in force and works.")
    faults: list[FaultView] = Field(description="Of the provisioning files; if any, nothing changed.")
    error: str = Field(description="Why nothing changed although the files have no faults; empty: it did.")
    failed: dict[str, str] = Field(description="Reason by name of connectors started now that do not work.")


class HealthView(View):
    """State of the daemon; without credentials only the status."""

    model_config = ConfigDict(extra="allow")

    status: str = Field(description="`ok`, `degraded` or `failing`.")


class WaitingView(View):
    """A loss of an inventory that awaits confirmation."""

    connector: str
    devices: int = Field(description="Number that would be retired.")
    known_devices: int
    dependencies: int = Field(description="Number that would be missing.")
    known_dependencies: int
    names: tuple[str, ...] = Field(description="Some of the devices.")


class AcceptedView(View):
    """Changes made by confirming a loss."""

    connector: str
    summary: str


class MissingView(View):
    """A dependency that its inventory no longer lists; it suppresses nothing."""

    device_ip: str = Field(description="Address of the device, or its name if it has none.")
    depends_on_ip: str = Field(description="As `device_ip`.")
    dependency_type: str
    found_by: str
    description: str | None
    missing_since: AwareDatetime


class ForgottenView(View):
    """The dependencies that are missing, or that were removed."""

    is_forgotten: bool
    dependencies: list[MissingView]
