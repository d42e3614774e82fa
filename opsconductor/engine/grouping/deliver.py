"""Whether a message is sent now, or waits to be sent with others."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from opsconductor.engine.clock import later, utc_text
from opsconductor.engine.grouping.batch import BatchKey, MessageBatch, key_of
from opsconductor.engine.grouping.content import brief
from opsconductor.engine.grouping.group import first_due, group_name
from opsconductor.engine.step import EngineStep
from opsconductor.model import canary
from opsconductor.model.alert import Alert, NotifiedRecipient
from opsconductor.model.changes import NotificationIntent
from opsconductor.model.enums import SEVERITY_RANK, NotificationKind, Severity
from opsconductor.model.notifications.grouping import MessageGrouping
from opsconductor.model.notifications.policy import RecipientLimit
from opsconductor.model.notifications.rule import NotificationRule, RuleChannel
from opsconductor.model.people.directory import PeopleDirectory
from opsconductor.model.people.target import TargetKind


def deliver(
    work: EngineStep,
    alert: Alert,
    kind: NotificationKind,
    notified: NotifiedRecipient,
    facts: Mapping[str, object],
    *,
    is_known: bool,
) -> NotifiedRecipient:
    """Send a message, or let it wait with others.

    Args:
        notified: The recipient; the rule and, if one names the alert, the message about several alerts.
        is_known: The recipient has been notified of the problem, or is to get no recovery.

    Returns:
        The recipient as it is to be stored with the alert.
    """
    batches = work.state.batches
    policy = batches.policies[notified.channel]
    target = (notified.channel, notified.recipient)
    if policy.is_single or alert.alert_type == canary.ALERT_TYPE:
        send(work, alert.id, kind, notified, facts)
        return notified
    rule = work.state.router.rule(notified.rule_id)
    if rule is not None and rule.grouping is not None:
        return _grouped(work, alert, kind, notified, rule.grouping, is_known=is_known)
    if notified.group and batches.find(key_of(notified)) is None:  # the rule has been changed since
        batches.end(key_of(notified))
    if policy.limit is None:
        send(work, alert.id, kind, notified, facts)
        return notified
    key = BatchKey(*target)
    waits = batches.find(key)
    is_counted = kind is NotificationKind.RECOVERY and notified.batch is not None
    if waits is None and not is_counted and batches.allowance(target).may_send(policy.limit, work.now):
        send(work, alert.id, kind, notified, facts)
        note_sent(work, target)
        return notified
    batch = waits or beyond_limit(work, key, notified, policy.limit)
    if alert.severity is Severity.CRITICAL and kind in (NotificationKind.PROBLEM, NotificationKind.WORSE):
        batches.hurry(batch, work.now)
    return _join(work, alert, kind, notified, batch, is_known=is_known)


def _grouped(
    work: EngineStep,
    alert: Alert,
    kind: NotificationKind,
    notified: NotifiedRecipient,
    grouping: MessageGrouping,
    *,
    is_known: bool,
) -> NotifiedRecipient:
    """Add a message to the next one of its group."""
    batches = work.state.batches
    name = notified.group or group_name(grouping, alert, work.state.inventory)
    key = BatchKey(notified.channel, notified.recipient, notified.rule_id, name)
    group = batches.groups.get(key)
    due_at = first_due(grouping, group, work.now)
    is_last = kind is NotificationKind.RECOVERY and group is not None and not group.open
    if grouping.digest is None and (is_last or kind is NotificationKind.WORSE):
        due_at = min(due_at, later(work.now, grouping.wait))
    batch = batches.find(key)
    if batch is None:
        batch = new_batch(work, key, notified, due_at)
    else:
        batches.bring_forward(batch, due_at)
    return _join(work, alert, kind, replace(notified, group=name), batch, is_known=is_known)


def _join(
    work: EngineStep,
    alert: Alert,
    kind: NotificationKind,
    notified: NotifiedRecipient,
    batch: MessageBatch,
    *,
    is_known: bool,
) -> NotifiedRecipient:
    """Add a message to those that wait; a new problem as a member, anything else as an update."""
    if notified.rule_name not in batch.rules or (notified.person and not batch.person):
        batch.rules[notified.rule_name] = None
        batch.person = batch.person or notified.person
        batch.failover = batch.failover or failover_in(work, notified)
        work.state.batches.store(batch)
    if is_known:
        batch.update(kind, brief(work, alert))
        work.state.batches.store(batch)
        return notified
    batch.join(alert.id.int, SEVERITY_RANK[alert.severity])
    return replace(notified, batch=batch.id)


def send(
    work: EngineStep,
    alert_id: UUID,
    kind: NotificationKind,
    notified: NotifiedRecipient,
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
            rule_id=notified.rule_id,
            rule_name=notified.rule_name,
            channel=notified.channel,
            recipient=notified.recipient,
            kind=kind,
            created_at=at,
            facts={
                **facts,
                **failover_in(work, notified),
                "kind": kind.value,
                "rule": notified.rule_name,
                "person": notified.person,
            },
        )
    )


def failover_in(work: EngineStep, notified: NotifiedRecipient) -> Mapping[str, object]:
    """Return the failover of a recipient as the delivery reads it from the facts; empty: there is none."""
    router = work.state.router
    for target in _named_in(router.rule(notified.rule_id), router.directory, notified.person):
        failover = target.failover
        is_of = notified.channel == target.channel and notified.recipient in target.recipients
        if is_of and failover is not None:
            return {"failover": {"channel": failover.channel, "recipients": list(failover.recipients)}}
    return {}


def _named_in(
    rule: NotificationRule | None, directory: PeopleDirectory, person: str
) -> Iterator[RuleChannel]:
    """Yield the contact methods of a person, and the channels of a rule and of its policies."""
    if person in directory.people:
        for method in directory.people[person].methods:
            yield RuleChannel(
                channel=method.channel, recipients=(method.recipient,), failover=method.failover
            )
    if rule is None:
        return
    yield from rule.channels
    for target in rule.targets:
        if target.kind is TargetKind.ESCALATION and target.name in directory.policies:
            for step in directory.policies[target.name].steps:
                yield from step.channels


def note_sent(work: EngineStep, target: tuple[str, str], *, is_summary: bool = False) -> None:
    """Count a message for the limit of its recipient."""
    batches = work.state.batches
    if batches.policies[target[0]].limit is not None:
        batches.allowance(target).note(work.now, is_summary=is_summary)
        batches.note_allowance(target)


def reason_of_wait(work: EngineStep, entry: NotifiedRecipient) -> str | None:
    """Return why a recipient is still to be notified, and when; None: that has been done."""
    batch = work.state.batches.pending.get(entry.batch) if entry.batch is not None else None
    if batch is None:
        return None
    whom, due = entry.recipient or entry.channel, utc_text(batch.due_at)
    if batch.key.rule_id is None:
        return f"limited: {whom} gets it in the summary of {due}"
    return f"grouped until {due}: {whom} gets it in the message of {batch.key.group}"


def beyond_limit(
    work: EngineStep, key: BatchKey, notified: NotifiedRecipient, limit: RecipientLimit
) -> MessageBatch:
    """Return a new summary of what is beyond the limit of a recipient."""
    allowance = work.state.batches.allowance((key.channel, key.recipient))
    return new_batch(work, key, notified, allowance.next_summary(limit, work.now))


def new_batch(work: EngineStep, key: BatchKey, notified: NotifiedRecipient, due_at: datetime) -> MessageBatch:
    """Return a new message that waits until it is due."""
    batch = MessageBatch(
        id=work.state.new_id(work.state.clock.stamp()),
        key=key,
        rule_id=notified.rule_id,
        rule_name=notified.rule_name,
        person=notified.person,
        opened_at=work.now,
        due_at=due_at,
    )
    work.state.batches.open(batch)
    return batch
