"""A model of the database: it takes `Changes` as `store.commit` writes them, and refuses what it would."""

import json
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from opsconductor.model.alert import Alert
from opsconductor.model.changes import Changes, EngineDocument, HistoryEntry, NotificationIntent
from opsconductor.model.enums import OPEN_STATUSES

LIMITS = {
    "source_system": 50,
    "source_alert_id": 255,
    "device_ip": 45,
    "device_name": 255,
    "alert_type": 100,
    "title": 255,
    "acknowledged_by": 100,
    "resolved_by": 100,
    "assigned_to": 100,
    "correlation_rule": 100,
}


class Database:
    """The tables `alerts`, `alert_history`, `notification_outbox` and `engine_state`."""

    def __init__(self) -> None:
        self.alerts: dict[UUID, Alert] = {}
        self.history: dict[UUID, list[HistoryEntry]] = {}
        self.outbox: list[NotificationIntent] = []
        self.documents: dict[tuple[str, str], EngineDocument] = {}
        self._ids: set[UUID] = set()

    def write(self, changes: Changes) -> None:
        """Write one step of the engine."""
        written = [alert.id for alert in (*changes.created, *changes.updated, *changes.repeated)]
        assert len(written) == len(set(written)), "an alert stands twice in the changes"
        for alert in changes.created:
            self._take_id(alert.id)
            self.alerts[alert.id] = alert
        for alert in changes.updated:
            assert alert.id in self.alerts
            self.alerts[alert.id] = alert
        for alert in changes.repeated:
            self._repeat(alert)
        for alert in (*changes.created, *changes.updated):
            self._check_row(alert)
        for entry in changes.history:
            self._take_id(entry.id)
            assert entry.alert_id in self.alerts
            assert len(entry.rule) <= 100
            self.history.setdefault(entry.alert_id, []).append(entry)
        for intent in changes.notifications:
            self._take_id(intent.id)
            assert intent.alert_id in self.alerts
            self.outbox.append(intent)
        assert set(changes.raw_data) <= set(written)
        for each in changes.documents:
            if each.document is None:
                self.documents.pop((each.kind, each.key), None)
            else:
                document = json.loads(json.dumps(each.document))
                self.documents[each.kind, each.key] = replace(each, document=document)

    def write_again(self, changes: Changes) -> None:
        """Write changes of which some, the first ones, may have been written before."""
        known = {alert.id for alert in changes.created if alert.id in self.alerts}
        self.write(
            replace(
                changes,
                created=tuple(alert for alert in changes.created if alert.id not in known),
                updated=(*changes.updated, *(alert for alert in changes.created if alert.id in known)),
                history=tuple(entry for entry in changes.history if entry.id not in self._ids),
                notifications=tuple(each for each in changes.notifications if each.id not in self._ids),
            )
        )

    def open(self) -> dict[str, Alert]:
        """List the open alerts by fingerprint; two of one fingerprint would break the unique index."""
        found: dict[str, Alert] = {}
        for alert in self.alerts.values():
            if alert.status in OPEN_STATUSES:
                assert alert.fingerprint not in found, "two open alerts of one fingerprint"
                found[alert.fingerprint] = alert
        return found

    def load(self, resolved_since: datetime) -> list[Alert]:
        """Read what the engine wants at start: the open alerts and those closed lately."""
        return [
            alert
            for alert in self.alerts.values()
            if alert.status in OPEN_STATUSES
            or (alert.resolved_at is not None and alert.resolved_at >= resolved_since)
        ]

    def _repeat(self, alert: Alert) -> None:
        """Write the columns of a repeat; nothing else may have changed."""
        stored = self.alerts[alert.id]
        repeated = replace(
            stored,
            occurrence_count=alert.occurrence_count,
            last_occurrence_at=alert.last_occurrence_at,
            expires_at=alert.expires_at,
            message=alert.message,
        )
        assert repeated == alert, "a repeat changed more than its columns"
        self.alerts[alert.id] = repeated

    def _check_row(self, alert: Alert) -> None:
        assert alert.device_ip is not None or alert.device_name is not None
        assert alert.occurrence_count >= 1
        assert alert.correlated_to_id is None or alert.correlated_to_id in self.alerts
        for name, longest in LIMITS.items():
            assert len(getattr(alert, name) or "") <= longest

    def _take_id(self, new: UUID) -> None:
        assert new not in self._ids, "an id was given twice"
        self._ids.add(new)
