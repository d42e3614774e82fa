"""Devices upstream and downstream of one, and parts of the dependency graph."""

import asyncio
from collections.abc import Callable

from aiohttp import web

from opsconductor.api.devices.graphing import (
    GraphPart,
    WantedGraph,
    around,
    graph_of,
    in_site,
    is_visible,
    nearest,
)
from opsconductor.api.devices.looking import edge_views, find_device, indexed, live_state, state_fields
from opsconductor.api.devices.parameters import (
    DeviceGraphParameters,
    NeighbourParameters,
    SiteGraphParameters,
)
from opsconductor.api.devices.views import GraphView, NeighbourView
from opsconductor.api.http.endpoint import Call
from opsconductor.api.http.responses import answer, refusal
from opsconductor.engine.correlation.preview import NetworkState
from opsconductor.inventory.dependency_index import WalkDirection
from opsconductor.inventory.device_index import WantedDevices


async def list_upstream(call: Call) -> web.Response:
    """Respond with the devices that a device needs."""
    return await _neighbours(call, WalkDirection.UPSTREAM)


async def list_downstream(call: Call) -> web.Response:
    """Respond with the devices that need a device."""
    return await _neighbours(call, WalkDirection.DOWNSTREAM)


async def get_device_graph(call: Call) -> web.Response:
    """Respond with the part of the dependency graph around a device."""
    given: DeviceGraphParameters = call.query
    found = await find_device(call)

    def choose(network: NetworkState) -> GraphPart:
        wanted = WantedGraph(directions=given.directions, depth=given.depth, limit=given.limit)
        return around(network.inventory.dependency_index, found.key, wanted, call.rows.devices)

    return await _answer_graph(call, choose, given.limit)


async def get_site_graph(call: Call) -> web.Response:
    """Respond with the part of the dependency graph of a site."""
    given: SiteGraphParameters = call.query
    site = call.request.match_info["name"]
    index = (await indexed(call.parts.engine().inventory)).device_index
    visible, found = call.rows.devices, index.find(WantedDevices(site=(site,)))
    if not any(is_visible(index.keys[position], visible) for position in found):
        raise refusal(web.HTTPNotFound, "not_found", "the inventory has no such site")

    def choose(network: NetworkState) -> GraphPart:
        return in_site(network, site, given.limit, visible)

    return await _answer_graph(call, choose, given.limit)


async def _answer_graph(call: Call, choose: Callable[[NetworkState], GraphPart], limit: int) -> web.Response:
    network = call.parts.engine().network_state()

    def draw() -> tuple[GraphView, int]:
        part = choose(network)
        return graph_of(network, part, call.rows.devices), part.left_out

    graph, left_out = await asyncio.to_thread(draw)
    return answer(graph, meta={"left_out": left_out, "limit": limit})


async def _neighbours(call: Call, direction: WalkDirection) -> web.Response:
    given: NeighbourParameters = call.query
    found = await find_device(call)
    engine = call.parts.engine()
    inventory = engine.inventory
    walk = inventory.dependency_index.walk(found.key, direction, given.depth, call.rows.devices)
    reached, total = await asyncio.to_thread(nearest, walk, given.limit)
    shown = [
        NeighbourView(
            **state_fields(inventory, each.device, live_state(engine, each.device)),
            depth=each.depth,
            edges=edge_views(inventory, each.edges),
        )
        for each in reached
    ]
    return answer(shown, meta={"total": total, "left_out": total - len(shown)})
