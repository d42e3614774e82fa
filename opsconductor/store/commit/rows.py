"""Alerts, history and notifications as rows, the way asyncpg hands them to PostgreSQL.

Text from the network is made to fit here, once: PostgreSQL refuses NUL, lone surrogates and text that
is longer than its column, and one bad text must never cost others their alert.
"""

from collections.abc import Iterable, Mapping
from uuid import UUID

from opsconductor.guard import guarded_data
from opsconductor.model.alert import Alert, NotifiedRecipient
from opsconductor.model.aside import SetAside, reason_of
from opsconductor.model.changes import HistoryEntry, NotificationIntent
from opsconductor.model.event import ArchivedEvent
from opsconductor.model.keys import AcknowledgedKeys, ReportedKey
from opsconductor.model.normalized import RawData
from opsconductor.store.commit.document import clean_text

Row = tuple[object, ...]
NOTHING: Row = ()

# In the order of the table, so that a row is also a value of the table's own type.
ALERT_COLUMNS = (
    "id",
    "source_system",
    "source_alert_id",
    "device_ip",
    "device_name",
    "resource",
    "severity",
    "category",
    "alert_type",
    "impact",
    "urgency",
    "priority",
    "title",
    "message",
    "status",
    "is_clear",
    "occurred_at",
    "received_at",
    "acknowledged_at",
    "acknowledged_by",
    "resolved_at",
    "resolved_by",
    "assigned_to",
    "correlated_to_id",
    "correlation_rule",
    "tags",
    "custom_fields",
    "raw_data",
    "fingerprint",
    "occurrence_count",
    "last_occurrence_at",
    "is_cutting",
    "expires_after_s",
    "expires_at",
    "snapshot_scope",
    "notify_at",
    "notified",
    "transitions",
    "flapping_since",
    "impacted",
)
# created_at and updated_at, which the database fills in
TIMES_OF_THE_ROW: Row = (None, None)

HISTORY_COLUMNS = (
    "id",
    "alert_id",
    "action",
    "old_status",
    "new_status",
    "user_id",
    "user_name",
    "notes",
    "changes",
    "rule",
    "created_at",
)


ARCHIVE_COLUMNS = ("id", "connector", "received_at", "peer", "local", "payload", "sampled_count")


def alert_row(alert: Alert, raw_data: Mapping[str, object] | None) -> Row:
    """Write an alert as `ALERT_COLUMNS`; `raw_data` None: leave what is there."""
    lasts = alert.expires_after
    return (
        alert.id,
        fit(alert.source_system, 50),
        fit(alert.source_alert_id, 255),
        _fit(alert.device_ip, 45),
        _fit(alert.device_name, 255),
        fit(alert.resource),
        alert.severity,
        alert.category,
        fit(alert.alert_type, 100),
        alert.impact,
        alert.urgency,
        alert.priority,
        fit(alert.title, 255),
        fit(alert.message),
        alert.status,
        alert.is_clear,
        alert.occurred_at,
        alert.received_at,
        alert.acknowledged_at,
        _fit(alert.acknowledged_by, 100),
        alert.resolved_at,
        _fit(alert.resolved_by, 100),
        _fit(alert.assigned_to, 100),
        alert.correlated_to_id,
        _fit(alert.correlation_rule, 100),
        [fit(tag) for tag in alert.tags] if alert.tags else NOTHING,
        alert.custom_fields,
        raw_data,
        fit(alert.fingerprint, 64),
        alert.occurrence_count,
        alert.last_occurrence_at,
        alert.is_cutting,
        None if lasts is None else lasts.total_seconds(),
        alert.expires_at,
        fit(alert.snapshot_scope),
        alert.notify_at,
        _told(alert.notified) if alert.notified else NOTHING,
        alert.transitions,
        alert.flapping_since,
        alert.impacted,
    )


def repeat_row(alert: Alert, raw_data: Mapping[UUID, RawData]) -> Row:
    """Write what a repeat changes: see `repeat_alerts` in `commit.sql`."""
    return (
        alert.id,
        alert.occurrence_count,
        alert.last_occurrence_at,
        alert.expires_at,
        fit(alert.message),
        made(raw_data.get(alert.id)),
    )


def history_row(entry: HistoryEntry) -> Row:
    """Write an entry as `HISTORY_COLUMNS`."""
    return (
        entry.id,
        entry.alert_id,
        entry.action,
        entry.old_status,
        entry.new_status,
        entry.user_id,
        _fit(entry.user_name, 100),
        _fit(entry.notes),
        entry.changes,
        fit(entry.rule, 100),
        entry.created_at,
    )


def archive_row(event: ArchivedEvent) -> Row:
    """Write an archived event as `ARCHIVE_COLUMNS`."""
    return (
        event.id,
        fit(event.connector, 50),
        event.received_at,
        fit(event.peer, 45),
        fit(event.local),
        event.payload,
        event.sampled_count,
    )


def aside_row(aside: SetAside) -> Row:
    """Write what was set aside: see `add_aside` in `commit.sql`."""
    return (
        aside.id,
        aside.kind,
        fit(aside.origin, 50),
        fit(aside.subject, 255),
        fit(aside.reason),
        aside.content,
        aside.size,
        aside.at,
    )


def keys_row(keys: AcknowledgedKeys) -> Row:
    """Write keys that were committed together as connector and keys."""
    return (fit(keys.connector, 50), keys.keys)


def reported_row(reported: ReportedKey) -> Row:
    """Write a reporter's key as reporter, key, digest and time."""
    return (fit(reported.reporter, 100), fit(reported.key), reported.digest, reported.at)


def notification_row(intent: NotificationIntent) -> Row:
    """Write a notification: see `add_notifications` in `commit.sql`."""
    return (
        intent.id,
        intent.alert_id,
        intent.rule_id,
        fit(intent.rule_name, 100),
        fit(intent.channel, 50),
        fit(intent.recipient, 255),
        intent.kind,
        intent.created_at,
        intent.facts,
    )


def made(raw_data: RawData | None) -> Mapping[str, object] | None:
    """Call the function that makes the raw data, if there is one; an alert does not fail for it."""
    if raw_data is None:
        return None
    with guarded_data() as making:
        return raw_data()
    assert making.error is not None
    return {"not_stored": reason_of(making.error)}


def fit(text: str, longest: int | None = None) -> str:
    """Make a text fit into a column of `longest` characters."""
    if not text.isascii() or "\0" in text:
        text = clean_text(text)
    return text[:longest]


def _fit(text: str | None, longest: int | None = None) -> str | None:
    return None if text is None else fit(text, longest)


def _told(notified: Iterable[NotifiedRecipient]) -> list[dict[str, str]]:
    return [
        {
            "rule_id": str(told.rule_id),
            "rule_name": told.rule_name,
            "channel": told.channel,
            "recipient": told.recipient,
        }
        for told in notified
    ]
