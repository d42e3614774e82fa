"""Replace names of objects and labels in mappings by OIDs and numbers, once, before traps are looked up."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

from opsconductor.mib.expression import PLACEHOLDER, RESERVED, is_oid, split_name
from opsconductor.mib.facts import ObjectFact
from opsconductor.mib.lookup import MibFacts, standard_facts
from opsconductor.mib.mapping_row import X733_DEFAULTS, X733_LABELS
from opsconductor.model.enums import Severity
from opsconductor.model.mappings.mapping import Condition, MappingCase, OidMapping, SeverityMap


def resolved(mapping: OidMapping, facts: MibFacts) -> OidMapping:
    """Return a mapping with OIDs in place of names; a name that is not known stays.

    A name is that of an object that the notification carries, else of a standard object, else of the module
    that the mapping names, else of the only module that has it.
    """
    changes: dict[str, object] = {
        "title_template": _expression(mapping.title_template, mapping, facts),
        "resource_expression": _expression(mapping.resource_expression, mapping, facts),
    }
    if mapping.severity_map is not None:
        changes["severity_map"] = _severity_map(mapping.severity_map, mapping, facts)
    if mapping.conditions:
        changes["conditions"] = _conditions(mapping.conditions, mapping, facts)
    if mapping.clear_conditions:
        changes["clear_conditions"] = _conditions(mapping.clear_conditions, mapping, facts)
    if mapping.more_resources:
        changes["more_resources"] = tuple(
            _expression(each, mapping, facts) for each in mapping.more_resources
        )
    if mapping.cases:
        changes["cases"] = tuple(
            MappingCase(_conditions(case.conditions, mapping, facts), resolved(case.mapping, facts))
            for case in mapping.cases
        )
    if all(getattr(mapping, name) == value for name, value in changes.items()):
        return mapping
    return replace(mapping, **changes)  # type: ignore[arg-type]


def unknown_names(mapping: OidMapping) -> Iterator[str]:
    """Yield the names that are left in a mapping that `resolved` has returned."""
    for text in (mapping.title_template, mapping.resource_expression, *mapping.more_resources):
        for name in PLACEHOLDER.findall(text):
            if name not in RESERVED and not is_oid(split_name(name)[0]):
                yield split_name(name)[0]
    tests = [*mapping.conditions, *mapping.clear_conditions]
    for case in mapping.cases:
        tests += case.conditions
        yield from unknown_names(case.mapping)
    varbinds = [test.varbind for test in tests]
    if mapping.severity_map is not None:
        varbinds.append(mapping.severity_map.varbind)
    yield from (varbind for varbind in varbinds if not is_oid(varbind))


def oid_of(name: str, mapping: OidMapping, facts: MibFacts) -> str | None:
    """Return the OID of the object that a name in a mapping means; None: no object, or several, have it."""
    notification = facts.notification(mapping.oid_pattern)
    carried = notification.objects if notification is not None else ()
    for reference in carried:
        if reference.name == name and reference.oid:
            return reference.oid
    standard = standard_facts().objects_named(name)
    if standard:
        return standard[0].oid
    named = facts.objects_named(name)
    module = mapping.mib_name or (notification.module if notification is not None else "")
    of_module = [fact for fact in named if fact.module == module]
    found = of_module or named
    return found[0].oid if len({fact.oid for fact in found}) == 1 else None


def object_meant(name: str, mapping: OidMapping, facts: MibFacts) -> ObjectFact | None:
    """Return the object that a name or an OID in a mapping means; None: it is not known."""
    oid = name if is_oid(name) else oid_of(name, mapping, facts)
    fact = None if oid is None else facts.object_above(oid)
    return fact if fact is not None and fact.oid == oid else None


def _expression(text: str, mapping: OidMapping, facts: MibFacts) -> str:
    if "{" not in text:
        return text

    def put_in(found: re.Match[str]) -> str:
        name, behind = split_name(found[1])
        if found[1] in RESERVED or is_oid(name):
            return found[0]
        oid = oid_of(name, mapping, facts)
        return found[0] if oid is None else f"{{{oid}{behind}}}"

    return PLACEHOLDER.sub(put_in, text)


def _varbind(name: str, mapping: OidMapping, facts: MibFacts) -> str:
    return name if is_oid(name) else oid_of(name, mapping, facts) or name


def _severity_map(given: SeverityMap, mapping: OidMapping, facts: MibFacts) -> SeverityMap:
    varbind = _varbind(given.varbind, mapping, facts)
    numbers = _numbers(varbind, facts)
    values: dict[str, Severity] = {}
    if given.standard and numbers:
        values = {
            number: X733_LABELS[label.lower()]
            for label, number in numbers.items()
            if label.lower() in X733_LABELS
        }
    elif given.standard:
        values = dict(X733_DEFAULTS)
    values |= {numbers.get(value, value): severity for value, severity in given.values.items()}
    return SeverityMap(varbind=varbind, values=values, standard=given.standard)


def _conditions(
    conditions: tuple[Condition, ...], mapping: OidMapping, facts: MibFacts
) -> tuple[Condition, ...]:
    return tuple(_condition(each, mapping, facts) for each in conditions)


def _condition(condition: Condition, mapping: OidMapping, facts: MibFacts) -> Condition:
    varbind = _varbind(condition.varbind, mapping, facts)
    numbers = _numbers(varbind, facts)

    def of(texts: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(numbers.get(text, text) for text in texts)

    return replace(
        condition,
        varbind=varbind,
        equals=of(condition.equals),
        differs_from=of(condition.differs_from),
        has_bit=of(condition.has_bit),
    )


def _numbers(varbind: str, facts: MibFacts) -> Mapping[str, str]:
    """Return the number of each label of an object's enumeration."""
    fact = facts.object_above(varbind)
    if fact is None or fact.oid != varbind:
        return {}
    return {label: str(number) for number, label in fact.enumeration}
