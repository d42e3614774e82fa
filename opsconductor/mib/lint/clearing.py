"""Checks across mappings: what ends a problem, what a clear ends, and which mapping is there twice."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from opsconductor.mib.expression import PLACEHOLDER, is_oid, split_name
from opsconductor.mib.lint.finding import (
    Branch,
    ExaminedMapping,
    LintFinding,
    LintLevel,
    branches_of,
    can_equal,
)
from opsconductor.mib.lint.variables import carries
from opsconductor.mib.lookup import MibFacts
from opsconductor.mib.vendors import maker_of_mapping
from opsconductor.model.mappings.mapping import OidMapping
from opsconductor.model.mappings.table import WILDCARD

_SHOWN = 3


class MappingSet:
    """All mappings that can meet, by what is looked up among them."""

    def __init__(self, examined: Sequence[ExaminedMapping], alarms: Sequence[str]) -> None:
        """Index the mappings.

        Args:
            alarms: Beginnings of OIDs of alarms, which an alarm table names and a trap about the table ends.
        """
        self.alarms = tuple(alarms)
        self.by_pattern: dict[str, list[ExaminedMapping]] = defaultdict(list)
        self.by_clear: dict[str, list[ExaminedMapping]] = defaultdict(list)
        self.clearing: dict[str, list[Branch]] = defaultdict(list)
        self.raising: dict[str, list[Branch]] = defaultdict(list)
        for each in examined:
            self.by_pattern[each.resolved.oid_pattern].append(each)
            if each.resolved.clear_oid_pattern:
                self.by_clear[each.resolved.clear_oid_pattern].append(each)
            for branch in branches_of(each):
                if branch.clears:
                    self.clearing[branch.mapping.alert_type].append(branch)
                if branch.raises:
                    self.raising[branch.mapping.alert_type].append(branch)

    def clears_named(self, pattern: str) -> Sequence[ExaminedMapping]:
        """Return the mappings of the trap that a problem names as its clear."""
        return [each for form in forms_of(pattern) for each in self.by_pattern.get(form, ())]

    def is_named(self, mapping: OidMapping) -> bool:
        """Check whether a problem names the trap of a mapping as its clear."""
        stem = mapping.oid_pattern.removesuffix(WILDCARD)
        arcs = stem.split(".")
        wider = (".".join(arcs[:count]) + WILDCARD for count in range(1, len(arcs) + 1))
        return any(form in self.by_clear for form in (*forms_of(mapping.oid_pattern), *wider))


def forms_of(pattern: str) -> Iterator[str]:
    """Yield an OID as it is, and with or without the `.0.` of v1 traps before its last arc."""
    yield pattern
    stem, _, last = pattern.rpartition(".")
    yield f"{stem[:-2]}.{last}" if stem.endswith(".0") else f"{stem}.0.{last}"


def check_clearing(examined: ExaminedMapping, known: MappingSet, facts: MibFacts) -> Iterator[LintFinding]:
    """Find problems that nothing ends, and clears that end nothing."""
    pattern = examined.resolved.clear_oid_pattern
    if pattern:
        yield from _named_clear(examined, pattern, known, facts)
    for branch in branches_of(examined):
        if branch.raises and not pattern and not _ends(branch, known):
            yield _lasting(branch, known)
        if branch.clears and not branch.raises and not known.is_named(branch.mapping):
            yield from _useless_clear(branch, known)


def _ends(branch: Branch, known: MappingSet) -> bool:
    mapping = branch.mapping
    if branch.clears or mapping.expires_after is not None or mapping.oid_pattern.startswith(known.alarms):
        return True
    return any(_meet(branch, other) for other in known.clearing.get(mapping.alert_type, ()))


def _meet(one: Branch, other: Branch) -> bool:
    """Check whether two branches can be about one alert of one device."""
    return _of_one_maker(one, other) and any(
        can_equal(mine, theirs)
        for mine in (one.mapping.resource_expression, *one.mapping.more_resources)
        for theirs in (other.mapping.resource_expression, *other.mapping.more_resources)
    )


def _of_one_maker(one: Branch, other: Branch) -> bool:
    makers = {maker_of_mapping(each.mapping.oid_pattern, each.mapping.vendor) for each in (one, other)}
    return len(makers - {None}) < 2  # noqa: PLR2004 - two makers


def _lasting(branch: Branch, known: MappingSet) -> LintFinding:
    alert_type = branch.mapping.alert_type
    found = "nothing ends this problem, and it does not expire"
    if clears := [each for each in known.clearing.get(alert_type, ()) if _of_one_maker(branch, each)]:
        found += f"; clears of {alert_type} are about another resource: {_resources(clears)}"
    remedy = "clear_oid_pattern, a value that clears in severity_map, or expires_after_s"
    return branch.of.finding(
        (*branch.path, "alert_type"), LintLevel.ERROR, "never-ends", (alert_type, found, remedy)
    )


def _useless_clear(branch: Branch, known: MappingSet) -> Iterator[LintFinding]:
    mapping = branch.mapping
    problems = known.raising.get(mapping.alert_type, ())
    if not problems:
        found = f"no mapping raises {mapping.alert_type}, and none names this trap as its clear"
        texts = (mapping.alert_type, found, "the alert_type of the problem, or its clear_oid_pattern")
        yield branch.of.finding((*branch.path, "alert_type"), LintLevel.ERROR, "clears-nothing", texts)
    elif not any(_meet(branch, problem) for problem in problems):
        found = f"no problem of type {mapping.alert_type} has such a resource: {_resources(problems)}"
        texts = (mapping.resource_expression, found, "the resource_expression of the problem")
        path = (*branch.path, "resource_expression")
        yield branch.of.finding(path, LintLevel.ERROR, "resource-differs", texts)


def _resources(branches: Iterable[Branch]) -> str:
    found = sorted({each.mapping.resource_expression or "(the device)" for each in branches})
    return ", ".join(found[:_SHOWN])


def _named_clear(
    examined: ExaminedMapping, pattern: str, known: MappingSet, facts: MibFacts
) -> Iterator[LintFinding]:
    """Check whether the trap that a problem names as its clear is known, and can be about its resource."""
    clears = known.clears_named(pattern)
    notification = None if pattern.endswith(WILDCARD) else facts.notification(pattern)
    path = ("clear_oid_pattern",)
    if not clears and notification is None:
        if not _is_mapped_by_wildcard(pattern, known):
            texts = (pattern, "no mapping and no MIB knows this trap", "the OID of the trap that ends it")
            yield examined.finding(path, LintLevel.WARNING, "unknown-clear", texts)
        return
    resource = examined.resolved.resource_expression
    missing = [oid for oid in _oids(resource) if carries(notification, oid) is False]
    if missing:
        fallbacks = [each.resolved.resource_expression for each in clears]
        if not any(fallback and can_equal(resource, fallback) for fallback in fallbacks):
            assert notification is not None
            found = f"{notification.name} does not carry what the resource is made of: {', '.join(missing)}"
            remedy = (
                "a resource_expression of variables that both carry, or one of the clear's own that agrees"
            )
            yield examined.finding(path, LintLevel.ERROR, "resource-differs", (pattern, found, remedy))
        return
    for each in clears:
        written = each.resolved.resource_expression
        if written and not can_equal(resource, written):
            found = f"the resource of the clear is written otherwise: {written}"
            texts = (resource, found, "the same resource_expression in both")
            yield examined.finding(("resource_expression",), LintLevel.WARNING, "resource-differs", texts)


def _is_mapped_by_wildcard(pattern: str, known: MappingSet) -> bool:
    if pattern.endswith(WILDCARD):
        return any(each.startswith(pattern[:-1]) for each in known.by_pattern)
    arcs = pattern.split(".")
    return any(".".join(arcs[:count]) + WILDCARD in known.by_pattern for count in range(1, len(arcs)))


def _oids(expression: str) -> Iterator[str]:
    """Yield the OIDs in an expression whose names are resolved."""
    for placeholder in PLACEHOLDER.findall(expression):
        name, _ = split_name(placeholder)
        if is_oid(name):
            yield name


def check_twice(examined: Iterable[ExaminedMapping]) -> Iterator[LintFinding]:
    """Find mappings of one trap whose conditions are the same once names are resolved."""
    first: dict[tuple[object, ...], ExaminedMapping] = {}
    for each in examined:
        mapping = each.resolved
        key = (mapping.origin, mapping.oid_pattern, mapping.vendor, frozenset(mapping.conditions))
        before = first.setdefault(key, each)
        if before is not each and each.position is not None:
            found = "another mapping has the same trap, vendor and conditions: it is not said which applies"
            texts = (mapping.oid_pattern, found, "one mapping with cases, or other conditions")
            yield each.finding(("oid_pattern",), LintLevel.ERROR, "twice", texts)
