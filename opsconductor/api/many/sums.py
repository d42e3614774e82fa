"""Sums of alerts by severity, category, status, priority, site and device."""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import TypeVar

from aiohttp import web
from pydantic import Field

from opsconductor.api.alert_pages import ask_stored, filter_of
from opsconductor.api.http.endpoint import Call
from opsconductor.api.http.responses import answer
from opsconductor.api.open_alerts import LiveState, ask_live, status_fields
from opsconductor.api.opened.index import OpenIndex
from opsconductor.api.opened.sums import BySeverity, Sums, full_sums_in, site_of
from opsconductor.api.views import View
from opsconductor.inventory.snapshot import InventorySnapshot
from opsconductor.model.alert import Alert
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
    found: StatsView | Sums = await ask_live(call, question, wanted, work)
    is_exact, counted = True, 0
    if isinstance(found, Sums):
        closed: store.ClosedSums = await ask_stored(call, store.sum_closed, wanted)
        sums = found.copy()  # equal questions share it
        is_exact, counted = closed.is_exact, closed.counted
        view = await asyncio.to_thread(_with_closed, sums, closed, inventory, sites)
    else:
        view = found
    meta = {"total_is_exact": is_exact, **({} if is_exact else {"counted_within": counted})}
    return answer(view, meta={**meta, **status_fields(call.parts.database.status())})


def _sums_or_view(
    state: LiveState, wanted: AlertFilter, inventory: InventorySnapshot, sites: frozenset[str]
) -> StatsView | Sums:
    """Return the answer, or the sums to which those of closed alerts are added."""
    if _is_every_open(wanted):
        kept = full_sums_in(state.index, inventory)
        return kept.shown("view", partial(_view_of, known_sites=sites))  # type: ignore[no-any-return]
    sums = summed(state, wanted, inventory)
    return sums if wanted.closed_statuses else _view_of(sums, sites)


def summed(state: LiveState, wanted: AlertFilter, inventory: InventorySnapshot) -> Sums:
    """Return the sums of the alerts in memory that match."""
    found = state.matching(wanted)
    if not wanted.closed_statuses and 2 * len(found) > len(state.index.entries):
        return _sums_of_most(state.index, found, inventory)
    sums = Sums()
    sums.add(found, partial(site_of, inventory))
    return sums


def _sums_of_most(index: OpenIndex, found: Sequence[Alert], inventory: InventorySnapshot) -> Sums:
    """Return the sums of most of the open alerts: those of all without the others, which are fewer."""
    sums: Sums = full_sums_in(index, inventory).shown("sums", Sums.copy).copy()
    counted = {id(alert) for alert in found}
    others = [entry.alert for entry in index.entries if id(entry.alert) not in counted]
    of_site = partial(site_of, inventory)
    sums.add([alert for alert in found if alert.is_hidden], of_site)
    sums.add([alert for alert in others if not alert.is_hidden], of_site, times=-1)
    return sums


def _is_every_open(wanted: AlertFilter) -> bool:
    """Return whether the filter has all open alerts that are not hidden, and no others."""
    plain = AlertFilter(status=wanted.status, is_hidden=(False,))
    return wanted == plain and OPEN_STATUSES.issubset(wanted.status) and not wanted.closed_statuses


def _with_closed(
    sums: Sums, closed: "store.ClosedSums", inventory: InventorySnapshot, sites: frozenset[str]
) -> StatsView:
    sums.add_stored(closed, partial(site_of, inventory))
    return _view_of(sums, sites)


def _view_of(sums: Sums, known_sites: frozenset[str]) -> StatsView:
    sites, devices = _largest(sums.site), _largest(sums.device)
    return StatsView(
        total=sums.severity.total(),
        severity={each: sums.severity[each] for each in Severity},
        category=_some(sums.category),
        status=_some(sums.status),
        priority=_some(sums.priority),
        site={name: sum(amounts.values()) for name, amounts in sites.items()},
        device={name: sum(amounts.values()) for name, amounts in devices.items()},
        site_severity=sites,
        device_severity=devices,
        quiet_sites=sorted(known_sites.difference(*sums.site.values()))[:MOST_QUIET],
    )


def _largest(amounts: BySeverity) -> dict[str, dict[Severity, int]]:
    """Return the numbers by severity of the sites or devices with the most alerts."""
    totals: Counter[str] = Counter()
    for named in amounts.values():
        totals.update(named)
    return {
        name: {
            severity: amount
            for severity in Severity
            if severity in amounts and (amount := amounts[severity][name])
        }
        for name, _ in totals.most_common(MOST_NAMED)
    }


def _some(amounts: Mapping[Name, int]) -> dict[Name, int]:
    return dict(Counter(amounts).most_common(MOST_NAMED))
