"""Addresses in the one text form in which they are compared, and the devices that have them."""

import re
from collections.abc import Iterable, Iterator
from ipaddress import IPv6Address, ip_address

from opsconductor.model.device import Device

LONGEST_ADDRESS = 45
_OCTET = "(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
_is_canonical_ipv4 = re.compile(rf"(?:{_OCTET}\.){{3}}{_OCTET}").fullmatch
"""Spares most addresses the slow way through `ipaddress`."""


def canonical_address(text: str) -> str | None:
    """Write an IP address as RFC 5952 wants it, an IPv4-mapped one as IPv4.

    Returns:
        At most 45 characters (a zone that makes it longer is cut off); None: not an IP address.
    """
    if _is_canonical_ipv4(text):
        return text
    try:
        address = ip_address(text.strip())
    except ValueError:
        return None
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            return str(address.ipv4_mapped)
        written = str(address)
        return written if len(written) <= LONGEST_ADDRESS else written.partition("%")[0]
    return str(address)


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
