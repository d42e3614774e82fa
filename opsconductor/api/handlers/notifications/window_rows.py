"""Maintenance windows for callers with a row filter: those that touch their devices."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from aiohttp import web

from opsconductor.api.auth.rows import AlertRows
from opsconductor.api.http.endpoint import Call
from opsconductor.api.http.responses import refusal
from opsconductor.api.interfaces.maintenance import Row
from opsconductor.engine.muting.covering import touches
from opsconductor.engine.muting.marking import label_of
from opsconductor.inventory.snapshot import InventorySnapshot
from opsconductor.store.maintenance import window_of

EXACT = ("device_name", "device_ip_pattern")
"""Conditions that name devices."""
WILDCARDS = frozenset("*?[/")


def touching(
    rows: Sequence[Row], call_rows: AlertRows, inventory: InventorySnapshot, muted: Iterable[str]
) -> list[Row]:
    """Return the windows that cover devices of a caller, or mute one of its alerts; takes a while.

    Args:
        muted: What mutes the alerts that the caller sees.
    """
    visible = call_rows.devices
    if visible is None:
        return list(rows)
    labels = frozenset(muted)
    return [
        row for row in rows if label_of(row["name"]) in labels or touches(window_of(row), inventory, visible)
    ]


def is_own(row: Mapping[str, Any], visible: frozenset[str] | None, inventory: InventorySnapshot) -> bool:
    """Return whether a window names devices of the caller and no others, so that it may be changed."""
    if visible is None:
        return True
    if row["behind"] or row["announce"]:
        return False
    given = [row["conditions"].get(name) for name in EXACT]
    named = [[each] if isinstance(each, str) else each for each in given if each]
    return any(all(_is_visible(name, visible, inventory) for name in names) for names in named)


def refuse_others(call: Call, row: Mapping[str, Any]) -> None:
    """Check that the caller may change a window.

    Raises:
        web.HTTPForbidden: It is not about devices that the caller may see alone.
    """
    if not is_own(row, call.rows.devices, call.parts.engine().inventory):
        assert call.principal is not None
        message = (
            f"{call.principal.name} may see some devices only (row filter): a window has to name these in "
            "device_name or device_ip_pattern, without wildcards, behind and announce"
        )
        raise refusal(web.HTTPForbidden, "limited_rows", message)


def _is_visible(name: object, visible: frozenset[str], inventory: InventorySnapshot) -> bool:
    if not isinstance(name, str) or not WILDCARDS.isdisjoint(name):
        return False
    device = inventory.device_of(name)
    return device is not None and inventory.key_of(device.key) in visible
