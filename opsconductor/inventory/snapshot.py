"""The inventory as it is at one moment: devices, their addresses, what they depend on."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from opsconductor.inventory.addresses import LONGEST_NAME, AddressBook
from opsconductor.inventory.graph import CONFIDENCE_FLOOR, DependencyGraph
from opsconductor.limits import BoundedMap
from opsconductor.mib.vendors import vendor_of_manufacturer
from opsconductor.model.address import canonical_address
from opsconductor.model.device import Dependency, Device
from opsconductor.model.normalized import DeviceAlias
from opsconductor.model.text import one_line

MOST_REMEMBERED = 50_000
"""Devices, and fingerprints, that `identify` need not work out again."""


class DevicePlace(NamedTuple):
    """The device that a message is about.

    Attributes:
        conflict: What in the message names which other device; None: all agree.
    """

    device_ip: str | None
    device_name: str | None
    conflict: Mapping[str, str] | None


class Identity(NamedTuple):
    """A place and the identity of one fault there."""

    place: DevicePlace
    fingerprint: str


class Names(NamedTuple):
    """Everything by which a report names its device; see `NormalizedAlert`."""

    device_ip: str | None
    device_name: str | None
    device_aliases: tuple[DeviceAlias, ...]


PlaceKey = tuple[str | None, str | None, tuple[DeviceAlias, ...]]
"""The values of `Names`: a plain tuple, made for every report."""
IdentityKey = tuple[str | None, str | None, tuple[DeviceAlias, ...], str, str]


class InventorySnapshot:
    """Devices and dependencies; never changes, a changed inventory is a new snapshot.

    Attributes:
        dependencies: As they were given.
        graph: What depends on what, over the keys of devices.
        places: What `identify` has worked out from this snapshot; holds a bounded number.
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
        self._book = AddressBook(self.devices)
        self.graph = DependencyGraph(self.dependencies, self.key_of, confidence_floor)
        self.places: BoundedMap[PlaceKey, DevicePlace] = BoundedMap(MOST_REMEMBERED)
        self.identities: BoundedMap[IdentityKey, Identity] = BoundedMap(MOST_REMEMBERED)

    def device_of(self, name: str) -> Device | None:
        """Find a device by main or further address, SNMP engine ID (hexadecimal) or name."""
        return self._book.find(name)

    def device_at(self, key: str) -> Device | None:
        """Find a device by an address in canonical text, or a name, as alerts have it."""
        return self._book.at(key)

    def vendor_of(self, address: str) -> str | None:
        """Name the vendor of a device as mappings write it; None if the inventory does not know."""
        device = self.device_of(address)
        return vendor_of_manufacturer(device.manufacturer) if device and device.manufacturer else None

    def key_of(self, name: str) -> str:
        """Return by what alerts and dependencies refer to the device with an address or name."""
        device = self.device_of(name)
        return name_in_alerts(device.key) if device is not None else canonical_address(name) or name

    def dependents_count(self, name: str) -> int:
        """Count the devices that depend on a device, directly or through others."""
        return self.graph.dependents_count(self.key_of(name))


def name_in_alerts(name: str) -> str:
    """Write an address or a name as alerts have it."""
    return canonical_address(name) or one_line(name, LONGEST_NAME)
