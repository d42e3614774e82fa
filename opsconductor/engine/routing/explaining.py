"""Verdicts of every rule on a recorded decision; history holds only those that fired or were held back."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from opsconductor.engine.routing.recorded import situation_of
from opsconductor.engine.routing.router import Router
from opsconductor.model.alert import Alert
from opsconductor.model.inventory.device import DeviceFacts
from opsconductor.model.notifications.rule import NotificationRule, RuleVerdict


class ExplainedVerdict(NamedTuple):
    """A verdict, and whether it was recorded or has been found out now.

    Attributes:
        changed_at: When the rule was changed or created after the decision; None: it was not.
    """

    rule: str
    fired: bool
    reason: str
    is_recorded: bool
    changed_at: datetime | None = None


def explained(
    router: Router, alert: Alert, changes: Mapping[str, Any], at: datetime, device: DeviceFacts | None
) -> Iterator[ExplainedVerdict]:
    """Yield the verdict of every rule that exists now, then the recorded ones of rules that do not.

    Args:
        alert: As it is now; what was different then is in the decision.
        changes: Content of the history row of the decision.
        at: Time of the decision.
    """
    recorded = {each["rule"]: each for each in changes.get("routing", ())}
    facts = changes.get("routed", {}).get("facts")
    seen = set()
    if facts is not None:
        rules = {rule.name: rule for rule in router.rules}
        for verdict in router.explain(situation_of(alert, facts, at, device)):
            seen.add(verdict.rule)
            if verdict.rule in recorded:
                yield _recorded(recorded[verdict.rule])
            else:
                yield _found(verdict, rules[verdict.rule], at)
    for name, each in recorded.items():
        if name not in seen:
            yield _recorded(each)


def _recorded(each: Mapping[str, Any]) -> ExplainedVerdict:
    return ExplainedVerdict(each["rule"], each["fired"], each["reason"], is_recorded=True)


def _found(verdict: RuleVerdict, rule: NotificationRule, at: datetime) -> ExplainedVerdict:
    """Return the verdict of a rule that neither fired nor was held back in the decision."""
    changed_at = rule.changed_at if rule.changed_at is not None and rule.changed_at > at else None
    reason = verdict.reason
    if verdict.fired and changed_at is not None:
        reason = "its conditions are met as they are now, but it has been changed since"
    elif verdict.fired:
        reason = "its conditions were met before, and it was decided then"
    elif changed_at is not None:
        reason = f"{reason} (by the rule as it is now; it has been changed since)"
    return ExplainedVerdict(
        verdict.rule, fired=False, reason=reason, is_recorded=False, changed_at=changed_at
    )
