"""Assignment of addresses to the devices of an inventory, and the resulting changes; pure.

Every address belongs to one device: manually entered ones come first, then present owners, then the order of
the inventory.
"""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from opsconductor.inventory.found import facts_of, further_addresses, known_facts, name_of, names_of
from opsconductor.inventory.matching import Match, match_devices
from opsconductor.model.alert import NO_FIELDS
from opsconductor.model.inventory.listed import Inventory, Part
from opsconductor.model.text import fitted
from opsconductor.store.inventory.devices import DeviceStep, KnownAddress, KnownDevice, KnownInventory

LONGEST_URL = 2_000


@dataclass(slots=True)
class DeviceMerge:
    """Changes to devices and addresses.

    Attributes:
        after: The new state of the inventory's devices, by id.
        given_up: Keys of replaced rows, by the id of the manually created row that replaces them.
        owners: By address or key: its new device, for all active devices.
        conflicts: One line for each address claimed by two devices.
        lost: Rows of devices that the inventory no longer lists.
    """

    known: KnownInventory
    connector: str
    taken_at: datetime
    keep: timedelta
    incomplete: AbstractSet[Part] = frozenset()
    after: dict[UUID, KnownDevice] = field(default_factory=dict)
    given_up: dict[UUID, str] = field(default_factory=dict)
    owners: dict[str, UUID] = field(default_factory=dict)
    conflicts: list[str] = field(default_factory=list)
    lost: list[KnownDevice] = field(default_factory=list)
    steps: list[DeviceStep] = field(default_factory=list)
    addresses: list[KnownAddress] = field(default_factory=list)
    lost_addresses: list[KnownAddress] = field(default_factory=list)
    _staying: AbstractSet[UUID] = frozenset()
    _names: dict[UUID, str] = field(default_factory=dict)
    _before: dict[UUID, KnownDevice] = field(default_factory=dict)

    def merge(self, inventory: Inventory) -> None:
        """Compute all changes."""
        self._before = {row.id: row for row in self.known.devices}
        self._names = {row.id: row.name for row in self.known.devices}
        matches = match_devices(inventory.devices, self.known, self.connector)
        self.conflicts += matches.unusable
        self.given_up = {row.id: theirs.key for row, theirs in matches.given_up}
        listed = {match.row.id for match in matches.devices if match.row is not None}
        self.lost = [row for row in self.known.devices if self._is_lost(row, listed)]
        self._staying = {row.id for row in self.lost} if Part.DEVICES in self.incomplete else set()
        self._settle_others()
        given = self._give_main_addresses(matches.devices)
        changed = self._give_further_addresses(given)
        self._write_down(changed)

    def _settle_others(self) -> None:
        """Record the addresses that this inventory cannot assign."""
        mine = {row.id for row in self.known.devices if self._is_mine(row)} - self._staying
        for row in self.known.devices:
            if row.retired_at is None and row.id not in mine:
                self.owners[row.key] = row.id
        for each in self.known.addresses:
            row = self._before[each.device_id]
            is_mine = each.auto_discovered and row.found_by == self.connector
            if not is_mine or row.id in self._staying:
                self.owners.setdefault(each.address, each.device_id)

    def _is_lost(self, row: KnownDevice, listed: AbstractSet[UUID]) -> bool:
        """Return True if a device of this inventory is no longer listed, by its own row or another."""
        is_here = row.found_by == self.connector and row.retired_at is None
        return is_here and row.id not in listed and row.id not in self.given_up

    def _is_mine(self, row: KnownDevice) -> bool:
        return row.auto_discovered and row.found_by == self.connector

    def _give_main_addresses(self, matches: list[Match]) -> list[Match]:
        """Assign the main addresses, or names in their place; devices that get none are left out."""
        given: list[Match] = []
        has_it = [match for match in matches if match.row is not None and self._keeps_main(match)]
        kept = {id(match) for match in has_it}
        for match in (*has_it, *(match for match in matches if id(match) not in kept)):
            row = self._row_of(match)
            owner = self.owners.get(row.key)
            if owner is not None and owner != row.id:
                wanted = row.ip_address or "the name as its key"
                self.conflicts.append(f"{row.name} claims {wanted} of {self._names[owner]}")
                continue
            self.owners[row.key] = row.id
            self.owners.setdefault(match.key, row.id)
            self._names[row.id] = row.name
            self.after[row.id] = row
            match.row = row
            given.append(match)
        return given

    def _keeps_main(self, match: Match) -> bool:
        row = match.row
        return row is not None and row.retired_at is None and row.key == match.key

    def _row_of(self, match: Match) -> KnownDevice:
        """Return the row as the inventory lists it; manually entered values stay."""
        found, row = match.found, match.row
        facts = facts_of(found)
        if row is not None and Part.DETAILS in self.incomplete:
            facts["custom_fields"] = {**_known_fields(row), **facts["custom_fields"]}
        link: dict[str, Any] = {
            "found_by": self.connector,
            "names": names_of(found),
            "external_id": found.external_id,
            "url": fitted(found.url or "", LONGEST_URL) or None,
        }
        if row is not None and not row.auto_discovered:
            return replace(row, **link, found=known_facts(facts))
        return KnownDevice(
            id=uuid4() if row is None else row.id,
            ip_address=match.main,
            name=name_of(found, match.main),
            auto_discovered=True,
            **link,
            **facts,
        )

    def _give_further_addresses(self, matches: list[Match]) -> set[UUID]:
        """Assign the further addresses; return the devices whose addresses change."""
        present = {each.address: each for each in self.known.addresses}
        wanted = [
            (address, row)
            for match in matches
            if (row := match.row) is not None
            for address in further_addresses(match.found, row.ip_address)
        ]
        changed: set[UUID] = set()
        listed: set[str] = set()

        def has_it(claim: tuple[str, KnownDevice]) -> bool:
            before = present.get(claim[0])
            return before is not None and before.device_id == claim[1].id

        for address, row in sorted(wanted, key=lambda claim: not has_it(claim)):
            owner = self.owners.setdefault(address, row.id)
            if owner != row.id:
                self.conflicts.append(f"{row.name} claims {address} of {self._names[owner]}")
                continue
            listed.add(address)
            before = present.get(address)
            if before is None or before.device_id != row.id or before.missing_since is not None:
                self.addresses.append(KnownAddress(address=address, device_id=row.id))
                changed.add(row.id)
        self._let_addresses_age(listed, changed)
        return changed

    def _let_addresses_age(self, listed: set[str], changed: set[UUID]) -> None:
        """Keep missing addresses for a while, unless another device has them."""
        rewritten = {each.address for each in self.addresses}
        for each in self.known.addresses:
            if each.address in listed or not self._may_age(each):
                continue
            since = each.missing_since or self.taken_at
            if self.taken_at - since < self.keep and self._may_keep(each.address, each.device_id):
                if each.missing_since is None:
                    self.addresses.append(replace(each, missing_since=since))
                    changed.add(each.device_id)
            elif each.address not in rewritten:
                self.lost_addresses.append(each)
                changed.add(each.device_id)
        self._keep_former_mains(listed)

    def _may_age(self, each: KnownAddress) -> bool:
        """Return True if a missing address is certainly gone: it is ours, and the list is complete."""
        row = self._before[each.device_id]
        if not each.auto_discovered or row.found_by != self.connector or row.id in self._staying:
            return False
        return not (Part.ADDRESSES in self.incomplete and self._may_keep(each.address, each.device_id))

    def _keep_former_mains(self, listed: set[str]) -> None:
        """Keep former main addresses for a while as further ones."""
        for row in self.after.values():
            before = self._before.get(row.id)
            address = before.ip_address if before is not None and before.retired_at is None else None
            if address is None or address == row.ip_address or address in listed:
                continue
            if self.keep and self._may_keep(address, row.id):
                former = KnownAddress(address=address, device_id=row.id, missing_since=self.taken_at)
                self.addresses.append(former)

    def _may_keep(self, address: str, device_id: UUID) -> bool:
        """Return True if an existing device may keep an address beside its main one."""
        row = self.after.get(device_id)
        if row is None or row.ip_address == address:
            return False
        return self.owners.setdefault(address, device_id) == device_id

    def _write_down(self, changed: set[UUID]) -> None:
        for row in self.after.values():
            before = self._before.get(row.id)
            if before != row or row.id in changed:
                self.steps.append(DeviceStep(before=before, after=row))
        for row in self.known.devices:
            if row.id in self.given_up:
                gone = replace(row, retired_at=row.retired_at or self.taken_at, external_id=None)
                self.steps.append(DeviceStep(before=row, after=gone))
            elif (
                row.found_by != self.connector
                or row.retired_at is not None
                or row.id in self.after
                or row.id in self._staying
            ):
                continue
            elif row.auto_discovered:
                self.steps.append(DeviceStep(before=row, after=replace(row, retired_at=self.taken_at)))
            else:
                alone = replace(row, found_by=None, external_id=None, url=None, names=(), found=NO_FIELDS)
                self.steps.append(DeviceStep(before=row, after=alone))


def _known_fields(row: KnownDevice) -> Mapping[str, object]:
    """Return the custom fields of a device as found before."""
    found = row.custom_fields if row.auto_discovered else row.found.get("custom_fields")
    return found if isinstance(found, Mapping) else {}
