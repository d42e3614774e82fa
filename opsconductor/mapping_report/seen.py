"""Traps of the archive, decided anew with the present mappings."""

from collections.abc import Mapping
from typing import NamedTuple

from opsconductor.connector.interface import Source
from opsconductor.errors import DecodeError, NormalizeError
from opsconductor.inventory.identify import identify
from opsconductor.inventory.snapshot import InventorySnapshot
from opsconductor.limits import BoundedMap
from opsconductor.mapping_report.facets import Identity, identity_of
from opsconductor.mib.lookup import MibFacts
from opsconductor.mib.unmapped import ShownVariable
from opsconductor.model.enums import Category, Severity
from opsconductor.model.event import ArchivedEvent, RawEvent
from opsconductor.model.identified import IdentifiedReport
from opsconductor.model.normalized import Snapshot
from opsconductor.snmp.message.record import decode_record
from opsconductor.snmp.message.trap import Trap
from opsconductor.snmp.variable import readers_of, shown_variable

MOST_REMEMBERED = 20_000
"""Contents of traps that are decided once for all that repeat them."""

MOST_VARIABLES = 64


class SeenReport(NamedTuple):
    """One report of a trap.

    Attributes:
        device: Address, or name if it has none.
    """

    device: str
    alert_type: str
    resource: str
    severity: Severity
    is_clear: bool
    is_unmapped: bool
    title: str


class SeenTrap(NamedTuple):
    """The content of a trap and what it reports now.

    Attributes:
        source: Address of the device as the trap names it, for the vendor in the inventory.
    """

    trap_oid: str
    source: str
    variables: tuple[ShownVariable, ...]
    identity: Identity
    reports: tuple[SeenReport, ...]


class TrapReader:
    """Decides archived traps; what repeats is decided once.

    Attributes:
        unreadable: Events that are no traps, or belong to no connector that receives traps.
    """

    def __init__(self, sources: Mapping[str, Source], inventory: InventorySnapshot, facts: MibFacts) -> None:
        self.unreadable = 0
        self._sources = sources
        self._inventory = inventory
        self._facts = facts
        self._known: BoundedMap[tuple[object, ...], SeenTrap] = BoundedMap(MOST_REMEMBERED)

    def read(self, event: ArchivedEvent) -> SeenTrap | None:
        """Return what an event says, or None if it cannot be read."""
        source = self._sources.get(event.connector)
        if event.payload is None or source is None:
            self.unreadable += event.payload is not None
            return None
        try:
            trap = decode_record(event.payload)
            key = (
                event.connector, event.peer, trap.trap_oid, trap.enterprise, trap.agent_address,
                trap.trap_address, trap.engine_id, trap.varbinds,
            )  # fmt: skip
            seen = self._known.get(key)
            if seen is None:
                seen = self._known[key] = self._decide(event, trap, source)
        except (DecodeError, NormalizeError):
            self.unreadable += 1
            return None
        return seen

    def _decide(self, event: ArchivedEvent, trap: Trap, source: Source) -> SeenTrap:
        payload = event.payload or b""
        raw = RawEvent(event.connector, payload, event.received_at, event.peer, event.local, trap)
        found = source.normalize(raw)
        reports = () if isinstance(found, Snapshot) else tuple(found)
        readers = readers_of(self._facts)
        variables = tuple(
            shown_variable(self._facts, oid, tag, readers.of(oid, tag).read(content))
            for oid, tag, content in trap.varbinds[:MOST_VARIABLES]
        )
        identified = identify(reports, self._inventory)
        return SeenTrap(
            trap_oid=trap.trap_oid,
            source=next((each.device_ip or "" for each in reports), event.peer),
            variables=variables,
            identity=identity_of(variables),
            reports=tuple(map(_seen, identified)),
        )


def _seen(found: IdentifiedReport) -> SeenReport:
    report = found.report
    return SeenReport(
        device=found.device_ip or found.device_name or "",
        alert_type=report.alert_type,
        resource=report.resource,
        severity=report.severity,
        is_clear=report.is_clear,
        is_unmapped=report.category is Category.UNKNOWN,
        title=report.title,
    )
