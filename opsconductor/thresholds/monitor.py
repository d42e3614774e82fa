"""All rules over all series: points in, violations out."""

import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from opsconductor.model.measured.alert_rule import AlertRule
from opsconductor.thresholds.expressions import ExpressionGroup, Expressions
from opsconductor.thresholds.limits import NONE, PairLimits, PairState, arrays_of
from opsconductor.thresholds.matching import AlertRuleBook, FindDevice, WatchedSeries

Find = Callable[[int], WatchedSeries | None]
"""Returns a series by id; None: it is deleted."""
Ids = NDArray[np.int32]
Floats = NDArray[np.float64]
VERSION = 1


class RuleSubject(NamedTuple):
    """What a rule has found a violation on.

    Attributes:
        series: Of rules on a metric; 0 of expressions.
        device: Of expressions, with the resource.
    """

    rule: str
    series: int
    device: str = ""
    resource: str = ""


class Violation(NamedTuple):
    """A change of the level of a rule on a subject.

    Attributes:
        rule: None: it is gone.
        at: Seconds since 1970.
        level: `NONE`: it ended.
        value: Of the metric or the expression; None: the rule or the series is gone.
    """

    subject: RuleSubject
    rule: AlertRule | None
    at: float
    level: int
    value: float | None


def rounds(series: Ids) -> Iterator[NDArray[np.intp]]:
    """Yield positions so that each series is in each part once, its points in their order."""
    order = np.argsort(series, kind="stable")
    ranked = series[order]
    starts = np.flatnonzero(np.r_[True, ranked[1:] != ranked[:-1]]) if len(ranked) else np.empty(0, np.intp)
    sizes = np.diff(np.r_[starts, len(ranked)])
    nth = np.arange(len(ranked)) - np.repeat(starts, sizes)
    if len(order):
        yield from np.split(order[np.argsort(nth, kind="stable")], np.cumsum(np.bincount(nth))[:-1])


