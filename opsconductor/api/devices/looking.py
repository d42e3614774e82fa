"""What endpoints of devices have in common: finding a device, and its state from the engine."""

import asyncio
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from aiohttp import web

from opsconductor.api.devices.states import DeviceState, state_of
from opsconductor.api.devices.views import EdgeView
from opsconductor.api.http.endpoint import Call
from opsconductor.api.http.responses import refusal
from opsconductor.api.interfaces.alerts import LiveAlerts
from opsconductor.inventory.dependency_index import Edge
from opsconductor.inventory.snapshot import InventorySnapshot
from opsconductor.model.inventory.device import Device
from opsconductor.model.text import one_line

LONGEST_SHOWN = 255


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedDevice:
    """A device that a request names.

    Attributes:
        key: As alerts have it.
        device: None: it is not in the inventory, but has alerts or dependencies.
    """

    key: str
    device: Device | None


async def find_device(call: Call) -> NamedDevice:
    """Return the device whose name, address or id is in the path.

    Raises:
        web.HTTPNotFound: There is none, and nothing else refers to it; or the caller may not see it.
    """
    given = call.request.match_info["name"]
    inventory = await indexed(call.parts.engine().inventory)
    device = _at_id(inventory, given) or inventory.device_of(given)
    key = inventory.key_of(device.key if device is not None else given)
    is_known = device is not None or call.parts.engine().open_at(key) or _has_dependencies(inventory, key)
    visible = call.rows.devices
    if not is_known or (visible is not None and key not in visible):
        shown = one_line(given, LONGEST_SHOWN)
        raise refusal(web.HTTPNotFound, "not_found", f"there is no device with the name or address {shown}")
    return NamedDevice(key=key, device=device)


async def indexed(inventory: InventorySnapshot) -> InventorySnapshot:
    """Return an inventory with its indexes, which are built in a thread at their first use."""
    await asyncio.to_thread(lambda: (inventory.device_index, inventory.dependency_index))
    return inventory


def live_state(engine: LiveAlerts, key: str) -> DeviceState:
    """Return the state of one device."""
    return state_of(engine.open_at(key))


def state_fields(inventory: InventorySnapshot, key: str, state: DeviceState) -> Mapping[str, object]:
    """Return the fields of a `StateView`."""
    device = inventory.device_at(key)
    return {
        "key": key,
        "name": device.name if device is not None else key,
        "is_listed": device is not None,
        "site": device and device.site,
        "role": device and device.role,
        "device_type": device and device.device_type,
        "severity": state.severity,
        "alert_status": state.status,
        "alerts": state.alerts,
    }


def edge_fields(inventory: InventorySnapshot, edge: Edge) -> Mapping[str, object]:
    """Return the fields of an `EdgeView`."""
    dependency = edge.dependency
    return {
        "device": edge.device,
        "depends_on": edge.provider,
        "dependency_type": dependency.dependency_type,
        "via_resources": list(dependency.via_resources),
        "confidence": dependency.confidence,
        "missing_since": dependency.missing_since,
        "is_sure": is_sure(inventory, edge),
        "is_redundant": any(
            other.provider != edge.provider and is_sure(inventory, other)
            for other in inventory.dependency_index.upstream.get(edge.device, ())
            if other.dependency.dependency_type is dependency.dependency_type
        ),
    }


def edge_views(inventory: InventorySnapshot, edges: Iterable[Edge]) -> list[EdgeView]:
    """Return dependencies as answers show them."""
    return [EdgeView.model_validate(edge_fields(inventory, edge)) for edge in edges]


def dependents_of(inventory: InventorySnapshot, key: str, visible: Collection[str] | None) -> int:
    """Return the number of direct and indirect dependents of a device that the caller may see.

    Args:
        visible: None: all.
    """
    graph = inventory.graph
    if visible is None:
        return graph.dependents_count(key)
    return sum(each in visible for each in graph.downstream([key]) if each != key)


def is_sure(inventory: InventorySnapshot, edge: Edge) -> bool:
    """Return True if a dependency can suppress."""
    dependency = edge.dependency
    return dependency.missing_since is None and dependency.confidence >= inventory.confidence_floor


def kind_of(*, auto_discovered: bool, provisioned_from: str | None) -> Literal["file", "inventory", "own"]:
    """Return what has declared a device or a dependency."""
    if provisioned_from:
        return "file"
    return "inventory" if auto_discovered else "own"


def _at_id(inventory: InventorySnapshot, text: str) -> Device | None:
    try:
        return inventory.device_index.at_id(UUID(text))
    except ValueError:
        return None


def _has_dependencies(inventory: InventorySnapshot, key: str) -> bool:
    index = inventory.dependency_index
    return key in index.upstream or key in index.downstream
