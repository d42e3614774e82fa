"""Lists of devices from memory."""

import asyncio
from bisect import bisect_right
from collections.abc import Collection, Mapping, Sequence
from itertools import islice
from typing import NamedTuple

from aiohttp import web

from opsconductor.api.devices import places
from opsconductor.api.devices.looking import indexed, live_state, state_fields
from opsconductor.api.devices.loud import LoudDevices, loud_in
from opsconductor.api.devices.parameters import DeviceListParameters
from opsconductor.api.devices.states import QUIET, DeviceState
from opsconductor.api.devices.views import DeviceView, FacetsView
from opsconductor.api.http.endpoint import Call
from opsconductor.api.http.responses import answer
from opsconductor.api.open_alerts import LiveState, ask_live
from opsconductor.inventory.device_index import EVERY_DEVICE, DeviceIndex, WantedDevices
from opsconductor.inventory.snapshot import InventorySnapshot
from opsconductor.model.enums import OPEN_STATUSES
from opsconductor.model.inventory.device import Device
from opsconductor.store.alerts.filter import AlertFilter

PLACES: Mapping[str, tuple[type[str] | type[int], ...]] = {
    "name": (str, str),
    "severity": (int, int, str, str),
}
"""Types of the parts of a place in a list, by order."""
MANY_DEVICES = 5_000
"""Searches among more than these are done in a thread."""


class Listed(NamedTuple):
    """A page of a list of devices.

    Attributes:
        positions: In the index.
        next_place: Of the last device of the page; None: no page follows.
    """

    positions: Sequence[int]
    total: int
    next_place: places.Place | None


async def list_devices(call: Call) -> web.Response:
    """Respond with one page of devices and their total number."""
    given: DeviceListParameters = call.query
    after = places.read(given.cursor, given.sort, PLACES[given.sort]) if given.cursor else None
    inventory = await indexed(call.parts.engine().inventory)
    page = await _page(call, inventory, given, after)
    index = inventory.device_index
    shown = [
        view_of(call, inventory, index.keys[position], index.devices[position]) for position in page.positions
    ]
    cursor = page.next_place and places.written(given.sort, page.next_place)
    return answer(shown, meta={"total": page.total, "per_page": given.per_page, "next_cursor": cursor})


async def list_facets(call: Call) -> web.Response:
    """Respond with the values by which devices can be filtered."""
    inventory = await indexed(call.parts.engine().inventory)
    index, visible = inventory.device_index, call.rows.devices
    found = await asyncio.to_thread(
        lambda: index.all_facets if visible is None else index.facets(_found(index, EVERY_DEVICE, visible))
    )
    return answer(FacetsView.model_validate(found))


def view_of(call: Call, inventory: InventorySnapshot, key: str, device: Device | None) -> DeviceView:
    """Return a device as lists show it."""
    state = live_state(call.parts.engine(), key)
    times = (call.parts.last_heard(key), state.last_at)
    return DeviceView(
        **state_fields(inventory, key, state),
        id=device and device.id,
        ip_address=device.ip_address if device is not None else None,
        location=device and device.location,
        manufacturer=device and device.manufacturer,
        model=device and device.model,
        status=device and device.status,
        tags=list(device.tags) if device is not None else [],
        last_heard_at=max((at for at in times if at is not None), default=None),
    )


async def _page(
    call: Call, inventory: InventorySnapshot, given: DeviceListParameters, after: places.Place | None
) -> Listed:
    index, visible = inventory.device_index, call.rows.devices

    def by_name() -> Listed:
        return _cut(index, _found(index, given.wanted, visible), given, after)

    def by_state(state: LiveState) -> Listed:
        found = _found(index, given.wanted, visible)
        return _with_states(loud_in(state.index, index), found, given, after)

    if given.needs_states:
        question = ("devices", id(index), given, call.rows)
        return await ask_live(call, question, AlertFilter(status=tuple(OPEN_STATUSES)), by_state)
    return await asyncio.to_thread(by_name) if len(index.devices) > MANY_DEVICES else by_name()


def _found(index: DeviceIndex, wanted: WantedDevices, visible: Collection[str] | None) -> Sequence[int]:
    """Return the positions of the wanted devices among those that the caller may see."""
    found = index.find(wanted)
    return found if visible is None else [position for position in found if index.keys[position] in visible]


def _with_states(
    loud: LoudDevices, among: Sequence[int], given: DeviceListParameters, after: places.Place | None
) -> Listed:
    """Return a page of a list whose filter or order depends on the open alerts.

    Devices with alerts, the few, come first; those without follow in the order of their names.
    """
    index, states = loud.index, loud.states

    def place(position: int) -> places.Place:
        by_name = index.places[position]
        if given.sort == "name":
            return by_name
        severity, amount = states.get(position, QUIET).urgency
        return (-severity, -amount, *by_name)

    found = sorted(states) if given.sort == "name" else loud.worst_first
    if len(among) < len(index.devices):
        chosen = frozenset(among)
        found = [position for position in found if position in chosen]
    shown = [position for position in found if _is_wanted(states[position], given)]
    start = 0 if after is None else bisect_right(shown, after, key=place)
    page = shown[start : start + given.per_page + 1]
    has_quiet = not given.severity and given.alerting is not True
    if has_quiet and len(page) <= given.per_page:
        is_among_quiet = after is not None and (given.sort == "name" or after[0] == -QUIET.urgency[0])
        first = (
            bisect_right(among, after[-2:], key=index.places.__getitem__) if after and is_among_quiet else 0
        )
        quiet = (each for each in islice(among, first, None) if each not in states)
        page += islice(quiet, given.per_page + 1 - len(page))
    total = len(shown) + (len(among) - len(found) if has_quiet else 0)
    is_last = len(page) <= given.per_page
    page = page[: given.per_page]
    return Listed(page, total, None if is_last else place(page[-1]))


def _is_wanted(state: DeviceState, given: DeviceListParameters) -> bool:
    return given.alerting is not False and (not given.severity or state.severity in given.severity)


def _cut(
    index: DeviceIndex, found: Sequence[int], given: DeviceListParameters, after: places.Place | None
) -> Listed:
    """Return a page of devices in order of their names."""
    place = index.places.__getitem__
    start = 0 if after is None else bisect_right(found, after, key=place)
    page = found[start : start + given.per_page]
    is_last = start + len(page) >= len(found)
    return Listed(page, len(found), None if is_last else place(page[-1]))