class RuleMonitor:
    """Compares points with the limits of rules.

    Args of the constructor:
        rules: Enabled ones.
        find: Finds a series.
        device: Finds a device of the inventory.
    """

    def __init__(self, rules: Iterable[AlertRule], find: Find, device: FindDevice) -> None:
        self.book = AlertRuleBook(rules, device)
        self._find = find
        self._pairs = PairLimits(arrays_of(self.book.rules))
        self._expressions = Expressions(self.book)
        self._subjects: list[RuleSubject] = []
        self._of_group: dict[ExpressionGroup, int] = {}
        self._seen = np.zeros(1_024, np.bool_)
        self._first = np.zeros(1_024, np.int32)
        self._amount = np.zeros(1_024, np.int32)
        self._has_expression = np.zeros(1_024, np.bool_)
        self._created_at = np.zeros(1_024, np.float64)

    def step(self, series: Ids, times: Floats, values: Floats) -> list[Violation]:
        """Compare the points of a batch, in their order."""
        if not self.book.rules or not len(series):
            return []
        self._meet(series)
        found: list[Violation] = []
        for part in rounds(series):
            ids = series[part]
            found += self._compare(ids, times[part], values[part])
            if self._has_expression[ids].any():
                found += self._calculate(ids, times[part], values[part])
        return found

    def save(self) -> bytes:
        """Return the state of all pairs that are not in order."""
        rows = [
            [*self._subjects[at], _sign(self.book.rules[self._pairs.rule_of(at)]), *self._pairs.state_of(at)]
            for at in self._pairs.notable().tolist()
        ]
        return json.dumps({"version": VERSION, "pairs": rows}).encode()

    def restore(self, saved: bytes, at: float) -> list[Violation]:
        """Take over the state that was saved; return the ends of violations whose rule or series is gone.

        Args:
            at: Time of these ends, in seconds since 1970.
        """
        document = json.loads(saved)
        rules = {str(rule.id): rule for rule in self.book.rules}
        ended = []
        for *key, sign, level, rise_1, rise_2, fall_1, fall_2 in document["pairs"]:
            subject = RuleSubject(*key)
            rule = rules.get(subject.rule)
            pair = self._pair_of(subject) if rule and _sign(rule) == sign else None
            if pair is not None:
                self._pairs.restore(pair, PairState(level, rise_1, rise_2, fall_1, fall_2))
            elif level != NONE:
                ended.append(Violation(subject, rule, at, NONE, None))
        return ended

    def _pair_of(self, subject: RuleSubject) -> int | None:
        """Return the pair of a subject, which is made if its series exists."""
        if subject.series:
            self._meet(np.array([subject.series], np.int32))
            first, amount = int(self._first[subject.series]), int(self._amount[subject.series])
            pairs = range(first, first + amount)
            return next((at for at in pairs if self._subjects[at] == subject), None)
        rules = [at for at, rule in enumerate(self.book.rules) if str(rule.id) == subject.rule]
        return self._group(ExpressionGroup(rules[0], subject.device, subject.resource)) if rules else None

    def _meet(self, series: Ids) -> None:
        """Find the rules of series that are new."""
        highest = int(series.max()) + 1
        if highest > len(self._seen):
            self._grow(max(highest, 2 * len(self._seen)))
        for each in np.unique(series[~self._seen[series]]).tolist():
            self._seen[each] = True
            facts = self._find(each)
            if facts is None:
                continue
            rules = self.book.limits_of(facts)
            self._created_at[each] = facts.created_at
            self._first[each], self._amount[each] = self._pairs.add(rules), len(rules)
            self._subjects += [RuleSubject(str(self.book.rules[at].id), each) for at in rules]
            for group in self._expressions.add(facts):
                self._group(group)
            self._has_expression[each] = bool(self.book.expressions_of(facts))

    def _group(self, group: ExpressionGroup) -> int:
        """Return the pair of a group, which is made if it is new."""
        pair = self._of_group.get(group)
        if pair is None:
            pair = self._of_group[group] = self._pairs.add([group.rule])
            rule = self.book.rules[group.rule]
            self._subjects.append(RuleSubject(str(rule.id), 0, group.device, group.resource))
        return pair

    def _compare(self, ids: Ids, times: Floats, values: Floats) -> list[Violation]:
        amounts = self._amount[ids]
        if not amounts.any():
            return []
        points = np.repeat(np.arange(len(ids)), amounts)
        offsets = np.arange(len(points)) - np.repeat(np.cumsum(amounts) - amounts, amounts)
        pairs = (self._first[ids][points] + offsets).astype(np.intp)
        at = times[points]
        holds = self.book.in_force.hold(self._pairs.rules_of(pairs), at, at - self._created_at[ids[points]])
        changed = np.flatnonzero(self._pairs.step(pairs, values[points], holds))
        return [
            self._violation(int(pairs[at]), float(times[points[at]]), float(values[points[at]]))
            for at in changed.tolist()
        ]

    def _calculate(self, ids: Ids, times: Floats, values: Floats) -> list[Violation]:
        due: dict[ExpressionGroup, float] = {}
        for at in np.flatnonzero(self._has_expression[ids]).tolist():
            for group in self._expressions.take(int(ids[at]), float(times[at]), float(values[at])):
                due[group] = max(due.get(group, 0.0), float(times[at]))
        known = [value for group, at in due.items() if (value := self._expressions.evaluate(group, at))]
        if not known:
            return []
        pairs = np.array([self._group(each.group) for each in known], np.intp)
        holds = np.ones(len(known), np.bool_)
        changed = self._pairs.step(pairs, np.array([each.value for each in known]), holds)
        return [
            self._violation(int(pairs[at]), known[at].at, known[at].value)
            for at in np.flatnonzero(changed).tolist()
        ]

    def _violation(self, pair: int, at: float, value: float) -> Violation:
        rule = self.book.rules[self._pairs.rule_of(pair)]
        return Violation(self._subjects[pair], rule, at, self._pairs.level_of(pair), value)

    def _grow(self, size: int) -> None:
        self._seen, self._has_expression = _longer(self._seen, size), _longer(self._has_expression, size)
        self._first, self._amount = _longer(self._first, size), _longer(self._amount, size)
        self._created_at = _longer(self._created_at, size)


def _longer(old: NDArray[Any], size: int) -> NDArray[Any]:
    new = np.zeros(size, old.dtype)
    new[: len(old)] = old
    return new


def _sign(rule: AlertRule) -> str:
    """Return what of a rule its state depends on: with other limits it begins anew."""
    return json.dumps(
        [
            rule.metric,
            rule.expression,
            rule.direction,
            rule.warning,
            rule.critical,
            rule.hysteresis,
            rule.samples,
        ]
    )
