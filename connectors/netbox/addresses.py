"""Addresses of devices: the main one, which alerts use, and all others."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from connectors.netbox.objects import Machine
from connectors.netbox.tables import Holdings


class Addresses(NamedTuple):
    """Addresses of all devices and virtual machines that have any, by their ids.

    Attributes:
        main: The primary address; else the out-of-band one, else the oldest of an interface.
        further: All others, without those that two devices have.
        interface: The interface with the main address, if known.
        names: DNS names of the addresses.
    """

    main: Mapping[int, str]
    further: Mapping[int, tuple[str, ...]]
    interface: Mapping[int, int]
    names: Mapping[int, tuple[str, ...]]


def addresses_of(holdings: Holdings) -> Addresses:
    """Return the addresses of all devices and virtual machines."""
    known: dict[int, dict[str, int | None]] = {}
    for machine in machines_of(holdings):
        known[machine.id] = dict(_pointed(machine, holdings))
    for key in sorted(holdings.addresses):
        address = holdings.addresses[key]
        mine = known.get(address.machine_id)
        if mine is not None:
            mine.setdefault(address.address, address.interface_id)
            for outside in address.outside:
                mine.setdefault(outside, None)
    main = {key: next(iter(mine)) for key, mine in known.items() if mine}
    owners = Counter(text for mine in known.values() for text in mine)
    taken = set(main.values())
    further = {
        key: tuple(text for text in mine if text not in taken and owners[text] == 1)
        for key, mine in known.items()
    }
    interfaces = {key: known[key][text] for key, text in main.items()}
    known_interfaces = {key: found for key, found in interfaces.items() if found is not None}
    return Addresses(main, further, known_interfaces, _names(holdings))


def _names(holdings: Holdings) -> dict[int, tuple[str, ...]]:
    found: dict[int, dict[str, None]] = {}
    for key in sorted(holdings.addresses):
        address = holdings.addresses[key]
        if address.dns_name:
            found.setdefault(address.machine_id, {})[address.dns_name] = None
    return {key: tuple(names) for key, names in found.items()}


def machines_of(holdings: Holdings) -> Iterator[Machine]:
    """Yield devices and virtual machines, each in the order of their ids."""
    yield from (holdings.devices[key] for key in sorted(holdings.devices))
    yield from (holdings.virtual_machines[key] for key in sorted(holdings.virtual_machines))


def _pointed(machine: Machine, holdings: Holdings) -> Iterator[tuple[str, int | None]]:
    for each in machine.pointed:
        assigned = holdings.addresses.get(each.id)
        yield (each.address, None) if assigned is None else (assigned.address, assigned.interface_id)
