"""Pairs learned from history: a problem and another notification that regularly follows it."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby, pairwise
from math import sqrt
from operator import attrgetter
from statistics import median

from opsconductor.mapping_report.collection import SampledTrap, Thing, TrapHistory, TrapStep
from opsconductor.mapping_report.facets import Facet
from opsconductor.mapping_report.in_force import (
    MappingsInForce,
    clears_by_itself,
    first_problem,
    is_ended_by_derivation,
)
from opsconductor.mapping_report.proposal import Proposal, extended, propose, with_expression
from opsconductor.mapping_report.replayed import ProposalPreview
from opsconductor.mib.expression import PLACEHOLDER
from opsconductor.mib.unmapped import read_unmapped
from opsconductor.model.enums import SEVERITY_RANK, Category, Severity
from opsconductor.model.event import ArchivedEvent
from opsconductor.model.mappings.mapping import OidMapping

LEAST_FOLLOWED = 5
LEAST_CONFIDENCE = 0.6
LEAST_GAP_S = 2.0
"""Median seconds below which a notification is sent together with the problem and does not end it."""
MOST_KINDS = 8
"""Notifications about one thing beyond which its order says nothing."""
MOST_GAPS = 1_000
UNSURE = 0.7
"""Factor of the confidence when neither severity nor words say which of the two is the problem."""
Z = 1.64
"""Of the lower bound of a share, with 95 % certainty."""


@dataclass(slots=True)
class PairCount:
    """How two notifications follow each other, over all things.

    Attributes:
        followed: Times that the second came after the first.
        messages: Of both, in the things in which both were seen.
        seconds: Messages of the second.
        gaps: Seconds from the last of the first to the second.
    """

    followed: int = 0
    messages: int = 0
    seconds: int = 0
    gaps: list[float] = field(default_factory=list)
    devices: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True, kw_only=True)
class LearnedPair:
    """A problem, and what seems to end it.

    Attributes:
        followed: Times that the clear followed the problem.
        problems: Messages of the problem, where both were seen.
        median_s: Median seconds between the two.
        confidence: From 0 to 1.
        note: Why nothing can be proposed; empty: there is a proposal.
    """

    problem_oid: str
    problem: str
    clear_oid: str
    clear: str
    followed: int
    problems: int
    clears: int
    devices: tuple[str, ...]
    median_s: float
    confidence: float
    note: str = ""
    proposal: Proposal | None = None
    preview: ProposalPreview | None = None
    events: tuple[ArchivedEvent, ...] = ()


def learned_pairs(collection: TrapHistory, in_force: MappingsInForce) -> list[LearnedPair]:
    """Return the pairs that no mapping knows; the most certain first."""
    counts = _counts(collection.things)
    clearing = in_force.clearing()
    found = []
    for (first, second), count in counts.items():
        if count.followed < LEAST_FOLLOWED:
            continue
        problem, clear = collection.examples[first], collection.examples[second]
        back = counts.get((second, first))
        confidence = _confidence(count, problem, clear, back)
        if confidence >= LEAST_CONFIDENCE and _is_unpaired(problem, clear, in_force, clearing):
            found.append(_pair(collection, (problem, clear), count, confidence, in_force))
    best: dict[str, LearnedPair] = {}
    for pair in sorted(found, key=lambda pair: (-pair.confidence, -pair.followed, pair.problem)):
        best.setdefault(pair.problem_oid, pair)
    return list(best.values())


def _counts(things: dict[Thing, list[TrapStep]]) -> dict[tuple[str, str], PairCount]:
    counts: dict[tuple[str, str], PairCount] = defaultdict(PairCount)
    for thing, newest_first in things.items():
        kinds = {step.trap_oid for step in newest_first}
        if not 1 < len(kinds) <= MOST_KINDS:
            continue
        steps = newest_first[::-1]
        for first in kinds:
            for second in kinds - {first}:
                _count(counts[first, second], steps, first, second)
                counts[first, second].devices.add(thing.device)
    return counts


def _count(count: PairCount, steps: Sequence[TrapStep], first: str, second: str) -> None:
    both = [step for step in steps if step.trap_oid in (first, second)]
    count.messages += len(both)
    count.seconds += sum(step.trap_oid == second for step in both)
    runs = [list(run) for _, run in groupby(both, key=attrgetter("trap_oid"))]
    for run, following in pairwise(runs):
        if run[0].trap_oid == first:
            count.followed += 1
            if len(count.gaps) < MOST_GAPS:
                count.gaps.append((following[0].at - run[-1].at).total_seconds())


def _confidence(count: PairCount, problem: SampledTrap, clear: SampledTrap, back: PairCount | None) -> float:
    """Return the confidence that the second ends the first; 0: it does not.

    Two notifications that have nothing to do with each other follow themselves as often as each other.
    """
    gap = median(count.gaps)
    if gap < LEAST_GAP_S or _is_over(problem) or _is_information(problem):
        return 0.0
    alternating = at_least(2 * count.followed, count.messages)
    if _is_over(clear):
        # what repeats its problem while it lasts is known by its end
        return round(max(alternating, at_least(count.followed, count.seconds)), 2)
    if _rank(problem) > _rank(clear):
        return round(alternating, 2)
    is_sooner = back is not None and bool(back.gaps) and gap < median(back.gaps)
    return round(alternating * UNSURE, 2) if is_sooner and _rank(problem) == _rank(clear) else 0.0


def at_least(hits: int, total: int) -> float:
    """Return the lower bound of a share: Wilson's interval, one-sided, 95 %."""
    if not total:
        return 0.0
    share = min(1.0, hits / total)
    center = share + Z * Z / (2 * total)
    margin = Z * sqrt(share * (1 - share) / total + Z * Z / (4 * total * total))
    return (center - margin) / (1 + Z * Z / total)


