"""Notification rules: who is notified of which alerts."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from opsconductor.model.enums import AlertEvent, Category, Priority, Severity
from opsconductor.model.notifications.grouping import MessageGrouping
from opsconductor.model.notifications.time_window import RecurringWindow
from opsconductor.model.people.target import PeopleTarget

NO_TIME = timedelta(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditions:
    """Conditions of a rule on an alert; all of them must be met, an empty one matches everything.

    Texts are compared without regard to case; those described as patterns may have shell wildcards.

    Attributes:
        device_ip_pattern: Each a pattern (`10.1.*`), an address, a network (`10.1.0.0/16`) or a range
            (`10.1.0.10-10.1.0.20`).
        alert_type: Patterns (`network_*`).
        device_name: Patterns.
        site: Patterns on the device's site in the inventory; `role` likewise.
        device_status: Patterns on the device's status in the inventory (`offline`).
        device_tags: Patterns; one tag of the device must match one of them.
        custom_fields: Patterns by name of the field, of the alert or else of its device.
        event: What has happened to the alert; empty: `PROBLEM_EVENTS`.
        minimum_age: Time since the problem occurred.
        unacknowledged_for: Time for which the alert has been active, since it was opened or the
            acknowledgement was withdrawn.
        is_cause: Whether other alerts are suppressed because of this one.
        time: Windows; the time must be within one of them.
        all: Further conditions, which must all be met.
        any: Further conditions, of which one must be met; empty: no restriction.
        none: Further conditions, none of which may be met (`not` in files).
    """

    severity: tuple[Severity, ...] = ()
    minimum_severity: Severity | None = None
    category: tuple[Category, ...] = ()
    alert_type: tuple[str, ...] = ()
    device_ip_pattern: tuple[str, ...] = ()
    device_name: tuple[str, ...] = ()
    site: tuple[str, ...] = ()
    role: tuple[str, ...] = ()
    device_status: tuple[str, ...] = ()
    device_tags: tuple[str, ...] = ()
    custom_fields: tuple[tuple[str, tuple[str, ...]], ...] = ()
    source_system: tuple[str, ...] = ()
    priority: tuple[Priority, ...] = ()
    event: tuple[AlertEvent, ...] = ()
    minimum_occurrences: int = 0
    minimum_age: timedelta = NO_TIME
    unacknowledged_for: timedelta = NO_TIME
    is_cause: bool | None = None
    time: tuple[RecurringWindow, ...] = ()
    all: tuple["Conditions", ...] = ()
    any: tuple["Conditions", ...] = ()
    none: tuple["Conditions", ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Failover:
    """Who is notified over another channel when a message cannot be delivered."""

    channel: str
    recipients: tuple[str, ...] = ("",)


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleChannel:
    """One target of a rule: a connector by name and, if the channel needs one, a recipient.

    Attributes:
        failover: Used when the channel is down or gives a message up; None: nothing is.
    """

    channel: str
    recipients: tuple[str, ...] = ("",)
    failover: Failover | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NotificationRule:
    """One row of `notification_rules`.

    Attributes:
        priority: Order of evaluation and of the verdicts shown, lower first.
        targets: Persons, teams, schedules and escalation policies who are notified beside the channels.
        stop: If the conditions are met, the rules after this one are not evaluated.
        throttle: At most one problem notification per alert fingerprint within this time; zero: no limit.
        grouping: How its messages about several alerts are combined; None: each alert has its own.
        changed_at: When it was created or last changed; None: unknown.
        fault: Why it cannot be used and never fires; empty: it can.
    """

    id: UUID
    name: str
    channels: tuple[RuleChannel, ...]
    conditions: Conditions = Conditions()
    enabled: bool = True
    priority: int = 100
    stop: bool = False
    throttle: timedelta = NO_TIME
    grouping: MessageGrouping | None = None
    last_triggered_at: datetime | None = None
    changed_at: datetime | None = None
    fault: str = ""
    targets: tuple[PeopleTarget, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleVerdict:
    """Whether a rule fired for an alert, with the reason as text."""

    rule: str
    fired: bool
    reason: str
