"""Power dependencies: power strips, UPSs and chassis that feed a device, up to the next listed device.

A strip without an address that has several inlets is passed: which of them feeds an outlet matters.

A device that is also fed by something unmonitored, such as a feed directly from the panel, is assumed to
need none of the others: it may keep running without them, and in doubt notifications are sent.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from connectors.netbox.dependencies.found import FoundInventory, summary_of
from connectors.netbox.dependencies.links import Node, Nodes
from connectors.netbox.objects import FarEnd, PatchPort
from connectors.netbox.tables import Holdings
from opsconductor.model.enums import DependencyType

PLUGGED, THROUGH, IN_BAY = 0.95, 0.8, 0.9
DEEPEST = 10
OUTLET = "dcim.poweroutlet"
FEED = "dcim.powerfeed"


class Supply(NamedTuple):
    """One way in which a device is fed; `node` None: it ends at something that is not listed."""

    node: Node | None
    text: str
    confidence: float


class PowerDiscovery:
    """Power cables of one inventory; pure."""

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
        """Yield what feeds every device; several are alternatives."""
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
                    text = summary_of(way.text for way in ways)
                    yield FoundInventory(node, provider, DependencyType.POWER, sure, text)

    def feeds(self, machine_id: int) -> list[str]:
        """Return the names of the power feeds to which a device is directly connected, for texts."""
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
        """Return what feeds a device without power ports that is installed in another one."""
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
        """Return what is behind the far end of a power cable.

        Args:
            text: How it was reached; the name of the device found replaces its `{}`.
            passed: Devices that were passed, so that loops end.
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
        """Return what feeds a device without an address, or only one outlet of it."""
        ports: Iterable[PatchPort] = self._ports.get(node, [])
        ports = [port for port in ports if fed_by_id in (None, port.id)]
        if not ports or node in passed or len(passed) > DEEPEST:
            yield Supply(None, text, THROUGH)
        else:
            for port in ports:
                for far in port.far_ends:
                    yield from self._behind(far, text, THROUGH, (*passed, node))
