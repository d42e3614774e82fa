"""Planned notifications that are due: steps of escalations, what quiet hours or a throttle have held."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from opsconductor.engine.clock import later
from opsconductor.engine.grouping.deliver import deliver
from opsconductor.engine.notifications import decision, facts_now, kind_of, wait_for_rules
from opsconductor.engine.recipients.choosing import (
    Round,
    add_notified,
    choose,
    situation_in,
    with_notified,
)
from opsconductor.engine.recipients.of_rule import RuleRecipients, recipients_of, run_steps
from opsconductor.engine.recipients.resolving import resolve, resolve_all
from opsconductor.engine.routing.router import MET
from opsconductor.engine.routing.situation import Situation
from opsconductor.engine.step import EngineStep
from opsconductor.model.alert import Alert, NotifiedRecipient, PlannedNotification
from opsconductor.model.enums import HistoryAction, NotificationKind, Status
from opsconductor.model.notifications.rule import NotificationRule, RuleVerdict
from opsconductor.model.people.directory import PeopleDirectory
from opsconductor.model.people.escalation import EscalationPolicy
from opsconductor.model.people.target import PeopleTarget, TargetKind


class Expiry(NamedTuple):
    """When an acknowledgement expires, and by which policy of which rule."""

    at: datetime
    policy: EscalationPolicy
    rule: NotificationRule


def run_planned(work: EngineStep, alert: Alert) -> None:
    """Notify what is planned for by now; the steps of rules that no longer fire are dropped."""
    due = [each for each in alert.planned if each.at <= work.now]
    if not due:
        return
    situation = situation_in(work, alert, alert.last_event)
    routing = work.state.router.route(situation)
    firing = {rule.id: rule for rule in routing.fired}
    alert = work.change(alert, planned=tuple(each for each in alert.planned if each.at > work.now))
    chosen = Round()
    for each in due:
        if each.policy:
            chosen.verdicts.append(_run_step(work, chosen, each, situation, firing))
        elif each.is_rule:
            _run_rule(work, chosen, each, alert, firing)
        else:
            chosen.verdicts.append(_run_held(chosen, each, alert))
    known = alert.notified
    alert = wait_for_rules(work, _send(work, alert, chosen), routing)
    action = HistoryAction.NOTIFIED if chosen.notified or alert.notified != known else HistoryAction.UPDATED
    changes = decision(work, situation, chosen.verdicts)
    work.record(alert, action, "route.planned", old=alert.status, changes=changes)


def begin_again(
    work: EngineStep, alert: Alert, begun: Collection[NotificationRule], *, taker: str | None = None
) -> None:
    """Begin escalations again after an acknowledgement or muting; who knows already is reminded.

    Args:
        begun: Rules that have begun already.
        taker: Who had acknowledged it, and is to be reminded as a person of the directory; None: no person.
    """
    router, without = work.state.router, {rule.id for rule in begun}
    alert = work.book.latest(alert)
    if not router.names_people or alert.status is not Status.ACTIVE or alert.muted_by is not None:
        return
    situation = situation_in(work, alert, alert.last_event)
    routing = router.route(situation)
    known = {(notified.channel, notified.recipient) for notified in alert.notified}
    chosen = Round()
    for rule in routing.fired:
        if not rule.targets or rule.id in without:
            continue
        found = recipients_of(router.directory, rule, situation)
        wanted = [
            each
            for each in found.notified
            if (each.channel, each.recipient) in found.stepped or (each.channel, each.recipient) not in known
        ]
        _remind_taker(work, found, taker, wanted, situation)
        chosen.planned += found.planned
        add_notified(chosen, wanted, ())
        chosen.verdicts.append(RuleVerdict(rule=rule.name, fired=True, reason=_reason(found)))
    if not chosen.verdicts:
        return
    alert = wait_for_rules(work, _send(work, alert, chosen), routing)
    action = HistoryAction.NOTIFIED if chosen.notified else HistoryAction.UPDATED
    changes = decision(work, situation, chosen.verdicts)
    work.record(alert, action, "route.begun_again", old=alert.status, changes=changes)


def acknowledgement_expiry(work: EngineStep, alert: Alert) -> Expiry | None:
    """Return when the acknowledgement of an alert expires; None: never."""
    router, acknowledged_at = work.state.router, alert.acknowledged_at
    limited = {each.name: each for each in router.directory.policies.values() if each.acknowledgement_expires}
    if not limited or acknowledged_at is None:
        return None
    notified = (router.rule(each.rule_id) for each in alert.notified)
    fired = router.route(situation_in(work, alert, alert.last_event)).fired
    found = [
        Expiry(later(acknowledged_at, policy.acknowledgement_expires), policy, rule)
        for rule in (*fired, *notified)
        if rule is not None
        for target in rule.targets
        if target.kind is TargetKind.ESCALATION and (policy := limited.get(target.name)) is not None
    ]
    return min(found, key=lambda each: each.at, default=None)


def _run_step(
    work: EngineStep,
    chosen: Round,
    each: PlannedNotification,
    situation: Situation,
    firing: Mapping[UUID, NotificationRule],
) -> RuleVerdict:
    directory, rule = work.state.router.directory, firing.get(each.rule_id)
    planned = (*situation.alert.planned, *chosen.planned)
    policy = None if rule is None else _policy_of(directory, rule, each, planned)
    if rule is None or policy is None or each.step >= policy.amount:
        ended = "the rule no longer fires" if rule is None else "the rule no longer has it"
        reason = f"escalation {each.policy} has ended: {ended}"
        return RuleVerdict(rule=each.rule_name, fired=False, reason=reason)
    found = RuleRecipients(rule)
    run_steps(directory, found, policy, situation, begun_at=each.since, number=each.step)
    if not chosen.notified and _is_forgotten(found, policy, each, situation.alert):
        found.add(resolve_all(directory, rule.targets, situation.alert, situation.at), situation.at)
    chosen.planned += found.planned
    refusal = add_notified(chosen, found.notified, ()) if found.notified else None
    reason = f"{refusal}: {_reason(found)}" if refusal else _reason(found)
    return RuleVerdict(rule=rule.name, fired=bool(found.notified) and refusal is None, reason=reason)


def _policy_of(
    directory: PeopleDirectory,
    rule: NotificationRule,
    each: PlannedNotification,
    planned: Iterable[PlannedNotification],
) -> EscalationPolicy | None:
    """Return the policy of a planned step, or the one that the rule has in its place; None: it has none.

    A policy that is renamed or replaced must not end the escalations that run.
    """
    names = [target.name for target in rule.targets if target.kind is TargetKind.ESCALATION]
    if each.policy in names:
        return directory.policies.get(each.policy)
    taken = {other.policy for other in planned if other.rule_id == rule.id}
    return directory.policies.get(next((name for name in names if name not in taken), ""))


def _is_forgotten(
    found: RuleRecipients, policy: EscalationPolicy, each: PlannedNotification, alert: Alert
) -> bool:
    """Return True if a round of steps has ended, and no one has been notified or will be later."""
    coming = [planned.step for planned in found.planned if planned.policy]
    amount = len(policy.steps)
    is_over = not coming or coming[0] // amount > each.step // amount
    is_held = found.holds or any(not planned.policy for planned in alert.planned)
    return is_over and not found.notified and not is_held and not alert.notified


def _run_held(chosen: Round, each: PlannedNotification, alert: Alert) -> RuleVerdict:
    notified = NotifiedRecipient(
        rule_id=each.rule_id,
        rule_name=each.rule_name,
        channel=each.channel,
        recipient=each.recipient,
        person=each.person,
    )
    known = {(recipient.channel, recipient.recipient) for recipient in alert.notified}
    refusal = add_notified(chosen, [notified], known)
    reason = f"the quiet hours of {each.person} over {each.channel} have ended"
    if refusal is not None:
        reason = f"{refusal}: {reason}"
    return RuleVerdict(rule=each.rule_name, fired=refusal is None, reason=reason)


def _run_rule(
    work: EngineStep,
    chosen: Round,
    each: PlannedNotification,
    alert: Alert,
    firing: Mapping[UUID, NotificationRule],
) -> None:
    """Add the recipients of a rule that was throttled, if it still fires."""
    rule = firing.get(each.rule_id)
    if rule is None:
        reason = "it was throttled, and no longer fires"
        chosen.verdicts.append(RuleVerdict(rule=each.rule_name, fired=False, reason=reason))
        return
    known = {(notified.channel, notified.recipient) for notified in alert.notified}
    found = choose(work, alert, NotificationKind.PROBLEM, [rule], known=known | chosen.notified.keys())
    chosen.notified |= found.notified
    chosen.planned += found.planned
    chosen.verdicts += found.verdicts


def _remind_taker(
    work: EngineStep,
    found: RuleRecipients,
    taker: str | None,
    wanted: list[NotifiedRecipient],
    situation: Situation,
) -> None:
    """Add the person who had acknowledged the alert."""
    directory = work.state.router.directory
    if taker is None or taker not in directory.people or not found.stepped:
        return
    person = PeopleTarget(kind=TargetKind.PERSON, name=taker)
    before = len(found.notified)
    found.add(resolve(directory, [person], situation.alert, situation.at), situation.at)
    wanted += found.notified[before:]
    found.remarks.append(f"{taker} had acknowledged it")


def _reason(found: RuleRecipients) -> str:
    return f"{MET}: {'; '.join(found.remarks)}" if found.remarks else MET


def _send(work: EngineStep, alert: Alert, chosen: Round) -> Alert:
    """Write the messages of a round: a reminder to those who know of the problem, else the problem."""
    before = {(notified.channel, notified.recipient): notified for notified in alert.notified}
    if chosen.notified:
        first = kind_of(alert)
        facts = facts_now(work, alert, first)
        for target, notified in chosen.notified.items():
            known = before.get(target)
            if known is None:
                chosen.notified[target] = deliver(work, alert, first, notified, facts, is_known=False)
            elif not work.state.batches.is_waiting(known):
                deliver(work, alert, NotificationKind.REMINDER, known, facts, is_known=True)
        chosen.note_waits(work)
    return with_notified(work, alert, chosen)
