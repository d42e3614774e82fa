"""Whether a message is sent now, or waits to be sent with others."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

from opsconductor.engine.grouping.batch import BatchKey, MessageBatch
from opsconductor.engine.grouping.content import brief
from opsconductor.engine.step import EngineStep
from opsconductor.model import canary
from opsconductor.model.alert import Alert, NotifiedRecipient
from opsconductor.model.changes import NotificationIntent
from opsconductor.model.enums import SEVERITY_RANK, NotificationKind
from opsconductor.model.notifications.policy import RecipientLimit


def deliver(
    work: EngineStep,
    alert: Alert,
    kind: NotificationKind,
    told: NotifiedRecipient,
    facts: Mapping[str, object],
    *,
    is_known: bool,
) -> NotifiedRecipient:
    """Send a message, or let it wait with others.

    Args:
        told: The recipient; the rule and, if one names the alert, the message about several alerts.
        is_known: The recipient has been notified of the problem, or is to get no recovery.

    Returns:
        The recipient as it is to be stored with the alert.
    """
    batches = work.state.batches
    policy = batches.policy(told.channel)
    target = (told.channel, told.recipient)
    if policy.is_single or policy.limit is None or alert.alert_type == canary.ALERT_TYPE:
        send(work, alert.id, kind, told, facts)
        return told
    key = BatchKey(*target)
    waits = batches.find(key)
    is_counted = kind is NotificationKind.RECOVERY and told.batch is not None
    if waits is None and not is_counted and batches.allowance(target).may_send(policy.limit, work.now):
        send(work, alert.id, kind, told, facts)
        note_sent(work, target)
        return told
    batch = waits or _beyond_limit(work, key, told, policy.limit)
    return join(work, alert, kind, told, batch, is_known=is_known)


def join(
    work: EngineStep,
    alert: Alert,
    kind: NotificationKind,
    told: NotifiedRecipient,
    batch: MessageBatch,
    *,
    is_known: bool,
) -> NotifiedRecipient:
    """Add a message to those that wait; a new problem as a member, anything else as an update."""
    if is_known:
        batch.update(kind, brief(work, alert))
        work.state.batches.store(batch)
        return told
    batch.join(alert.id.int, SEVERITY_RANK[alert.severity])
    return replace(told, batch=batch.id)


def send(
    work: EngineStep,
    alert_id: UUID,
    kind: NotificationKind,
    told: NotifiedRecipient,
    facts: Mapping[str, object],
    *,
    notification_id: UUID | None = None,
) -> None:
    """Write a message into the outbox."""
    at = work.state.clock.stamp()
    work.notifications.append(
        NotificationIntent(
            id=notification_id or work.state.new_id(at),
            alert_id=alert_id,
            rule_id=told.rule_id,
            rule_name=told.rule_name,
            channel=told.channel,
            recipient=told.recipient,
            kind=kind,
            created_at=at,
            facts={**facts, "kind": kind.value, "rule": told.rule_name},
        )
    )


def note_sent(work: EngineStep, target: tuple[str, str], *, is_summary: bool = False) -> None:
    """Count a message for the limit of its recipient."""
    batches = work.state.batches
    if batches.policy(target[0]).limit is not None:
        batches.allowance(target).note(work.now, is_summary=is_summary)
        batches.note_allowance(target)


def reason_of_wait(work: EngineStep, entry: NotifiedRecipient) -> str | None:
    """Return why a recipient is still to be notified, and when; None: that has been done."""
    batch = work.state.batches.pending.get(entry.batch) if entry.batch is not None else None
    if batch is None:
        return None
    return f"limited: {entry.recipient or entry.channel} gets it in the summary of {_shown(batch.due_at)}"


def _beyond_limit(
    work: EngineStep, key: BatchKey, told: NotifiedRecipient, limit: RecipientLimit
) -> MessageBatch:
    """Return a new summary of what is beyond the limit of a recipient."""
    batches = work.state.batches
    due_at = batches.allowance((key.channel, key.recipient)).next_summary(limit, work.now)
    batch = MessageBatch(
        id=work.state.new_id(work.state.clock.stamp()),
        key=key,
        rule_id=told.rule_id,
        rule_name=told.rule_name,
        opened_at=work.now,
        due_at=due_at,
    )
    batches.open(batch)
    return batch


def _shown(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds")
