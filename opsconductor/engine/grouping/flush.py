"""Sends the messages about several alerts that are due."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from uuid import UUID

from opsconductor.engine.clock import later
from opsconductor.engine.grouping.batch import BatchKey, MessageBatch
from opsconductor.engine.grouping.content import is_earlier_end, summary_facts
from opsconductor.engine.grouping.deliver import beyond_limit, new_batch, note_sent, send
from opsconductor.engine.grouping.group import AlertGroup
from opsconductor.engine.muting.marking import is_muted
from opsconductor.engine.notifications import facts_now
from opsconductor.engine.step import EngineStep
from opsconductor.model.alert import Alert, NotifiedRecipient
from opsconductor.model.enums import SEVERITY_RANK, NotificationKind, Severity, Status
from opsconductor.model.notifications.grouping import MessageGrouping

COST_OF_MESSAGE = 50
"""Cost of a message that lists as many alerts as it may, as a multiple of the evaluation of an alert."""
SINGLE = frozenset(
    {
        NotificationKind.RECOVERY,
        NotificationKind.WORSE,
        NotificationKind.STABLE,
        NotificationKind.REMINDER,
    }
)
"""Kinds of updates that have a message of their own if nothing else is to be sent."""


def flush_due(work: EngineStep) -> None:
    """Send what is due; what the budget does not cover is due in the next step."""
    batches = work.state.batches
    while work.budget > 0 and (batch := batches.pop_due(work.now)) is not None:
        work.budget -= COST_OF_MESSAGE
        _withdraw_outdated(work, batch)
        if batch.key.rule_id is None:
            _flush_limited(work, batch)
        else:
            _flush_group(work, batch)


def _withdraw_outdated(work: EngineStep, batch: MessageBatch) -> None:
    """Remove the updates that are no longer true for the recipient.

    Reminders of alerts that have been acknowledged since, that are held, or new again: the recipient of a
    reminder knows of the problem, but not of one that was resolved and is back since. And ends of problems
    about which the recipient has been notified again since, by a message of another group or another rule.
    """
    target = (batch.key.channel, batch.key.recipient)
    for brief in tuple(batch.updates):
        alert = work.book.find(UUID(brief["alert_id"]))
        if brief["kind"] == NotificationKind.REMINDER:
            is_left = alert is not None and alert.status is Status.ACTIVE and alert.muted_by is None
            known = alert.notified if alert is not None and is_left else ()
            if target not in {(notified.channel, notified.recipient) for notified in known}:
                batch.drop(brief)
        elif alert is not None and is_earlier_end(brief, alert):
            waits = work.state.batches.is_waiting
            if target in {(each.channel, each.recipient) for each in alert.notified if not waits(each)}:
                batch.drop(brief)


def _flush_limited(work: EngineStep, batch: MessageBatch) -> None:
    """Send a summary, of one message alone that message; its members count as notified from now on."""
    if batch.has_news:
        notified = _recipient_of(batch)
        note_sent(work, (notified.channel, notified.recipient), is_summary=True)
        single = _single(work, batch)
        if single is not None:
            _send_single(work, batch, *single)
        else:
            facts = summary_facts(work, batch)
            alert_id = UUID(facts["members"][0]["alert_id"])
            _send(work, batch, alert_id, NotificationKind.SUMMARY, facts)
    work.state.batches.close(batch)


def _send_single(work: EngineStep, batch: MessageBatch, kind: NotificationKind, alert: Alert) -> None:
    """Send the only message that has waited; the end of a problem that had one comes at once, too."""
    ids = {batch.id, *batch.absorbed}
    entries = tuple(replace(each, batch=None) if each.batch in ids else each for each in alert.notified)
    facts = {**facts_now(work, alert, kind), "is_limit": True}
    _send(work, batch, alert.id, kind, facts)
    if entries != alert.notified:
        work.change(alert, notified=entries)


def _flush_group(work: EngineStep, batch: MessageBatch) -> None:
    """Send a message of a group, or add it to the summary of a recipient whose limit is reached."""
    batches = work.state.batches
    rule = work.state.router.rule(batch.rule_id)
    if rule is None or rule.grouping is None:  # the rule has been changed since
        if batch.has_news:
            _send_group(work, batch, MessageGrouping(), ())
        if batches.pending.get(batch.id) is batch:
            batches.close(batch)
        batches.end(batch.key)
        return
    grouping = rule.grouping
    group = batches.groups.get(batch.key)
    still = _still_open(work, group, grouping) if batch.repeats and group is not None else ()
    members = tuple(batch.worst())
    if batch.has_news or still:
        alert_id = _send_group(work, batch, grouping, still)
        group = batches.note_sent(batch.key, alert_id, work.now)
        group.open |= dict.fromkeys(members)
    if batches.pending.get(batch.id) is batch:
        batches.close(batch)
    if group is None:
        return
    if grouping.repeat is not None and group.open:
        repeat = new_batch(work, batch.key, _recipient_of(batch), later(work.now, grouping.repeat))
        repeat.repeats = True
    batches.end_if_over(group)


def _send_group(
    work: EngineStep, batch: MessageBatch, grouping: MessageGrouping, still: Sequence[Alert]
) -> UUID:
    """Send a message of a group; return the alert that it is about."""
    batches, notified = work.state.batches, _recipient_of(batch)
    target = (notified.channel, notified.recipient)
    limit = batches.policies[notified.channel].limit
    facts = summary_facts(work, batch, still)
    worst = UUID(facts["members"][0]["alert_id"])
    if limit is not None:
        summary = batches.find(BatchKey(*target))
        if summary is not None or not batches.allowance(target).may_send(limit, work.now):
            if batch.has_news:
                summary = summary or beyond_limit(work, BatchKey(*target), notified, limit)
                has_critical = bool(batch.members[SEVERITY_RANK[Severity.CRITICAL]])
                batches.absorb(summary, batch)
                if has_critical:
                    batches.hurry(summary, work.now)
            return worst
        note_sent(work, target)
    single = None if still or grouping.digest is not None else _single(work, batch)
    if single is not None:
        kind, alert = single
        _send(work, batch, alert.id, kind, facts_now(work, alert, kind))
        return alert.id
    group = batches.groups.get(batch.key)
    is_known = group is not None and work.book.find(group.alert_id) is not None
    thread = group.alert_id if group is not None and is_known else worst
    _send(work, batch, thread, NotificationKind.SUMMARY, facts)
    return thread


def _single(work: EngineStep, batch: MessageBatch) -> tuple[NotificationKind, Alert] | None:
    """Return the only message that waits, if it is about an alert that is in memory."""
    if batch.amount + sum(batch.counts.values()) != 1:
        return None
    if batch.amount:
        alert = work.book.numbered(next(batch.worst()))
        return None if alert is None or is_muted(work, alert) else (NotificationKind.PROBLEM, alert)
    (brief,) = batch.updates
    kind = NotificationKind(brief["kind"])
    alert = work.book.find(UUID(brief["alert_id"]))
    if alert is None or kind not in SINGLE:
        return None
    if kind is NotificationKind.RECOVERY:
        return (kind, alert) if alert.status is Status.RESOLVED else None
    waits = work.state.batches.is_waiting  # then it is back since, and this recipient is still to be notified
    known = {(each.channel, each.recipient) for each in alert.notified if not waits(each)}
    is_true = (
        alert.status.is_open
        and not is_muted(work, alert)
        and (batch.key.channel, batch.key.recipient) in known
    )
    return (kind, alert) if is_true else None


def _still_open(work: EngineStep, group: AlertGroup, grouping: MessageGrouping) -> Sequence[Alert]:
    """Return the unacknowledged alerts of a group, the worst first, if it is time to repeat."""
    if grouping.repeat is None or later(group.sent_at, grouping.repeat) > work.now:
        return ()
    known = (work.book.numbered(number) for number in group.open)
    found = [
        alert
        for alert in known
        if alert is not None and alert.status is Status.ACTIVE and alert.muted_by is None
    ]
    return sorted(found, key=lambda alert: -SEVERITY_RANK[alert.severity])


def _send(
    work: EngineStep, batch: MessageBatch, alert_id: UUID, kind: NotificationKind, facts: Mapping[str, object]
) -> None:
    """Send what has waited; a failover that its first rule has now goes before the one that was stored."""
    known = {**batch.failover, **facts}
    send(work, alert_id, kind, _recipient_of(batch), known, notification_id=batch.id)


def _recipient_of(batch: MessageBatch) -> NotifiedRecipient:
    return NotifiedRecipient(
        rule_id=batch.rule_id,
        rule_name=batch.rule_name,
        channel=batch.key.channel,
        recipient=batch.key.recipient,
        person=batch.person,
    )
