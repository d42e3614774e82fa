"""The notification rules, compiled: which of them fire for an alert, and why the others do not."""

from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any
from uuid import UUID

from opsconductor.engine.routing.checks import EveryTest
from opsconductor.engine.routing.compiling import compile_conditions
from opsconductor.engine.routing.patterns import bits_of
from opsconductor.engine.routing.recorded import QuietDecisions, asked_by
from opsconductor.engine.routing.rule_index import columns_of, events_of, is_indexed, rows_of
from opsconductor.engine.routing.situation import Situation
from opsconductor.model import canary
from opsconductor.model.enums import AlertEvent
from opsconductor.model.notifications.rule import Conditions, NotificationRule, RuleVerdict
from opsconductor.model.people.directory import NO_DIRECTORY, PeopleDirectory

MET = "all conditions are met"


@dataclass(frozen=True, slots=True)
class Routing:
    """Outcome of the rules for an alert.

    Attributes:
        fired: The rules whose conditions the alert meets, in order of evaluation, up to one that stops.
        look_again_at: When the outcome may change by time alone; None: it does not.
    """

    fired: tuple[NotificationRule, ...] = ()
    look_again_at: datetime | None = None


NOTHING = Routing()


class CompiledRule:
    """A rule and its test.

    Attributes:
        events: The events about which it is asked.
        is_decided: The index decides alone whether the test is met.
        is_timed: Time alone may change the result.
    """

    def __init__(self, rule: NotificationRule) -> None:
        self.rule = rule
        self.events = events_of(rule.conditions)
        self.is_decided = is_indexed(rule.conditions)
        self.is_timed = any(
            part.time or part.minimum_age or part.unacknowledged_for for part in parts_of(rule.conditions)
        )

    @cached_property
    def test(self) -> EveryTest:
        """The conditions, compiled when they are first evaluated: the index often decides alone."""
        return compile_conditions(self.rule.conditions)


