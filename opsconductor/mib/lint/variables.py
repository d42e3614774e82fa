"""Checks of the variables that a mapping names: do they exist, and does its notification carry them?"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from opsconductor.mib.expression import INTERFACE_TABLES, PLACEHOLDER, RESERVED, is_oid, split_name
from opsconductor.mib.facts import NotificationFact
from opsconductor.mib.lint.finding import ExaminedMapping, LintFinding, LintLevel, RowPath
from opsconductor.mib.lookup import MibFacts
from opsconductor.mib.near import near_names, near_objects
from opsconductor.mib.resolving import oid_of
from opsconductor.model.inventory.port import IF_INDEX
from opsconductor.model.mappings.mapping import Condition, OidMapping

_ALWAYS_THERE = ("1.3.6.1.2.1.1.3", "1.3.6.1.6.3.1.1.4", "1.3.6.1.6.3.18.1")
"""sysUpTime, snmpTrapOID and what RFC 3584 adds to traps that are forwarded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VariableUse:
    """A variable that a mapping names.

    Attributes:
        path: Of the value that names it.
        name: Name or OID of the object.
        part: Part of the index that is wanted; 0: none.
        is_of_clear: It is one of the clearing trap.
    """

    path: RowPath
    name: str
    part: int = 0
    is_of_clear: bool = False


def uses_of(mapping: OidMapping) -> Iterator[VariableUse]:
    """Yield the variables that a mapping names, as they are written."""
    yield from _in_texts(mapping, (), None)
    for number, text in enumerate(mapping.more_resources):
        yield from _in_text(text, ("more_resources", number))
    yield from _in_conditions(mapping.conditions, ("conditions",))
    yield from _in_conditions(mapping.clear_conditions, ("clear_conditions",), is_of_clear=True)
    if mapping.severity_map is not None:
        yield VariableUse(path=("severity_map", "varbind"), name=mapping.severity_map.varbind)
    for number, case in enumerate(mapping.cases):
        yield from _in_conditions(case.conditions, ("cases", number, "when"))
        yield from _in_texts(case.mapping, ("cases", number), mapping)


def _in_texts(mapping: OidMapping, at: RowPath, base: OidMapping | None) -> Iterator[VariableUse]:
    """Yield the variables of title and resource; those of a case only where it changes them."""
    for key in ("title_template", "resource_expression"):
        text = getattr(mapping, key)
        if base is None or text != getattr(base, key):
            yield from _in_text(text, (*at, key))


def _in_text(text: str, path: RowPath) -> Iterator[VariableUse]:
    for placeholder in PLACEHOLDER.findall(text):
        if placeholder not in RESERVED:
            name, behind = split_name(placeholder)
            yield VariableUse(path=path, name=name, part=int(behind[1:] or 0) if behind else 0)


def _in_conditions(
    conditions: Iterable[Condition], at: RowPath, *, is_of_clear: bool = False
) -> Iterator[VariableUse]:
    for number, condition in enumerate(conditions):
        yield VariableUse(path=(*at, number, "varbind"), name=condition.varbind, is_of_clear=is_of_clear)


def carries(notification: NotificationFact | None, oid: str) -> bool | None:
    """Check whether a notification carries a variable at or below an OID; None: that is not known."""
    if notification is None or any(not each.oid for each in notification.objects):
        return None
    if oid.startswith(_ALWAYS_THERE):
        return True
    if oid == IF_INDEX and any(f"{each.oid}.".startswith(INTERFACE_TABLES) for each in notification.objects):
        return True
    return any(
        f"{each.oid}.".startswith(f"{oid}.") or oid.startswith(f"{each.oid}.")
        for each in notification.objects
    )


def check_variables(examined: ExaminedMapping, facts: MibFacts) -> Iterator[LintFinding]:
    """Find names that nothing has, variables that the notification lacks, and parts that an index lacks."""
    written = examined.written
    seen: set[tuple[RowPath, str, int]] = set()
    for use in uses_of(written):
        if (use.path, use.name, use.part) in seen:
            continue
        seen.add((use.path, use.name, use.part))
        oid = use.name if is_oid(use.name) else oid_of(use.name, written, facts)
        if oid is None:
            yield _unknown(examined, use, facts)
            continue
        notification = examined.notification
        if use.is_of_clear:
            notification = (
                facts.notification(written.clear_oid_pattern) if written.clear_oid_pattern else None
            )
        if carries(notification, oid) is False:
            assert notification is not None
            yield _not_carried(examined, use, notification)
        if use.part and (missing := _missing_part(examined, use, oid, facts)):
            yield missing


def _unknown(examined: ExaminedMapping, use: VariableUse, facts: MibFacts) -> LintFinding:
    named = facts.objects_named(use.name)
    if named:
        modules = ", ".join(sorted({fact.module for fact in named}))
        found = f"several modules have an object {use.name}: {modules}"
        remedy = "its OID, or mib_name with the module that is meant"
    else:
        found = f"no object is called {use.name}"
        notification = examined.notification
        own = [each.name for each in notification.objects] if notification else []
        near = near_names(use.name, own) or near_objects(use.name, facts)
        remedy = f"{' or '.join(near)}?" if near else "its OID, or import its module: opsconductor mib import"
    return examined.finding(use.path, LintLevel.ERROR, "unknown-name", (use.name, found, remedy))


def _not_carried(examined: ExaminedMapping, use: VariableUse, notification: NotificationFact) -> LintFinding:
    carried = ", ".join(each.name for each in notification.objects) or "no variable"
    found = f"{notification.name} does not carry it: {carried}"
    remedy = "one of the variables that it carries, unless the device is known to add this one"
    return examined.finding(use.path, LintLevel.WARNING, "not-carried", (use.name, found, remedy))


def _missing_part(
    examined: ExaminedMapping, use: VariableUse, oid: str, facts: MibFacts
) -> LintFinding | None:
    fact = facts.object_above(oid)
    if fact is None or fact.oid != oid or not fact.syntax or use.part <= len(fact.index):
        return None
    parts = ", ".join(part.name or "?" for part in fact.index)
    found = f"the index of {fact.name} has {len(fact.index)} parts: {parts}" if parts else "it has no index"
    remedy = "a part that the index has, or the value of the variable"
    return examined.finding(
        use.path, LintLevel.ERROR, "no-index-part", (f"{use.name}#{use.part}", found, remedy)
    )
