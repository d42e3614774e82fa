"""Whom the rules would notify of an alert at a time, with the steps of escalations that follow; pure."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from opsconductor.engine.clock import later
from opsconductor.engine.recipients.of_rule import RuleRecipients, add_step, recipients_of
from opsconductor.engine.routing.router import Router
from opsconductor.engine.routing.situation import Situation
from opsconductor.model.notifications.rule import NotificationRule, RuleVerdict
from opsconductor.model.people.directory import PeopleDirectory
from opsconductor.model.people.escalation import EscalationPolicy
from opsconductor.model.people.target import TargetKind


@dataclass(frozen=True, slots=True, kw_only=True)
class ForeseenStep:
    """A step of an escalation that would follow while the alert is not acknowledged.

    Attributes:
        number: From 1; those of repeats are left out.
        found: Its recipients at that time.
    """

    policy: str
    number: int
    at: datetime
    found: RuleRecipients


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """Whom rules would notify of an alert.

    Attributes:
        verdicts: Of every rule.
        rules: The recipients of each rule that fires, and the steps that would follow.
    """

    verdicts: list[RuleVerdict]
    rules: list[tuple[RuleRecipients, list[ForeseenStep]]]


def forecast_of(router: Router, situation: Situation) -> Forecast:
    """Return whom the rules would notify if no one had been notified yet: each escalation begins."""
    verdicts = list(router.explain(situation))
    fired = {verdict.rule for verdict in verdicts if verdict.fired}
    rules = (rule for rule in router.rules if rule.name in fired)
    return Forecast(verdicts=verdicts, rules=list(_foreseen(router.directory, rules, situation)))


def _foreseen(
    directory: PeopleDirectory, rules: Iterable[NotificationRule], situation: Situation
) -> Iterator[tuple[RuleRecipients, list[ForeseenStep]]]:
    fresh = replace(situation, alert=replace(situation.alert, planned=(), notified=()))
    for rule in rules:
        found = recipients_of(directory, rule, fresh)
        policies = (
            directory.policies[each.name]
            for each in rule.targets
            if each.kind is TargetKind.ESCALATION and each.name in directory.policies
        )
        yield found, [step for policy in policies for step in _steps(directory, rule, policy, fresh)]


def _steps(
    directory: PeopleDirectory, rule: NotificationRule, policy: EscalationPolicy, situation: Situation
) -> Iterator[ForeseenStep]:
    """Yield the steps that are due later."""
    for number in range(len(policy.steps)):
        at = later(situation.at, policy.after(number))
        if at > situation.at:
            found = RuleRecipients(rule)
            add_step(directory, found, policy, number, replace(situation, at=at))
            yield ForeseenStep(policy=policy.name, number=number + 1, at=at, found=found)
