"""Closed sets of words: the same in code, SQL, API, logs and manual."""

from enum import StrEnum


class Severity(StrEnum):
    """How bad the fault is, as ITU-T X.733 orders it; `clear` says that it is over."""

    CRITICAL = "critical"
    MAJOR = "major"
    MINOR = "minor"
    WARNING = "warning"
    INFO = "info"
    CLEAR = "clear"

    @property
    def rank(self) -> int:
        """Position from 0 (clear) to 5 (critical), to compare two severities."""
        return SEVERITY_RANK[self]


SEVERITY_RANK = {severity: 5 - position for position, severity in enumerate(Severity)}


class Category(StrEnum):
    """What kind of system is affected."""

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
    """Where an alert is in its life."""

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
    """Size of impact and of urgency."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class Priority(StrEnum):
    """Order in which people should look at alerts, from impact and urgency."""

    P1 = "P1"
    P2 = "P2"
    P3 = "P3"
    P4 = "P4"
    P5 = "P5"


class DependencyType(StrEnum):
    """What a device needs another device for; management: only to be reached by those who manage it."""

    NETWORK = "network"
    POWER = "power"
    SERVICE = "service"
    MANAGEMENT = "management"


class HistoryAction(StrEnum):
    """What happened to an alert; one row of `alert_history` each."""

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
    """Why a channel is told something."""

    PROBLEM = "problem"
    WORSE = "worse"
    RECOVERY = "recovery"
    FLAPPING = "flapping"
    STABLE = "stable"


class ConnectorStatus(StrEnum):
    """State of a connector, as its row in `connectors` shows it; degraded: it works in part only."""

    CONNECTED = "connected"
    DEGRADED = "degraded"
    DISCONNECTED = "disconnected"
    ERROR = "error"
    UNKNOWN = "unknown"
