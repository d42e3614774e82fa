"""Dependencies: lists from memory with origins from the database, and exports."""

import asyncio
from bisect import bisect_right
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence

from aiohttp import web

from opsconductor.api.devices import places
from opsconductor.api.devices.csv_rows import DECLARED, RESOURCE_SEPARATOR, SHOWN, write_csv
from opsconductor.api.devices.graphing import is_visible
from opsconductor.api.devices.looking import edge_fields, indexed, kind_of
from opsconductor.api.devices.parameters import DependencyListParameters
from opsconductor.api.devices.views import DependencyView
from opsconductor.api.http.compression import begin_file
from opsconductor.api.http.endpoint import Call
from opsconductor.api.http.responses import answer
from opsconductor.errors import StoreUnavailable
from opsconductor.inventory.dependency_index import Edge, place_of
from opsconductor.inventory.snapshot import InventorySnapshot
from opsconductor.model.spreadsheet import cell_of
from opsconductor.store.inventory.origins import (
    FIRST,
    DependencyOrigin,
    Key,
    StoredDependency,
    read_dependencies_after,
    read_dependency_origins,
)

ORDER, PLACE = "dependency", (str, str, str)


async def list_dependencies(call: Call) -> web.Response:
    """Respond with one page of dependencies and their total number; callers see both ends of each."""
    given: DependencyListParameters = call.query
    after = places.read(given.cursor, ORDER, PLACE) if given.cursor else None
    inventory = await indexed(call.parts.engine().inventory)
    visible = call.rows.devices
    found = await asyncio.to_thread(
        lambda: [
            edge
            for edge in _matching(inventory, given)
            if is_visible(edge.device, visible) and is_visible(edge.provider, visible)
        ]
    )
    start = 0 if after is None else bisect_right(found, after, key=place_of)
    page = found[start : start + given.per_page]
    is_last = start + len(page) >= len(found)
    origins, meta = await _origins(call, page)
    shown = [_view(inventory, edge, origins.get(_key_of(edge))) for edge in page]
    cursor = None if is_last else places.written(ORDER, place_of(page[-1]))
    return answer(
        shown, meta={"total": len(found), "per_page": given.per_page, "next_cursor": cursor, **meta}
    )


async def export_dependencies(call: Call) -> web.StreamResponse:
    """Respond with all dependencies as CSV, streamed."""
    parts = _stored(call)
    first: Sequence[StoredDependency] = await anext(
        parts, []
    )  # before the answer begins: a database that is away is answered 503
    response, compress = await begin_file(call.request, name="dependencies.csv", media="text/csv")
    await response.write(compress(write_csv([(*DECLARED, *SHOWN), *map(_row, first)])))
    async for part in parts:
        await response.write(compress(write_csv(map(_row, part))))
    await response.write_eof(compress(None))
    return response


def _matching(inventory: InventorySnapshot, given: DependencyListParameters) -> Iterator[Edge]:
    """Yield the matching dependencies in order."""
    index = inventory.dependency_index
    edges: Sequence[Edge] = index.edges
    if given.device:
        edges = index.upstream.get(inventory.key_of(given.device), ())
    elif given.depends_on:
        edges = index.downstream.get(inventory.key_of(given.depends_on), ())
    provider = inventory.key_of(given.depends_on) if given.depends_on else ""
    for edge in edges:
        dependency = edge.dependency
        if provider and edge.provider != provider:
            continue
        if given.type and dependency.dependency_type not in given.type:
            continue
        if given.missing is not None and (dependency.missing_since is not None) is not given.missing:
            continue
        if given.site and _site_of(inventory, edge.device) not in given.site:
            continue
        yield edge


def _site_of(inventory: InventorySnapshot, key: str) -> str | None:
    device = inventory.device_at(key)
    return None if device is None else device.site


async def _origins(
    call: Call, edges: Sequence[Edge]
) -> tuple[Mapping[Key, DependencyOrigin], Mapping[str, object]]:
    """Return where dependencies are from, and for `meta` whether the database has answered."""
    keys = [_key_of(edge) for edge in edges]
    try:
        return await call.parts.database.ask(read_dependency_origins, keys), {"database": "connected"}
    except StoreUnavailable:
        return {}, {"database": "away"}


def _key_of(edge: Edge) -> Key:
    """Return what identifies a dependency in the database, where its ends may be written differently."""
    dependency = edge.dependency
    return dependency.device_ip, dependency.depends_on_ip, dependency.dependency_type


def _view(inventory: InventorySnapshot, edge: Edge, origin: DependencyOrigin | None) -> DependencyView:
    return DependencyView(
        **edge_fields(inventory, edge),
        id=origin and origin.id,
        device_name=_name_of(inventory, edge.device),
        depends_on_name=_name_of(inventory, edge.provider),
        description=origin and origin.description,
        kind=origin
        and kind_of(auto_discovered=origin.auto_discovered, provisioned_from=origin.provisioned_from),
        file=origin and origin.provisioned_from,
        created_by=origin and origin.created_by,
    )


def _name_of(inventory: InventorySnapshot, key: str) -> str:
    device = inventory.device_at(key)
    return key if device is None else device.name


async def _stored(call: Call) -> AsyncIterator[Sequence[StoredDependency]]:
    """Yield all dependencies, a part of them at a time."""
    key = FIRST
    while part := await call.parts.database.ask_long(read_dependencies_after, key):
        yield part
        key = part[-1].key


def _row(stored: StoredDependency) -> list[str]:
    values = (
        stored.device_ip,
        stored.depends_on_ip,
        stored.dependency_type,
        RESOURCE_SEPARATOR.join(stored.via_resources),
        stored.description,
        f"{stored.confidence:g}",
        kind_of(auto_discovered=stored.auto_discovered, provisioned_from=stored.provisioned_from),
        stored.provisioned_from,
        stored.created_by,
        stored.missing_since,
    )
    return [cell_of(value) for value in values]
