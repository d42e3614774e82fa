"""Over-split: hundreds of alerts of one device and type, because something varies in their resource."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from itertools import pairwise

from opsconductor.mapping_report.collection import TrapHistory, TypeGroup
from opsconductor.mapping_report.facets import Facet, facet_of, filled
from opsconductor.mapping_report.finding import (
    FindingKind,
    ResourceFinding,
    VaryingVariable,
    events_of,
    varying,
)
from opsconductor.mapping_report.in_force import MappingsInForce, first_problem
from opsconductor.mapping_report.proposal import extended, propose, with_expression, without
from opsconductor.mib.expression import PLACEHOLDER, split_name
from opsconductor.mib.unmapped import ShownVariable, what_varies
from opsconductor.model.enums import SEVERITY_RANK, Category
from opsconductor.model.mappings.mapping import OidMapping

LEAST_RESOURCES = 50
MOST_REPEATS = 3
"""Messages of a resource on average; a resource that is rightly separate reports again."""
LEAST_SHARE = 0.5
"""Share of the messages that has a value of its own."""
LEAST_RISING = 0.95
A_NUMBER = "a number that rises from message to message"
EXPIRES_AFTER = timedelta(days=1)


def over_split(collection: TrapHistory, in_force: MappingsInForce) -> Iterator[ResourceFinding]:
    """Yield the groups whose resources hardly ever come again."""
    for group in collection.groups.values():
        number = len(group.resources)
        if number >= LEAST_RESOURCES and group.messages <= MOST_REPEATS * number:
            found = _of_unmapped(group, in_force) if group.key.trap_oid else _of_mapped(group, in_force)
            if found is not None:
                yield found


def _of_mapped(group: TypeGroup, in_force: MappingsInForce) -> ResourceFinding | None:
    mappings = {
        id(each): each
        for trap in group.sample
        for each in in_force.reporting(trap.seen, group.key.alert_type)
    }
    problem = first_problem(mappings.values())
    if problem is None:
        return None
    loose: dict[str, VaryingVariable] = {}
    for name in dict.fromkeys(PLACEHOLDER.findall(problem.resource_expression)):
        found = _loose(group, name)
        if found is not None:
            loose[name] = found
    if not loose:
        return None
    expression = without(problem.resource_expression, loose)
    return _finding(group, in_force, with_expression(mappings.values(), expression), tuple(loose.values()))


def _loose(group: TypeGroup, name: str) -> VaryingVariable | None:
    """Return the variable of a placeholder if it varies by itself; None: it may identify something."""
    found = [each for trap in group.sample if (each := filled(name, trap.seen.variables)) is not None]
    if not found or len({text for _, text in found}) < LEAST_SHARE * len(found):
        return None
    is_instance = bool(split_name(name)[1])
    first = found[0][0]
    why = what_varies(first, is_instance=is_instance) or _rising([text for _, text in found], first)
    return (
        varying(facet_of(first, is_instance=is_instance), [text for _, text in found], why) if why else None
    )


def _rising(values: Sequence[str], variable: ShownVariable) -> str:
    """Return what numbers are that only rise, newest first; nothing for a named row, which may be a port."""
    numbers = [int(value) for value in values if value.isdecimal()]
    if len(numbers) < len(values) or len(values) < LEAST_RESOURCES or variable.name:
        return ""
    rising = sum(newer > older for newer, older in pairwise(numbers))
    return A_NUMBER if rising >= LEAST_RISING * (len(numbers) - 1) else ""


def _of_unmapped(group: TypeGroup, in_force: MappingsInForce) -> ResourceFinding | None:
    """Propose for an unmapped trap a mapping by what comes again in it."""
    values: dict[Facet, list[str]] = {}
    for trap in group.sample:
        for facet, value in trap.seen.identity:
            values.setdefault(facet, []).append(value)
    total = len(group.sample)
    loose = [
        varying(facet, listed, "different in nearly every message")
        for facet, listed in values.items()
        if len(set(listed)) >= LEAST_SHARE * len(listed)
    ]
    kept = [
        facet
        for facet, listed in values.items()
        if len(listed) == total and len(set(listed)) < LEAST_SHARE * total and len(set(listed)) > 1
    ]
    if not loose:
        texts = list(group.resources)
        text = VaryingVariable(
            facet=None, name="the text", values=len(texts), examples=tuple(texts[:2]), why="a free text"
        )
        loose = [text]
    mapping = _generic(
        group, in_force, extended(group.key.trap_oid, kept[:2], in_force.facts) or group.key.trap_oid
    )
    return _finding(group, in_force, [mapping], tuple(loose))


def _generic(group: TypeGroup, in_force: MappingsInForce, expression: str) -> OidMapping:
    """Return a mapping that leaves an unmapped trap what it is, but for its resource."""
    worst = max((each.report for each in group.sample), key=lambda each: SEVERITY_RANK[each.severity])
    return OidMapping(
        oid_pattern=group.key.trap_oid,
        alert_type=group.key.alert_type,
        category=Category.UNKNOWN,
        default_severity=worst.severity,
        title_template=f"{in_force.name_of(group.key.trap_oid)} - {{device_name}}",
        resource_expression=expression,
        expires_after=EXPIRES_AFTER,
    )


def _finding(
    group: TypeGroup,
    in_force: MappingsInForce,
    mappings: Sequence[OidMapping],
    loose: tuple[VaryingVariable, ...],
) -> ResourceFinding:
    why = f"opsconductor mappings report: {group.key.alert_type} was split by {loose[0].name}, {loose[0].why}"
    return ResourceFinding(
        kind=FindingKind.OVER_SPLIT,
        alert_type=group.key.alert_type,
        trap_oids=tuple(group.trap_oids),
        devices=(group.key.device,),
        messages=group.messages,
        alerts=len(group.resources),
        varying=loose,
        proposal=propose(mappings, in_force.facts, why[:200]),
        events=events_of(group),
    )
