"""The mapping derived for a notification, with its reasons and confidence."""

from dataclasses import dataclass
from datetime import timedelta

from opsconductor.mib.facts import NotificationFact
from opsconductor.model.enums import Category, Severity


@dataclass(frozen=True, slots=True)
class Reason:
    """One rule that contributed to a derived mapping.

    Attributes:
        rule: Name of the rule.
        detail: What it found.
        weight: Amount added to the confidence; may be negative.
    """

    rule: str
    detail: str
    weight: float


@dataclass(frozen=True, slots=True)
class StateRule:
    """Severity by the value of one object of the notification.

    Attributes:
        object: Name of the object.
        severities: Severity by value as text.
        clear_values: Values that mean that the problem is over.
    """

    object: str
    severities: tuple[tuple[str, Severity], ...]
    clear_values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DerivedMapping:
    """The mapping derived from the facts of one notification.

    Attributes:
        role: `problem`, `clear`, `stateful` (raises and clears by `state`) or `event`.
        title: Template, as `OidMapping.title_template`.
        resource: Names of objects, `name` for the value, `name(index)` for the instance; empty: the device.
        clears: Names of the notifications of the same module that this one clears.
        state: Severity by value, for role `stateful`.
        expires_after: For a problem that no notification clears.
        confidence: From 0 to 1.
    """

    notification: NotificationFact
    role: str
    alert_type: str
    severity: Severity
    category: Category
    title: str
    resource: tuple[str, ...]
    clears: tuple[str, ...]
    state: StateRule | None
    is_cutting: bool
    expires_after: timedelta | None
    confidence: float
    reasons: tuple[Reason, ...]
