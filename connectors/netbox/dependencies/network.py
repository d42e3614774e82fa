"""Network dependencies: the devices of lower rank that a device is cabled to."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import NamedTuple

from connectors.netbox.dependencies.found import FoundInventory, summary_of
from connectors.netbox.dependencies.links import CableLink, End, Network, Node
from connectors.netbox.dependencies.ranks import APPLIANCES, END, ENDS, Ranking
from opsconductor.model.enums import DependencyType

DIRECT, PASSIVE, PASSED_ON, CLOUDED = 0.95, 0.9, 0.75, 0.6
"""Confidence of one cable; with patch panels, circuits and radio in between; with devices without an address
in between; with a provider's network.
"""

ASSUMED = 0.15
"""Reduction of the confidence when one of the two roles has no rank."""

MOST_PASSED_ON = 8
"""Limit of devices reached through others without an address: those nearest to the core."""

MOST_NAMES = 3


class Way(NamedTuple):
    """How a device reaches another one; `passed` are nodes without an address in between."""

    near: End
    far: End
    is_direct: bool
    passed: tuple[Node, ...] = ()


class CableSegment(NamedTuple):
    """Connected nodes without an address, and the devices around them, best first."""

    nodes: tuple[Node, ...]
    around: list[End]


class Discovery:
    """Dependencies in one network; pure except for a cache.

    Args:
        roots: Nodes where the network begins; empty: only ranks count.
        main_interface: By device: the interface with its main address.
    """

    def __init__(
        self, network: Network, ranking: Ranking, roots: Iterable[Node], main_interface: Mapping[Node, int]
    ) -> None:
        self._network = network
        self._ranking = ranking
        self._main_interface = main_interface
        self._distances = distances(network, roots, self._forwards)
        self._segments: dict[Node, CableSegment] = {}
        self._stops: dict[Node, bool] = {}

    def dependencies(self, node: Node) -> Iterator[FoundInventory]:
        """Return what a device needs; several are alternatives."""
        for provider, ways in self._providers(node).items():
            yield FoundInventory(
                device=node,
                provider=provider,
                kind=DependencyType.NETWORK,
                confidence=max(self._confidence(node, way) for way in ways),
                description=summary_of(self._way_text(way) for way in ways),
                via=_via(ways),
            )

    def _providers(self, node: Node) -> dict[Node, list[Way]]:
        found: dict[Node, list[Way]] = {}
        for way in self._ways(node):
            if self._is_nearer(way.far.node, node) and not _is_management(way.far):
                found.setdefault(way.far.node, []).append(way)
        return found

    def _is_nearer(self, provider: Node, node: Node) -> bool:
        """Return True if a provider is nearer to the core.

        A device whose role has no rank may be a switch, so it needs no server and no access point, unless the
        distances of both from a root say so.
        """
        if self._order(provider) >= self._order(node):
            return False
        are_measured = provider in self._distances and node in self._distances
        return are_measured or self._is_ranked(node) or self._rank(provider) < ENDS

    def _is_ranked(self, node: Node) -> bool:
        machine = self._network.machines.get(node)
        return machine is not None and self._ranking.of_machine(machine).is_known

    def _rank(self, node: Node) -> int:
        machine = self._network.machines.get(node)
        return self._ranking.of_machine(machine).number if machine else END

    def _ways(self, node: Node) -> Iterator[Way]:
        for link in self._carrying(node):
            if link.far.node in self._network.addresses or self._is_stop(link.far.node, node):
                yield Way(link.near, link.far, link.is_direct)
            elif self._forwards(link.far.node):
                segment = self._segment(link.far.node)
                better = (end for end in segment.around if end.node != node)
                for end, _ in zip(better, range(MOST_PASSED_ON), strict=False):
                    yield Way(link.near, end, is_direct=False, passed=segment.nodes)

    def _is_stop(self, provider: Node, node: Node) -> bool:
        """Return True if a device without an address is itself what a node needs, not only on the way to it.

        That is the case if it is known to be nearer to the core, and has a known way there or is the core.
        """
        if provider not in self._network.keys or not self._forwards(provider):
            return False
        is_known = provider in self._distances or self._is_ranked(provider)
        return is_known and self._is_nearer(provider, node) and self._leads_on(provider)

    def _leads_on(self, node: Node) -> bool:
        if node not in self._stops:
            around = self._segment(node).around
            is_middle = all(self._order(end.node) > self._order(node) for end in around)
            self._stops[node] = is_middle or bool(self._providers(node))
        return self._stops[node]

    def _carrying(self, node: Node) -> list[CableLink]:
        """Return the links that carry a device's traffic, whatever port its main address is on.

        Management ports are a separate network: they count only for a device that has its main
        address there and no other link.
        """
        data = [link for link in self._network.links.get(node, []) if not _is_management(link.near)]
        return data or self._managing(node)

    def _managing(self, node: Node) -> list[CableLink]:
        """Return the links of management ports, if the main address of the device is on one of them."""
        main = self._main_interface.get(node)
        links = [link for link in self._network.links.get(node, []) if _is_management(link.near)]
        is_main = any(link.near.port is not None and link.near.port.id == main for link in links)
        return links if is_main else []

    def management(self, node: Node) -> Iterator[FoundInventory]:
        """Return the devices through which a device is managed, if not by its traffic links; alternatives."""
        links = self._managing(node)
        if not links or self._carrying(node) == links:
            return
        for link in links:
            if link.far.node in self._network.keys and not _is_management(link.far):
                way = Way(link.near, link.far, link.is_direct)
                text = summary_of([f"managed over {self._way_text(way)}"])
                sure = self._confidence(node, way)
                yield FoundInventory(node, link.far.node, DependencyType.MANAGEMENT, sure, text, _via([way]))

    def _forwards(self, node: Node) -> bool:
        """Return True if a device is assumed to forward traffic: servers and the like do not."""
        machine = self._network.machines.get(node)
        if machine is None:
            return node in self._network.clouds
        rank = self._ranking.of_machine(machine)
        return rank.number < APPLIANCES or not rank.is_known

    def _segment(self, node: Node) -> CableSegment:
        if node not in self._segments:
            nodes = {node: None}
            around: dict[End, None] = {}
            waiting = deque(nodes)
            while waiting:
                for link in self._network.links.get(waiting.popleft(), []):
                    if link.far.node in self._network.addresses:
                        around[link.far] = None
                    elif link.far.node not in nodes and self._forwards(link.far.node):
                        nodes[link.far.node] = None
                        waiting.append(link.far.node)
            best = sorted(around, key=lambda end: (self._order(end.node), end.node))
            segment = CableSegment(tuple(sorted(nodes)), best)
            self._segments |= dict.fromkeys(nodes, segment)
        return self._segments[node]

    def _order(self, node: Node) -> int:
        if node in self._distances:
            return self._distances[node]
        return self._rank(node)

    def _confidence(self, node: Node, way: Way) -> float:
        if any(each in self._network.clouds for each in way.passed):
            sure = CLOUDED
        elif way.passed:
            sure = PASSED_ON
        else:
            sure = DIRECT if way.is_direct else PASSIVE
        is_measured = node in self._distances
        is_sure = is_measured or all(map(self._is_ranked, (node, way.far.node)))
        return round(sure if is_sure else sure - ASSUMED, 2)

    def _way_text(self, way: Way) -> str:
        near, far = self._end_text(way.near), self._end_text(way.far)
        cable = _cable_text(way.near)
        if way.is_direct:
            return f"{cable}{near} to {far}"
        if not way.passed:
            return f"{cable}{near} through panels, circuits or radio to {far}"
        names = [self._network.name(each) for each in way.passed[:MOST_NAMES]]
        more = f" and {len(way.passed) - MOST_NAMES} more" if len(way.passed) > MOST_NAMES else ""
        return f"{cable}{near} through {', '.join(names)}{more} to {far}"

    def _end_text(self, end: End) -> str:
        return f"{self._network.name(end.node)} {end.port.name if end.port else ''}".strip()


def distances(network: Network, roots: Iterable[Node], forwards: Callable[[Node], bool]) -> dict[Node, int]:
    """Return the number of links from the nearest root to every reachable node, without management ports.

    Args:
        forwards: Returns True if a node forwards traffic; roots always do.
    """
    found = dict.fromkeys(roots, 0)
    waiting = deque(found)
    while waiting:
        node = waiting.popleft()
        for link in network.links.get(node, []) if found[node] == 0 or forwards(node) else ():
            is_traffic = not (_is_management(link.near) or _is_management(link.far))
            if is_traffic and link.far.node not in found:
                found[link.far.node] = found[node] + 1
                waiting.append(link.far.node)
    return found


def _is_management(end: End) -> bool:
    return end.port is not None and end.port.is_management


def _via(ways: list[Way]) -> tuple[str, ...]:
    """Return the provider's ports, if all are known: a missing one could be the one that still works."""
    numbers = {way.far.port.ifindex if way.far.port else None for way in ways}
    return () if None in numbers else tuple(f"ifIndex={number}" for number in sorted(filter(None, numbers)))


def _cable_text(end: End) -> str:
    if end.port is None or end.port.cable_id is None:
        return ""
    return f"cable {end.port.cable or end.port.cable_id}, "
