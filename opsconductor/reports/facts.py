"""What a report is made of, as it is read from the database and the inventory."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from opsconductor.model.inventory.device import Device
from opsconductor.reports.measured import Averages
from opsconductor.reports.period import ReportPeriod

Span = tuple[datetime, datetime]
"""A time from and up to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertFact:
    """An alert that was open in the period, or in the 30 days before its end.

    Attributes:
        device: Key of its device.
        closed_at: When it was over; None: it is open.
        resolved_at: None: it expired or is open.
        is_consequence: It was suppressed under a cause.
        flapped: Number of times that it began to flap in the period.
    """

    device: str
    device_name: str
    resource: str
    severity: str
    category: str
    alert_type: str
    title: str
    occurred_at: datetime
    acknowledged_at: datetime | None
    resolved_at: datetime | None
    closed_at: datetime | None
    is_consequence: bool
    is_notified: bool
    flapped: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class AnomalySums:
    """Anomalies of the period.

    Attributes:
        devices: Number by device name, the most first.
    """

    total: int
    confirmed: int
    false_positives: int
    alerted: int
    devices: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportFacts:
    """Everything that a report is computed from.

    Attributes:
        devices: Of the inventory, as far as they are within the scope, by key.
        known_since: When each device became known, by key.
        dependent: Keys of devices that have or are a dependency.
        alerts: Open in the period, or begun in the 30 days before its end.
        down: Spans in which the daemon did not run: nothing is known of them.
        maintenance: Spans of maintenance, by key, as far as the device was unreachable.
        unreachable: Patterns of alert types that mean that a device cannot be reached.
        anomalies: None: none are detected here.
        measured: Averages of the devices that were measured, by key.
    """

    period: ReportPeriod
    scope: str
    devices: Mapping[str, Device]
    known_since: Mapping[str, datetime]
    dependent: frozenset[str]
    alerts: tuple[AlertFact, ...]
    down: tuple[Span, ...]
    unreachable: tuple[str, ...]
    maintenance: Mapping[str, tuple[Span, ...]] = field(default_factory=dict)
    anomalies: AnomalySums | None = None
    sent: int = 0
    measured: Mapping[str, Averages] = field(default_factory=dict)