def _is_over(trap: SampledTrap) -> bool:
    return trap.report.is_unmapped and read_unmapped("", trap.seen.variables).is_over


def _is_information(trap: SampledTrap) -> bool:
    return trap.report.severity in (Severity.INFO, Severity.CLEAR)


def _rank(trap: SampledTrap) -> int:
    return SEVERITY_RANK[trap.report.severity]


def _is_unpaired(
    problem: SampledTrap, clear: SampledTrap, in_force: MappingsInForce, clearing: frozenset[str]
) -> bool:
    """Check that nothing ends the problem yet, and that the other ends nothing."""
    if any(report.is_clear for trap in (problem, clear) for report in trap.seen.reports):
        return False
    return not any(
        mapping.clear_oid_pattern
        or clears_by_itself(mapping)
        or is_ended_by_derivation(mapping)
        or mapping.alert_type in clearing
        for mapping in in_force.reporting(problem.seen, problem.report.alert_type)
    )


def _pair(
    collection: TrapHistory,
    traps: tuple[SampledTrap, SampledTrap],
    count: PairCount,
    confidence: float,
    in_force: MappingsInForce,
) -> LearnedPair:
    problem, clear = traps
    names = [in_force.name_of(trap.seen.trap_oid) for trap in traps]
    why = (
        f"opsconductor mappings report: {names[1]} followed {count.followed} times,"
        f" after {median(count.gaps):.0f} s (median); confidence {confidence:.2f}"
    )
    mapping = _paired(problem, clear, names, in_force)
    return LearnedPair(
        problem_oid=problem.seen.trap_oid,
        problem=names[0],
        clear_oid=clear.seen.trap_oid,
        clear=names[1],
        followed=count.followed,
        problems=count.messages - count.seconds,
        clears=count.seconds,
        devices=tuple(sorted(count.devices)),
        median_s=median(count.gaps),
        confidence=confidence,
        note="" if mapping else "the two carry no variable in common that identifies what is affected",
        proposal=propose([mapping], in_force.facts, why) if mapping else None,
        events=tuple(_events(collection, {trap.seen.trap_oid for trap in traps})),
    )


def _paired(
    problem: SampledTrap, clear: SampledTrap, names: Sequence[str], in_force: MappingsInForce
) -> OidMapping | None:
    """Return the mapping of a problem with the trap that ends it; None: no mapping makes the two match."""
    shared = _shared(problem, clear)
    present = first_problem(in_force.reporting(problem.seen, problem.report.alert_type))
    if present is None:
        expression = extended(problem.seen.trap_oid, shared[:1], in_force.facts) or ""
        if not shared and (problem.seen.identity or clear.seen.identity):
            return None
        return OidMapping(
            oid_pattern=problem.seen.trap_oid,
            alert_type=problem.report.alert_type,
            category=Category.UNKNOWN,
            default_severity=problem.report.severity,
            title_template=f"{names[0]} - {{device_name}}",
            resource_expression=expression,
            clear_oid_pattern=clear.seen.trap_oid,
        )
    carried = [each.oid for each in clear.seen.variables]
    wanted = [name.partition("#")[0] for name in PLACEHOLDER.findall(present.resource_expression)]
    expression = present.resource_expression
    if not all(any(oid == stem or oid.startswith(f"{stem}.") for oid in carried) for stem in wanted):
        if not shared:
            return None
        expression = extended("", shared[:1], in_force.facts) or ""
    (changed,) = with_expression([present], expression)
    return _with_clear(changed, clear.seen.trap_oid)


def _with_clear(mapping: OidMapping, oid: str) -> OidMapping:
    return replace(mapping, clear_oid_pattern=oid, expires_after=None)


def _shared(problem: SampledTrap, clear: SampledTrap) -> list[Facet]:
    """Return the facets that both carry, rows first."""
    carried = {facet for facet, _ in clear.seen.identity}
    found = [facet for facet, _ in problem.seen.identity if facet in carried]
    return sorted(found, key=lambda facet: not facet.is_instance)


def _events(collection: TrapHistory, oids: Iterable[str]) -> Iterator[ArchivedEvent]:
    wanted = set(oids)
    seen: set[object] = set()
    for group in collection.groups.values():
        if wanted.isdisjoint(group.trap_oids):
            continue
        for each in group.sample:
            if each.seen.trap_oid in wanted and each.event.id not in seen:
                seen.add(each.event.id)
                yield each.event
