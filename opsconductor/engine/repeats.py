"""Counting of reports that only repeat an open alert."""

from datetime import datetime
from typing import Any

from opsconductor.engine.clock import later
from opsconductor.model.alert import Alert
from opsconductor.model.construct import replacer_of
from opsconductor.model.normalized import NormalizedAlert
from opsconductor.model.text import LONGEST_MESSAGE, fitted

_replaced = replacer_of(Alert)


class RepeatCounter:
    """Reports for an open alert since it was last written.

    Attributes:
        count: Number of reports.
        last_at: When the latest of them, or of those before, occurred.
        severity: Severity by the device.
        acknowledged_by: Who has acknowledged it at its source, as far as known.
        latest: The latest report; None: all were older than the alert's state.
    """

    __slots__ = ("acknowledged_by", "count", "is_cutting", "last_at", "latest", "severity")

    def __init__(self, alert: Alert) -> None:
        self.severity = alert.device_severity
        self.is_cutting = alert.is_cutting
        self.last_at = alert.last_occurrence_at
        self.acknowledged_by = alert.source_acknowledged_by
        self.count = 0
        self.latest: NormalizedAlert | None = None


def counted(alert: Alert, tally: RepeatCounter, now: datetime) -> Alert:
    """Add a tally to an alert."""
    values: dict[str, Any] = {"occurrence_count": alert.occurrence_count + tally.count}
    if tally.latest is not None:
        values["last_occurrence_at"] = tally.last_at
        values["message"] = fitted(tally.latest.message, LONGEST_MESSAGE)
        if alert.expires_after is not None:
            values["expires_at"] = later(now, alert.expires_after)
    return _replaced(alert, values)
