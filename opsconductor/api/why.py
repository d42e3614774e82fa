"""Why a person was or was not notified of an alert, in one sentence; pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from opsconductor.engine.clock import utc_text
from opsconductor.engine.recipients.resolving import resolve
from opsconductor.engine.routing.explaining import ExplainedVerdict
from opsconductor.model.alert import Alert, NotifiedRecipient
from opsconductor.model.enums import NotificationKind, Status
from opsconductor.model.notifications.rule import NotificationRule
from opsconductor.model.people.directory import NO_DIRECTORY, PeopleDirectory
from opsconductor.model.people.person import Person
from opsconductor.model.people.target import PeopleTarget, TargetKind

ENDS = frozenset({NotificationKind.RECOVERY, NotificationKind.EXPIRED, NotificationKind.ACKNOWLEDGED})
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What is known about the notifications of an alert.

    Attributes:
        cause: Title of the alert that causes this one.
        verdicts: On the latest decision; empty: none has been made.
        deliveries: Oldest first.
        waits: When the message is due that names the alert to a recipient, by channel and recipient.
        directory: Of persons, in force.
        decided_at: Time of the latest decision; None: none has been made.
        is_whole: False while the database, which holds decisions and deliveries, does not answer.
    """

    alert: Alert
    cause: str | None
    verdicts: Sequence[ExplainedVerdict]
    deliveries: Sequence[Row]
    rules: Sequence[NotificationRule]
    is_whole: bool = True
    waits: Mapping[tuple[str, str], datetime] = field(default_factory=dict)
    directory: PeopleDirectory = NO_DIRECTORY
    decided_at: datetime | None = None

    @property
    def at(self) -> datetime:
        """Return the time of the latest decision, else when the alert was received."""
        return self.decided_at or self.alert.received_at


def sentence_for(name: str, evidence: Evidence) -> str:
    """Answer whether and why a person, a recipient, a rule or a channel was notified of an alert."""
    person = evidence.directory.find(name)
    if person is not None:
        return _of_person(person, evidence)
    known = next(
        (each for each in evidence.alert.notified if _same(name, each.recipient, each.rule_name)), None
    )
    if known is not None and (waits := _waits(name, known, evidence)):
        return waits
    sent = [row for row in evidence.deliveries if row["kind"] not in ENDS and _is_about(row, name)]
    if sent:
        return _delivered(name, sent)
    if known is not None:
        return f"{name} was notified by rule {known.rule_name} over {known.channel}."
    return _of_rules(name, evidence)


def _of_rules(name: str, evidence: Evidence) -> str:
    """Answer for a rule, or a recipient or channel of rules, that was not notified."""
    mine = [rule for rule in evidence.rules if _names(rule, name)]
    if mine:
        return f"{name} was not notified: {_held(evidence) or _refused(mine, evidence)}."
    mine = [rule for rule in evidence.rules if _reached_by_steps(rule, name, evidence.directory)]
    if not mine:
        return f"{name} was not notified: no rule has this name, and none names it as a recipient or channel."
    return _of_steps(name, mine, evidence, _planned(evidence, mine))


def _of_person(person: Person, evidence: Evidence) -> str:
    """Answer for a person: over which methods, and why not over the others."""
    rows = [row for row in evidence.deliveries if row["kind"] not in ENDS]
    outcomes, others = [], []
    for method in person.methods:
        target = (method.channel, method.recipient)
        sent = [row for row in rows if (row["channel"], row["recipient"]) == target]
        known = next(
            (each for each in evidence.alert.notified if (each.channel, each.recipient) == target), None
        )
        if known is not None and (waits := _waits(person.name, known, evidence)):
            outcomes.append(waits)
        elif sent:
            outcomes.append(_delivered(person.name, sent))
        elif known is not None:
            outcomes.append(f"{person.name} was notified over {method.channel}.")
        else:
            others.append(method)
    left = resolve(evidence.directory, [_target(person)], evidence.alert, evidence.at).left_out
    reasons = {(each.channel, each.recipient): each.reason for each in left}
    not_over = [
        f"over {each.channel}: {reason}"
        for each in others
        if (reason := reasons.get((each.channel, each.recipient)))
    ]
    if outcomes:
        return " ".join([*outcomes, *(f"{person.name} was not notified {each}." for each in not_over)])
    mine = [rule for rule in evidence.rules if _stands_for(rule, person, evidence.directory)]
    if not mine:
        return (
            f"{person.name} was not notified: no rule names {person.name}, directly or by a team or schedule."
        )
    left_out = [f"not {each}" for each in not_over]
    return _of_steps(person.name, mine, evidence, _planned(evidence, mine, person), left_out)


def _of_steps(
    name: str,
    mine: Sequence[NotificationRule],
    evidence: Evidence,
    planned: Sequence[str],
    left_out: Sequence[str] = (),
) -> str:
    """Answer for someone whom rules name by a person, team, schedule or policy: what is due, else why not."""
    held, refused = _held(evidence), _refused(mine, evidence, with_fired=True)
    if planned and not held:
        parts = [*planned, *left_out, f"so far: {refused.removesuffix(_later(evidence.alert))}"]
        return f"{name} was not notified yet: {'; '.join(parts)}."
    why = held or refused
    return "; ".join([f"{name} was not notified: {why}", *left_out, *planned]) + "."


def _waits(name: str, known: NotifiedRecipient, evidence: Evidence) -> str:
    """Return when a message is due that waits with others; empty: none does."""
    due = evidence.waits.get((known.channel, known.recipient))
    if due is None:
        return ""
    of = f"the group {known.group}" if known.group else "what is beyond the limit of the recipient"
    by = f"by rule {known.rule_name} over {known.channel} at {utc_text(due)}"
    return f"{name} will be notified {by}, in one message about {of}."


