"""Numbers of open alerts by severity, category, status, priority, site and device, kept between questions."""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from operator import attrgetter
from typing import Any

from opsconductor.api.opened.index import Move, OpenEntry, OpenIndex
from opsconductor.inventory.snapshot import InventorySnapshot
from opsconductor.model.alert import Alert
from opsconductor.model.enums import Category, Priority, Severity, Status
from opsconductor.store.alerts.sums import ClosedSums

NO_SITE = ""
COUNTED = attrgetter("severity", "category", "status", "priority", "device_ip", "device_name", "is_hidden")
"""What decides where an alert counts."""

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

    def add(self, found: Sequence[Alert], site_of: Callable[[str], str], *, times: int = 1) -> None:
        """Count alerts.

        Args:
            times: -1: take them away, which have been counted.
        """
        kinds = Counter(map(attrgetter("severity", "category", "status", "priority"), found))
        for (severity, category, status, priority), number in kinds.items():
            amount = times * number
            _add(self.severity, severity, amount)
            _add(self.category, category, amount)
            _add(self.status, status, amount)
            _add(self.priority, priority, amount)
        devices = Counter(map(attrgetter("severity", "device_ip", "device_name"), found))
        for (severity, address, name), number in devices.items():
            amount = times * number
            _add(self.device[severity], name or address or "", amount)
            _add(self.site[severity], site_of(address or name or ""), amount)

    def add_stored(self, found: ClosedSums, site_of: Callable[[str], str]) -> None:
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


def _copied(amounts: BySeverity) -> BySeverity:
    return defaultdict(Counter, {severity: Counter(named) for severity, named in amounts.items()})


class KeptSums:
    """Numbers of the open alerts that no maintenance window hides.

    Attributes:
        hidden: Number of the others.
        rated: Numbers by severity and status.
    """

    def __init__(self, inventory: InventorySnapshot | None, entries: Collection[OpenEntry]) -> None:
        """Count alerts.

        Args:
            inventory: Has the sites of the devices; None: neither sites nor devices are counted.
        """
        self._inventory = inventory
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
        severity, category, status, priority, address, name, is_hidden = counted
        if is_hidden:
            self.hidden += amount
            return
        self.rated[severity, status] += amount
        if self._inventory is None:
            return
        sums = self._sums
        _add(sums.severity, severity, amount)
        _add(sums.category, category, amount)
        _add(sums.status, status, amount)
        _add(sums.priority, priority, amount)
        _add(sums.device[severity], name or address or "", amount)
        _add(sums.site[severity], site_of(self._inventory, address or name or ""), amount)


def _add(amounts: Counter[Any], key: object, amount: int) -> None:
    amounts[key] += amount
    if not amounts[key]:
        del amounts[key]


def site_of(inventory: InventorySnapshot, key: str) -> str:
    """Return the site of a device; empty: none is known."""
    device = inventory.device_at(key)
    return NO_SITE if device is None else device.site or NO_SITE


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
