"""What a failure or another dependency would suppress now."""

from collections.abc import Sequence
from functools import partial

from aiohttp import web

from opsconductor.api.devices.graphing import is_visible
from opsconductor.api.devices.looking import find_device, indexed, live_state, state_fields
from opsconductor.api.devices.parameters import DependencyPreviewBody
from opsconductor.api.devices.views import (
    ChangePreviewView,
    FailurePreviewView,
    PreviewDeviceView,
    StateView,
)
from opsconductor.api.handlers.alerts import views_of
from opsconductor.api.http.endpoint import Call
from opsconductor.api.http.responses import answer
from opsconductor.api.http.single_flight import turns
from opsconductor.api.listing import in_order
from opsconductor.api.views import AlertView
from opsconductor.engine.correlation.preview import (
    ChangePreview,
    FailurePreview,
    NetworkState,
    preview_change,
    preview_failure,
)
from opsconductor.inventory.snapshot import InventorySnapshot
from opsconductor.model.alert import Alert
from opsconductor.model.enums import DependencyType
from opsconductor.model.inventory.device import Dependency
from opsconductor.store.alerts.filter import URGENT_FIRST

SHOWN_DEVICES, SHOWN_ALERTS = 200, 50


async def preview_device(call: Call) -> web.Response:
    """Respond with what would follow if a device failed entirely now."""
    found = await find_device(call)
    engine = call.parts.engine()
    state = engine.network_state()
    preview: FailurePreview = await call.request.app[turns].ask(
        ("failure", found.key), lambda: state.alerts, lambda _: preview_failure(state, found.key)
    )
    devices = [each for each in preview.cut_off if is_visible(each[0], call.rows.devices)]
    suppressed = [alert for alert in preview.suppressed if call.rows.has(alert)]
    cut_off = [
        PreviewDeviceView(
            **state_fields(state.inventory, key, live_state(engine, key)), dependency_types=list(types)
        )
        for key, types in devices[:SHOWN_DEVICES]
    ]
    view = FailurePreviewView(
        devices=len(devices),
        cut_off=cut_off,
        alerts=len(suppressed),
        suppressed=await _most_urgent(call, suppressed),
    )
    return answer(view)


async def preview_dependency(call: Call) -> web.Response:
    """Respond with what would follow if a dependency were saved or removed now."""
    body: DependencyPreviewBody = call.body
    state = call.parts.engine().network_state()
    inventory = await indexed(state.inventory)
    edge = (inventory.key_of(body.device_ip), inventory.key_of(body.depends_on_ip), body.dependency_type)
    exists = _exists(inventory, edge)
    replacement = None if body.remove else _dependency_of(body, edge)
    work = partial(_change, state, edge, replacement)
    question = ("change", edge, replacement)
    preview: ChangePreview = await call.request.app[turns].ask(question, lambda: state.alerts, work)
    view = ChangePreviewView(
        affected=preview.affected,
        exists=exists,
        remarks=_remarks(inventory, body, edge, exists=exists),
        alerts_suppressed=len(preview.suppressed),
        suppressed=await _most_urgent(call, preview.suppressed),
        alerts_released=len(preview.released),
        released=await _most_urgent(call, preview.released),
        devices_cut_off=len(preview.cut_off),
        cut_off=_states(call, preview.cut_off),
        devices_freed=len(preview.freed),
        freed=_states(call, preview.freed),
    )
    return answer(view)


def _change(
    state: NetworkState,
    edge: tuple[str, str, DependencyType],
    replacement: Dependency | None,
    _alerts: Sequence[Alert],
) -> ChangePreview:
    return preview_change(state, edge, replacement)


def _dependency_of(body: DependencyPreviewBody, edge: tuple[str, str, DependencyType]) -> Dependency:
    return Dependency(
        device_ip=edge[0],
        depends_on_ip=edge[1],
        dependency_type=edge[2],
        via_resources=body.via_resources,
        confidence=body.confidence,
    )


def _remarks(
    inventory: InventorySnapshot,
    body: DependencyPreviewBody,
    edge: tuple[str, str, DependencyType],
    *,
    exists: bool,
) -> list[str]:
    device, provider, _ = edge
    said = [f"{key} is not in the inventory" for key in (device, provider) if not inventory.device_at(key)]
    if body.remove:
        return said if exists else [*said, "there is no such dependency"]
    if body.confidence < inventory.confidence_floor:
        floor = f"{inventory.confidence_floor:g}"
        said.append(
            f"its confidence is below {floor}, so it suppresses nothing and is an alternative path alone"
        )
    if device == provider:
        said.append("a device cannot need itself")
    elif device in inventory.dependency_index.closure([provider]):
        said.append(f"{provider} needs {device} already: both would be on a circle")
    return said


def _exists(inventory: InventorySnapshot, edge: tuple[str, str, DependencyType]) -> bool:
    device, provider, kind = edge
    return any(
        (each.provider, each.dependency.dependency_type) == (provider, kind)
        for each in inventory.dependency_index.upstream.get(device, ())
    )


async def _most_urgent(call: Call, alerts: Sequence[Alert]) -> list[AlertView]:
    return await views_of(call, in_order(alerts, URGENT_FIRST, 0, SHOWN_ALERTS))


def _states(call: Call, keys: Sequence[str]) -> list[StateView]:
    engine = call.parts.engine()
    return [
        StateView.model_validate(state_fields(engine.inventory, key, live_state(engine, key)))
        for key in keys[:SHOWN_DEVICES]
    ]
