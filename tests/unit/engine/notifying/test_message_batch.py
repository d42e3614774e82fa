"""The details that a message about several alerts has of each."""

from datetime import UTC, datetime
from uuid import UUID

from opsconductor.engine.grouping.batch import BatchKey, MessageBatch
from opsconductor.model.enums import NotificationKind

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
BRIEF = {"alert_id": str(UUID(int=7)), "severity": "major"}


def test_a_recovery_is_kept_beside_later_events() -> None:
    """It came again and was acknowledged: the message has the latest of each kind."""
    batch = MessageBatch(
        id=UUID(int=1),
        key=BatchKey("mail", "anna@example.org"),
        rule_id=UUID(int=2),
        rule_name="all",
        opened_at=NOW,
        due_at=NOW,
    )
    for kind in (
        NotificationKind.WORSE,
        NotificationKind.RECOVERY,
        NotificationKind.FLAPPING,
        NotificationKind.ACKNOWLEDGED,
    ):
        batch.update(kind, BRIEF)
    assert [each["kind"] for each in batch.updates] == ["recovery", "acknowledged"]
    assert batch.counts == {"recovery": 1, "acknowledged": 1}
