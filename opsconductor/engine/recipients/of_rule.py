"""Recipients of a rule that names persons, teams, schedules or policies: now, and planned for later; pure."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from opsconductor.engine.clock import later
from opsconductor.engine.recipients.resolving import LeftOut, Resolution, resolve, resolve_all
from opsconductor.engine.routing.compiling import compile_conditions
from opsconductor.engine.routing.situation import Situation
from opsconductor.model.alert import NotifiedRecipient, PlannedNotification
from opsconductor.model.notifications.rule import NotificationRule, RuleChannel
from opsconductor.model.people.directory import PeopleDirectory
from opsconductor.model.people.escalation import ANY_ALERT, EscalationPolicy, EscalationStep
from opsconductor.model.people.target import TargetKind


@dataclass(slots=True)
class RuleRecipients:
    """Recipients of a rule.

    Attributes:
        notified: Those who are notified now.
        planned: Messages that quiet hours hold, and the next step of each escalation.
        remarks: Why persons are notified or not.
        stepped: Channel and recipient of those whom steps of escalations name.
        whys: Why a recipient is one, by channel and recipient.
        left_out: Contact methods that are not used, or later.
    """

    rule: NotificationRule
    notified: list[NotifiedRecipient] = field(default_factory=list)
    planned: list[PlannedNotification] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    stepped: set[tuple[str, str]] = field(default_factory=set)
    whys: dict[tuple[str, str], str] = field(default_factory=dict)
    left_out: list[LeftOut] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        """Return True if a message is held that will be sent."""
        return any(not each.policy for each in self.planned)

    def add_channels(self, channels: Iterable[RuleChannel]) -> None:
        """Add recipients that are named by their address."""
        for channel in channels:
            for recipient in channel.recipients:
                self._add_recipient(channel.channel, recipient)

    def add(self, found: Resolution, at: datetime) -> None:
        """Add the recipients that targets stand for, and what quiet hours hold."""
        for each in found.reached:
            self._add_recipient(each.channel, each.recipient, each.person)
            self.whys.setdefault((each.channel, each.recipient), each.why)
        for left in found.left_out:
            if left.until is not None:
                self.planned.append(
                    PlannedNotification(
                        at=left.until,
                        since=at,
                        rule_id=self.rule.id,
                        rule_name=self.rule.name,
                        channel=left.channel,
                        recipient=left.recipient,
                        person=left.person,
                    )
                )
        self.left_out += found.left_out
        self.remarks += found.remarks

    def plan_step(self, policy: EscalationPolicy, number: int, begun_at: datetime) -> None:
        """Plan a step of a policy."""
        self.planned.append(
            PlannedNotification(
                at=later(begun_at, policy.after(number)),
                since=begun_at,
                rule_id=self.rule.id,
                rule_name=self.rule.name,
                policy=policy.name,
                step=number,
            )
        )

    def _add_recipient(self, channel: str, recipient: str, person: str = "") -> None:
        self.notified.append(
            NotifiedRecipient(
                rule_id=self.rule.id,
                rule_name=self.rule.name,
                channel=channel,
                recipient=recipient,
                person=person,
            )
        )


def recipients_of(directory: PeopleDirectory, rule: NotificationRule, situation: Situation) -> RuleRecipients:
    """Return the recipients of a rule that fires.

    An escalation begins, unless one of this rule and policy is planned already; then those whom it has
    notified so far are recipients. If no one can be notified, now or after quiet hours, all persons whom the
    targets can stand for at any time are.
    """
    found = RuleRecipients(rule)
    found.add_channels(rule.channels)
    alert, at = situation.alert, situation.at
    plain = [each for each in rule.targets if each.kind is not TargetKind.ESCALATION]
    found.add(resolve(directory, plain, alert, at), at)
    is_begun = False
    for target in rule.targets:
        if target.kind is not TargetKind.ESCALATION:
            continue
        policy = directory.policies.get(target.name)
        if policy is None:
            found.remarks.append(f"{target} does not exist")
        elif any(each.policy == policy.name and each.rule_id == rule.id for each in alert.planned):
            is_begun = True
            found.notified += (each for each in alert.notified if each.rule_id == rule.id)
        else:
            run_steps(directory, found, policy, situation, begun_at=at)
    is_coming = is_begun or found.holds or _waits_for_first_step(found)
    if not found.notified and not is_coming:
        found.add(resolve_all(directory, rule.targets, alert, at), at)
    return found


def run_steps(
    directory: PeopleDirectory,
    found: RuleRecipients,
    policy: EscalationPolicy,
    situation: Situation,
    *,
    begun_at: datetime,
    number: int = 0,
) -> None:
    """Add the recipients of the steps that are due, in order, and plan the next one.

    A step that reaches no one now is followed by the next one at once, up to the last one; if that reaches
    no one either, all persons whom the policy names are notified.
    """
    is_urgent = False
    while number < policy.amount:
        is_first_of_round = number % len(policy.steps) == 0
        is_due = later(begun_at, policy.after(number)) <= situation.at
        if not is_due and (not is_urgent or is_first_of_round):
            found.plan_step(policy, number, begun_at)
            return
        before = len(found.notified)
        is_asked = add_step(directory, found, policy, number, situation)
        is_urgent = len(found.notified) == before and (is_asked or is_urgent)
        number += 1
        if is_urgent and number % len(policy.steps) == 0 and not found.holds:
            targets = [each for step in policy.steps for each in step.targets]
            named = resolve_all(directory, targets, situation.alert, situation.at)
            found.add(named, situation.at)
            found.stepped |= {(each.channel, each.recipient) for each in named.reached}


def add_step(
    directory: PeopleDirectory,
    found: RuleRecipients,
    policy: EscalationPolicy,
    number: int,
    situation: Situation,
) -> bool:
    """Add the recipients of one step; return False if its conditions are not met."""
    step = policy.step(number)
    title = f"step {number % len(policy.steps) + 1} of escalation {policy.name}"
    turn = number // len(policy.steps)
    title += f", repeat {turn}" if turn else ""
    if unmet := _unmet(step, situation):
        found.remarks.append(f"{title} is skipped: {unmet}")
        return False
    found.remarks.append(title)
    before = len(found.notified)
    found.add_channels(step.channels)
    found.add(resolve(directory, step.targets, situation.alert, situation.at), situation.at)
    found.stepped |= {(each.channel, each.recipient) for each in found.notified[before:]}
    return True


def _unmet(step: EscalationStep, situation: Situation) -> str:
    if step.conditions == ANY_ALERT:
        return ""
    test = compile_conditions(step.conditions)
    return "" if test.holds(situation) else test.unmet(situation)


def _waits_for_first_step(found: RuleRecipients) -> bool:
    return any(each.policy for each in found.planned)
