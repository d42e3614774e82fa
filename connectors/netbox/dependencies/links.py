"""Links between devices by their ports; a stack counts as one device."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from connectors.netbox.objects import FarEnd, Machine, PatchPort
from connectors.netbox.tables import Holdings

IN_SERVICE = frozenset({"active", "staged", "failed"})
"""States of devices that carry traffic; a planned switch is not a second uplink."""

CLOUD = "circuits.providernetwork"

Node = int
"""Id of a device, or the negative id of a provider's network."""


class Nodes:
    """Maps devices to nodes; pure except for a cache.

    A member of a stack without an address of its own belongs to the node of the stack: the master, or
    if that has none the first member with an address.

    Attributes:
        addresses: Main addresses.
        keys: Of all listed devices, those without an address included.
    """

    def __init__(
        self, devices: Mapping[int, Machine], addresses: Mapping[int, str], keys: Mapping[int, str]
    ) -> None:
        self.devices = devices
        self.addresses = addresses
        self.keys = keys
        self._speakers: dict[int, Node] = {}
        for key in sorted(self._with_address(), key=lambda key: (devices[key].master_id != key, key)):
            chassis_id = devices[key].chassis_id
            if chassis_id is not None:
                self._speakers.setdefault(chassis_id, key)

    def of(self, device_id: int | None) -> Node | None:
        """Return the node of a device; None: it does not exist, or is not in service."""
        machine = self.devices.get(device_id or 0)
        if machine is None or machine.status not in IN_SERVICE:
            return None
        if machine.id in self.addresses or machine.chassis_id is None:
            return machine.id
        return self._speakers.get(machine.chassis_id, machine.id)

    def listed(self) -> list[Node]:
        """Return the nodes that are devices of the inventory, in the order of their ids."""
        return sorted(key for key in self.keys if self.of(key) == key)

    def members(self) -> list[int]:
        """Return the devices of the inventory that are part of another node, in the order of their ids."""
        return sorted(key for key in self.keys if self.of(key) not in {key, None})

    def _with_address(self) -> Iterator[Node]:
        return (key for key in self.addresses if self.of(key) == key)


class End(NamedTuple):
    """One end of a link; there is no port at a provider's network."""

    node: Node
    port: PatchPort | None


class CableLink(NamedTuple):
    """A link as seen from one of its ends; `is_direct`: one cable with nothing between."""

    near: End
    far: End
    is_direct: bool

    def turned(self) -> "CableLink":
        """Return the link as seen from the other end."""
        return CableLink(self.far, self.near, self.is_direct)


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """Devices in service and the links between them.

    Attributes:
        addresses: Main addresses.
        keys: Of the listed devices; others only pass on what they are cabled to.
        links: By node, in the order of the ports' ids.
        clouds: Names of providers' networks.
    """

    machines: Mapping[Node, Machine]
    addresses: Mapping[Node, str]
    keys: Mapping[Node, str]
    links: Mapping[Node, list[CableLink]]
    clouds: Mapping[Node, str]

    def name(self, node: Node) -> str:
        """Return the name of a node for texts."""
        return self.machines[node].name if node in self.machines else self.clouds.get(node, "")


def network_of(holdings: Holdings, nodes: Nodes) -> Network:
    """Build the network."""
    links: dict[Node, list[CableLink]] = {}
    clouds: dict[Node, str] = {}
    seen = set()
    for key in sorted(holdings.interfaces):
        port = holdings.interfaces[key]
        near = nodes.of(port.device_id)
        for far_end in port.far_ends:
            if far_end.kind == CLOUD:
                clouds[-far_end.id] = far_end.name
            pair = (far_end.kind, *sorted((port.id, far_end.id)))
            far = _far(far_end, holdings, nodes)
            if near is None or far is None or far.node == near or pair in seen:
                continue
            seen.add(pair)
            is_direct = (
                far.port is not None and port.cable_id is not None and port.cable_id == far.port.cable_id
            )
            link = CableLink(End(near, port), far, is_direct)
            links.setdefault(near, []).append(link)
            links.setdefault(far.node, []).append(link.turned())
    return Network(
        machines=holdings.devices, addresses=nodes.addresses, keys=nodes.keys, links=links, clouds=clouds
    )


def _far(far_end: FarEnd, holdings: Holdings, nodes: Nodes) -> End | None:
    if far_end.kind == CLOUD:
        return End(-far_end.id, None)
    if far_end.kind != "dcim.interface":
        return None
    port = holdings.interfaces.get(far_end.id)
    if port is None:
        device_id = far_end.device_id or 0
        port = PatchPort(id=far_end.id, device_id=device_id, name=far_end.name, cable_id=far_end.cable_id)
    node = nodes.of(port.device_id)
    return None if node is None else End(node, port)
