"""Sample messages of every kind, with which templates are tried when they are configured."""

from collections.abc import Mapping
from dataclasses import fields
from datetime import UTC, datetime
from uuid import UUID

from opsconductor.model.alert import Alert
from opsconductor.model.enums import NotificationKind
from opsconductor.model.notifications.notification import Notification

AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
HIDDEN = frozenset({"expires_after", "planned"})
OF_ONE = (
    "expires_after_s",
    "kind",
    "rule",
    "person",
    "resent_by",
    "given_up_at",
    "failover_of",
    "cause",
    "site",
    "old_severity",
    "old_impacted",
    "impacted_devices",
    "is_impact_larger",
    "impacted_sites",
    "impacted_more_sites",
)
OF_SEVERAL = (
    "amount",
    "severities",
    "updates",
    "group",
    "is_limit",
    "waited_since",
    "absorbed",
    "rules",
    "members",
)
OF_NONE = ("window",)
FACT_NAMES = (
    *(each.name for each in fields(Alert) if each.name not in HIDDEN),
    *OF_ONE,
    *OF_SEVERAL,
    *OF_NONE,
)
"""Names of the facts of messages. A message lacks some of them; templates see these as none."""

BARE: Mapping[str, object] = {
    "id": str(UUID(int=2)),
    "source_system": "opsconductor",
    "source_alert_id": "",
    "resource": "",
    "severity": "critical",
    "category": "application",
    "alert_type": "application_sample",
    "impact": "high",
    "urgency": "high",
    "priority": "P1",
    "title": "Sample of a message",
    "message": "",
    "status": "active",
    "occurred_at": AT.isoformat(),
    "received_at": AT.isoformat(),
    "last_occurrence_at": AT.isoformat(),
    "occurrence_count": 1,
    "tags": [],
    "custom_fields": {},
    "impacted": 0,
}
"""Facts of an alert with few known values, such as one on the daemon itself."""
FULL: Mapping[str, object] = {
    **BARE,
    "source_system": "snmp_trap",
    "category": "network",
    "alert_type": "network_link_down",
    "device_ip": "192.0.2.1",
    "device_name": "core-sw1",
    "resource": "ifIndex=7",
    "site": "Hamburg",
    "title": 'Link "Down" - core-sw1',
    "message": "ifAdminStatus=up\nifOperStatus=down <down>",
    "tags": ["core"],
    "custom_fields": {"port": "Gi1/0/7"},
    "impacted": 3,
    "impacted_devices": 2,
    "is_impact_larger": False,
    "impacted_sites": ["Hamburg", "Kiel"],
    "impacted_more_sites": 0,
    "old_impacted": 1,
    "assigned_to": "ada",
}
OVER = {
    "status": "resolved",
    "resolved_at": AT.replace(minute=34).isoformat(),
    "resolved_by": "snmp_trap",
    "impacted": 0,
}
TAKEN = {"status": "acknowledged", "acknowledged_by": "ada", "acknowledged_at": AT.isoformat()}
CHANGED: Mapping[NotificationKind, Mapping[str, object]] = {
    NotificationKind.WORSE: {"old_severity": "minor"},
    NotificationKind.RECOVERY: OVER,
    NotificationKind.FLAPPING: {"flapping_since": AT.isoformat()},
    NotificationKind.ACKNOWLEDGED: TAKEN,
    NotificationKind.EXPIRED: {**OVER, "status": "expired", "resolved_by": None},
}
"""Facts by which a message of a kind differs from a problem."""
MEMBER = {
    name: FULL[name] for name in ("severity", "title", "device_name", "resource", "site", "occurred_at")
}
SEVERAL: Mapping[str, object] = {
    "severity": "critical",
    "status": "active",
    "category": "unknown",
    "amount": 1,
    "severities": {"critical": 1},
    "updates": {"recovery": 1},
    "title": "1 alert: 1 critical; 1 over",
    "group": "Hamburg",
    "is_limit": False,
    "waited_since": AT.isoformat(),
    "absorbed": [],
    "rules": ["everything"],
    "members": [
        {**MEMBER, "alert_id": str(UUID(int=2)), "kind": "problem", "is_new": True},
        {
            **MEMBER,
            **OVER,
            "alert_id": str(UUID(int=3)),
            "kind": "recovery",
            "title": "Fan Failed",
        },
    ],
}
"""Facts of a message about several alerts."""

OF_WINDOW: Mapping[str, object] = {
    "severity": "info",
    "title": "Maintenance has begun: fibre work",
    "window": {
        "id": str(UUID(int=4)),
        "name": "fibre work",
        "event": "begun",
        "reason": "ticket 4711",
        "created_by": "ada",
        "mutes": "core-sw1 and what is behind it",
        "end_at": AT.replace(hour=5).isoformat(),
    },
}
"""Facts of a message about a maintenance window."""


def sample_facts(kind: NotificationKind) -> Mapping[str, object]:
    """Return the facts of an ordinary message of a kind."""
    if kind is NotificationKind.SUMMARY:
        return {**SEVERAL, "kind": kind.value}
    if kind is NotificationKind.MAINTENANCE:
        return {**OF_WINDOW, "kind": kind.value}
    return {**FULL, **CHANGED.get(kind, {}), "kind": kind.value}


def sample_of(kind: NotificationKind, facts: Mapping[str, object] | None = None) -> Notification:
    """Return a message of a kind, by default about `sample_facts`."""
    given = sample_facts(kind) if facts is None else facts
    return Notification(
        id=UUID(int=1),
        alert_id=UUID(int=2),
        kind=kind,
        rule_name="everything",
        recipient="noc",
        created_at=AT,
        attempt=1,
        facts=given,
        subject=f"[{str(given['severity']).upper()}] {given['title']}",
        text=f"{given['title']}\n",
        html="<p>A message</p>",
        url="https://opsconductor.example.net/?alert=2",
        rows=(("Severity", str(given["severity"])),),
    )


SAMPLES = (
    *(sample_of(kind) for kind in NotificationKind),
    sample_of(NotificationKind.PROBLEM, {**BARE, "kind": "problem"}),
)
"""A message of every kind, and one with few facts."""
