"""Who is cabled to whom: ports as links between devices, with a stack seen as the one device it is."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from connectors.netbox.objects import FarEnd, Machine, Port
from connectors.netbox.tables import Holdings

IN_SERVICE = frozenset({"active", "staged", "failed"})
"""States of what carries anything; a switch that is planned is nobody's second uplink."""

CLOUD = "circuits.providernetwork"

Node = int
"""Id of a device, or the negative id of a provider's network."""


class End(NamedTuple):
    """One end of a link; there is no port at a provider's network."""

    node: Node
    port: Port | None


class Link(NamedTuple):
    """A link as seen from one of its ends; `is_direct`: one cable with nothing between."""

    near: End
    far: End
    is_direct: bool

    def turned(self) -> "Link":
        """See it from the other end."""
        return Link(self.far, self.near, self.is_direct)


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """Devices in service and the links between them.

    Attributes:
        addresses: Main addresses; a device without one only passes on what it is cabled to.
        links: By node, in the order of the ports' ids.
        clouds: Names of providers' networks.
    """

    machines: Mapping[Node, Machine]
    addresses: Mapping[Node, str]
    links: Mapping[Node, list[Link]]
    clouds: Mapping[Node, str]

    def name(self, node: Node) -> str:
        """Name a node for people."""
        return self.machines[node].name if node in self.machines else self.clouds.get(node, "")


def network_of(holdings: Holdings, addresses: Mapping[int, str]) -> Network:
    """Draw the network."""
    links: dict[Node, list[Link]] = {}
    clouds: dict[Node, str] = {}
    seen = set()
    for key in sorted(holdings.interfaces):
        port = holdings.interfaces[key]
        near = node_of(port.device_id, holdings, addresses)
        for far_end in port.far_ends:
            if far_end.kind == CLOUD:
                clouds[-far_end.id] = far_end.name
            pair = (far_end.kind, *sorted((port.id, far_end.id)))
            far = _far(far_end, holdings, addresses)
            if near is None or far is None or far.node == near or pair in seen:
                continue
            seen.add(pair)
            is_direct = (
                far.port is not None and port.cable_id is not None and port.cable_id == far.port.cable_id
            )
            link = Link(End(near, port), far, is_direct)
            links.setdefault(near, []).append(link)
            links.setdefault(far.node, []).append(link.turned())
    return Network(machines=holdings.devices, addresses=addresses, links=links, clouds=clouds)


def node_of(device_id: int | None, holdings: Holdings, addresses: Mapping[int, str]) -> Node | None:
    """Find the node that a device is, or is a part of: a stack's member without an address is its master.

    Returns:
        None: it is not there, or not in service.
    """
    machine = holdings.devices.get(device_id or 0)
    if machine is None or machine.status not in IN_SERVICE:
        return None
    if machine.id not in addresses and machine.master_id in addresses:
        return node_of(machine.master_id, holdings, addresses)
    return machine.id


def nodes_of(holdings: Holdings, addresses: Mapping[int, str]) -> Iterator[Node]:
    """Go through the devices that are in service and have an address."""
    for key in sorted(holdings.devices):
        if key in addresses and node_of(key, holdings, addresses) == key:
            yield key


def _far(far_end: FarEnd, holdings: Holdings, addresses: Mapping[int, str]) -> End | None:
    if far_end.kind == CLOUD:
        return End(-far_end.id, None)
    if far_end.kind != "dcim.interface":
        return None
    port = holdings.interfaces.get(far_end.id)
    if port is None:
        device_id = far_end.device_id or 0
        port = Port(id=far_end.id, device_id=device_id, name=far_end.name, cable_id=far_end.cable_id)
    node = node_of(port.device_id, holdings, addresses)
    return None if node is None else End(node, port)
