"""One device: facts, alerts, dependencies, maintenance, and where it is declared."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from aiohttp import web

from opsconductor.api.alert_pages import wanted_of
from opsconductor.api.devices.graphing import is_visible
from opsconductor.api.devices.listing import view_of
from opsconductor.api.devices.looking import NamedDevice, dependents_of, find_device, kind_of
from opsconductor.api.devices.views import CoverView, CutOffView, DeviceDetail, DeviceOriginView
from opsconductor.api.handlers.alerts import answer_page, views_of
from opsconductor.api.http.endpoint import Call
from opsconductor.api.http.responses import answer
from opsconductor.api.listing import in_order
from opsconductor.api.open_alerts import status_fields
from opsconductor.engine.muting.covering import covering
from opsconductor.errors import StoreUnavailable
from opsconductor.store.alerts.filter import URGENT_FIRST
from opsconductor.store.inventory.origins import DeviceOrigin, read_device_origin, read_last_heard

SHOWN_ALERTS = 50


async def get_device(call: Call) -> web.Response:
    """Respond with one device."""
    found = await find_device(call)
    engine = call.parts.engine()
    inventory, alerts = engine.inventory, engine.open_at(found.key)
    stored, is_whole = await _stored(call, found)
    view = view_of(call, inventory, found.key, found.device)
    device, index, visible = found.device, inventory.dependency_index, call.rows.devices
    fields: dict[str, Any] = view.model_dump()
    fields["last_heard_at"] = max(
        (at for at in (view.last_heard_at, stored.get("heard_at")) if at is not None), default=None
    )
    detail = DeviceDetail(
        **fields,
        names=list(device.names) if device is not None else [],
        addresses=list(device.addresses) if device is not None else [],
        custom_fields=dict(device.custom_fields) if device is not None else {},
        open_alerts=await views_of(call, in_order(alerts, URGENT_FIRST, 0, SHOWN_ALERTS)),
        upstream=sum(is_visible(edge.provider, visible) for edge in index.upstream.get(found.key, ())),
        downstream=sum(is_visible(edge.device, visible) for edge in index.downstream.get(found.key, ())),
        dependents=await asyncio.to_thread(dependents_of, inventory, found.key, visible),
        cut_off=await _cut_off(call, found.key),
        maintenance=await asyncio.to_thread(_maintenance, call, found),
        origin=stored.get("origin"),
    )
    return answer(detail, meta=_origin_of_answer(call, is_whole=is_whole))


async def list_device_alerts(call: Call) -> web.Response:
    """Respond with one page of alerts of a device, open and closed ones."""
    found = await find_device(call)
    wanted = await wanted_of(call)
    keys = frozenset({found.key})
    chosen = keys if wanted.filter.device_key is None else wanted.filter.device_key & keys
    return await answer_page(call, replace(wanted, filter=replace(wanted.filter, device_key=chosen)))


async def _stored(call: Call, found: NamedDevice) -> tuple[Mapping[str, Any], bool]:
    """Return what the database alone knows, and whether it has answered."""
    ask, device = call.parts.database.ask, found.device
    name = device.name if device is not None else found.key
    address = found.key if device is None or device.ip_address else None
    try:
        heard_at, origin = await asyncio.gather(
            ask(read_last_heard, address, name),
            _ask_origin(call, None if device is None else device.id),
        )
    except StoreUnavailable:
        return {}, False
    return {"heard_at": heard_at, "origin": origin and _origin_view(origin)}, True


async def _ask_origin(call: Call, device_id: UUID | None) -> DeviceOrigin | None:
    if device_id is None:
        return None
    return await call.parts.database.ask(read_device_origin, device_id)


def _origin_view(origin: DeviceOrigin) -> DeviceOriginView:
    return DeviceOriginView(
        kind=kind_of(auto_discovered=origin.auto_discovered, provisioned_from=origin.provisioned_from),
        file=origin.provisioned_from,
        inventory=origin.found_by,
        url=origin.url,
        last_synced_at=origin.last_synced_at,
        created_at=origin.created_at,
        updated_at=origin.updated_at,
    )


async def _cut_off(call: Call, key: str) -> list[CutOffView]:
    """Return the types of dependency in which a device is cut off; most are known not to be at once."""
    state = call.parts.engine().network_state()
    graph = state.inventory.graph
    if key not in graph.needs and key not in graph.management:
        return []

    def find() -> list[CutOffView]:
        view = state.cuts([key])
        return [
            CutOffView(
                dependency_type=one.dependency_type,
                causes=[each.id for each in view.causes(one) if call.rows.has(each)],
            )
            for one in view.cut_off(key)
        ]

    return await asyncio.to_thread(find)


def _maintenance(call: Call, found: NamedDevice) -> list[CoverView]:
    engine, now = call.parts.engine(), call.parts.connectors.now()
    return [
        CoverView(
            id=each.window.id,
            name=each.window.name,
            reason=each.window.reason,
            mode=each.window.mode,
            since=each.since,
            until=each.until,
            is_partial=each.is_partial,
        )
        for each in covering(engine.windows, engine.inventory, found.key, now)
    ]


def _origin_of_answer(call: Call, *, is_whole: bool) -> Mapping[str, object]:
    status = status_fields(call.parts.database.status())
    return status if is_whole or status["database"] != "connected" else {"database": "busy"}
