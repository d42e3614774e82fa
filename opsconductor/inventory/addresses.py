"""Finds devices by what names them: addresses, engine IDs, names."""

from collections.abc import Iterable, Iterator

from opsconductor.model.address import canonical_address
from opsconductor.model.device import Device


def canonical_name(text: str) -> str:
    """Bring whatever names a device into the form in which it is looked up."""
    return canonical_address(text) or text.strip().casefold()


class AddressBook:
    """Finds a device by any address, engine ID or name.

    A main address wins over a further one of another device, both win over a name; a name that
    two devices share finds neither.
    """

    def __init__(self, devices: Iterable[Device]) -> None:
        self._by_name: dict[str, Device] = {}
        known = tuple(devices)
        self._add((canonical_name(device.ip_address), device) for device in known)
        self._add((canonical_name(text), device) for device in known for text in device.addresses)
        self._add(_unique_names(known))

    def find(self, text: str) -> Device | None:
        """Find the device that an address, an engine ID (hexadecimal) or a name belongs to."""
        return self._by_name.get(text) or self._by_name.get(canonical_name(text))

    def at(self, name: str) -> Device | None:
        """Find a device by a name that is in canonical form."""
        return self._by_name.get(name)

    def _add(self, named: Iterable[tuple[str, Device]]) -> None:
        for name, device in named:
            self._by_name.setdefault(name, device)


def _unique_names(devices: Iterable[Device]) -> Iterator[tuple[str, Device]]:
    by_name: dict[str, list[Device]] = {}
    for device in devices:
        by_name.setdefault(canonical_name(device.name), []).append(device)
    return ((name, found[0]) for name, found in by_name.items() if name and len(found) == 1)
