"""Alerts and changes for tests of the store."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any
from uuid import UUID

import asyncpg

from opsconductor.model.alert import Alert, NotifiedRecipient, fingerprint_of
from opsconductor.model.changes import Changes, HistoryEntry, NotificationIntent
from opsconductor.model.enums import (
    Category,
    HistoryAction,
    Level,
    NotificationKind,
    Priority,
    Severity,
    Status,
)
from opsconductor.model.ids import time_ordered_id

NOW = datetime(2026, 3, 4, 5, 6, 7, 89, tzinfo=UTC)
RAW = {
    "version": "v2c",
    "peer": "10.1.2.3",
    "trap": "1.3.6.1.6.3.1.1.5.3",
    "varbinds": {
        "1.3.6.1.2.1.2.2.1.1.7": 7,
        "1.3.6.1.2.1.2.2.1.2.7": "GigabitEthernet0/7",
        "1.3.6.1.2.1.2.2.1.3.7": 6,
        "1.3.6.1.2.1.2.2.1.7.7": 1,
        "1.3.6.1.2.1.2.2.1.8.7": 2,
        "1.3.6.1.2.1.31.1.1.1.18.7": "uplink to core",
    },
}

_numbers = count(1)


def an_alert(**fields: Any) -> Alert:
    """Make an alert of a device of its own, as the trap path makes them."""
    number = next(_numbers)
    address = f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
    alert = Alert(
        id=time_ordered_id(NOW),
        fingerprint=fingerprint_of(address, "network_link_down", f"ifIndex={number}"),
        source_system="traps",
        source_alert_id="",
        device_ip=address,
        device_name=f"switch-{number}",
        resource=f"ifIndex={number}",
        alert_type="network_link_down",
        category=Category.NETWORK,
        severity=Severity.MAJOR,
        status=Status.ACTIVE,
        impact=Level.LOW,
        urgency=Level.HIGH,
        priority=Priority.P3,
        title=f"Link Down - switch-{number} ifIndex={number}",
        message="ifIndex=7 ifDescr=GigabitEthernet0/7 ifAdminStatus=1 ifOperStatus=2 ifAlias=uplink to core",
        occurred_at=NOW,
        received_at=NOW,
        last_occurrence_at=NOW,
        is_cutting=True,
        notify_at=NOW + timedelta(seconds=5),
        transitions=(NOW,),
    )
    return replace(alert, **fields)


def a_full_alert(**fields: Any) -> Alert:
    """Make an alert with a value in every field."""
    notified_recipient = NotifiedRecipient(
        rule_id=time_ordered_id(NOW), rule_name="night shift", channel="mail", recipient="noc@x"
    )
    alert = an_alert(
        source_alert_id="4711",
        status=Status.RESOLVED,
        acknowledged_at=NOW + timedelta(minutes=1),
        acknowledged_by="ann",
        resolved_at=NOW + timedelta(minutes=2),
        resolved_by="bob",
        assigned_to="eve",
        correlation_rule="every network path is cut by 10.0.0.1",
        expires_after=timedelta(seconds=90.5),
        expires_at=NOW + timedelta(hours=1),
        snapshot_scope="prtg-main",
        notified=(notified_recipient,),
        transitions=(NOW, NOW + timedelta(seconds=1)),
        flapping_since=NOW,
        impacted=3,
        tags=("core", 'a "quoted", {tag}'),
        custom_fields={"conflict": {"peer": "10.0.0.1"}, "n": 1.5},
    )
    return replace(alert, **fields)


def an_entry(alert: Alert, **fields: Any) -> HistoryEntry:
    """Make the row of history of a new alert."""
    entry = HistoryEntry(
        id=time_ordered_id(NOW),
        alert_id=alert.id,
        action=HistoryAction.CREATED,
        created_at=NOW,
        rule="fold.new",
        new_status=alert.status,
        changes={"severity": [None, "major"]},
    )
    return replace(entry, **fields)


def an_intent(alert: Alert, **fields: Any) -> NotificationIntent:
    """Make a notification of the alert, by a rule that does not exist."""
    intent = NotificationIntent(
        id=time_ordered_id(NOW),
        alert_id=alert.id,
        rule_id=time_ordered_id(NOW),
        rule_name="all",
        channel="noc-hook",
        recipient="",
        kind=NotificationKind.PROBLEM,
        created_at=NOW,
        facts={"title": alert.title},
    )
    return replace(intent, **fields)


def a_creation(*alerts: Alert) -> Changes:
    """Make the changes by which new alerts come, each with history and raw data."""
    return Changes(
        created=alerts,
        history=tuple(an_entry(alert) for alert in alerts),
        raw_data={alert.id: raw_data for alert in alerts},
        folded=len(alerts),
    )


def raw_data() -> Mapping[str, object]:
    """Make the raw data of an event."""
    return RAW


async def content(pool: asyncpg.Pool) -> dict[str, list[tuple[object, ...]]]:
    """Read all that a commit writes, to compare before and after; `updated_at` is left out."""
    return {
        table: [tuple(row.values()) for row in await pool.fetch(query)]
        for table, query in {
            "alerts": "SELECT to_jsonb(a) - 'updated_at' FROM alerts a ORDER BY id",
            "alert_history": "SELECT h.* FROM alert_history h ORDER BY id",
            "notification_outbox": "SELECT o.* FROM notification_outbox o ORDER BY position",
            "notification_rules": "SELECT id, last_triggered_at FROM notification_rules ORDER BY id",
        }.items()
    }


async def add_rule(pool: asyncpg.Pool, name: str = "all") -> UUID:
    """Insert a notification rule."""
    added: UUID = await pool.fetchval("INSERT INTO notification_rules (name) VALUES ($1) RETURNING id", name)
    return added
