"""The alert: lasting state into which repeats are folded."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from hashlib import sha256
from types import MappingProxyType
from typing import Annotated, Any, get_origin, get_type_hints
from uuid import UUID

from opsconductor.model.enums import AlertEvent, Category, Level, Priority, Severity, Status
from opsconductor.model.text import LONGEST_ID, LONGEST_TITLE

NO_FIELDS: Mapping[str, object] = MappingProxyType({})
SOURCE_ACKNOWLEDGED_BY = "source_acknowledged_by"
"""Key of `custom_fields` that holds the source's last acknowledgement."""

LONGEST_SOURCE = 50
LONGEST_ADDRESS = 45
LONGEST_DEVICE = 255
LONGEST_TYPE = 100
LONGEST_WHO = 100
LONGEST_RULE = 100
LONGEST_FINGERPRINT = 64
LONGEST_MUTE = 255
LONGEST_REASON = 255
"""Maximum length of columns of `alerts` in characters; those of title and id are in `model.text`."""


def fingerprint_of(device: str, alert_type: str, resource: str) -> str:
    """Return the identity of an alert: 64 hex digits of SHA-256 over device, type and resource.

    Args:
        device: The device's main IP address, or its name if it has no address.
    """
    return sha256(f"{device}\0{alert_type}\0{resource}".encode(errors="surrogatepass")).hexdigest()


def fingerprint_of_id(source_system: str, source_alert_id: str) -> str:
    """Return the identity of an alert whose sender has an id for the problem.

    Differs from every `fingerprint_of`, because no device is empty.

    Args:
        source_alert_id: As the column holds it, see `text.short_id`.
    """
    return sha256(f"\0id\0{source_system}\0{source_alert_id}".encode(errors="surrogatepass")).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class NotifiedRecipient:
    """A recipient notified of the problem, who is notified of its end.

    Attributes:
        group: The group of the rule whose messages name the alert; empty: the alert has its own.
        batch: The message about several alerts that names or counts it; while that waits in the engine the
            recipient is not notified yet. None: the alert had a message of its own.
        person: Name of the person; empty: the rule names the recipient itself.
    """

    rule_id: UUID
    rule_name: str
    channel: str
    recipient: str
    group: str = ""
    batch: UUID | None = None
    person: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedNotification:
    """What is notified later if the alert is still to be notified then.

    The step of an escalation, a message that quiet hours hold, or a rule that is throttled.

    Attributes:
        since: When it was planned; of a step, when its escalation began.
        policy: Name of the escalation policy; empty: it is a message, or a rule.
        step: Number of the step, counted through the repeats from 0.
        channel: Of a message; empty: it is a step, or a rule.
    """

    at: datetime
    since: datetime
    rule_id: UUID
    rule_name: str
    policy: str = ""
    step: int = 0
    channel: str = ""
    recipient: str = ""
    person: str = ""

    @property
    def is_rule(self) -> bool:
        """Return True if the rule is evaluated again, because it is throttled until then."""
        return not self.policy and not self.channel


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """Declaration of a field of `Alert` beside its type.

    Attributes:
        longest: Maximum length of its column in characters; None: unlimited.
        size: Size of its column in bytes, for a number.
        is_shown: The API shows it.
        description: Of the field in the OpenAPI document; empty: its name is sufficient.
    """

    longest: int | None = None
    size: int = 8
    is_shown: bool = True
    description: str = ""


