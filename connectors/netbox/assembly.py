"""Assembly of the inventory from NetBox's objects: devices and dependencies; pure."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from connectors.netbox.addresses import Addresses, addresses_of, machines_of
from connectors.netbox.dependencies.found import FoundInventory
from connectors.netbox.dependencies.hosting import guest_dependencies, stack_dependencies
from connectors.netbox.dependencies.links import IN_SERVICE, Node, Nodes, network_of
from connectors.netbox.dependencies.network import Discovery
from connectors.netbox.dependencies.power import PowerDiscovery
from connectors.netbox.dependencies.ranks import Ranking, named_roles
from connectors.netbox.keys import keys_of
from connectors.netbox.objects import Assignment, Machine
from connectors.netbox.tables import Holdings
from opsconductor.model.enums import DependencyType
from opsconductor.model.inventory.listed import FoundDependency, FoundDevice, Inventory, Part

RULES = 3
"""Incremented when the algorithm for directions changes."""

MACHINES_LACK = (Part.DEVICES, Part.ADDRESSES, Part.DEPENDENCIES)
LACKING: Mapping[str, Sequence[Part]] = {
    "dcim.device": MACHINES_LACK,
    "virtualization.virtualmachine": MACHINES_LACK,
    "ipam.ipaddress": MACHINES_LACK,
    "dcim.interface": (Part.DEPENDENCIES,),
    "dcim.powerport": (Part.DEPENDENCIES,),
    "dcim.poweroutlet": (Part.DEPENDENCIES,),
    "dcim.devicerole": (Part.DEPENDENCIES,),
    "dcim.powerfeed": (Part.DETAILS,),
    "tenancy.contact": (Part.DETAILS,),
    "tenancy.contactassignment": (Part.DETAILS,),
}
"""Types without which the inventory is incomplete; without any other type only changes are missed."""


class Assembled(NamedTuple):
    """The inventory, and what was left out.

    Attributes:
        not_listed: Number of devices and virtual machines that are not in the inventory: panels and the like.
        missing_roots: Configured roots that are not the name of any device.
    """

    inventory: Inventory
    not_listed: int
    missing_roots: tuple[str, ...]


def assemble(holdings: Holdings, ranking: Ranking, roots: Sequence[str], taken_at: datetime) -> Assembled:
    """Build the inventory."""
    addresses, ranking = addresses_of(holdings), ranking.with_roles(holdings.device_roles)
    keys = keys_of(holdings, addresses.main)
    nodes = Nodes(holdings.devices, _of_devices(addresses.main), _of_devices(keys))
    root_nodes, missing_roots = _roots(roots, nodes)
    discovery = Discovery(network_of(holdings, nodes), ranking, root_nodes, addresses.interface)
    power = PowerDiscovery(holdings, nodes)
    is_power_known = not {"dcim.powerport", "dcim.poweroutlet"}.intersection(holdings.unread)
    found: list[FoundInventory] = [*stack_dependencies(nodes)]
    for node in nodes.listed():
        found.extend(discovery.dependencies(node))
        found.extend(discovery.management(node))
    found.extend(power.dependencies() if is_power_known else ())
    found.extend(guest_dependencies(holdings, nodes, keys, discovery.dependencies))
    devices = tuple(_devices(holdings, keys, addresses, power))
    return Assembled(
        Inventory(
            devices=devices,
            dependencies=_merged(found, keys),
            taken_at=taken_at,
            rules=_rules(ranking, roots),
            unread=holdings.unread,
            incomplete=frozenset(part for kind in holdings.unread for part in LACKING.get(kind, ())),
            remarks=tuple(_remarks(holdings, ranking)),
        ),
        not_listed=len(holdings.devices) + len(holdings.virtual_machines) - len(devices),
        missing_roots=missing_roots,
    )


def _of_devices(found: Mapping[int, str]) -> dict[int, str]:
    """Return the devices without virtual machines."""
    return {key: text for key, text in found.items() if key > 0}


def _rules(ranking: Ranking, roots: Sequence[str]) -> str:
    """Return a digest of the settings for directions: after a change all dependencies are recomputed."""
    text = json.dumps([RULES, ranking.patterns, sorted(roots)])
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _remarks(holdings: Holdings, ranking: Ranking) -> Iterator[str]:
    """Return the roles without a rank, with their number of cabled devices."""
    cabled = {port.device_id for port in holdings.interfaces.values()}
    roles = Counter(
        machine.role_slug
        for key, machine in holdings.devices.items()
        if key in cabled and not ranking.of_machine(machine).is_known
    )
    if roles:
        yield f"roles without a rank, add them to role_ranks (cabled devices): {named_roles(roles)}"


def _roots(names: Sequence[str], nodes: Nodes) -> tuple[list[Node], tuple[str, ...]]:
    """Return the devices in service with the names of roots, and the names without device."""
    found: dict[str, list[Node]] = {name.casefold(): [] for name in names}
    for key in sorted(nodes.devices) if names else ():
        node, fitting = nodes.of(key), found.get(nodes.devices[key].name.casefold())
        if node is not None and fitting is not None:
            fitting.append(node)
    roots = [node for fitting in found.values() for node in fitting]
    return roots, tuple(name for name in names if not found[name.casefold()])


def _devices(
    holdings: Holdings, keys: Mapping[int, str], addresses: Addresses, power: PowerDiscovery
) -> Iterator[FoundDevice]:
    """Return the devices of the inventory; those in service come first, in case two have the same address."""
    contacts = _contacts(holdings)
    machines = (machine for machine in machines_of(holdings) if machine.id in keys)
    for machine in sorted(machines, key=lambda each: each.status not in IN_SERVICE):
        people = contacts.get((_kind(machine), abs(machine.id))) or contacts.get(
            ("dcim.site", machine.site_id)
        )
        further = {
            "rack": machine.rack,
            "cluster": machine.cluster,
            "contacts": people,
            "power_feeds": power.feeds(machine.id),
        }
        yield FoundDevice(
            external_id=machine.id,
            ip_address=addresses.main.get(machine.id),
            name=machine.name if machine.id in addresses.main else keys[machine.id],
            names=addresses.names.get(machine.id, ()),
            addresses=addresses.further.get(machine.id, ()),
            device_type=machine.device_type,
            manufacturer=machine.manufacturer,
            model=machine.model,
            site=machine.site,
            location=machine.location,
            role=machine.role,
            status=machine.status,
            tags=machine.tags,
            custom_fields={
                **machine.custom_fields,
                **{key: value for key, value in further.items() if value},
            },
            url=machine.url,
        )


def _kind(machine: Machine) -> str:
    return "dcim.device" if machine.id > 0 else "virtualization.virtualmachine"


def _contacts(holdings: Holdings) -> Mapping[tuple[str, int | None], list[Mapping[str, str]]]:
    """Return contacts by type and id of the object, primary ones first."""
    found: dict[tuple[str, int | None], list[Mapping[str, str]]] = {}
    for each in sorted(holdings.assignments.values(), key=_urgency):
        person = holdings.contacts.get(each.contact_id)
        if person is not None:
            details = {
                "name": person.name,
                "email": person.email,
                "phone": person.phone,
                "role": each.role,
                "priority": each.priority,
            }
            entry = {key: value for key, value in details.items() if value}
            found.setdefault((each.kind, each.object_id), []).append(entry)
    return found


def _urgency(assignment: Assignment) -> tuple[int, int]:
    order = ("primary", "secondary", "tertiary")
    known = assignment.priority in order
    return (order.index(assignment.priority) if known else len(order), assignment.id)


def _merged(found: Iterable[FoundInventory], keys: Mapping[int, str]) -> tuple[FoundDependency, ...]:
    """Return dependencies by keys; one found in two ways is listed once, with the higher confidence."""
    merged: dict[tuple[str, str, DependencyType], FoundInventory] = {}
    for each in found:
        key = (keys[each.device], keys[each.provider], each.kind)
        known = merged.get(key)
        if key[0] == key[1]:
            continue
        if known is not None:
            via = tuple(sorted({*known.via, *each.via})) if known.via and each.via else ()
            better = max(known, each, key=lambda one: one.confidence)
            merged[key] = better._replace(via=via)
        else:
            merged[key] = each
    return tuple(
        FoundDependency(
            device_ip=device_ip,
            depends_on_ip=depends_on_ip,
            dependency_type=kind,
            confidence=each.confidence,
            via_resources=each.via,
            description=each.description,
        )
        for (device_ip, depends_on_ip, kind), each in merged.items()
    )
