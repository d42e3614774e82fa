"""Devices upstream and downstream of one, and parts of the dependency graph."""

import asyncio
from collections.abc import Callable

from aiohttp import web

from opsconductor.api.devices.graphing import GraphPart, around, graph_of, in_site, nearest
from opsconductor.api.devices.looking import edge_views, find_device, indexed, live_state, state_fields
from opsconductor.api.devices.parameters import (
    DeviceGraphParameters,
    NeighbourParameters,
    SiteGraphParameters,
)
from opsconductor.api.devices.states import states_of
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
        index = network.inventory.dependency_index
        return around(index, found.key, given.directions, depth=given.depth, limit=given.limit)

    return await _answer_graph(call, choose, given.limit)


async def get_site_graph(call: Call) -> web.Response:
    """Respond with the part of the dependency graph of a site."""
    given: SiteGraphParameters = call.query
    site = call.request.match_info["name"]
    inventory = await indexed(call.parts.engine().inventory)
    if not inventory.device_index.find(WantedDevices(site=(site,))):
        raise refusal(web.HTTPNotFound, "not_found", "the inventory has no such site")

    def choose(network: NetworkState) -> GraphPart:
        return in_site(network, states_of(network.alerts), site, given.limit)

    return await _answer_graph(call, choose, given.limit)


async def _answer_graph(call: Call, choose: Callable[[NetworkState], GraphPart], limit: int) -> web.Response:
    network = call.parts.engine().network_state()

    def draw() -> tuple[GraphView, int]:
        part = choose(network)
        return graph_of(network, part), part.left_out

    graph, left_out = await asyncio.to_thread(draw)
    return answer(graph, meta={"left_out": left_out, "limit": limit})


async def _neighbours(call: Call, direction: WalkDirection) -> web.Response:
    given: NeighbourParameters = call.query
    found = await find_device(call)
    engine = call.parts.engine()
    inventory = engine.inventory
    walk = inventory.dependency_index.walk(found.key, direction, given.depth)
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