INTERNAL = Column(is_shown=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """One row of `alerts`: the only list of an alert's fields.

    Rows, SQL, the spool, notifications and API views are derived from these fields. Every field is a
    column of the same name (`expires_after`: `expires_after_s`), in the order of the table: a new one
    comes last, has a default, and needs a migration that adds its column.

    `raw_data` is not here: it is written with the change that brought it and never read back by
    the engine.

    Attributes:
        correlated_to_id: The nearest alert that causes this one, which is suppressed therefore.
        correlation_rule: Why it is suppressed, as text (`every network path is cut by ...`).
        snapshot_scope: Scope of the poller's snapshots in which the alert is listed, or empty.
        notify_at: Until then it is not notified (settle time, grace time); None: not held.
        notified: Recipients notified of the problem.
        transitions: Times of problem/clear changes within the flap window, oldest first.
        flapping_since: When it began to flap; None: it does not.
        impacted: Number of alerts suppressed because of this one.
        last_event: Created, reopened or escalated, whichever was last notified or is still to be notified.
        unacknowledged_since: Since when it has waited for an acknowledgement; None: it does not.
        reroute_at: When a rule may fire that waits for time alone, something planned is due, or the
            acknowledgement expires; None: nothing of these.
        muted_by: Why it is muted at present (`maintenance ...`, `shelved by ...`); None: it is not.
        muted_until: When that ends; None though it is muted: when it is ended.
        is_hidden: It is left out of lists unless a request includes it.
        muted_since: Since when it has been muted, by whatever it was.
        muted_kind: Kind of the notification that waits for the end of muting; empty: none does.
        muted_severity: Severity when muting began, the last one that was notified.
        shelved_until: A person has muted it until then; None: it is not shelved.
        planned: What is notified later.
        own_tags: Those of `tags` that people have added; a report replaces the others.
        reported_severity: Severity by the device while a person has set another; None: no one has.
    """

    id: UUID
    source_system: Annotated[str, Column(longest=LONGEST_SOURCE)]
    source_alert_id: Annotated[str, Column(longest=LONGEST_ID)]
    device_ip: Annotated[str | None, Column(longest=LONGEST_ADDRESS)]
    device_name: Annotated[str | None, Column(longest=LONGEST_DEVICE)]
    resource: str
    severity: Severity
    category: Category
    alert_type: Annotated[str, Column(longest=LONGEST_TYPE)]
    impact: Level
    urgency: Level
    priority: Priority
    title: Annotated[str, Column(longest=LONGEST_TITLE)]
    message: str
    status: Status
    is_clear: Annotated[bool, INTERNAL] = False
    occurred_at: datetime
    received_at: datetime
    acknowledged_at: datetime | None = None
    acknowledged_by: Annotated[str | None, Column(longest=LONGEST_WHO)] = None
    resolved_at: datetime | None = None
    resolved_by: Annotated[str | None, Column(longest=LONGEST_WHO)] = None
    assigned_to: Annotated[str | None, Column(longest=LONGEST_WHO)] = None
    correlated_to_id: Annotated[
        UUID | None, Column(description="The nearest cause because of which it is suppressed.")
    ] = None
    correlation_rule: Annotated[str | None, Column(longest=LONGEST_RULE)] = None
    tags: tuple[str, ...] = ()
    custom_fields: Mapping[str, object] = field(default_factory=lambda: NO_FIELDS)
    fingerprint: Annotated[str, Column(longest=LONGEST_FINGERPRINT)]
    occurrence_count: int = 1
    last_occurrence_at: datetime
    is_cutting: Annotated[bool, INTERNAL] = False
    expires_after: Annotated[timedelta | None, INTERNAL] = None
    expires_at: datetime | None = None
    snapshot_scope: Annotated[str, INTERNAL] = ""
    notify_at: Annotated[datetime | None, Column(description="Notifications are held until then.")] = None
    notified: Annotated[tuple[NotifiedRecipient, ...], INTERNAL] = ()
    transitions: Annotated[tuple[datetime, ...], INTERNAL] = ()
    flapping_since: datetime | None = None
    impacted: Annotated[
        int,
        Column(
            size=4,
            description="Number of alerts suppressed because of this one, directly or indirectly.",
        ),
    ] = 0
    last_event: Annotated[AlertEvent, INTERNAL] = AlertEvent.CREATED
    unacknowledged_since: Annotated[datetime | None, INTERNAL] = None
    reroute_at: Annotated[
        datetime | None,
        Column(
            description="When a notification rule that waits for time may fire, a step of an escalation or a "
            "message that quiet hours hold is due, or the acknowledgement expires."
        ),
    ] = None
    muted_by: Annotated[
        str | None,
        Column(
            longest=LONGEST_MUTE,
            description="Why it is muted at present; null: it is not muted.",
        ),
    ] = None
    muted_until: Annotated[
        datetime | None, Column(description="When muting ends; null though it is muted: when it is ended.")
    ] = None
    is_hidden: Annotated[bool, Column(description="Lists leave it out unless `hidden` asks for it.")] = False
    muted_since: Annotated[datetime | None, INTERNAL] = None
    muted_kind: Annotated[str, Column(longest=20, is_shown=False)] = ""
    muted_severity: Annotated[str, Column(longest=20, is_shown=False)] = ""
    shelved_until: Annotated[datetime | None, Column(description="A person has shelved it until then.")] = (
        None
    )
    shelved_by: Annotated[str | None, Column(longest=LONGEST_WHO)] = None
    shelved_reason: Annotated[str | None, Column(longest=LONGEST_REASON)] = None
    planned: Annotated[tuple[PlannedNotification, ...], INTERNAL] = ()
    own_tags: Annotated[tuple[str, ...], Column(description="Those of `tags` that people have added.")] = ()
    reported_severity: Annotated[
        Severity | None,
        Column(description="Severity by the device while a person has set another; null: no one has."),
    ] = None
    severity_by: Annotated[
        str | None, Column(longest=LONGEST_WHO, description="Who has set the severity; null: the device.")
    ] = None
    severity_reason: Annotated[str | None, Column(longest=LONGEST_REASON)] = None

    @property
    def device_severity(self) -> Severity:
        """Severity by the device, whatever a person has set."""
        return self.reported_severity or self.severity

    @property
    def has_problem_id(self) -> bool:
        """True if the sender's id of the problem makes the fingerprint, not device, type and resource."""
        return bool(self.source_alert_id) and self.fingerprint == fingerprint_of_id(
            self.source_system, self.source_alert_id
        )

    @property
    def source_acknowledged_by(self) -> str | None:
        """Return who has acknowledged it at its source, as last reported; None: it is not."""
        name = self.custom_fields.get(SOURCE_ACKNOWLEDGED_BY)
        return None if name is None else str(name)


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertField:
    """A field of `Alert` as declared.

    Attributes:
        hint: Its type, without `Annotated`.
    """

    name: str
    hint: Any
    column: Column


def fields_of(declaration: type) -> tuple[AlertField, ...]:
    """Return the fields of a dataclass that is declared as `Alert` is, in order."""
    plain, full = get_type_hints(declaration), get_type_hints(declaration, include_extras=True)
    return tuple(
        AlertField(name=each.name, hint=plain[each.name], column=_column_of(full[each.name]))
        for each in fields(declaration)
    )


def _column_of(hint: Any) -> Column:
    marks = hint.__metadata__ if get_origin(hint) is Annotated else ()
    return next((mark for mark in marks if isinstance(mark, Column)), Column())


ALERT_FIELDS = fields_of(Alert)
