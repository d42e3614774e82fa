"""Values of the expressions of rules, each over the metrics of one device and resource."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from opsconductor.connector.language.measured import PREVIOUS, RATE
from opsconductor.errors import NormalizeError
from opsconductor.thresholds.matching import AlertRuleBook, WatchedSeries

OLDEST_S = 900.0
"""A value that is older than this, and than three times its interval, is unknown."""
INTERVALS = 3


@dataclass(slots=True)
class Latest:
    """The last two values of a metric."""

    at: float
    value: float
    previous_at: float = math.nan
    previous: float = math.nan

    def take(self, at: float, value: float) -> None:
        """Take a new value."""
        self.previous_at, self.previous = self.at, self.value
        self.at, self.value = at, value


class ExpressionGroup(NamedTuple):
    """What an expression is evaluated for."""

    rule: int
    device: str
    resource: str


class GroupValue(NamedTuple):
    """Value of an expression."""

    group: ExpressionGroup
    at: float
    value: float


@dataclass(slots=True)
class _Metrics:
    """Variables of an expression: metrics of the resource, else of the device itself."""

    known: dict[tuple[str, str], Latest]
    resource: str
    at: float = -math.inf

    def get(self, name: str, /) -> object:
        """Return a value, a rate or a previous value; None: it is unknown."""
        function, _, metric = name.rpartition(" ")
        latest = self.known.get((metric, self.resource)) or self.known.get((metric, ""))
        if latest is None or self._is_old(latest):
            return None
        if not function:
            return latest.value
        if math.isnan(latest.previous):
            return None
        if function == PREVIOUS:
            return latest.previous
        assert function == RATE
        elapsed = latest.at - latest.previous_at
        return (latest.value - latest.previous) / elapsed if elapsed > 0 else None

    def _is_old(self, latest: Latest) -> bool:
        interval = latest.at - latest.previous_at
        limit = OLDEST_S if math.isnan(interval) else max(OLDEST_S, INTERVALS * interval)
        return self.at - latest.at > limit


@dataclass(slots=True)
class _Waiting:
    """Metrics that have a new value since a group was evaluated."""

    fresh: set[str] = field(default_factory=set)


class Expressions:
    """The last values of all metrics that expressions name, and the groups that they form."""

    def __init__(self, book: AlertRuleBook) -> None:
        self._book = book
        self._known: dict[str, dict[tuple[str, str], Latest]] = {}
        self._groups: dict[tuple[int, str], dict[str, _Waiting]] = {}
        self._series: dict[int, tuple[WatchedSeries, list[int]]] = {}

    def add(self, series: WatchedSeries) -> list[ExpressionGroup]:
        """Add a series; return the groups that are new because of it."""
        rules = self._book.expressions_of(series)
        if not rules:
            return []
        self._series[series.id] = (series, rules)
        added = []
        for rule in rules:
            groups = self._groups.setdefault((rule, series.device), {})
            if series.resource not in groups and self._book.has_resource(rule, series.resource):
                groups[series.resource] = _Waiting()
                added.append(ExpressionGroup(rule, series.device, series.resource))
        return added

    def take(self, series: int, at: float, value: float) -> Iterator[ExpressionGroup]:
        """Take a value; yield the groups that are to be evaluated.

        A group is evaluated when all of its metrics have a new value, or one has its second.
        """
        found = self._series.get(series)
        if found is None:
            return
        facts, rules = found
        known = self._known.setdefault(facts.device, {})
        latest = known.get((facts.metric, facts.resource))
        if latest is None:
            known[facts.metric, facts.resource] = Latest(at, value)
        else:
            latest.take(at, value)
        for rule in rules:
            names = self._book.expression(rule).names
            for resource, waiting in self._groups[rule, facts.device].items():
                if facts.resource and facts.resource != resource:
                    continue
                is_second = facts.metric in waiting.fresh
                waiting.fresh.add(facts.metric)
                if is_second or waiting.fresh >= names:
                    waiting.fresh.clear()
                    yield ExpressionGroup(rule, facts.device, resource)

    def evaluate(self, group: ExpressionGroup, at: float) -> GroupValue | None:
        """Return the value of an expression; None: something of it is unknown, or it is no number."""
        metrics = _Metrics(self._known.get(group.device, {}), group.resource, at)
        try:
            value = self._book.expression(group.rule)(metrics)
        except NormalizeError:
            return None
        if isinstance(value, bool):
            value = float(value)
        if not isinstance(value, int | float) or not math.isfinite(value):
            return None
        return GroupValue(group, at, float(value))
