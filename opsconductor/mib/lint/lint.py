"""The linter: what mappings say, against each other and against the facts of MIBs."""

from collections.abc import Iterator, Sequence

from opsconductor.mib.lint.branches import check_branches
from opsconductor.mib.lint.clearing import MappingSet, check_clearing, check_twice
from opsconductor.mib.lint.finding import ExaminedMapping, LintFinding, LintLevel
from opsconductor.mib.lint.titles import check_titles
from opsconductor.mib.lint.values import check_values
from opsconductor.mib.lint.variables import check_variables
from opsconductor.mib.lookup import MibFacts
from opsconductor.mib.resolving import resolved
from opsconductor.model.mappings.mapping import OidMapping
from opsconductor.model.mappings.table import WILDCARD


def lint(
    mappings: Sequence[OidMapping],
    facts: MibFacts,
    *,
    beside: Sequence[OidMapping] = (),
    alarms: Sequence[str] = (),
) -> list[LintFinding]:
    """Examine mappings; takes some 100 us for each.

    Args:
        mappings: As they are declared, names included.
        beside: Mappings that are in force as well and are not examined.
        alarms: Beginnings of OIDs of alarms, which an alarm table names and a trap about the table ends.

    Returns:
        What was found, by mapping, errors first.
    """
    examined = [_examined(number, each, facts) for number, each in enumerate(mappings)]
    known = MappingSet([*examined, *(_examined(None, each, facts) for each in beside)], alarms)
    found = [finding for each in examined for finding in _checked(each, known, facts)]
    found += check_twice(examined)
    return sorted(found, key=lambda each: (each.position, each.level is LintLevel.WARNING))


def _examined(position: int | None, mapping: OidMapping, facts: MibFacts) -> ExaminedMapping:
    pattern = mapping.oid_pattern
    return ExaminedMapping(
        position=position,
        written=mapping,
        resolved=resolved(mapping, facts),
        notification=None if pattern.endswith(WILDCARD) else facts.notification(pattern),
    )


def _checked(examined: ExaminedMapping, known: MappingSet, facts: MibFacts) -> Iterator[LintFinding]:
    yield from check_variables(examined, facts)
    yield from check_values(examined, facts)
    yield from check_branches(examined)
    yield from check_clearing(examined, known, facts)
    yield from check_titles(examined, facts)
