"""Notification rules: who is notified of which alerts."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from opsconductor.model.enums import Category, Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditions:
    """Conditions of a rule on an alert; an empty tuple matches everything.

    Attributes:
        device_ip_pattern: Each `10.1.*` (shell wildcards over the text) or CIDR (`10.1.0.0/16`).
        alert_type: Each with shell wildcards (`network_*`).
    """

    severity: tuple[Severity, ...] = ()
    category: tuple[Category, ...] = ()
    device_ip_pattern: tuple[str, ...] = ()
    alert_type: tuple[str, ...] = ()
    source_system: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleChannel:
    """One target of a rule: a connector by name and, if the channel needs one, a recipient."""

    channel: str
    recipients: tuple[str, ...] = ("",)


@dataclass(frozen=True, slots=True, kw_only=True)
class NotificationRule:
    """One row of `notification_rules`.

    Attributes:
        priority: Order of evaluation and of the verdicts shown, lower first.
        throttle: At most one problem notification per alert fingerprint within this time; zero: no limit.
    """

    id: UUID
    name: str
    channels: tuple[RuleChannel, ...]
    conditions: Conditions = Conditions()
    enabled: bool = True
    priority: int = 100
    throttle: timedelta = timedelta(0)
    last_triggered_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleVerdict:
    """Whether a rule fired for an alert, with the reason as text."""

    rule: str
    fired: bool
    reason: str
