"""Changes as the engine makes them, for tests of what keeps and commits them."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid5

from opsconductor.model.alert import Alert, fingerprint_of
from opsconductor.model.changes import Changes, HistoryEntry
from opsconductor.model.enums import Category, HistoryAction, Level, Priority, Severity, Status

START = datetime(2026, 1, 1, tzinfo=UTC)
SPACE = UUID("6ba7b810-9dad-11d1-80b4-00c04fd430c8")


def id_of(what: str) -> UUID:
    """Make an id that is the same in every process."""
    return uuid5(SPACE, what)


def alert_of(number: int, *, run: str = "", message: str = "Link down") -> Alert:
    """Make a new alert of a device; the same number is the same alert."""
    at = START + timedelta(seconds=number)
    name = f"{run}{number}"
    device_ip = f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
    return Alert(
        id=id_of(name),
        fingerprint=fingerprint_of(device_ip, "network_link_down", name),
        source_system="traps",
        source_alert_id=str(number),
        device_ip=device_ip,
        device_name=None,
        resource=name,
        alert_type="network_link_down",
        category=Category.NETWORK,
        severity=Severity.MAJOR,
        status=Status.ACTIVE,
        impact=Level.LOW,
        urgency=Level.HIGH,
        priority=Priority.P3,
        title=f"Link down {name}",
        message=message,
        occurred_at=at,
        received_at=at,
        last_occurrence_at=at,
    )


def created(*alerts: Alert) -> Changes:
    """Return the changes by which alerts are new, with their history and raw data."""
    return Changes(
        created=alerts,
        history=tuple(
            HistoryEntry(
                id=id_of(f"created {alert.id}"),
                alert_id=alert.id,
                action=HistoryAction.CREATED,
                created_at=alert.received_at,
                rule="fold.new",
                new_status=alert.status,
            )
            for alert in alerts
        ),
        raw_data={alert.id: raw_data for alert in alerts},
        folded=len(alerts),
    )


def repeated(alert: Alert, count: int) -> Changes:
    """Return the changes by which an alert has come again, `count` times by now."""
    again = replace(alert, occurrence_count=count, last_occurrence_at=START + timedelta(seconds=count))
    return Changes(repeated=(again,), folded=1)


def ended(alert: Alert, number: int) -> Changes:
    """Return the changes by which an alert is over."""
    at = alert.received_at + timedelta(seconds=number)
    over = replace(alert, status=Status.RESOLVED, resolved_at=at, resolved_by="source")
    entry = HistoryEntry(
        id=id_of(f"ended {alert.id}"),
        alert_id=alert.id,
        action=HistoryAction.RESOLVED,
        created_at=at,
        rule="fold.clear",
        old_status=alert.status,
        new_status=Status.RESOLVED,
    )
    return Changes(updated=(over,), history=(entry,), folded=1)


def raw_data() -> dict[str, object]:
    """Make raw data as a trap with six variables leaves them."""
    oid = "1.3.6.1.2.1.2.2.1"
    return {
        "trap_oid": "1.3.6.1.6.3.1.1.5.3",
        "peer": "10.0.0.1",
        "varbinds": [
            {"oid": f"{oid}.{at}.7", "name": "ifIndex", "type": "INTEGER", "value": at} for at in range(6)
        ],
    }


def batches(number: int, size: int, run: str = "") -> Iterator[Changes]:
    """Make so many batches of so many new alerts."""
    for batch in range(number):
        yield created(*(alert_of(batch * size + at, run=run) for at in range(size)))
