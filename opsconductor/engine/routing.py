"""Evaluation of every rule for an alert, with the reason; pure."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from fnmatch import translate
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from uuid import UUID

from opsconductor.limits import BoundedMap
from opsconductor.model import canary
from opsconductor.model.alert import Alert
from opsconductor.model.rule import NotificationRule, RuleVerdict

REMEMBERED = 10_000

Refusal = Callable[[Alert], str | None]
"""Returns why an alert does not meet a condition; None: it does."""


@dataclass(frozen=True, slots=True)
class Routing:
    """Verdicts of all rules on an alert.

    Attributes:
        verdicts: One for every rule, in the order of evaluation.
        fired: The rules whose conditions the alert meets, in the same order.
        shown: The verdicts in the form of a history row (`{"routing": [...]}`).
    """

    verdicts: tuple[RuleVerdict, ...]
    fired: tuple[NotificationRule, ...]
    shown: Mapping[str, object]


def shown(verdicts: Iterable[RuleVerdict]) -> Mapping[str, object]:
    """Return verdicts in the JSON form of `alert_history.changes`."""
    return {"routing": [{"rule": each.rule, "fired": each.fired, "reason": each.reason} for each in verdicts]}


class Router:
    """The rules in order, compiled; verdicts are cached."""

    def __init__(self, rules: Iterable[NotificationRule]) -> None:
        self._rules = tuple(sorted(rules, key=lambda rule: (rule.priority, rule.name)))
        self._refusals = tuple(tuple(_refusals(rule)) for rule in self._rules)
        self._asks_address = any(rule.conditions.device_ip_pattern for rule in self._rules)
        self._by_id = {rule.id: rule for rule in self._rules}
        self._known: BoundedMap[tuple[str | None, ...], Routing] = BoundedMap(REMEMBERED)

    def rule(self, rule_id: UUID) -> NotificationRule | None:
        """Return a rule, or None if it no longer exists."""
        return self._by_id.get(rule_id)

    def route(self, alert: Alert) -> Routing:
        """Evaluate every rule."""
        key = (
            alert.severity,
            alert.category,
            alert.alert_type,
            alert.source_system,
            alert.device_ip if self._asks_address else None,
        )
        routing = self._known.get(key)
        if routing is None:
            routing = self._known[key] = self._ask(alert)
        return routing

    def _ask(self, alert: Alert) -> Routing:
        verdicts = []
        fired = []
        for rule, refusals in zip(self._rules, self._refusals, strict=True):
            reason = next((said for refuse in refusals if (said := refuse(alert)) is not None), None)
            verdicts.append(
                RuleVerdict(rule=rule.name, fired=reason is None, reason=reason or "all conditions are met")
            )
            if reason is None:
                fired.append(rule)
        return Routing(tuple(verdicts), tuple(fired), shown(verdicts))


def _refusals(rule: NotificationRule) -> Iterable[Refusal]:
    conditions = rule.conditions
    if rule.id != canary.RULE_ID:
        yield _not_a_canary
    if not rule.enabled:
        yield lambda _: "the rule is disabled"
    if conditions.severity:
        yield _not_among("severity", conditions.severity)
    if conditions.category:
        yield _not_among("category", conditions.category)
    if conditions.source_system:
        yield _not_among("source_system", conditions.source_system)
    if conditions.alert_type:
        yield _no_match("alert_type", conditions.alert_type)
    if conditions.device_ip_pattern:
        yield _outside(conditions.device_ip_pattern)
    if not any(channel.recipients for channel in rule.channels):
        yield lambda _: "the rule has no channel"


def _not_a_canary(alert: Alert) -> str | None:
    return "a canary is sent to its own channel only" if alert.alert_type == canary.ALERT_TYPE else None


def _not_among(name: str, allowed: tuple[str, ...]) -> Refusal:
    expected = ", ".join(allowed)
    members = frozenset(allowed)

    def refuse(alert: Alert) -> str | None:
        found: str = getattr(alert, name)
        return None if found in members else f"{name} is {found}, not {expected}"

    return refuse


def _no_match(name: str, patterns: tuple[str, ...]) -> Refusal:
    expected = ", ".join(patterns)
    matches = re.compile("|".join(translate(pattern) for pattern in patterns)).match

    def refuse(alert: Alert) -> str | None:
        found: str = getattr(alert, name)
        return None if matches(found) else f"{name} {found} does not match {expected}"

    return refuse


def _outside(patterns: tuple[str, ...]) -> Refusal:
    networks = tuple(network for pattern in patterns if (network := _network(pattern)) is not None)
    texts = [translate(pattern.lower()) for pattern in patterns if _network(pattern) is None]
    matches = re.compile("|".join(texts)).match if texts else None
    expected = ", ".join(patterns)

    def refuse(alert: Alert) -> str | None:
        if alert.device_ip is None:
            return f"the device has no address, device_ip_pattern requires {expected}"
        if matches is not None and matches(alert.device_ip):
            return None
        if networks and _is_within(alert.device_ip, networks):
            return None
        return f"device_ip {alert.device_ip} is not in {expected}"

    return refuse


def _network(pattern: str) -> IPv4Network | IPv6Network | None:
    """Parse a CIDR network or a single address; None: a pattern with wildcards."""
    try:
        return ip_network(pattern, strict=False)
    except ValueError:
        return None


def _is_within(text: str, networks: tuple[IPv4Network | IPv6Network, ...]) -> bool:
    try:
        address = ip_address(text)
    except ValueError:
        return False
    return any(address in network for network in networks)
