"""Alerts that do not exist, to find out what the engine would do about a device."""

from datetime import UTC, datetime
from uuid import UUID

from opsconductor.model.alert import Alert
from opsconductor.model.enums import Category, Level, Priority, Severity, Status

LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
SOURCE = "preview"


def failure_of(device_ip: str | None, device_name: str | None, category: Category, number: int = 0) -> Alert:
    """Return an open, critical alert that cuts everything of its category through a device.

    Args:
        number: Of its id; several at once need different ones.
    """
    return Alert(
        id=UUID(int=number),
        source_system=SOURCE,
        source_alert_id="",
        device_ip=device_ip,
        device_name=device_name,
        resource="",
        severity=Severity.CRITICAL,
        category=category,
        alert_type=f"{category}_{SOURCE}",
        impact=Level.LOW,
        urgency=Level.HIGH,
        priority=Priority.P3,
        title="",
        message="",
        status=Status.ACTIVE,
        occurred_at=LONG_AGO,
        received_at=LONG_AGO,
        fingerprint=f"{SOURCE} {number}",
        last_occurrence_at=LONG_AGO,
        is_cutting=True,
    )
