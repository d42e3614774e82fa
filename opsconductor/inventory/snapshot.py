"""Immutable snapshot of the inventory: devices, addresses, dependencies."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property
from typing import NamedTuple

from opsconductor.inventory.dependency_index import DependencyIndex
from opsconductor.inventory.device_index import DeviceIndex
from opsconductor.inventory.graph import CONFIDENCE_FLOOR, DependencyGraph
from opsconductor.limits import BoundedMap
from opsconductor.mib.vendors import vendor_of_manufacturer
from opsconductor.model.address import canonical_address
from opsconductor.model.inventory.device import Dependency, Device
from opsconductor.model.normalized import DeviceAlias
from opsconductor.model.text import one_line


def canonical_name(text: str) -> str:
    """Return the canonical form of a device identifier for look-up."""
    return canonical_address(text) or text.strip().casefold()


LONGEST_NAME = 255
_is_host_name = re.compile(
    r"[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?(?:(?:\.[a-z0-9-]+)*\.[a-z][a-z0-9-]+\.?)?"
).fullmatch
"""A short host name, or a full one whose last part is not numeric."""


class AddressBook:
    """Index of devices by address, engine ID and name.

    A main address takes precedence over a further address of another device, and both over a name; a name
    that two devices share matches neither. A device's own name takes precedence over another device's further
    name, and a device with an address over one without. A short name matches the only device whose full name
    begins with it, and a full name the only device with that short name.

    Attributes:
        at: Returns the device with a key or canonical name, or None.
    """

    def __init__(self, devices: Iterable[Device]) -> None:
        self._by_name: dict[str, Device] = {}
        self.at: Callable[[str], Device | None] = self._by_name.get
        known = tuple(devices)
        addressed = tuple(device for device in known if device.ip_address)
        names = {canonical_name(device.name) for device in addressed}
        others = tuple(
            device for device in known if not device.ip_address and canonical_name(device.name) not in names
        )
        self._add((canonical_name(device.key), device) for device in addressed)
        self._add((canonical_name(text), device) for device in known for text in device.addresses)
        for group in (addressed, others):
            self._add(_unique_names(group, lambda device: [device.name]))
            self._add(_unique_names(group, lambda device: device.names))
        self._add((each.key, each) for each in others if self._by_name.get(canonical_name(each.key)) is each)
        self._by_label = {**_by_label(others), **_by_label(addressed)}
        for label in _labels(addressed) - _by_label(addressed).keys():
            self._by_label.pop(label, None)

    def find(self, text: str) -> Device | None:
        """Return the device that an address, an engine ID (hexadecimal) or a name belongs to, or None."""
        name = canonical_name(text).rstrip(".")
        return self._by_name.get(text) or self._by_name.get(name) or self._by_short_name(name)

    def _by_short_name(self, name: str) -> Device | None:
        """Return the device with the other form of this name: one of the two must be short."""
        label = _label(name)
        device = self._by_label.get(label) if label else None
        if device is None or (label != name and canonical_name(device.name).strip(".") != label):
            return None
        return device

    def _add(self, named: Iterable[tuple[str, Device]]) -> None:
        for name, device in named:
            self._by_name.setdefault(name, device)


def _unique_names(
    devices: Iterable[Device], names: Callable[[Device], Iterable[str]]
) -> Iterator[tuple[str, Device]]:
    """Return devices by those names that only one device has."""
    by_name: dict[str, list[Device]] = {}
    for device in devices:
        for name in dict.fromkeys(canonical_name(text).rstrip(".") for text in names(device)):
            by_name.setdefault(name, []).append(device)
    return ((name, found[0]) for name, found in by_name.items() if name and len(found) == 1)


def _label(name: str) -> str:
    """Return the host part of a name, short or full; empty if it is no host name."""
    return name.partition(".")[0] if len(name) <= LONGEST_NAME and _is_host_name(name) else ""


def _labels(devices: Iterable[Device]) -> set[str]:
    return {_label(canonical_name(device.name)) for device in devices}


def _by_label(devices: Iterable[Device]) -> dict[str, Device]:
    """Return devices by the host part of their names, where it is unique."""
    found: dict[str, list[Device]] = {}
    for device in devices:
        if label := _label(canonical_name(device.name)):
            found.setdefault(label, []).append(device)
    return {label: owners[0] for label, owners in found.items() if len(owners) == 1}


MOST_REMEMBERED = 50_000
"""Maximum number of devices, and of fingerprints, that `identify` caches."""


class DevicePlace(NamedTuple):
    """The device that a message is about.

    Attributes:
        conflict: Identifiers in the message that belong to another device; None: all agree.
    """

    device_ip: str | None
    device_name: str | None
    conflict: Mapping[str, str] | None


class Identity(NamedTuple):
    """A device and the identity of one fault there."""

    place: DevicePlace
    fingerprint: str


class Names(NamedTuple):
    """All identifiers of the device in a report; see `NormalizedAlert`."""

    device_ip: str | None
    device_name: str | None
    device_aliases: tuple[DeviceAlias, ...]


PlaceKey = tuple[str | None, str | None, tuple[DeviceAlias, ...]]
"""The values of `Names` as a plain tuple, created for every report."""
IdentityKey = tuple[str | None, str | None, tuple[DeviceAlias, ...], str, str]


class InventorySnapshot:
    """Devices and dependencies; immutable, a changed inventory is a new snapshot.

    Attributes:
        dependencies: As given.
        confidence_floor: The lowest confidence of a dependency that suppresses.
        device_at: Returns the device with a canonical address or name, as alerts have it, or None.
        graph: Dependency graph over the keys of devices.
        places: Bounded cache of `identify` for this snapshot.
        identities: As `places`.
    """

    def __init__(
        self,
        devices: Iterable[Device] = (),
        dependencies: Iterable[Dependency] = (),
        confidence_floor: float = CONFIDENCE_FLOOR,
    ) -> None:
        self.devices = tuple(devices)
        self.dependencies = tuple(dependencies)
        self.confidence_floor = confidence_floor
        self._book = AddressBook(self.devices)
        self.device_at = self._book.at
        self.graph = DependencyGraph(self.dependencies, self.key_of, confidence_floor)
        self.places: BoundedMap[PlaceKey, DevicePlace] = BoundedMap(MOST_REMEMBERED)
        self.identities: BoundedMap[IdentityKey, Identity] = BoundedMap(MOST_REMEMBERED)
        self._vendors: BoundedMap[str, str] = BoundedMap(MOST_REMEMBERED)

    @cached_property
    def device_index(self) -> DeviceIndex:
        """The devices for searches; first use takes some tenths of a second with 100,000 devices."""
        return DeviceIndex(self.devices, name_in_alerts)

    @cached_property
    def dependency_index(self) -> DependencyIndex:
        """The dependencies by their ends; first use takes as long."""
        return DependencyIndex(self.dependencies, self.key_of)

    @cached_property
    def sites(self) -> frozenset[str]:
        """The sites of all devices."""
        return frozenset(device.site for device in self.devices if device.site)

    def device_of(self, name: str) -> Device | None:
        """Return the device with this main or further address, SNMP engine ID (hexadecimal) or name."""
        return self._book.find(name)

    def vendor_of(self, address: str) -> str | None:
        """Return the vendor of a device as mappings write it, or None if unknown."""
        found = self._vendors.get(address)  # asked for every message: only looking up takes longer
        if found is None:
            device = self.device_of(address)
            known = vendor_of_manufacturer(device.manufacturer) if device and device.manufacturer else None
            found = self._vendors[address] = known or ""
        return found or None

    def key_of(self, name: str) -> str:
        """Return the key by which alerts and dependencies refer to the device with an address or name."""
        device = self.device_of(name)
        return name_in_alerts(device.key) if device is not None else canonical_address(name) or name

    def dependents_count(self, name: str) -> int:
        """Return the number of direct and indirect dependents of a device."""
        return self.graph.dependents_count(self.key_of(name))


def name_in_alerts(name: str) -> str:
    """Return an address or a name as alerts have it."""
    return canonical_address(name) or one_line(name, LONGEST_NAME)
