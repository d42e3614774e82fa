"""Looks up the mapping of a trap; cost does not grow with the number of mappings."""

from collections.abc import Iterable

from opsconductor.model.mapping import OidMapping


class MappingTable:
    """An immutable set of mappings, indexed for look-up by trap OID."""

    def __init__(self, mappings: Iterable[OidMapping]) -> None:
        """Index the mappings by pattern and by the clear they name."""

    def find(self, trap_oid: str, vendor: str | None) -> OidMapping | None:
        """Find the mapping of a trap: longest pattern first, the vendor's own before a generic one."""

    def cleared_by(self, trap_oid: str, vendor: str | None) -> tuple[OidMapping, ...]:
        """Find the problems that a trap clears, by their `clear_oid_pattern`."""
