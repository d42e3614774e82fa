"""Search of devices in memory: by words, site, role, tag and status; pure."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from uuid import UUID

from opsconductor.model.inventory.device import Device

FACETS: Mapping[str, Callable[[Device], Iterable[str | None]]] = {
    "site": lambda device: (device.site,),
    "role": lambda device: (device.role,),
    "status": lambda device: (device.status,),
    "device_type": lambda device: (device.device_type,),
    "tag": lambda device: device.tags,
}
"""Properties by which devices are chosen, with the values of a device."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedDevices:
    """Which devices to find; every condition must be met, an empty one is none.

    Attributes:
        terms: Texts, in lower case, each of which must be part of a name or an address.
        site: One of these, exactly; the others likewise.
    """

    terms: tuple[str, ...] = ()
    site: tuple[str, ...] = ()
    role: tuple[str, ...] = ()
    status: tuple[str, ...] = ()
    device_type: tuple[str, ...] = ()
    tag: tuple[str, ...] = ()


EVERY_DEVICE = WantedDevices()


class DeviceIndex:
    """Devices in order of their names, with what searches compare; a device is known by its position.

    Attributes:
        devices: By name without regard to case, then by key.
        keys: Of the devices, in the same order, as alerts and dependencies have them.
        places: What the devices are ordered by, in the same order.
    """

    def __init__(self, devices: Iterable[Device], in_alerts: Callable[[str], str]) -> None:
        """Build the index.

        Args:
            in_alerts: Returns a key as alerts have it.
        """
        self.devices: Sequence[Device] = sorted(devices, key=place_of)
        self.keys: Sequence[str] = [in_alerts(device.key) for device in self.devices]
        self.places = [place_of(device) for device in self.devices]
        self._positions = {key: position for position, key in enumerate(self.keys)}
        self._texts = [_searched(device) for device in self.devices]
        self._by_id = {device.id: device for device in self.devices}
        self._by_value = {name: _by_value(self.devices, values) for name, values in FACETS.items()}

    def facets(self, positions: Sequence[int]) -> Mapping[str, Mapping[str, int]]:
        """Return how many of some devices have each value, by property and value."""
        chosen = [self.devices[position] for position in positions]
        return {
            name: {value: len(found) for value, found in sorted(_by_value(chosen, values).items())}
            for name, values in FACETS.items()
        }

    def at_id(self, device_id: UUID) -> Device | None:
        """Return the device with this id, or None."""
        return self._by_id.get(device_id)

    def position_of(self, key: str) -> int | None:
        """Return the position of the device with a key as alerts have it, or None."""
        return self._positions.get(key)

    @cached_property
    def all_facets(self) -> Mapping[str, Mapping[str, int]]:
        """Return `facets` of all devices."""
        return self.facets(range(len(self.devices)))

    def find(self, wanted: WantedDevices) -> Sequence[int]:
        """Return the positions of the wanted devices, in order."""
        found, texts = self._chosen(wanted), self._texts
        for term in wanted.terms:
            found = [position for position in found if term in texts[position]]
        return found

    def _chosen(self, wanted: WantedDevices) -> Sequence[int]:
        """Return the positions that meet the conditions on properties, in order."""
        sets = [
            {position for value in values for position in self._by_value[name].get(value, ())}
            for name in FACETS
            if (values := getattr(wanted, name))
        ]
        return sorted(set.intersection(*sets)) if sets else range(len(self.devices))


def place_of(device: Device) -> tuple[str, str]:
    """Return the place of a device in a list by name."""
    return device.name.casefold(), device.key


def terms_of(text: str) -> tuple[str, ...]:
    """Return the terms of a search."""
    return tuple(text.casefold().split())


def _searched(device: Device) -> str:
    texts = (device.name, device.ip_address or "", *device.names, *device.addresses)
    return "\n".join(texts).casefold()


def _by_value(
    devices: Sequence[Device], values: Callable[[Device], Iterable[str | None]]
) -> Mapping[str, Sequence[int]]:
    found: dict[str, list[int]] = {}
    for position, device in enumerate(devices):
        for value in Counter(values(device)):  # each value once
            if value:
                found.setdefault(value, []).append(position)
    return found
