"""Sums of alerts by severity, category, status, priority, site and device."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TypeVar

from aiohttp import web
from pydantic import Field

from opsconductor.api.alert_pages import ask_stored, filter_of
from opsconductor.api.http.endpoint import Call
from opsconductor.api.http.responses import answer
from opsconductor.api.http.single_flight import turns
from opsconductor.api.open_alerts import LiveState, live_state, status_fields
from opsconductor.api.views import View
from opsconductor.engine.alert_index import device_key
from opsconductor.inventory.snapshot import InventorySnapshot
from opsconductor.model.alert import Alert
from opsconductor.model.enums import OPEN_STATUSES, Category, Priority, Severity, Status
from opsconductor.store.alerts import sums as store

Name = TypeVar("Name")

MOST_NAMED = 50
"""Number of sites and of devices in an answer, those with the most alerts."""
MOST_QUIET = 200
NO_SITE = ""


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


Place = tuple[str, Severity]
"""A site or a device, and a severity."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sums:
    """Numbers of alerts by the values of a field."""

    severity: Counter[Severity]
    category: Counter[Category]
    status: Counter[Status]
    priority: Counter[Priority]
    site: Counter[Place]
    device: Counter[Place]


def sums_of(found: Sequence[Alert], site_of: Callable[[str], str]) -> Sums:
    """Count alerts; pure."""
    keys = Counter((device_key(alert), alert.severity) for alert in found)
    sites: Counter[Place] = Counter()
    for (key, severity), amount in keys.items():
        sites[site_of(key), severity] += amount
    return Sums(
        severity=Counter(alert.severity for alert in found),
        category=Counter(alert.category for alert in found),
        status=Counter(alert.status for alert in found),
        priority=Counter(alert.priority for alert in found),
        site=sites,
        device=Counter((alert.device_name or alert.device_ip or "", alert.severity) for alert in found),
    )


async def summarize_by(call: Call) -> web.Response:
    """Respond with the sums of the matching alerts; without `status` of open ones."""
    wanted = await filter_of(call, call.query)
    wanted = wanted if wanted.status else replace(wanted, status=tuple(OPEN_STATUSES))
    site_of = partial(_site_of, call.parts.engine().inventory)

    def work(state: LiveState) -> Sums:
        return sums_of(state.matching(wanted), site_of)

    parts = [await call.request.app[turns].ask(("sums", wanted), partial(live_state, call, wanted), work)]
    is_exact = True
    if wanted.closed_statuses:
        found: store.ClosedSums = await ask_stored(call, store.sum_closed, wanted)
        parts.append(_sums_of_stored(found, site_of))
        is_exact = found.is_exact
    meta = {"total_is_exact": is_exact, **({} if is_exact else {"counted_within": found.counted})}
    sites = frozenset[str]() if call.rows.conditions else call.parts.engine().inventory.sites
    return answer(_view_of(parts, sites), meta={**meta, **status_fields(call.parts.database.status())})


def _site_of(inventory: InventorySnapshot, key: str) -> str:
    device = inventory.device_at(key)
    return NO_SITE if device is None else device.site or NO_SITE


def _sums_of_stored(found: "store.ClosedSums", site_of: Callable[[str], str]) -> Sums:
    sites: Counter[Place] = Counter()
    devices: Counter[Place] = Counter()
    for (address, name, word), amount in found.devices.items():
        severity = Severity(word)
        sites[site_of(address or name or ""), severity] += amount
        devices[name or address or "", severity] += amount
    values = found.values
    return Sums(
        severity=Counter({Severity(each): amount for each, amount in values["severity"].items()}),
        category=Counter({Category(each): amount for each, amount in values["category"].items()}),
        status=Counter({Status(each): amount for each, amount in values["status"].items()}),
        priority=Counter({Priority(each): amount for each, amount in values["priority"].items()}),
        site=sites,
        device=devices,
    )


def _view_of(parts: Iterable[Sums], known_sites: frozenset[str]) -> StatsView:
    parts = list(parts)
    severity: Counter[Severity] = sum((part.severity for part in parts), Counter())
    all_sites: Counter[Place] = sum((part.site for part in parts), Counter())
    sites = _largest(all_sites)
    devices = _largest(sum((part.device for part in parts), Counter()))
    return StatsView(
        total=severity.total(),
        severity={each: severity[each] for each in Severity},
        category=_some(sum((part.category for part in parts), Counter())),
        status=_some(sum((part.status for part in parts), Counter())),
        priority=_some(sum((part.priority for part in parts), Counter())),
        site={name: sum(amounts.values()) for name, amounts in sites.items()},
        device={name: sum(amounts.values()) for name, amounts in devices.items()},
        site_severity=sites,
        device_severity=devices,
        quiet_sites=sorted(known_sites - {name for name, _ in all_sites})[:MOST_QUIET],
    )


def _largest(amounts: Mapping[Place, int]) -> dict[str, dict[Severity, int]]:
    """Return the numbers by severity of the sites or devices with the most alerts."""
    totals: Counter[str] = Counter()
    for (name, _), amount in amounts.items():
        totals[name] += amount
    return {
        name: {severity: amount for severity in Severity if (amount := amounts.get((name, severity), 0))}
        for name, _ in totals.most_common(MOST_NAMED)
    }


def _some(amounts: Mapping[Name, int]) -> dict[Name, int]:
    return dict(Counter(amounts).most_common(MOST_NAMED))
