"""Sums of alerts by severity, category, status, priority, site and device."""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
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


BySeverity = dict[Severity, Counter[str]]
"""Numbers of alerts by severity, by the name of a site or a device."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sums:
    """Numbers of alerts by the values of a field."""

    severity: Counter[Severity] = field(default_factory=Counter)
    category: Counter[Category] = field(default_factory=Counter)
    status: Counter[Status] = field(default_factory=Counter)
    priority: Counter[Priority] = field(default_factory=Counter)
    site: BySeverity = field(default_factory=lambda: defaultdict(Counter))
    device: BySeverity = field(default_factory=lambda: defaultdict(Counter))

    def add(self, found: Sequence[Alert], site_of: Callable[[str], str]) -> None:
        """Count alerts."""
        self.category.update([alert.category for alert in found])
        self.status.update([alert.status for alert in found])
        self.priority.update([alert.priority for alert in found])
        for severity in Severity:
            rated = [alert for alert in found if alert.severity is severity]
            if rated:
                self.severity[severity] += len(rated)
                self.device[severity].update([alert.device_name or alert.device_ip or "" for alert in rated])
                self._add_sites(severity, Counter([device_key(alert) for alert in rated]), site_of)

    def add_stored(self, found: "store.ClosedSums", site_of: Callable[[str], str]) -> None:
        """Add the numbers of closed alerts."""
        values = found.values
        self.severity.update({Severity(each): amount for each, amount in values["severity"].items()})
        self.category.update({Category(each): amount for each, amount in values["category"].items()})
        self.status.update({Status(each): amount for each, amount in values["status"].items()})
        self.priority.update({Priority(each): amount for each, amount in values["priority"].items()})
        severities = {str(severity): severity for severity in Severity}  # faster than to call the enumeration
        for (address, name, word), amount in found.devices.items():
            severity = severities[word]
            self.device[severity][name or address or ""] += amount
            self.site[severity][site_of(address or name or "")] += amount

    def copy(self) -> "Sums":
        """Return the same numbers, to be added to."""
        return Sums(
            severity=Counter(self.severity),
            category=Counter(self.category),
            status=Counter(self.status),
            priority=Counter(self.priority),
            site=_copied(self.site),
            device=_copied(self.device),
        )

    def _add_sites(
        self, severity: Severity, devices: Mapping[str, int], site_of: Callable[[str], str]
    ) -> None:
        sites = self.site[severity]
        for key, amount in devices.items():
            sites[site_of(key)] += amount


def _copied(amounts: BySeverity) -> BySeverity:
    return defaultdict(Counter, {severity: Counter(named) for severity, named in amounts.items()})


async def summarize_by(call: Call) -> web.Response:
    """Respond with the sums of the matching alerts; without `status` of open ones."""
    wanted = await filter_of(call, call.query)
    wanted = wanted if wanted.status else replace(wanted, status=tuple(OPEN_STATUSES))
    site_of = partial(_site_of, call.parts.engine().inventory)

    def work(state: LiveState) -> Sums:
        sums = Sums()
        sums.add(state.matching(wanted), site_of)
        return sums

    shared = await call.request.app[turns].ask(("sums", wanted), partial(live_state, call, wanted), work)
    sums, is_exact = shared, True
    if wanted.closed_statuses:
        found: store.ClosedSums = await ask_stored(call, store.sum_closed, wanted)
        sums = shared.copy()  # equal questions share it
        sums.add_stored(found, site_of)
        is_exact = found.is_exact
    meta = {"total_is_exact": is_exact, **({} if is_exact else {"counted_within": found.counted})}
    sites = frozenset[str]() if call.rows.conditions else call.parts.engine().inventory.sites
    return answer(_view_of(sums, sites), meta={**meta, **status_fields(call.parts.database.status())})


def _site_of(inventory: InventorySnapshot, key: str) -> str:
    device = inventory.device_at(key)
    return NO_SITE if device is None else device.site or NO_SITE


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
