"""Which active maintenance windows cover a device, whatever alerts it has; pure."""

from collections.abc import Iterable, Iterator
from dataclasses import fields, replace
from datetime import datetime
from typing import NamedTuple

from opsconductor.engine.hypothetical import failure_of
from opsconductor.engine.muting.schedule import state_at
from opsconductor.engine.muting.subtree import devices_behind
from opsconductor.engine.routing.compiling import compile_conditions
from opsconductor.engine.routing.situation import Situation
from opsconductor.inventory.identify import place_at
from opsconductor.inventory.snapshot import InventorySnapshot
from opsconductor.model.enums import Category
from opsconductor.model.notifications.maintenance import MaintenanceWindow
from opsconductor.model.notifications.rule import Conditions

OF_DEVICE = frozenset({"device_ip_pattern", "device_name", "site", "role", "device_status", "device_tags"})
"""Conditions that a device alone decides."""


class Cover(NamedTuple):
    """An active window that covers a device.

    Attributes:
        until: None: until a person ends it.
        is_partial: It has further conditions, on alerts: it may cover some of them only.
    """

    window: MaintenanceWindow
    since: datetime
    until: datetime | None
    is_partial: bool


def covering(
    windows: Iterable[MaintenanceWindow], inventory: InventorySnapshot, key: str, at: datetime
) -> Iterator[Cover]:
    """Yield the windows that are active at a time and cover the device with a key."""
    situation = _situation(inventory, key, at)
    for window in windows:
        state = state_at(window, at)
        if not state.is_open or (window.behind and key not in devices_behind(inventory, window.behind)):
            continue
        of_device, is_partial = _of_device(window.conditions)
        if compile_conditions(of_device).holds(situation):
            yield Cover(window, state.since, state.until, is_partial)


def touches(window: MaintenanceWindow, inventory: InventorySnapshot, keys: Iterable[str]) -> bool:
    """Return whether a window, active or not, covers a device with one of these keys."""
    if window.fault:
        return False
    of_device, _ = _of_device(window.conditions)
    behind = frozenset(devices_behind(inventory, window.behind)) if window.behind else None
    compiled = compile_conditions(of_device)
    return any(
        compiled.holds(_situation(inventory, key, window.start_at))
        for key in keys
        if behind is None or key in behind
    )


def _situation(inventory: InventorySnapshot, key: str, at: datetime) -> Situation:
    device = inventory.device_at(key)
    address, name = (key, None) if device is None else place_at(device)[:2]
    alert = failure_of(address, name, Category.UNKNOWN)
    return Situation(alert=alert, event=alert.last_event, at=at, device=device)


def _of_device(conditions: Conditions) -> tuple[Conditions, bool]:
    """Return the conditions that a device decides, and whether there are others."""
    empty = Conditions()
    others = [each.name for each in fields(Conditions) if each.name not in OF_DEVICE]
    of_device = replace(conditions, **{name: getattr(empty, name) for name in others})
    return of_device, of_device != conditions
