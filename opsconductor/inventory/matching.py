"""Matching of an inventory's devices to rows; pure.

A device is recognized by the connector and its id there, else by its key: its main address, or its name if
it has none. A manually created row with that key takes precedence: it becomes the device, and the row found
before is given up.
"""

from collections.abc import Container, Iterable
from dataclasses import dataclass, field
from uuid import UUID

from opsconductor.inventory.found import name_of
from opsconductor.inventory.snapshot import canonical_name
from opsconductor.model.address import canonical_address
from opsconductor.model.inventory.listed import FoundDevice
from opsconductor.model.text import fitted
from opsconductor.store.inventory.devices import KnownDevice, KnownInventory


@dataclass(slots=True)
class Match:
    """A device of the inventory, and its row; None: a new one.

    Attributes:
        main: The main address in the inventory, in canonical text; None: it has none.
    """

    found: FoundDevice
    main: str | None
    row: KnownDevice | None = None

    @property
    def key(self) -> str:
        """The inventory's reference to the device."""
        return self.main or name_of(self.found, None)


@dataclass(frozen=True, slots=True)
class Matches:
    """All usable devices of an inventory.

    Attributes:
        given_up: Rows found before, with the manually created rows that replace them.
        unusable: One line for each device that cannot be a row.
    """

    devices: list[Match] = field(default_factory=list)
    given_up: list[tuple[KnownDevice, KnownDevice]] = field(default_factory=list)
    unusable: list[str] = field(default_factory=list)


def match_devices(devices: Iterable[FoundDevice], known: KnownInventory, connector: str) -> Matches:
    """Return the row of each device."""
    matches = _usable(devices)
    listed = {each.found.external_id for each in matches.devices}
    by_id = {row.external_id: row for row in known.devices if row.found_by == connector}
    free = [row for row in known.devices if _is_free(row, connector, listed)]
    of_people, given_up = _rows_of_people(free, known), _rows_given_up(free)
    taken: set[UUID] = set()
    for each in matches.devices:
        linked = by_id.get(each.found.external_id)
        is_of_people = linked is not None and not linked.auto_discovered
        theirs = None if is_of_people else of_people.get(_looked_up(each))
        if theirs is not None and theirs.id in taken:
            theirs = None
        if theirs is not None and linked is not None:
            matches.given_up.append((linked, theirs))
        each.row = theirs or linked or given_up.pop(each.key, None)
        if each.row is not None:
            taken.add(each.row.id)
    return matches


def _is_free(row: KnownDevice, connector: str, listed: Container[int | None]) -> bool:
    """Return True if a row belongs to no inventory, or to this one, which no longer lists it."""
    return row.found_by is None or (row.found_by == connector and row.external_id not in listed)


def _usable(devices: Iterable[FoundDevice]) -> Matches:
    """Leave out devices with an invalid address or neither address nor name, and those with a repeated id."""
    matches = Matches()
    seen: set[int] = set()
    for device in devices:
        main = canonical_address(device.ip_address) if device.ip_address else None
        is_usable = main is not None or not (device.ip_address or not name_of(device, None))
        if not is_usable or device.external_id in seen:
            reason = f"has the id {device.external_id} of another" if is_usable else "is not an address"
            address = fitted(device.ip_address or "", 45)
            matches.unusable.append(f"{fitted(device.name, 100)} ({address}) {reason}")
            continue
        seen.add(device.external_id)
        matches.devices.append(Match(device, main))
    return matches


def _rows_of_people(free: Iterable[KnownDevice], known: KnownInventory) -> dict[str, KnownDevice]:
    """Return manually created rows by all manually entered addresses, and by their names."""
    rows = {row.id: row for row in free if not row.auto_discovered}
    found = {f"name {canonical_name(row.name)}": row for row in rows.values()}
    found |= {row.key: row for row in rows.values()}
    for each in known.addresses:
        if each.device_id in rows and not each.auto_discovered:
            found.setdefault(each.address, rows[each.device_id])
    return found


def _rows_given_up(free: Iterable[KnownDevice]) -> dict[str, KnownDevice]:
    """Return rows created by inventories by main address, active ones first."""
    found: dict[str, KnownDevice] = {}
    for row in sorted(free, key=lambda row: row.retired_at is not None):
        if row.auto_discovered:
            found.setdefault(row.key, row)
    return found


def _looked_up(match: Match) -> str:
    """Return the key of a device among manually created rows: its name only if it has no address."""
    return match.main or f"name {canonical_name(match.key)}"
