"""Sends the messages about several alerts that are due."""

from uuid import UUID

from opsconductor.engine.grouping.batch import MessageBatch
from opsconductor.engine.grouping.content import summary_facts
from opsconductor.engine.grouping.deliver import note_sent, send
from opsconductor.engine.step import EngineStep
from opsconductor.model.alert import NotifiedRecipient
from opsconductor.model.enums import NotificationKind

COST_OF_MESSAGE = 50
"""Cost of a message that lists as many alerts as it may, as a multiple of the evaluation of an alert."""


def flush_due(work: EngineStep) -> None:
    """Send what is due; what the budget does not cover is due in the next step."""
    batches = work.state.batches
    while work.budget > 0 and (batch := batches.pop_due(work.now)) is not None:
        work.budget -= COST_OF_MESSAGE
        _flush(work, batch)


def _flush(work: EngineStep, batch: MessageBatch) -> None:
    """Send one message; its members count as notified from now on."""
    told = NotifiedRecipient(
        rule_id=batch.rule_id,
        rule_name=batch.rule_name,
        channel=batch.key.channel,
        recipient=batch.key.recipient,
    )
    if not batch.is_empty:
        facts = summary_facts(work, batch)
        alert_id = UUID(facts["members"][0]["alert_id"])
        send(work, alert_id, NotificationKind.SUMMARY, told, facts, notification_id=batch.id)
        note_sent(work, (told.channel, told.recipient), is_summary=batch.key.rule_id is None)
    work.state.batches.close(batch)
