"""Enumerations: the same words in code, SQL, API, logs and manual."""

from enum import StrEnum


class Severity(StrEnum):
    """Severity of a fault, as ordered by ITU-T X.733; `clear` means that it is over."""

    CRITICAL = "critical"
    MAJOR = "major"
    MINOR = "minor"
    WARNING = "warning"
    INFO = "info"
    CLEAR = "clear"

    @property
    def rank(self) -> int:
        """Rank from 0 (clear) to 5 (critical), to compare two severities."""
        return SEVERITY_RANK[self]


CLEAR, INFO = Severity.CLEAR, Severity.INFO
"""For code that every message passes: Python takes as long to find a member as for two calls."""
SEVERITY_RANK = {severity: 5 - position for position, severity in enumerate(Severity)}


class Category(StrEnum):
    """Kind of system affected."""

    NETWORK = "network"
    POWER = "power"
    VIDEO = "video"
    WIRELESS = "wireless"
    SECURITY = "security"
    ENVIRONMENT = "environment"
    COMPUTE = "compute"
    STORAGE = "storage"
    APPLICATION = "application"
    UNKNOWN = "unknown"


class Status(StrEnum):
    """State of an alert in its life cycle."""

    ACTIVE = "active"
    ACKNOWLEDGED = "acknowledged"
    SUPPRESSED = "suppressed"
    RESOLVED = "resolved"
    EXPIRED = "expired"

    @property
    def is_open(self) -> bool:
        """True while the problem lasts; at most one alert of a fingerprint is open."""
        return self in OPEN_STATUSES


OPEN_STATUSES = frozenset({Status.ACTIVE, Status.ACKNOWLEDGED, Status.SUPPRESSED})


class Level(StrEnum):
    """Level of impact and of urgency."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class Priority(StrEnum):
    """Order in which alerts should be handled, from impact and urgency."""

    P1 = "P1"
    P2 = "P2"
    P3 = "P3"
    P4 = "P4"
    P5 = "P5"


class DependencyType(StrEnum):
    """Type of a dependency; management: needed only to reach the device for management."""

    NETWORK = "network"
    POWER = "power"
    SERVICE = "service"
    MANAGEMENT = "management"


class HistoryAction(StrEnum):
    """Kind of an entry of `alert_history`."""

    CREATED = "created"
    ACKNOWLEDGED = "acknowledged"
    UNACKNOWLEDGED = "unacknowledged"
    RESOLVED = "resolved"
    SUPPRESSED = "suppressed"
    UNSUPPRESSED = "unsuppressed"
    UPDATED = "updated"
    REOPENED = "reopened"
    EXPIRED = "expired"
    ESCALATED = "escalated"
    NOTED = "noted"
    ASSIGNED = "assigned"
    FLAPPING = "flapping"
    STABLE = "stable"
    NOTIFIED = "notified"


class NotificationKind(StrEnum):
    """Reason of a notification."""

    PROBLEM = "problem"
    WORSE = "worse"
    RECOVERY = "recovery"
    FLAPPING = "flapping"
    STABLE = "stable"
    ACKNOWLEDGED = "acknowledged"
    EXPIRED = "expired"
    UPDATED = "updated"
    """More alerts are a consequence of the problem than the last message said."""
    SUMMARY = "summary"
    """One message about several alerts, new ones and those that are over."""
    REMINDER = "reminder"
    MAINTENANCE = "maintenance"
    """A maintenance window has begun, ends at another time, or is over; it is about no alert."""


class AlertEvent(StrEnum):
    """What has happened to an alert when the notification rules are evaluated."""

    CREATED = "created"
    REOPENED = "reopened"
    ESCALATED = "escalated"
    FLAPPING = "flapping"
    STABLE = "stable"
    ACKNOWLEDGED = "acknowledged"
    RESOLVED = "resolved"
    EXPIRED = "expired"


PROBLEM_EVENTS = frozenset(
    {
        AlertEvent.CREATED,
        AlertEvent.REOPENED,
        AlertEvent.ESCALATED,
        AlertEvent.FLAPPING,
        AlertEvent.STABLE,
    }
)
"""The events of rules that name none."""


class ConnectorStatus(StrEnum):
    """Status of a connector, as in its row in `connectors`; degraded: it works only partly."""

    CONNECTED = "connected"
    DEGRADED = "degraded"
    DISCONNECTED = "disconnected"
    ERROR = "error"
    UNKNOWN = "unknown"
