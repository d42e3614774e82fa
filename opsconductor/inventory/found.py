"""Conversion of an inventory system's data to the form of the database."""

from collections.abc import Iterable, Iterator
from typing import Any

from opsconductor.model.address import Reach, canonical_address, reach_of
from opsconductor.model.inventory.listed import FoundDevice
from opsconductor.model.text import fitted, storable, storable_text

LONGEST: dict[str, int] = {
    "device_type": 100,
    "manufacturer": 100,
    "model": 100,
    "site": 100,
    "location": 255,
    "role": 100,
    "status": 50,
}
"""Maximum length of the fact columns in characters."""
LONGEST_NAME = 255


def name_of(device: FoundDevice, address: str | None) -> str:
    """Return the display name of a device; without a name its address, if any."""
    return fitted(device.name.strip(), LONGEST_NAME) or address or ""


def names_of(device: FoundDevice) -> tuple[str, ...]:
    """Return the further names of a device, sorted and unique."""
    return tuple(sorted({text for name in device.names if (text := fitted(name.strip(), LONGEST_NAME))}))


def facts_of(device: FoundDevice) -> dict[str, Any]:
    """Return the facts of a device other than names and addresses."""
    facts: dict[str, Any] = {
        name: fitted((getattr(device, name) or "").strip(), longest) or None
        for name, longest in LONGEST.items()
    }
    facts["tags"] = tuple(dict.fromkeys(storable_text(tag) for tag in device.tags))
    facts["custom_fields"] = storable(device.custom_fields) if device.custom_fields else {}
    return facts


def known_facts(facts: dict[str, Any]) -> dict[str, Any]:
    """Return the facts without empty ones, as stored in `devices.found`."""
    return {name: list(value) if name == "tags" else value for name, value in facts.items() if value}


def further_addresses(device: FoundDevice, main: str | None) -> Iterator[str]:
    """Return the further addresses that can identify a device, each once."""
    return (
        address
        for address in dict.fromkeys(_canonical([device.ip_address or "", *device.addresses]))
        if address != main and reach_of(address) is Reach.HOST
    )


def _canonical(addresses: Iterable[str]) -> Iterator[str]:
    return (address for text in addresses if (address := canonical_address(text)) is not None)
