"""What ends the problem of a mapping."""

from collections.abc import Iterator
from typing import NamedTuple

from opsconductor.mib.decode.naming import name_of, notification_name
from opsconductor.mib.lookup import MibFacts
from opsconductor.mib.vendors import maker_of_mapping
from opsconductor.model.enums import Severity
from opsconductor.model.mappings.mapping import Condition, OidMapping, Origin


class Ending(NamedTuple):
    """One way in which a problem ends.

    Attributes:
        trap_oid: The trap that ends it; empty: time does.
        text: For people.
    """

    trap_oid: str
    text: str


def endings_of(mapping: OidMapping, table: tuple[OidMapping, ...], facts: MibFacts) -> Iterator[Ending]:
    """Yield what ends the problem of a mapping.

    Args:
        table: All declared mappings.
    """
    if mapping.clear_oid_pattern:
        conditions = " and ".join(condition_text(each, facts) for each in mapping.clear_conditions)
        where = f" where {conditions}" if conditions else ""
        yield Ending(mapping.clear_oid_pattern, f"{_trap(mapping.clear_oid_pattern, facts)}{where}")
    if mapping.severity_map is not None:
        severities = mapping.severity_map.values.items()
        values = [value for value, severity in severities if severity is Severity.CLEAR]
        if values:
            shown = " or ".join(value_text(mapping.severity_map.varbind, value, facts) for value in values)
            name = name_of(facts, mapping.severity_map.varbind) or mapping.severity_map.varbind
            yield Ending(mapping.oid_pattern, f"the same trap with {name} = {shown}")
    for case in mapping.cases:
        if case.mapping.default_severity is Severity.CLEAR:
            conditions = " and ".join(condition_text(each, facts) for each in case.conditions)
            yield Ending(mapping.oid_pattern, f"the same trap where {conditions}")
    for other in table:
        is_other = other.is_clear_event and other.oid_pattern != mapping.clear_oid_pattern
        if is_other and other.alert_type == mapping.alert_type and _is_near(other, mapping):
            yield Ending(other.oid_pattern, f"{_trap(other.oid_pattern, facts)}, if the resource is the same")
    if mapping.origin is Origin.DERIVED:
        yield from _derived(mapping, facts)
    if mapping.expires_after is not None:
        seconds = int(mapping.expires_after.total_seconds())
        yield Ending("", f"expires {seconds} s after the last one")


def _is_near(one: OidMapping, other: OidMapping) -> bool:
    makers = {maker_of_mapping(each.oid_pattern, each.vendor) for each in (one, other)}
    return len(makers - {None}) < 2  # noqa: PLR2004 - two makers


def _derived(mapping: OidMapping, facts: MibFacts) -> Iterator[Ending]:
    """Yield the notifications of its module that are derived to clear a problem."""
    for index in facts.indexes:
        for notification in index.notifications():
            if notification.module == mapping.mib_name:
                found = facts.mapping(notification.oid)
                if found is not None and mapping.mib_object in found.clears:
                    yield Ending(notification.oid, _trap(notification.oid, facts))


def _trap(oid: str, facts: MibFacts) -> str:
    name = notification_name(facts, oid)
    return f"{name} ({oid})" if name else oid


def value_text(varbind: str, value: str, facts: MibFacts) -> str:
    """Return a value with its label: `up(1)`."""
    fact = facts.object_above(varbind)
    labels = dict(fact.enumeration) if fact is not None and fact.oid == varbind else {}
    label = labels.get(int(value)) if value.lstrip("-").isdecimal() else None
    return f"{label}({value})" if label else value


def condition_text(condition: Condition, facts: MibFacts) -> str:
    """Return a condition for people: `ifAdminStatus equals down(2)`."""
    varbind = condition.varbind
    tests: list[str] = []
    for key in ("equals", "differs_from", "has_bit"):
        if values := getattr(condition, key):
            shown = ", ".join(value_text(varbind, value, facts) for value in values)
            tests.append(f"{key} {shown}")
    tests += [
        f"{key} {value}"
        for key in ("at_least", "at_most", "matches", "is_present")
        if (value := getattr(condition, key)) not in (None, "")
    ]
    return f"{name_of(facts, varbind) or varbind} {' and '.join(tests)}"
