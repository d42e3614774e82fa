"""Power that a UPS takes and gives, and its efficiency; pure."""

from collections.abc import Iterator, Mapping

from connectors.eaton.plausibility import number_of
from connectors.eaton.readings import INPUT_POWER, OUTPUT_POWER, Measure
from opsconductor.snmp.message.plausible import Answer

EFFICIENCY = "efficiency_percent"
LEAST_EFFICIENCY = 20.0
"""Percent below which the UPS mostly charges its battery, or feeds next to nothing."""
ON_MAINS = frozenset({"normal", "high efficiency"})
"""Sources of the output with which all power goes through the input."""


def powers_of(
    powers: Mapping[str, Measure], rows: Mapping[str, Mapping[str, Answer]], states: Mapping[str, str]
) -> Iterator[tuple[str, float]]:
    """Yield power of all phases together, and on mains the efficiency; what is not known is left out.

    Args:
        powers: Columns by name.
        rows: Answers by column, by phase.
    """
    found = dict(_sums(powers, rows))
    yield from found.items()
    taken, given = found.get(INPUT_POWER, 0.0), found.get(OUTPUT_POWER, 0.0)
    if states.get("output_source") in ON_MAINS and 0 < given <= taken:
        percent = round(100 * given / taken, 1)
        if percent >= LEAST_EFFICIENCY:
            yield EFFICIENCY, percent


def _sums(
    powers: Mapping[str, Measure], rows: Mapping[str, Mapping[str, Answer]]
) -> Iterator[tuple[str, float]]:
    for name, measure in powers.items():
        phases = [number_of(name, value, measure) for value in rows.get(measure.oid, {}).values()]
        known = [each for each in phases if isinstance(each, float)]
        if known and len(known) == len(phases):
            yield name, sum(known)
