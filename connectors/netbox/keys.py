"""Keys of devices in the inventory: their main addresses, or their names if they have none."""

from collections import Counter
from collections.abc import Mapping

from connectors.netbox.addresses import machines_of
from connectors.netbox.objects import Machine
from connectors.netbox.tables import Holdings


def keys_of(holdings: Holdings, main: Mapping[int, str]) -> dict[int, str]:
    """Return the unique keys of all listed devices and virtual machines, by their ids.

    One without an address is listed if it can fail: with cables, power outlets or a place in a
    stack. Patch panels and blank panels have none of these. A name that is not unique gets the site, or
    if that is not enough the id.

    Args:
        main: Main addresses.
    """
    keys = dict(main)
    active = _with_ports(holdings)
    machines = list(machines_of(holdings))
    names = Counter(machine.name.casefold() for machine in machines)
    places = Counter(_at_site(machine).casefold() for machine in machines)
    for machine in machines:
        is_active = machine.id < 0 or machine.id in active or machine.chassis_id is not None
        if machine.id in main or not machine.name or not is_active:
            continue
        key = machine.name
        if names[key.casefold()] > 1:
            key = _at_site(machine)
            if not machine.site or places[key.casefold()] > 1 or key.casefold() in names:
                key = f"{machine.name} (NetBox {machine.id})"
        keys[machine.id] = key
    return keys


def _with_ports(holdings: Holdings) -> set[int]:
    """Return the devices with ports or outlets, except panels."""
    parts = (holdings.interfaces, holdings.power_ports, holdings.power_outlets)
    return {port.device_id for part in parts for port in part.values()}


def _at_site(machine: Machine) -> str:
    return f"{machine.name} ({machine.site})"
