"""Pages of alerts: those in memory from the engine, closed ones from PostgreSQL, one list of both."""

import asyncio
from bisect import bisect_left, bisect_right
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from aiohttp import web

from opsconductor.api import cursor
from opsconductor.api.http.alert_parameters import AlertFilterParameters, AlertListParameters
from opsconductor.api.http.endpoint import Call
from opsconductor.api.http.responses import refusal
from opsconductor.api.listing import key_of_place, place_of
from opsconductor.api.open_alerts import LivePart, find_live, list_live
from opsconductor.api.sorted_runs import SortedRun, page_of_runs
from opsconductor.errors import StoreUnavailable
from opsconductor.inventory.snapshot import InventorySnapshot
from opsconductor.model.alert import Alert
from opsconductor.model.enums import OPEN_STATUSES, Status
from opsconductor.store.alerts import listing as store
from opsconductor.store.alerts.filter import AlertFilter
from opsconductor.store.alerts.lacking import Lacking
from opsconductor.store.alerts.listing import ClosedPage, Places
from opsconductor.store.alerts.order import ListPlace, whole_order

FAR = 1_000
"""Number of closed alerts before a page from which it is worth looking for the page's first one."""
EVERY = 100

ONLY_STORED = (
    "closed alerts are in the database, which does not answer; open ones "
    "(status=active,acknowledged,suppressed) are listed meanwhile"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A question for a page.

    Attributes:
        order: From `whole_order`.
    """

    filter: AlertFilter
    order: tuple[str, ...]
    limit: int
    offset: int = 0
    after: ListPlace | None = None

    @property
    def open_statuses(self) -> tuple[Status, ...]:
        """Return the statuses of open alerts that are wanted."""
        return tuple(status for status in Status if status in OPEN_STATUSES and self._has(status))

    def _has(self, status: Status) -> bool:
        return not self.filter.status or status in self.filter.status


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A page of a list; see `ClosedPage` for the numbers.

    Attributes:
        next_place: Where the next page begins; None: this is the last.
        hidden: Number of open alerts that a maintenance window hides, whatever the filter.
    """

    alerts: Sequence[Alert]
    total: int
    is_exact: bool
    sorted_within: int | None
    next_place: ListPlace | None
    hidden: int

    def meta(self, order: Sequence[str]) -> Mapping[str, object]:
        """Return what `meta` says about the list."""
        found: dict[str, object] = {"total": self.total, "total_is_exact": self.is_exact}
        found["next_cursor"] = self.next_place and cursor.written(self.next_place, order)
        return found | ({"sorted_within": self.sorted_within} if self.sorted_within else {})


async def filter_of(call: Call, given: AlertFilterParameters) -> AlertFilter:
    """Return the filter of some parameters, with the devices of sites and roles, and the caller's rows."""
    wanted = replace(given.filter(), rows=call.rows.conditions)
    if not given.is_by_inventory:
        return wanted
    return await asyncio.to_thread(_with_devices, wanted, given, call.parts.engine().inventory)


async def wanted_of(call: Call) -> Wanted:
    """Return the question of a request for a list.

    Raises:
        CursorMismatch: The cursor is of another list.
    """
    given: AlertListParameters = call.query
    order = whole_order(given.order)
    return Wanted(
        filter=await filter_of(call, given),
        order=order,
        limit=given.per_page,
        offset=given.offset,
        after=cursor.read(given.cursor, order) if given.cursor else None,
    )


async def read_page(call: Call, wanted: Wanted) -> Page:
    """Return a page of the list.

    An alert that is reopened between the look into memory and the one into the database is in neither: then
    both are asked once more.

    Raises:
        web.HTTPServiceUnavailable: Closed alerts are wanted, and the database is away.
    """
    in_flight = call.parts.pipeline.in_flight
    reopened = in_flight.reopened
    page = await _read_page(call, wanted)
    is_whole = in_flight.reopened == reopened or not wanted.filter.closed_statuses
    return page if is_whole else await _read_page(call, wanted)


async def _read_page(call: Call, wanted: Wanted) -> Page:
    if not wanted.filter.closed_statuses:
        return await _live_page(call, wanted)
    live = await find_live(call, wanted.filter, wanted.order)
    skipped, end = await _window(call, wanted, live)
    closed = await _closed_part(call, wanted, skipped, end)
    opening = call.parts.pipeline.in_flight.opening()
    found = await asyncio.to_thread(
        _page_of_both, live, closed.places, wanted, (wanted.offset - skipped, opening)
    )
    shown = found[: wanted.limit]
    stored = await _load(call, [place for place, alert in shown if alert is None])
    alerts = [alert or stored.get(place.id) for place, alert in shown]
    return Page(
        alerts=[alert for alert in alerts if alert is not None],
        total=live.total + closed.total,
        is_exact=closed.is_exact,
        sorted_within=closed.sorted_within,
        next_place=shown[-1][0] if len(found) > wanted.limit else None,
        hidden=live.hidden,
    )


async def _live_page(call: Call, wanted: Wanted) -> Page:
    """Return a page of open alerts."""
    page = await list_live(
        call,
        wanted.filter,
        sort=wanted.order,
        limit=wanted.limit + 1,
        offset=wanted.offset,
        after=wanted.after,
    )
    shown = page.alerts[: wanted.limit]
    is_last = len(page.alerts) <= wanted.limit
    return Page(
        alerts=shown,
        total=page.total,
        is_exact=True,
        sorted_within=None,
        next_place=None if is_last else place_of(shown[-1], wanted.order),
        hidden=page.hidden,
    )


async def _window(call: Call, wanted: Wanted, live: LivePart) -> tuple[int, int]:
    """Return how many closed alerts certainly come before the page, and before which one it certainly ends.

    The page begins behind `offset` alerts of both kinds. Of the closed ones that may be the first of it, as
    many as there are alerts in memory, every hundredth shows how many of each kind come before it.
    """
    skipped, end = max(0, wanted.offset - live.total), wanted.offset + wanted.limit + 1
    most = wanted.offset - skipped
    if most < FAR or wanted.after is not None:
        return skipped, end
    sampled: Places = await ask_stored(
        call, store.sample_closed, wanted.filter, sort=wanted.order, every=EVERY, limit=most, offset=skipped
    )
    return await asyncio.to_thread(_cut, sampled, live, wanted, (skipped, end))


def _cut(sampled: Places, live: LivePart, wanted: Wanted, within: tuple[int, int]) -> tuple[int, int]:
    """Return the part of a range of closed alerts between the samples around the begin of the page."""
    begin, end = within

    def rank(number: int) -> int:
        key = key_of_place(sampled[number], wanted.order)
        before = sum(bisect_left(run.items, key, key=run.key) for run in live.runs)
        return begin + number * EVERY + before

    number = bisect_right(range(len(sampled)), wanted.offset, key=rank)
    first = begin + max(0, number - 1) * EVERY
    if number == len(sampled):
        return first, end
    return first, min(end, begin + number * EVERY + wanted.limit + 1)


async def _closed_part(call: Call, wanted: Wanted, skipped: int, end: int) -> ClosedPage:
    """Return the closed alerts of the list behind the first ones."""
    page: ClosedPage = await ask_stored(
        call,
        store.list_closed,
        wanted.filter,
        sort=wanted.order,
        limit=end - skipped,
        offset=skipped,
        after=wanted.after,
    )
    return page


def _page_of_both(
    live: LivePart, closed: Places, wanted: Wanted, place: tuple[int, Collection[UUID]]
) -> list[tuple[ListPlace, Alert | None]]:
    """Return the page and one more of both; closed alerts are in order and still to be read.

    Args:
        place: Where the page begins, and the ids of alerts that are not closed any more.
    """
    begin, opening = place
    order, end = wanted.order, begin + wanted.limit + 1
    others = closed.without(live.ids | {each.int for each in opening})
    stored = SortedRun(items=others, key=lambda place: key_of_place(place, order))
    found = page_of_runs([*live.after(wanted.after, order).runs, stored], begin, end)
    return [(one, None) if isinstance(one, ListPlace) else (place_of(one, order), one) for one in found]


async def _load(call: Call, places: Sequence[ListPlace]) -> Mapping[Any, Alert]:
    return await ask_stored(call, store.load_closed, [place.id for place in places]) if places else {}


async def ask_stored(call: Call, query: Any, *args: Any, **options: Any) -> Any:
    """Ask PostgreSQL for what it alone knows.

    Raises:
        web.HTTPServiceUnavailable: It is away.
    """
    try:
        return await call.parts.database.ask_long(query, *args, **options)
    except StoreUnavailable as error:
        headers = {"Retry-After": "5"}
        raise refusal(web.HTTPServiceUnavailable, "unavailable", ONLY_STORED, headers=headers) from error


def _with_devices(
    wanted: AlertFilter, given: AlertFilterParameters, inventory: InventorySnapshot
) -> AlertFilter:
    if given.site or given.role:
        sites, roles = frozenset(given.site), frozenset(given.role)
        keys = frozenset(
            device.key
            for device in inventory.devices
            if (not sites or device.site in sites) and (not roles or device.role in roles)
        )
        wanted = replace(wanted, device_key=keys)
    no_site, no_role = Lacking.SITE in given.without, Lacking.ROLE in given.without
    excluded = frozenset(
        device.key for device in inventory.devices if (no_site and device.site) or (no_role and device.role)
    )
    return replace(wanted, other_device=excluded)
