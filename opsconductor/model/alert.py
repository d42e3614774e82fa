"""The lasting state that repeats fold into."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from types import MappingProxyType
from uuid import UUID

from opsconductor.model.enums import Category, Level, Priority, Severity, Status

NO_FIELDS: Mapping[str, object] = MappingProxyType({})
SOURCE_ACKNOWLEDGED_BY = "source_acknowledged_by"
"""Key of `custom_fields` under which an alert remembers what its source last said about it."""


def fingerprint_of(device: str, alert_type: str, resource: str) -> str:
    """Name the identity of an alert: 64 hex digits of SHA-256 over device, type and resource.

    Args:
        device: The device's main IP address, or its name when it has no address.
    """
    return sha256(f"{device}\0{alert_type}\0{resource}".encode(errors="surrogatepass")).hexdigest()


def fingerprint_of_id(source_system: str, source_alert_id: str) -> str:
    """Return the identity of an alert whose sender has an id for the problem.

    Differs from every `fingerprint_of`: no device is empty.

    Args:
        source_alert_id: As the column holds it, see `text.short_id`.
    """
    return sha256(f"\0id\0{source_system}\0{source_alert_id}".encode(errors="surrogatepass")).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class NotifiedRecipient:
    """Someone who was told of the problem and is therefore told when it is over."""

    rule_id: UUID
    rule_name: str
    channel: str
    recipient: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """One row of `alerts`; every field is a column of the same name.

    `raw_data` is not here: it is written with the change that brought it and never read back by
    the engine.

    Attributes:
        correlated_to_id: The nearest cause because of which this alert is suppressed.
        correlation_rule: Why it is suppressed, in words (`every network path is cut by ...`).
        snapshot_scope: Scope of the poller's snapshots in which the alert is listed, or empty.
        notify_at: Until then nobody is told (settle time, grace time); None: not held.
        notified: Who was told of the problem.
        transitions: Times of problem/clear changes within the flap window, oldest first.
        flapping_since: When it began to flap; None: it does not.
        impacted: How many alerts are suppressed because of this one.
    """

    id: UUID
    fingerprint: str
    source_system: str
    source_alert_id: str
    device_ip: str | None
    device_name: str | None
    resource: str
    alert_type: str
    category: Category
    severity: Severity
    status: Status
    impact: Level
    urgency: Level
    priority: Priority
    title: str
    message: str
    is_clear: bool = False
    occurred_at: datetime
    received_at: datetime
    last_occurrence_at: datetime
    occurrence_count: int = 1
    acknowledged_at: datetime | None = None
    acknowledged_by: str | None = None
    resolved_at: datetime | None = None
    resolved_by: str | None = None
    assigned_to: str | None = None
    correlated_to_id: UUID | None = None
    correlation_rule: str | None = None
    is_cutting: bool = False
    expires_after: timedelta | None = None
    expires_at: datetime | None = None
    snapshot_scope: str = ""
    notify_at: datetime | None = None
    notified: tuple[NotifiedRecipient, ...] = ()
    transitions: tuple[datetime, ...] = ()
    flapping_since: datetime | None = None
    impacted: int = 0
    tags: tuple[str, ...] = ()
    custom_fields: Mapping[str, object] = field(default_factory=lambda: NO_FIELDS)

    @property
    def has_problem_id(self) -> bool:
        """True when the sender's id of the problem makes the fingerprint, not device, type and resource."""
        return bool(self.source_alert_id) and self.fingerprint == fingerprint_of_id(
            self.source_system, self.source_alert_id
        )

    @property
    def source_acknowledged_by(self) -> str | None:
        """Who takes care of it at its source, as that last said; None: nobody."""
        name = self.custom_fields.get(SOURCE_ACKNOWLEDGED_BY)
        return None if name is None else str(name)
