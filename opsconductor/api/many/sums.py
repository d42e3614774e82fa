"""Sums of alerts by severity, category, status, priority, site and device."""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, NamedTuple, TypeVar

from aiohttp import web
from pydantic import Field

from opsconductor.api.alert_pages import ask_stored, filter_of
from opsconductor.api.http.endpoint import Call
from opsconductor.api.http.responses import answer
from opsconductor.api.open_alerts import LiveState, ask_live, status_fields
from opsconductor.api.opened.sums import SiteNames, Sums, full_sums_in
from opsconductor.api.views import View
from opsconductor.inventory.snapshot import InventorySnapshot
from opsconductor.model.enums import OPEN_STATUSES, Category, Priority, Severity, Status
from opsconductor.store.alerts import sums as store
from opsconductor.store.alerts.filter import AlertFilter

Name = TypeVar("Name")

MOST_NAMED = 50
"""Number of sites and of devices in an answer, those with the most alerts."""
MOST_QUIET = 200


class StatsView(View):
    """Numbers of alerts; each list of them has the total as its sum, sites and devices the largest 50."""

    total: int
    severity: dict[Severity, int]
    category: dict[Category, int]
    status: dict[Status, int]
    priority: dict[Priority, int]
    site: dict[str, int] = Field(description="By the present inventory; empty: no site is known.")
    device: dict[str, int] = Field(description="By name, or by address if it has none.")
    site_severity: dict[str, dict[Severity, int]] = Field(
        description="Of the sites in `site` the numbers by severity, the most severe first, without zeros."
    )
    device_severity: dict[str, dict[Severity, int]] = Field(description="The same of `device`.")
    quiet_sites: list[str] = Field(
        description="Sites of the inventory without such an alert, the first 200; none for callers with a "
        "row filter."
    )


async def summarize_by(call: Call) -> web.Response:
    """Respond with the sums of the matching alerts; without `status` of open ones."""
    wanted = await filter_of(call, call.query)
    wanted = wanted if wanted.status else replace(wanted, status=tuple(OPEN_STATUSES))
    inventory = call.parts.engine().inventory
    sites = frozenset[str]() if call.rows.conditions else inventory.sites
    work = partial(_sums_or_view, wanted=wanted, inventory=inventory, sites=sites)
    question = ("sums", wanted, id(inventory))
    found: StatsView | _Counted = await ask_live(call, question, wanted, work)
    is_exact, counted = True, 0
    if isinstance(found, _Counted):
        closed: store.ClosedRows = await ask_stored(call, store.rows_of_closed, wanted)
        is_exact, counted = closed.is_exact, closed.counted
        view = await asyncio.to_thread(_with_closed, found, closed.rows, sites)
    else:
        view = found
    meta = {"total_is_exact": is_exact, **({} if is_exact else {"counted_within": counted})}
    return answer(view, meta={**meta, **status_fields(call.parts.database.status())})


class _Counted(NamedTuple):
    """Sums of alerts in memory, and the sites by which they were counted."""

    sums: Sums
    sites: SiteNames


def _sums_or_view(
    state: LiveState, wanted: AlertFilter, inventory: InventorySnapshot, sites: frozenset[str]
) -> StatsView | _Counted:
    """Return the answer, or the sums to which those of closed alerts are added."""
    if _is_every_open(wanted):
        kept = full_sums_in(state.index, inventory)
        return kept.shown("view", partial(_view_of, known_sites=sites))  # type: ignore[no-any-return]
    counted = _count(state, wanted, inventory)
    return counted if wanted.closed_statuses else _view_of(counted.sums, sites)


def _count(state: LiveState, wanted: AlertFilter, inventory: InventorySnapshot) -> _Counted:
    """Count the alerts in memory that match."""
    sites = full_sums_in(state.index, inventory).sites
    assert sites is not None
    sums = Sums()
    sums.add(state.matching(wanted), sites.__getitem__)
    return _Counted(sums, sites)


def _is_every_open(wanted: AlertFilter) -> bool:
    """Return whether the filter has all open alerts that are not hidden, and no others."""
    plain = AlertFilter(status=wanted.status, is_hidden=(False,))
    return wanted == plain and OPEN_STATUSES.issubset(wanted.status) and not wanted.closed_statuses


def _with_closed(counted: _Counted, rows: Sequence[Any], sites: frozenset[str]) -> StatsView:
    sums = counted.sums.copy()  # equal questions share it
    if rows:
        sums.add_columns([*zip(*rows, strict=True)], counted.sites.__getitem__)
    return _view_of(sums, sites)


def _view_of(sums: Sums, known_sites: frozenset[str]) -> StatsView:
    sites, devices = _largest(sums.site, sums.rated_site), _largest(sums.device, sums.rated_device)
    return StatsView(
        total=sums.severity.total(),
        severity={each: sums.severity[each] for each in Severity},
        category=_some(sums.category),
        status=_some(sums.status),
        priority=_some(sums.priority),
        site={name: sums.site[name] for name in sites},
        device={name: sums.device[name] for name in devices},
        site_severity=sites,
        device_severity=devices,
        quiet_sites=sorted(known_sites.difference(sums.site))[:MOST_QUIET],
    )


def _largest(amounts: Counter[str], rated: Counter[tuple[Severity, str]]) -> dict[str, dict[Severity, int]]:
    """Return the numbers by severity of the sites or devices with the most alerts."""
    return {
        name: {severity: amount for severity in Severity if (amount := rated[severity, name])}
        for name, _ in amounts.most_common(MOST_NAMED)
    }


def _some(amounts: Mapping[Name, int]) -> dict[Name, int]:
    return dict(Counter(amounts).most_common(MOST_NAMED))
