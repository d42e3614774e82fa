"""The mappings in force, as reports of traps lead to them."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from opsconductor.mapping_report.seen import SeenTrap
from opsconductor.mib.lookup import MibFacts
from opsconductor.mib.vendors import vendor_of_oid
from opsconductor.model.enums import Severity
from opsconductor.model.mappings.mapping import OidMapping, Origin
from opsconductor.model.mappings.table import MappingTable


@dataclass(frozen=True, slots=True, kw_only=True)
class MappingsInForce:
    """The table of mappings with what is needed to find those of a trap.

    Attributes:
        vendor_of: Vendor by device address, from the inventory.
    """

    table: MappingTable
    facts: MibFacts
    vendor_of: Callable[[str], str | None]

    def name_of(self, trap_oid: str) -> str:
        """Return the name of a notification; its OID when that is not known."""
        fact = self.facts.notification(trap_oid)
        return trap_oid if fact is None else fact.name

    def of_trap(self, trap_oid: str, source: str = "") -> Iterator[OidMapping]:
        """Yield the mappings of a trap, and those of the problems that it clears."""
        own_vendor = vendor_of_oid(trap_oid)
        vendors = dict.fromkeys((self.vendor_of(source) if source else None, own_vendor))
        for vendor in vendors:
            yield from self.table.candidates(trap_oid, vendor)
            yield from self.table.cleared_by(trap_oid, vendor)

    def reporting(self, seen: SeenTrap, alert_type: str) -> Iterator[OidMapping]:
        """Yield the mappings by which a trap reports an alert type."""
        for mapping in self.of_trap(seen.trap_oid, seen.source):
            if mapping.alert_type == alert_type or any(
                case.mapping.alert_type == alert_type for case in mapping.cases
            ):
                yield mapping

    def is_mapped(self, trap_oid: str, source: str = "") -> bool:
        """Check whether a trap has a mapping without conditions, or clears a problem."""
        return any(not mapping.conditions for mapping in self.of_trap(trap_oid, source))

    def clearing(self) -> frozenset[str]:
        """Return the alert types that a trap of its own clears."""
        return frozenset(each.alert_type for each in self.table.mappings if each.is_clear_event)


def clears_by_itself(mapping: OidMapping) -> bool:
    """Check whether the trap of a problem can also end it, by the value of a variable."""
    by_value = mapping.severity_map is not None and Severity.CLEAR in mapping.severity_map.values.values()
    return by_value or any(case.mapping.default_severity is Severity.CLEAR for case in mapping.cases)


def is_ended_by_derivation(mapping: OidMapping) -> bool:
    """Check whether what is derived from a MIB pairs a problem with a clear: only then it does not expire."""
    return mapping.origin is Origin.DERIVED and mapping.expires_after is None and not mapping.is_clear_event


def first_problem(mappings: Iterable[OidMapping]) -> OidMapping | None:
    """Return the first mapping that reports a problem, else the first of all."""
    found = list(mappings)
    return next((each for each in found if not each.is_clear_event), found[0] if found else None)