class Router:
    """The rules in order, compiled.

    Attributes:
        rules: In order of evaluation.
        waits: Whether a rule waits for time.
        thresholds: The numbers of occurrences for which rules wait, ascending.
        asks_cause: Whether a rule asks if an alert is a cause.
        asked: Names of the facts that rules ask about.
        quiet: History of the decisions in which no rule fired.
        directory: Persons and what else the targets of rules name.
        names_people: Whether a rule has such targets.
        unreached: Names of the rules in use that can reach no one.
    """

    def __init__(self, rules: Iterable[NotificationRule], directory: PeopleDirectory = NO_DIRECTORY) -> None:
        self.directory = directory
        self.rules = tuple(sorted(rules, key=lambda rule: (rule.priority, rule.name)))
        self._compiled = tuple(CompiledRule(rule) for rule in self.rules)
        rows = [(number, row) for number, rule in enumerate(self.rules) for row in rows_of(rule.conditions)]
        self._rule_of_row = [number for number, _ in rows]
        self._columns = columns_of(row for _, row in rows)
        self._by_id = {rule.id: rule for rule in self.rules}
        usable = [number for number, rule in enumerate(self.rules) if unusable(rule) is None]
        canaries = {number for number in usable if self.rules[number].id == canary.RULE_ID}
        self._canaries = self._rows(canaries)
        self._by_event = {
            event: self._rows({n for n in usable if event in self._compiled[n].events} - canaries)
            for event in AlertEvent
        }
        every = [part for rule in self.rules for part in parts_of(rule.conditions)]
        self.waits = any(each.is_timed for each in self._compiled)
        self.thresholds = tuple(sorted({part.minimum_occurrences for part in every} - {0, 1}))
        self.asks_cause = any(part.is_cause is not None for part in every)
        self.asked = asked_by(every)
        self.quiet = QuietDecisions(self.asked, len(self.rules))
        self.names_people = any(rule.targets for rule in self.rules)
        self.unreached = tuple(rule.name for rule in unreached_of(self.rules, directory))

    def is_like(self, other: "Router") -> bool:
        """Return True if another router has the same rules and the same directory."""
        return self.rules == other.rules and self.directory == other.directory

    def rule(self, rule_id: UUID) -> NotificationRule | None:
        """Return a rule, or None if it no longer exists."""
        return self._by_id.get(rule_id)

    def has_rules_on(self, event: AlertEvent) -> bool:
        """Return True if a rule is asked about an event."""
        return bool(self._by_event[event])

    def route(self, situation: Situation) -> Routing:
        """Return the rules that fire."""
        mask = self._by_event[situation.event]
        if situation.alert.alert_type == canary.ALERT_TYPE:
            mask = self._canaries
        for column in self._columns:
            if not mask:
                return NOTHING
            mask &= column.mask(situation)
        return self._among(mask, situation) if mask else NOTHING

    def _among(self, mask: int, situation: Situation) -> Routing:
        """Return which rules fire, of those that some rows belong to."""
        fired, times = [], []
        last = -1
        for row in bits_of(mask):
            number = self._rule_of_row[row]
            if number == last:
                continue
            last = number
            each = self._compiled[number]
            is_met = each.is_decided or each.test.holds(situation)
            if each.is_timed and (not is_met or each.rule.stop) and each.test.settled(situation) is None:
                times.append(each.test.next_at(situation))
            if is_met:
                fired.append(each.rule)
                if each.rule.stop:
                    break
        at = min((time for time in times if time is not None), default=None)
        return Routing(tuple(fired), at)

    def _rows(self, rules: Container[int]) -> int:
        return sum(1 << row for row, number in enumerate(self._rule_of_row) if number in rules)

    def explain(self, situation: Situation) -> Iterator[RuleVerdict]:
        """Evaluate every rule, in order, with the reason; slower than `route`, and safe in any thread."""
        stopped_by = ""
        for each in self._compiled:
            rule = each.rule
            reason = self._refusal(rule, situation) or _event_refusal(each, situation)
            if reason is None and not each.test.holds(situation):
                reason = each.test.unmet(situation)
            if reason is None and stopped_by:
                reason = f"the rule {stopped_by} ends the evaluation"
            yield RuleVerdict(rule=rule.name, fired=reason is None, reason=reason or MET)
            if reason is None and rule.stop:
                stopped_by = rule.name

    def _refusal(self, rule: NotificationRule, situation: Situation) -> str | None:
        is_canary = situation.alert.alert_type == canary.ALERT_TYPE
        if is_canary and rule.id != canary.RULE_ID:
            return "a canary is sent to its own channel only"
        if not is_canary and rule.id == canary.RULE_ID:
            return "it is for canaries only"
        return unusable(rule)


def parts_of(conditions: Conditions) -> Iterator[Conditions]:
    """Yield conditions and all that are nested in them."""
    yield conditions
    for part in (*conditions.all, *conditions.any, *conditions.none):
        yield from parts_of(part)


def unusable(rule: NotificationRule) -> str | None:
    """Return why a rule never fires, or None."""
    if not rule.enabled:
        return "the rule is disabled"
    if rule.fault:
        return rule.fault
    if not rule.targets and not any(channel.recipients for channel in rule.channels):
        return "the rule has no channel"
    return None


def unreached_of(rules: Iterable[NotificationRule], directory: PeopleDirectory) -> Iterator[NotificationRule]:
    """Yield the rules that could fire and reach no one: all persons whom they name are disabled, or gone."""
    for rule in rules:
        if unusable(rule) is None and not rule.channels and not directory.can_reach(rule.targets):
            yield rule


def verdicts_shown(verdicts: Iterable[RuleVerdict]) -> list[Mapping[str, Any]]:
    """Return verdicts in the JSON form of `alert_history.changes`."""
    return [{"rule": each.rule, "fired": each.fired, "reason": each.reason} for each in verdicts]


def _event_refusal(each: CompiledRule, situation: Situation) -> str | None:
    if situation.event in each.events:
        return None
    is_named = any(part.event for part in parts_of(each.rule.conditions))
    named = ", ".join(sorted(each.events)) if is_named else "one of a problem, as the rule names no event"
    return f"event is {situation.event}, not {named}"
