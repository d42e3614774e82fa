"""The recipients of one round of notifications about an alert, and what is planned for later."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime

from opsconductor.engine.alert_index import device_key
from opsconductor.engine.clock import utc_text
from opsconductor.engine.grouping.deliver import reason_of_wait
from opsconductor.engine.recipients.of_rule import recipients_of
from opsconductor.engine.routing.router import MET
from opsconductor.engine.routing.situation import Situation
from opsconductor.engine.step import EngineStep
from opsconductor.model.alert import Alert, NotifiedRecipient, PlannedNotification
from opsconductor.model.construct import constructor_of
from opsconductor.model.enums import SEVERITY_RANK, AlertEvent, NotificationKind, Status
from opsconductor.model.notifications.rule import NotificationRule, RuleVerdict

THROTTLED = frozenset({NotificationKind.PROBLEM, NotificationKind.WORSE})
INFORMING = frozenset({NotificationKind.RECOVERY, NotificationKind.ACKNOWLEDGED, NotificationKind.EXPIRED})
"""Kinds that do not count for throttling."""
Target = tuple[str, str]
_situation = constructor_of(Situation)


@dataclass(slots=True)
class Round:
    """One round of notifications about an alert: the recipients, and the rule of each.

    Attributes:
        notified: By channel and recipient, in order of the rules.
        verdicts: Of the rules whose conditions are met, throttling and duplicates included.
        planned: What is notified later.
    """

    notified: dict[Target, NotifiedRecipient] = field(default_factory=dict)
    verdicts: list[RuleVerdict] = field(default_factory=list)
    planned: list[PlannedNotification] = field(default_factory=list)

    def note_waits(self, work: EngineStep) -> None:
        """Add to the verdicts which messages wait, and until when."""
        waits: dict[str, list[str]] = {}
        for notified in self.notified.values():
            reason = reason_of_wait(work, notified)
            if reason is not None:
                waits.setdefault(notified.rule_name, []).append(reason)
        for number, verdict in enumerate(self.verdicts if waits else ()):
            reasons = waits.get(verdict.rule, ()) if verdict.fired else ()
            if reasons:
                self.verdicts[number] = replace(verdict, reason="; ".join([verdict.reason, *reasons]))


def situation_in(work: EngineStep, alert: Alert, event: AlertEvent, at: datetime | None = None) -> Situation:
    """Return what the rules are evaluated on; without a time, as it is now."""
    device = work.state.inventory.device_at(device_key(alert))
    return _situation(alert=alert, event=event, at=at or work.now, device=device)


def with_notified(work: EngineStep, alert: Alert, chosen: Round) -> Alert:
    """Add those notified in a round to an alert, and what is planned."""
    if not (chosen.notified or chosen.planned or alert.planned):
        return alert
    known = {(notified.channel, notified.recipient) for notified in alert.notified}
    new = [notified for target, notified in chosen.notified.items() if target not in known]
    if new:
        alert = work.change(alert, notified=(*alert.notified, *new))
    if not (chosen.planned or alert.planned):
        return alert
    return _plan(work, alert, chosen)


def put_off(alert: Alert) -> tuple[PlannedNotification, ...]:
    """Return what stays planned of an alert that is muted: rules that are throttled."""
    return tuple(each for each in alert.planned if each.is_rule)


def _plan(work: EngineStep, alert: Alert, chosen: Round) -> Alert:
    """Plan notifications beside those that are planned already, without what is sent in the same round.

    Nothing is planned for an acknowledged alert.
    """
    if alert.status is not Status.ACTIVE:
        return alert
    planned = {(each.rule_id, each.policy, each.channel, each.recipient): each for each in alert.planned}
    for each in chosen.planned:
        planned.setdefault((each.rule_id, each.policy, each.channel, each.recipient), each)
    rules = {notified.rule_id for notified in chosen.notified.values()}
    for key, each in tuple(planned.items()):
        if each.rule_id in rules if each.is_rule else (each.channel, each.recipient) in chosen.notified:
            del planned[key]
    left = tuple(planned.values())
    due = min((each.at for each in left), default=None)
    if alert.reroute_at is not None and (due is None or alert.reroute_at < due):
        due = alert.reroute_at
    if left == alert.planned and due == alert.reroute_at:
        return alert
    return work.change(alert, planned=left, reroute_at=due)


def choose(
    work: EngineStep,
    alert: Alert,
    kind: NotificationKind,
    fired: Iterable[NotificationRule],
    *,
    known: Collection[Target] = (),
) -> Round:
    """Choose the recipients of rules.

    Args:
        known: Recipients who are left out.
    """
    chosen = Round()
    for rule in fired:
        reason, refusal = MET, None
        if (until := _quiet_until(work, alert, kind, rule)) is not None:
            refusal = _put_off(alert, chosen, rule, until, work.now)
        elif rule.targets:
            reason, refusal = _add_people(work, alert, kind, chosen, rule, known)
        else:
            refusal = _add(chosen, rule, known)
        if refusal is None:
            work.triggered[rule.id] = work.now
        if refusal is None and rule.throttle and kind not in INFORMING:
            rank = SEVERITY_RANK[alert.severity]
            work.state.notices.remember(rule, work.state.notice_key(alert), at=work.now, rank=rank)
        chosen.verdicts.append(RuleVerdict(rule=rule.name, fired=refusal is None, reason=refusal or reason))
    return chosen


def _quiet_until(
    work: EngineStep, alert: Alert, kind: NotificationKind, rule: NotificationRule
) -> datetime | None:
    if not rule.throttle or kind not in THROTTLED:
        return None
    rank = SEVERITY_RANK[alert.severity]
    return work.state.notices.quiet_until(rule, work.state.notice_key(alert), now=work.now, rank=rank)


def _put_off(alert: Alert, chosen: Round, rule: NotificationRule, until: datetime, now: datetime) -> str:
    """Plan a throttled rule for the end of that time, unless it has notified of this problem; return why."""
    refusal = f"throttled until {utc_text(until)}"
    if any(each.rule_id == rule.id for each in alert.notified):
        return refusal
    later = PlannedNotification(at=until, since=now, rule_id=rule.id, rule_name=rule.name)
    chosen.planned.append(later)
    return f"{refusal}, and evaluated again then"


def _add(chosen: Round, rule: NotificationRule, known: Collection[Target]) -> str | None:
    """Add the recipients of a rule whom no rule before it has named."""
    notified = [
        NotifiedRecipient(rule_id=rule.id, rule_name=rule.name, channel=channel, recipient=recipient)
        for channel, recipient in _targets(rule)
    ]
    return add_notified(chosen, notified, known)


def add_notified(
    chosen: Round, notified: Iterable[NotifiedRecipient], known: Collection[Target]
) -> str | None:
    """Add recipients to a round; return why none is added, else None."""
    others = [each for each in notified if (each.channel, each.recipient) not in known]
    new = [each for each in others if (each.channel, each.recipient) not in chosen.notified]
    if not others:
        return "all its recipients have been notified already"
    if not new:
        return "all its recipients are notified by an earlier rule"
    chosen.notified |= {(each.channel, each.recipient): each for each in new}
    return None


def _add_people(
    work: EngineStep,
    alert: Alert,
    kind: NotificationKind,
    chosen: Round,
    rule: NotificationRule,
    known: Collection[Target],
) -> tuple[str, str | None]:
    """Add the recipients that the targets of a rule stand for now, and plan what follows.

    Returns:
        Why it fires, and why it does not; None: it does.
    """
    found = recipients_of(work.state.router.directory, rule, situation_in(work, alert, alert.last_event))
    remarks = "; ".join(found.remarks)
    if kind not in INFORMING:
        chosen.planned += found.planned
    refusal = add_notified(chosen, found.notified, known) if found.notified else "no one can be notified now"
    if refusal is not None and found.planned and kind not in INFORMING:
        refusal = None
    if refusal is not None:
        return "", f"{refusal}: {remarks}" if remarks else refusal
    return f"{MET}: {remarks}" if remarks else MET, None


def _targets(rule: NotificationRule) -> Iterator[Target]:
    return ((each.channel, recipient) for each in rule.channels for recipient in each.recipients)
