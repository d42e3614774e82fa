"""Groups of alerts whose messages are combined by a rule: what was sent, and which of them are still open."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from opsconductor.engine.alert_index import device_key
from opsconductor.engine.clock import later
from opsconductor.engine.grouping.batch import BatchKey
from opsconductor.inventory.snapshot import InventorySnapshot
from opsconductor.model.alert import Alert
from opsconductor.model.notifications.grouping import MessageGrouping, next_digest

DIGEST = "digest"
ALL = "all"
LONGEST_VALUE = 100
NO_VALUE = "(none)"


@dataclass(slots=True)
class AlertGroup:
    """A group about which a recipient has been notified.

    Attributes:
        sent_at: When its latest message was sent.
        alert_id: The alert under which its messages are threaded.
        open: Numbers of the ids of its open alerts that a message has named.
    """

    key: BatchKey
    sent_at: datetime
    alert_id: UUID
    open: dict[int, None] = field(default_factory=dict)

    def document(self) -> Mapping[str, Any]:
        """Return what is stored of it; its open alerts refer to it."""
        return {
            "channel": self.key.channel,
            "recipient": self.key.recipient,
            "rule_id": str(self.key.rule_id),
            "group": self.key.group,
            "sent_at": self.sent_at.isoformat(),
            "alert_id": str(self.alert_id),
        }


def group_of(document: Mapping[str, Any]) -> AlertGroup:
    """Read what `AlertGroup.document` has written.

    Raises:
        ValueError: It is damaged; also KeyError and TypeError.
    """
    key = BatchKey(
        document["channel"], document["recipient"], UUID(document["rule_id"]), str(document["group"])
    )
    return AlertGroup(
        key=key,
        sent_at=datetime.fromisoformat(document["sent_at"]),
        alert_id=UUID(document["alert_id"]),
    )


def group_name(grouping: MessageGrouping, alert: Alert, inventory: InventorySnapshot) -> str:
    """Return the group of an alert: `site=Hamburg, category=power`."""
    if grouping.digest is not None:
        return DIGEST
    if not grouping.by:
        return ALL
    return ", ".join(f"{name}={_value(name, alert, inventory)}" for name in grouping.by)


def first_due(grouping: MessageGrouping, group: AlertGroup | None, now: datetime) -> datetime:
    """Return when a message of a group is due that has something new.

    Args:
        group: What was sent of it; None: nothing yet.
    """
    if grouping.digest is not None:
        return next_digest(grouping.digest, now)
    if group is None:
        return later(now, grouping.wait)
    return max(now, later(group.sent_at, grouping.interval))


def _value(name: str, alert: Alert, inventory: InventorySnapshot) -> str:
    device = inventory.device_at(device_key(alert))
    match name:
        case "device":
            value: object = alert.device_name or alert.device_ip
        case "site":
            value = device.site if device is not None else None
        case "cause":
            value = alert.correlated_to_id
        case "category" | "alert_type" | "severity":
            value = getattr(alert, name)
        case _:
            fields = device.custom_fields if device is not None else {}
            value = alert.custom_fields.get(name, fields.get(name))
    return str(value)[:LONGEST_VALUE] if value not in (None, "") else NO_VALUE
