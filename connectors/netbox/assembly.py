"""Makes of everything that was read what the daemon wants to know: devices, and what they depend on; pure."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from connectors.netbox.addresses import Addresses, addresses_of, machines_of
from connectors.netbox.found import FoundInventory
from connectors.netbox.hosting import guest_dependencies, stack_dependencies
from connectors.netbox.keys import keys_of
from connectors.netbox.links import IN_SERVICE, Node, Nodes, network_of
from connectors.netbox.network import Discovery
from connectors.netbox.objects import Assignment, Machine
from connectors.netbox.power import PowerDiscovery
from connectors.netbox.ranks import Ranking, named_roles
from connectors.netbox.tables import Holdings
from opsconductor.model.enums import DependencyType
from opsconductor.model.inventory import FoundDependency, FoundDevice, Inventory, Part

RULES = 3
"""Goes up when directions are found in another way."""

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
"""What is known in part only when a type may not be viewed; without the others only changes are missed."""


class Assembled(NamedTuple):
    """The inventory, and what of NetBox did not get into it.

    Attributes:
        not_listed: Devices and virtual machines that are not in the inventory: panels and the like.
        missing_roots: Names that are configured as roots and that no device has.
    """

    inventory: Inventory
    not_listed: int
    missing_roots: tuple[str, ...]


def assemble(holdings: Holdings, ranking: Ranking, roots: Sequence[str], taken_at: datetime) -> Assembled:
    """Put the inventory together."""
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
    """Leave virtual machines out."""
    return {key: text for key, text in found.items() if key > 0}


def _rules(ranking: Ranking, roots: Sequence[str]) -> str:
    """Digest what decides the directions: with another the dependencies of before were never so."""
    told = json.dumps([RULES, ranking.patterns, sorted(roots)])
    return hashlib.sha256(told.encode()).hexdigest()[:16]


def _remarks(holdings: Holdings, ranking: Ranking) -> Iterator[str]:
    """Name the roles without a rank, with their number of cabled devices."""
    cabled = {port.device_id for port in holdings.interfaces.values()}
    roles = Counter(
        machine.role_slug
        for key, machine in holdings.devices.items()
        if key in cabled and not ranking.of_machine(machine).is_known
    )
    if roles:
        yield f"roles without a rank, name them in role_ranks (cabled devices): {named_roles(roles)}"


def _roots(names: Sequence[str], nodes: Nodes) -> tuple[list[Node], tuple[str, ...]]:
    """Find the devices in service that have the names of roots, and the names that none has."""
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
    """Describe what is listed; what is in service comes first, should another have the same address."""
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
    """List whom to call, by type and id of what they are assigned to, the primary ones first."""
    found: dict[tuple[str, int | None], list[Mapping[str, str]]] = {}
    for each in sorted(holdings.assignments.values(), key=_urgency):
        person = holdings.contacts.get(each.contact_id)
        if person is not None:
            told = {
                "name": person.name,
                "email": person.email,
                "phone": person.phone,
                "role": each.role,
                "priority": each.priority,
            }
            entry = {key: value for key, value in told.items() if value}
            found.setdefault((each.kind, each.object_id), []).append(entry)
    return found


def _urgency(assignment: Assignment) -> tuple[int, int]:
    order = ("primary", "secondary", "tertiary")
    known = assignment.priority in order
    return (order.index(assignment.priority) if known else len(order), assignment.id)


def _merged(found: Iterable[FoundInventory], keys: Mapping[int, str]) -> tuple[FoundDependency, ...]:
    """Write dependencies by keys; what was found in two ways is one, and as sure as the better one."""
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
