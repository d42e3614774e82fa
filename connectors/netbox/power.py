"""Finds what feeds a device: power strips, UPSs and the chassis it sits in, up to the next that is listed.

A strip without an address that has several inlets is passed: it matters which of them feeds an outlet.

A device that is also fed by something nobody watches, such as a feed straight from the panel, is taken to
need none of the others: it may well go on without them, and in doubt people are told.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from connectors.netbox.found import FoundInventory, told
from connectors.netbox.links import Node, Nodes
from connectors.netbox.objects import FarEnd, PatchPort
from connectors.netbox.tables import Holdings
from opsconductor.model.enums import DependencyType

PLUGGED, THROUGH, IN_BAY = 0.95, 0.8, 0.9
DEEPEST = 10
OUTLET = "dcim.poweroutlet"
FEED = "dcim.powerfeed"


class Supply(NamedTuple):
    """What feeds a device on one way; `node` None: something that is not listed at its end."""

    node: Node | None
    text: str
    confidence: float


class PowerDiscovery:
    """Looks at the power cables of one inventory; pure."""

    def __init__(self, holdings: Holdings, nodes: Nodes) -> None:
        self._holdings = holdings
        self._nodes = nodes
        self._ports: dict[Node, list[PatchPort]] = {}
        for key in sorted(holdings.power_ports):
            port = holdings.power_ports[key]
            node = nodes.of(port.device_id)
            if node is not None:
                self._ports.setdefault(node, []).append(port)

    def dependencies(self) -> Iterator[FoundInventory]:
        """Find what every device is fed by; several are alternatives to one another."""
        for node in self._nodes.listed():
            supplies: dict[Node, list[Supply]] = {}
            for supply in self._supplies(node):
                if supply.node is None:
                    break
                if supply.node != node:
                    supplies.setdefault(supply.node, []).append(supply)
            else:
                for provider, ways in supplies.items():
                    sure = max(way.confidence for way in ways)
                    text = told(way.text for way in ways)
                    yield FoundInventory(node, provider, DependencyType.POWER, sure, text)

    def feeds(self, machine_id: int) -> list[str]:
        """Name the power feeds that a device is plugged into directly, for people."""
        ports = self._ports.get(machine_id, [])
        found = (
            self._holdings.power_feeds.get(far.id)
            for port in ports
            for far in port.far_ends
            if far.kind == FEED
        )
        return [f"{feed.panel} / {feed.name} ({feed.kind})" for feed in found if feed is not None]

    def _supplies(self, node: Node) -> Iterator[Supply]:
        ports = self._ports.get(node, [])
        if not ports:
            yield from self._of_bay(node)
        for port in ports:
            for far in port.far_ends:
                yield from self._behind(far, f"{port.name} at {{}}", PLUGGED, (node,))

    def _of_bay(self, node: Node) -> Iterator[Supply]:
        """Find what feeds a device without power ports that sits in another one."""
        machine = self._holdings.devices[node]
        chassis = self._nodes.of(machine.parent_id)
        if chassis is None or chassis == node:
            return
        text = f"in bay {machine.parent_bay} of {self._holdings.devices[chassis].name}"
        if chassis in self._nodes.keys:
            yield Supply(chassis, text, IN_BAY)
        else:
            yield from self._through(chassis, None, f"{text}, {{}}", (node,))

    def _behind(self, far: FarEnd, text: str, sure: float, passed: tuple[Node, ...]) -> Iterator[Supply]:
        """Find what stands behind the far end of a power cable.

        Args:
            text: How it was reached; the name of what is found goes into its `{}`.
            passed: Devices that were passed, so that a circle ends.
        """
        outlet = self._holdings.power_outlets.get(far.id) if far.kind == OUTLET else None
        device_id = outlet.device_id if outlet else far.device_id
        node = self._nodes.of(device_id) if far.kind == OUTLET else None
        if node is None:
            yield Supply(None, text, sure)
            return
        place = f"{far.name} of {self._holdings.devices[node].name}"
        if node in self._nodes.addresses or (node in self._nodes.keys and not self._ports.get(node, [])[1:]):
            yield Supply(node, text.replace("{}", place), sure)
        else:
            fed_by_id = outlet.fed_by_id if outlet else None
            yield from self._through(node, fed_by_id, text.replace("{}", f"{place}, {{}}"), passed)

    def _through(
        self, node: Node, fed_by_id: int | None, text: str, passed: tuple[Node, ...]
    ) -> Iterator[Supply]:
        """Find what feeds a device without an address, or only one outlet of it."""
        ports: Iterable[PatchPort] = self._ports.get(node, [])
        ports = [port for port in ports if fed_by_id in (None, port.id)]
        if not ports or node in passed or len(passed) > DEEPEST:
            yield Supply(None, text, THROUGH)
        else:
            for port in ports:
                for far in port.far_ends:
                    yield from self._behind(far, text, THROUGH, (*passed, node))
