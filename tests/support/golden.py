"""Golden cases: recorded inputs of connectors, and the normalized alerts that they must become."""

import json
from datetime import UTC, datetime

from opsconductor.model.normalized import NormalizedAlert

RECEIVED_AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
"""When every recorded input came in; alerts of another time show it."""


def as_json(alert: NormalizedAlert) -> dict[str, object]:
    """Write an alert as `expected.json` does: the message as lines, what is empty left out."""
    told: dict[str, object] = {
        "device_ip": alert.device_ip,
        "device_name": alert.device_name,
        "device_aliases": {alias.kind: alias.value for alias in alert.device_aliases},
        "alert_type": alert.alert_type,
        "category": alert.category,
        "severity": alert.severity,
        "resource": alert.resource,
        "title": alert.title,
        "message": alert.message.split("\n") if alert.message else [],
        "is_clear": alert.is_clear,
        "is_cutting": alert.is_cutting,
        "acknowledged_by": alert.acknowledged_by,
        "source_alert_id": alert.source_alert_id,
        "has_problem_id": alert.has_problem_id,
        "tags": list(alert.tags),
        "custom_fields": dict(alert.custom_fields or {}),
        "expires_after_s": alert.expires_after.total_seconds() if alert.expires_after else None,
        "raw_data": alert.raw_data(),
    }
    if alert.occurred_at != RECEIVED_AT:
        told["occurred_at"] = alert.occurred_at.isoformat()
    return json.loads(
        json.dumps({key: value for key, value in told.items() if value not in (None, {}, [], "", False)})
    )
