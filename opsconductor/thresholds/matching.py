"""Which rules are about which series."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from opsconductor.connector.language.expression import Expression
from opsconductor.connector.language.measured import measured_expression
from opsconductor.model.inventory.device import Device
from opsconductor.model.measured.alert_rule import AlertRule, RuleScope
from opsconductor.thresholds.in_force import RulesInForce

FindDevice = Callable[[str], Device | None]
"""Returns the device of a key; None: the inventory does not know it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchedSeries:
    """What rules see of a series.

    Attributes:
        device: Key of the device.
        device_name: As the series has it; used if the inventory does not know the device.
        created_at: Of its first value, in seconds since 1970; 0: long ago.
    """

    id: int
    device: str
    device_name: str
    metric: str
    resource: str
    unit: str = ""
    created_at: float = 0.0


class AlertRuleBook:
    """Rules that can be evaluated, with what is compiled of them.

    Attributes:
        rules: Without those that have a fault.
        in_force: When each of them holds.
    """

    def __init__(self, rules: Iterable[AlertRule], find: FindDevice) -> None:
        self.rules: Sequence[AlertRule] = tuple(rule for rule in rules if not rule.fault)
        self.in_force = RulesInForce(self.rules)
        self._find = find
        self._expressions = {
            at: measured_expression(rule.expression) for at, rule in enumerate(self.rules) if rule.expression
        }
        self._by_metric: dict[str, tuple[int, ...]] = {}

    def limits_of(self, series: WatchedSeries) -> list[int]:
        """Return the positions of the rules that compare the values of a series."""
        return [at for at in self._about(series) if not self.rules[at].hold_back]

    def is_held_back(self, series: WatchedSeries, at: float) -> AlertRule | None:
        """Return the rule that holds back the anomalies of a series that begin at a time, or None."""
        for position in self._about(series):
            rule = self.rules[position]
            if rule.hold_back and not (rule.hours and self.in_force.is_working(position, at)):
                return rule
        return None

    def expressions_of(self, series: WatchedSeries) -> list[int]:
        """Return the positions of the rules whose expression uses a series."""
        return [
            at
            for at, expression in self._expressions.items()
            if series.metric in expression.names and self._is_in_scope(self.rules[at].scope, series)
        ]

    def expression(self, at: int) -> Expression:
        """Return the compiled expression of a rule."""
        return self._expressions[at]

    def has_resource(self, at: int, resource: str) -> bool:
        """Return True if a rule is about a resource."""
        return fnmatchcase(resource, self.rules[at].resource)

    def _about(self, series: WatchedSeries) -> list[int]:
        named = self._by_metric.get(series.metric)
        if named is None:
            named = tuple(
                at
                for at, rule in enumerate(self.rules)
                if rule.metric and fnmatchcase(series.metric, rule.metric)
            )
            self._by_metric[series.metric] = named
        return [
            at
            for at in named
            if self.has_resource(at, series.resource) and self._is_in_scope(self.rules[at].scope, series)
        ]

    def _is_in_scope(self, scope: RuleScope, series: WatchedSeries) -> bool:
        device = self._find(series.device)
        names = [series.device, series.device_name, *([device.name] if device else [])]
        facts: list[tuple[tuple[str, ...], Sequence[str | None]]] = [
            (scope.device, names),
            (scope.device_type, [device.device_type if device else None]),
            (scope.role, [device.role if device else None]),
            (scope.site, [device.site if device else None]),
            (scope.tag, device.tags if device else ()),
        ]
        return all(not patterns or _matches(patterns, values) for patterns, values in facts)


def _matches(patterns: Iterable[str], values: Iterable[str | None]) -> bool:
    given = [value.casefold() for value in values if value]
    return any(fnmatchcase(value, pattern.casefold()) for pattern in patterns for value in given)