def _target(person: Person) -> PeopleTarget:
    return PeopleTarget(kind=TargetKind.PERSON, name=person.name)


def _stands_for(rule: NotificationRule, person: Person, directory: PeopleDirectory) -> bool:
    """Return True if a target of a rule can stand for a person, or it names one of the person's addresses."""
    addresses = {(each.channel, each.recipient) for each in person.methods}
    named = {(each.channel, recipient) for each in rule.channels for recipient in each.recipients}
    return bool(addresses & named) or any(person.name in directory.named_by(each) for each in rule.targets)


def _reached_by_steps(rule: NotificationRule, name: str, directory: PeopleDirectory) -> bool:
    """Return True if a step of an escalation policy of a rule has a name as a recipient or channel."""
    policies = (
        directory.policies.get(each.name) for each in rule.targets if each.kind is TargetKind.ESCALATION
    )
    channels = [each for found in policies if found for step in found.steps for each in step.channels]
    return any(_same(name, each.channel, *each.recipients) for each in channels)


def _planned(evidence: Evidence, mine: Iterable[NotificationRule], person: Person | None = None) -> list[str]:
    """Return what is planned for the alert by some rules, and what waits for a person."""
    names = {target.name for rule in mine for target in rule.targets if target.kind is TargetKind.ESCALATION}
    if person is not None:
        names = {each for each in names if person.name in evidence.directory.named_by(_policy(each))}
    steps = {
        each.policy: len(policy.steps)
        for each in evidence.alert.planned
        if each.policy in names and (policy := evidence.directory.policies.get(each.policy))
    }
    whose = person.name if person is not None else None
    return [
        f"step {each.step % steps[each.policy] + 1} of escalation {each.policy} is due at {utc_text(each.at)}"
        if each.policy in steps
        else f"the message to {each.person} over {each.channel} is due at {utc_text(each.at)}"
        for each in evidence.alert.planned
        if each.policy in steps or (not each.policy and each.person == whose)
    ]


def _policy(name: str) -> PeopleTarget:
    return PeopleTarget(kind=TargetKind.ESCALATION, name=name)


def _is_about(row: Row, name: str) -> bool:
    return _same(name, row["recipient"], row["rule_name"] or "", row["channel"])


def _same(name: str, *others: str) -> bool:
    return name.lower() in {other.lower() for other in others}


def _names(rule: NotificationRule, name: str) -> bool:
    targets = (text for each in rule.channels for text in (each.channel, *each.recipients))
    return _same(name, rule.name, *targets)


def _delivered(name: str, sent: Sequence[Row]) -> str:
    last = sent[-1]
    by = f"by rule {last['rule_name']} over {last['channel']} ({last['kind']})"
    error = f": {last['error_message']}" if last["error_message"] else ""
    attempts = f"{last['attempts']} attempt{'' if last['attempts'] == 1 else 's'}"
    match last["status"]:
        case "sent":
            again = f", the last of {len(sent)} times" if len(sent) > 1 else ""
            return f"{name} was notified at {utc_text(last['sent_at'])} {by}{again}."
        case "pending":
            since = utc_text(last["created_at"])
            return f"{name} is being notified {by}: since {since}, after {attempts}{error}."
        case _:
            return f"{name} was not notified: the message {by} failed after {attempts}{error}."


def _held(evidence: Evidence) -> str:
    """Return why no rule is evaluated; empty: rules are."""
    alert = evidence.alert
    if alert.status is Status.SUPPRESSED and alert.notify_at is None:
        reason = evidence.cause or alert.correlation_rule or "another alert"
        return f"the alert is suppressed because of {reason}"
    if alert.muted_by is not None and (alert.muted_kind or not evidence.verdicts):
        return _muted(alert)
    if alert.notify_at is not None:
        until = utc_text(alert.notify_at)
        return f"the alert is held until {until}, in case a cause arrives or it clears by itself"
    if alert.flapping_since is not None:
        since = utc_text(alert.flapping_since)
        return f"the alert has been flapping since {since}, and nothing is sent meanwhile"
    return "" if evidence.verdicts else _undecided(evidence)


def _undecided(evidence: Evidence) -> str:
    """Return why no decision is known."""
    if evidence.alert.status is Status.ACKNOWLEDGED:
        return f"the alert was acknowledged by {evidence.alert.acknowledged_by} before anyone was notified"
    if not evidence.is_whole:
        return "the decisions are in the database, which does not answer"
    return "no rule was evaluated for the alert"


def _muted(alert: Alert) -> str:
    until = f"until {utc_text(alert.muted_until)}" if alert.muted_until else "until that is ended"
    return f"the alert is muted: {alert.muted_by}, {until}"


def _refused(mine: Iterable[NotificationRule], evidence: Evidence, *, with_fired: bool = False) -> str:
    named = {rule.name for rule in mine}
    verdicts = [each for each in evidence.verdicts if each.rule in named]
    reasons = [f"rule {each.rule}: {each.reason}" for each in verdicts if with_fired or not each.fired]
    if not reasons:
        fired = ", ".join(each.rule for each in verdicts) or "none"
        return f"rule {fired} fired, but no message to it is known"
    return "; ".join(reasons) + _later(evidence.alert)


def _later(alert: Alert) -> str:
    if alert.status is Status.ACKNOWLEDGED:
        return f" (acknowledged by {alert.acknowledged_by} since, so rules that wait do not fire)"
    due = alert.reroute_at
    return f" (rules that wait are evaluated again at {utc_text(due)})" if due is not None else ""
