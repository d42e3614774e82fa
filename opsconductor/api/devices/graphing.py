"""Parts of the dependency graph: around a device, or of a site; pure.

`visible` are the keys of the devices that the caller may see, None: all. Nothing else is shown or counted.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from heapq import merge

from opsconductor.api.devices.looking import edge_fields, state_fields
from opsconductor.api.devices.states import QUIET, states_of
from opsconductor.api.devices.views import GraphEdgeView, GraphNodeView, GraphView
from opsconductor.engine.correlation.preview import NetworkState
from opsconductor.inventory.dependency_index import DependencyIndex, Edge, Reached, WalkDirection
from opsconductor.inventory.device_index import WantedDevices

Visible = Collection[str] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class GraphPart:
    """Devices of a part of the graph.

    Attributes:
        depths: Distance by device, in the order of importance; negative upstream.
        left_out: How many devices were left out because of the limit, at least.
    """

    depths: Mapping[str, int]
    left_out: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedGraph:
    """How much of the graph is wanted.

    Attributes:
        directions: Where to look from a device.
        depth: Greatest distance from it.
        limit: Maximum number of devices.
    """

    directions: Iterable[WalkDirection]
    depth: int
    limit: int


def around(index: DependencyIndex, device: str, wanted: WantedGraph, visible: Visible) -> GraphPart:
    """Return the devices around one, the nearest first."""
    limit = wanted.limit
    walks = [
        _signed(index.walk(device, direction, wanted.depth, visible), direction)
        for direction in wanted.directions
    ]
    depths, left_out = {device: 0}, 0
    for reached, distance in merge(*walks, key=lambda one: one[0].depth):
        if len(depths) < limit:
            depths.setdefault(reached.device, distance)
        elif reached.device not in depths:
            left_out += 1
    return GraphPart(depths=depths, left_out=left_out)


def _signed(walk: Iterable[Reached], direction: WalkDirection) -> Iterator[tuple[Reached, int]]:
    """Yield what is reached with its distance, below zero upstream."""
    sign = -1 if direction is WalkDirection.UPSTREAM else 1
    return ((each, sign * each.depth) for each in walk)


def in_site(network: NetworkState, site: str, limit: int, visible: Visible) -> GraphPart:
    """Return the devices of a site, those in trouble first, and what they need elsewhere."""
    devices, states = network.inventory.device_index, states_of(network.alerts)
    index = network.inventory.dependency_index
    found = [devices.keys[position] for position in devices.find(WantedDevices(site=(site,)))]
    found = [key for key in found if is_visible(key, visible)]
    found.sort(key=lambda key: states.get(key, QUIET).urgency, reverse=True)
    here = dict.fromkeys(found)
    elsewhere = {
        edge.provider: None
        for key in found
        for edge in index.upstream.get(key, ())
        if edge.provider not in here and is_visible(edge.provider, visible)
    }
    chosen = [(key, 0) for key in found] + [(key, -1) for key in elsewhere]
    return GraphPart(depths=dict(chosen[:limit]), left_out=max(0, len(chosen) - limit))


def graph_of(network: NetworkState, part: GraphPart, visible: Visible) -> GraphView:
    """Return a part of the graph with states and cuts."""
    inventory, shown = network.inventory, part.depths
    states, cuts = states_of(network.alerts), network.cuts(shown)
    index = inventory.dependency_index
    nodes = [
        GraphNodeView(
            **state_fields(inventory, key, states.get(key, QUIET)),
            depth=depth,
            is_cut_off=bool(cuts.cut_off(key)),
            hidden_upstream=sum(
                edge.provider not in shown and is_visible(edge.provider, visible)
                for edge in index.upstream.get(key, ())
            ),
            hidden_downstream=sum(
                edge.device not in shown and is_visible(edge.device, visible)
                for edge in index.downstream.get(key, ())
            ),
        )
        for key, depth in shown.items()
    ]
    edges = [
        GraphEdgeView(**edge_fields(inventory, edge), is_cut=cuts.is_cut(edge))
        for edge in _edges_among(index, shown)
    ]
    return GraphView(nodes=nodes, edges=edges)


def is_visible(key: str, visible: Visible) -> bool:
    """Return whether the caller may see a device."""
    return visible is None or key in visible


def nearest(reached: Iterable[Reached], limit: int) -> tuple[Sequence[Reached], int]:
    """Return the first devices that were reached, and the number of all."""
    every = list(reached)
    return every[:limit], len(every)


def _edges_among(index: DependencyIndex, devices: Mapping[str, int]) -> list[Edge]:
    return [edge for device in devices for edge in index.upstream.get(device, ()) if edge.provider in devices]
