"""Numbers of open alerts by severity, category, status, priority, site and device, kept between questions."""

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, fields
from functools import partial
from operator import attrgetter
from typing import Any

from opsconductor.api.opened.index import Move, OpenEntry, OpenIndex
from opsconductor.inventory.snapshot import InventorySnapshot
from opsconductor.model.alert import Alert
from opsconductor.model.enums import Category, Priority, Severity, Status

NO_SITE = ""
SUMMED = ("severity", "category", "status", "priority", "device_ip", "device_name")
"""Fields by which alerts are counted."""
VALUES = tuple(map(attrgetter, SUMMED))
COUNTED = attrgetter(*SUMMED, "is_hidden")
"""What decides where an alert counts."""

SiteOf = Callable[[str], str]
"""Returns the site of a device by its key; empty: none is known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sums:
    """Numbers of alerts by the values of a field.

    Attributes:
        site: By the name of the site.
        device: By the name of the device, or by its address if it has none.
        rated_site: By severity and site.
        rated_device: By severity and device.
    """

    severity: Counter[Severity] = field(default_factory=Counter)
    category: Counter[Category] = field(default_factory=Counter)
    status: Counter[Status] = field(default_factory=Counter)
    priority: Counter[Priority] = field(default_factory=Counter)
    site: Counter[str] = field(default_factory=Counter)
    device: Counter[str] = field(default_factory=Counter)
    rated_site: Counter[tuple[Severity, str]] = field(default_factory=Counter)
    rated_device: Counter[tuple[Severity, str]] = field(default_factory=Counter)

    def add(self, found: Sequence[Alert], site_of: SiteOf) -> None:
        """Count alerts."""
        self.add_columns([list(map(value_of, found)) for value_of in VALUES], site_of)

    def add_columns(self, columns: Sequence[Sequence[Any]], site_of: SiteOf) -> None:
        """Count alerts by what `SUMMED` names of them: for each name a list, of all alerts in one order.

        Whole lists are counted, which takes no step of Python for each alert.
        """
        severity, category, status, priority, addresses, names = columns
        devices = [name or address or "" for address, name in zip(addresses, names, strict=True)]
        sites = [site_of(address or name or "") for address, name in zip(addresses, names, strict=True)]
        self.severity.update(severity)
        self.category.update(category)
        self.status.update(status)
        self.priority.update(priority)
        self.site.update(sites)
        self.device.update(devices)
        self.rated_site.update(zip(severity, sites, strict=True))
        self.rated_device.update(zip(severity, devices, strict=True))

    def count(self, counted: Sequence[Any], site: str, amount: int) -> None:
        """Add one alert by what `SUMMED` names, or take it away (-1)."""
        severity, category, status, priority, address, name = counted
        device = name or address or ""
        _add(self.severity, severity, amount)
        _add(self.category, category, amount)
        _add(self.status, status, amount)
        _add(self.priority, priority, amount)
        _add(self.site, site, amount)
        _add(self.device, device, amount)
        _add(self.rated_site, (severity, site), amount)
        _add(self.rated_device, (severity, device), amount)

    def copy(self) -> "Sums":
        """Return the same numbers, to be added to."""
        return Sums(**{each.name: Counter(getattr(self, each.name)) for each in fields(self)})


class SiteNames(dict[str, str]):
    """The sites of devices by their keys, each device of the inventory looked up once."""

    def __init__(self, inventory: InventorySnapshot) -> None:
        super().__init__()
        self._inventory = inventory

    def __missing__(self, key: str) -> str:
        """Look up the site of a device."""
        device = self._inventory.device_at(key)
        if device is None:
            return NO_SITE
        found = self[key] = device.site or NO_SITE
        return found


class KeptSums:
    """Numbers of the open alerts that no maintenance window hides.

    Attributes:
        hidden: Number of the others.
        rated: Numbers by severity and status.
        sites: Of the devices, by the inventory.
    """

    def __init__(self, inventory: InventorySnapshot | None, entries: Collection[OpenEntry]) -> None:
        """Count alerts.

        Args:
            inventory: Has the sites of the devices; None: neither sites nor devices are counted.
        """
        self.sites = None if inventory is None else SiteNames(inventory)
        self.hidden = 0
        self.rated: Counter[tuple[Severity, Status]] = Counter()
        self._sums = Sums()
        self._shown: dict[str, Any] = {}
        for entry in entries:
            self._count(COUNTED(entry.alert), 1)

    def follow(self, moves: Sequence[Move]) -> bool:
        """Count what has changed."""
        for _, old, new in moves:
            before = None if old is None else COUNTED(old)
            after = None if new is None else COUNTED(new)
            if before != after:
                self._shown.clear()
                if before is not None:
                    self._count(before, -1)
                if after is not None:
                    self._count(after, 1)
        return True

    def shown(self, name: str, make: Callable[[Sums], Any]) -> Any:
        """Return what is made of the numbers, made anew after they have changed."""
        if name not in self._shown:
            self._shown[name] = make(self._sums)
        return self._shown[name]

    def _count(self, counted: tuple[Any, ...], amount: int) -> None:
        *summed, is_hidden = counted
        if is_hidden:
            self.hidden += amount
            return
        severity, _, status, _, address, name = summed
        self.rated[severity, status] += amount
        if self.sites is not None:
            self._sums.count(summed, self.sites[address or name or ""], amount)


def _add(amounts: Counter[Any], key: object, amount: int) -> None:
    amounts[key] += amount
    if not amounts[key]:
        del amounts[key]


def sums_in(index: OpenIndex) -> KeptSums:
    """Return the numbers of the open alerts by severity and status, and of hidden ones."""
    return index.kept("rated", partial(KeptSums, None))


def full_sums_in(index: OpenIndex, inventory: InventorySnapshot) -> KeptSums:
    """Return all numbers of the open alerts, sites by an inventory."""
    return index.kept("sums", partial(KeptSums, inventory), inventory)


def rated(alerts: Sequence[Alert]) -> tuple[Mapping[tuple[Severity, Status], int], int]:
    """Count alerts by severity and status without hidden ones; return that and the number of hidden ones."""
    amounts = Counter(map(attrgetter("severity", "status", "is_hidden"), alerts))
    shown = {(severity, status): n for (severity, status, is_hidden), n in amounts.items() if not is_hidden}
    return shown, sum(n for (_, _, is_hidden), n in amounts.items() if is_hidden)
