"""Over-merge: one alert whose messages name several things."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence

from opsconductor.mapping_report.collection import TrapHistory, TypeGroup
from opsconductor.mapping_report.facets import Facet, Identity
from opsconductor.mapping_report.finding import (
    FindingKind,
    ResourceFinding,
    VaryingVariable,
    events_of,
    varying,
)
from opsconductor.mapping_report.in_force import MappingsInForce, first_problem
from opsconductor.mapping_report.proposal import extended, propose, with_expression
from opsconductor.model.enums import Severity
from opsconductor.model.mappings.mapping import OidMapping

LEAST_MESSAGES = 10
LEAST_REPEATS = 2
"""Messages that each value must have on average: a value that never comes again identifies nothing."""
MOST_FACETS = 2
WHY = "an identifier"
NO_CLEAR_HAS_IT = (
    "no variable that varies is carried by {clear} as well, which ends the problem: with it in the resource"
    " the two would not meet"
)
TOO_LONG = "the resource expression would be too long"


def over_merged(collection: TrapHistory, in_force: MappingsInForce) -> Iterator[ResourceFinding]:
    """Yield the groups in which one alert holds messages about several things."""
    for group in collection.groups.values():
        if group.key.trap_oid or group.messages - group.clears < LEAST_MESSAGES:
            continue
        found = _of_group(group, in_force)
        if found is not None:
            yield found


def _of_group(group: TypeGroup, in_force: MappingsInForce) -> ResourceFinding | None:
    identities: dict[str, list[Identity]] = defaultdict(list)
    for each in group.sample:
        if not each.report.is_clear and each.report.severity is not Severity.INFO:
            identities[each.report.resource].append(each.seen.identity)
    merged = {
        resource: facets
        for resource, listed in identities.items()
        if len(listed) >= LEAST_MESSAGES and (facets := _separating(listed))
    }
    if not merged:
        return None
    worst = max(merged, key=lambda resource: len(identities[resource]))
    facets = merged[worst]
    mappings = _mappings(group, in_force)
    safe, note = _safe(group, facets, mappings, in_force)
    proposal = None
    if safe:
        chosen = _chosen(safe, identities[worst])
        problem = first_problem(mappings)
        assert problem is not None
        expression = extended(problem.resource_expression, chosen, in_force.facts)
        what = f"{group.key.alert_type} merged what {chosen[0].shown} distinguishes"
        why = f"opsconductor mappings report: {what}"
        proposal = expression and propose(with_expression(mappings, expression), in_force.facts, why)
        facets, note = chosen, "" if proposal else TOO_LONG
    return ResourceFinding(
        kind=FindingKind.OVER_MERGE,
        alert_type=group.key.alert_type,
        trap_oids=tuple(group.trap_oids),
        devices=(group.key.device,),
        messages=sum(group.resources[resource] for resource in merged),
        alerts=len(merged),
        varying=tuple(_varying(facet, identities[worst]) for facet in facets[:MOST_FACETS]),
        note=note,
        proposal=proposal or None,
        events=events_of(group),
    )


def _separating(identities: Sequence[Identity]) -> list[Facet]:
    """Return the facets that all messages carry, with several values that come again."""
    values: dict[Facet, Counter[str]] = defaultdict(Counter)
    for identity in identities:
        for facet, value in identity:
            values[facet][value] += 1
    return [
        facet
        for facet, counts in values.items()
        if counts.total() == len(identities)
        and len(counts) > 1
        and len(identities) >= LEAST_REPEATS * len(counts)
    ]


def _mappings(group: TypeGroup, in_force: MappingsInForce) -> list[OidMapping]:
    """Return the mappings by which the traps of a group report its alert type."""
    found = {
        id(mapping): mapping
        for each in group.sample
        for mapping in in_force.reporting(each.seen, group.key.alert_type)
    }
    return list(found.values())


def _safe(
    group: TypeGroup, facets: Iterable[Facet], mappings: Sequence[OidMapping], in_force: MappingsInForce
) -> tuple[list[Facet], str]:
    """Return the facets that the clears carry as well, and why there are none."""
    if not mappings:
        return [], "its mapping was not found"
    safe, clear = list(facets), ""
    for each in group.sample:
        if each.report.is_clear:
            carried = {facet for facet, _ in each.seen.identity}
            clear = in_force.name_of(each.seen.trap_oid)
            safe = [facet for facet in safe if facet in carried]
    for mapping in mappings:
        fact = mapping.clear_oid_pattern and in_force.facts.notification(mapping.clear_oid_pattern)
        if fact and not clear:
            objects = {reference.oid for reference in fact.objects}
            if not objects.isdisjoint(facet.oid for facet in safe):
                safe = [facet for facet in safe if facet.oid in objects]
            else:
                return [], NO_CLEAR_HAS_IT.format(clear=fact.name)
    return safe, "" if safe else NO_CLEAR_HAS_IT.format(clear=clear)


def _chosen(facets: Sequence[Facet], identities: Sequence[Identity]) -> list[Facet]:
    """Return the fewest facets that distinguish the most resources: rows first."""
    chosen: list[Facet] = []
    apart = 1
    while len(chosen) < MOST_FACETS:
        rest = [facet for facet in facets if facet not in chosen]
        best = max(
            rest,
            key=lambda facet: (_apart([*chosen, facet], identities), facet.is_instance),
            default=None,
        )
        if best is None or (number := _apart([*chosen, best], identities)) <= apart:
            break
        if number * LEAST_REPEATS > len(identities):
            break
        chosen.append(best)
        apart = number
    return chosen


def _apart(facets: Sequence[Facet], identities: Sequence[Identity]) -> int:
    """Count the resources that facets distinguish."""
    wanted = frozenset(facets)
    return len({tuple(found for found in identity if found.facet in wanted) for identity in identities})


def _varying(facet: Facet, identities: Sequence[Identity]) -> VaryingVariable:
    values = [value for identity in identities for found, value in identity if found == facet]
    return varying(facet, values, WHY)
