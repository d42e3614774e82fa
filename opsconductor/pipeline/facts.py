"""The facts of an alert that notifications tell: JSON-ready, true at the time of the decision."""

from collections.abc import Mapping
from dataclasses import fields
from datetime import UTC, datetime
from uuid import UUID

from opsconductor.model.alert import Alert, Told
from opsconductor.model.enums import NotificationKind

COLUMNS = tuple(field.name for field in fields(Alert) if field.name != "expires_after")


def facts_of(alert: Alert, kind: NotificationKind) -> dict[str, object]:
    """Write all columns of an alert as text, numbers and lists; times as ISO 8601 in UTC.

    The caller adds what only it knows: `rule`, `cause`, `impacted`, `old_severity`.
    """
    facts = {name: plain(getattr(alert, name)) for name in COLUMNS}
    facts["expires_after_s"] = alert.expires_after.total_seconds() if alert.expires_after else None
    facts["kind"] = kind.value
    return facts


def plain(value: object) -> object:
    """Turn a value of the model into one that JSON has."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, UUID | str):
        return str(value)
    if isinstance(value, Told):
        return {
            "rule_id": str(value.rule_id),
            "rule_name": value.rule_name,
            "channel": value.channel,
            "recipient": value.recipient,
        }
    if isinstance(value, Mapping):
        return {key: plain(each) for key, each in value.items()}
    if isinstance(value, tuple | list):
        return [plain(each) for each in value]
    return value
