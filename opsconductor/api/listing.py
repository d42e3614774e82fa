"""Lists alerts from memory as `store.alerts` does from PostgreSQL: same filters, same order; pure.

Text is compared by code points, as in the embedded database (collation C); a database of one's own with
another collation sorts names differently.
"""

import heapq
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from operator import attrgetter, itemgetter
from typing import Any, Generic, TypeVar
from uuid import UUID

from opsconductor.model.alert import Alert
from opsconductor.model.enums import OPEN_STATUSES, SEVERITY_RANK, Severity, Status
from opsconductor.store.alerts import SORTS, AlertFilter

Test = Callable[[Alert], bool]
Key = tuple[object, ...]
Value = TypeVar("Value", bound=Any)

SLICE = 2_000
"""Alerts that are sorted in one go, a few milliseconds in which no other thread works."""

CHOICES = ("status", "severity", "category", "priority", "device_ip", "source_system", "correlated_to_id")


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertPage:
    """A part of a list, and how long the whole is."""

    alerts: Sequence[Alert]
    total: int


def page_of(
    alerts: Iterable[Alert], wanted: AlertFilter, *, sort: Sequence[str], limit: int, offset: int
) -> AlertPage:
    """List some alerts of those that match; takes what `store.alerts.list_alerts` takes."""
    found = matching(alerts, wanted)
    return AlertPage(alerts=in_order(found, sort, offset, offset + limit), total=len(found))


def matching(alerts: Iterable[Alert], wanted: AlertFilter) -> list[Alert]:
    """Choose the alerts that meet all conditions."""
    tests = tests_of(wanted)
    if wanted.root_id:
        alerts = tuple(alerts)
        below = ids_below(alerts, wanted.root_id)
        tests.insert(0, lambda alert: alert.id in below)
    return [alert for alert in alerts if all(test(alert) for test in tests)]


def ids_below(alerts: Iterable[Alert], causes: Collection[UUID]) -> set[UUID]:
    """Find the alerts that stand under some causes, directly or through others; circles end."""
    effects: dict[UUID, list[UUID]] = {}
    for alert in alerts:
        if alert.correlated_to_id is not None:
            effects.setdefault(alert.correlated_to_id, []).append(alert.id)
    below: set[UUID] = set()
    waiting = list(causes)
    while waiting:
        for effect in effects.pop(waiting.pop(), ()):
            below.add(effect)
            waiting.append(effect)
    return below


def tests_of(wanted: AlertFilter) -> list[Test]:
    """Make a test of each condition on the alert alone that restricts anything, the cheap ones first."""
    tests = [_is_one_of(name, frozenset(chosen)) for name in CHOICES if (chosen := getattr(wanted, name))]
    since, until = wanted.since, wanted.until
    if since is not None:
        tests.append(lambda alert: alert.occurred_at >= since)
    if until is not None:
        tests.append(lambda alert: alert.occurred_at < until)
    if part := wanted.id_part.lower():
        tests.append(lambda alert: part in str(alert.id))
    if text := wanted.search.lower():
        tests.append(lambda alert: text in _searched(alert))
    return tests


def in_order(alerts: Sequence[Alert], sort: Sequence[str], first: int, end: int) -> list[Alert]:
    """Sort by several keys and take a part; alerts that have nothing there come last either way.

    Args:
        sort: Keys of `store.alerts.SORTS`, `-` in front for descending; at the end newer ids first.
    """
    parts = [part_of(name) for name in sort]
    slices = []
    for start in range(0, len(alerts), SLICE):
        keyed = [(_key_of(alert, parts), alert) for alert in alerts[start : start + SLICE]]
        keyed.sort(key=itemgetter(0))
        slices.append(keyed[:end])
    merged = heapq.merge(*slices, key=itemgetter(0))
    return [alert for _, alert in islice(merged, first, end)]


def part_of(name: str) -> Callable[[Alert], Key]:
    """Make the function that gives an alert's part of the key of one order; less comes first."""
    value_of = VALUES[name.removeprefix("-")]
    is_descending = name.startswith("-")

    def part(alert: Alert) -> Key:
        value = value_of(alert)
        if value is None:
            return LAST
        return (0, _reversed(value) if is_descending else value)

    return part


def summary_of(alerts: Iterable[Alert]) -> Counter[tuple[Severity, Status]]:
    """Count the open alerts by severity and status."""
    return Counter((alert.severity, alert.status) for alert in alerts if alert.status in OPEN_STATUSES)


def _is_one_of(name: str, chosen: frozenset[Any]) -> Test:
    value_of = attrgetter(name)
    return lambda alert: value_of(alert) in chosen


def _searched(alert: Alert) -> str:
    texts = (alert.title, alert.message, alert.device_name, alert.device_ip)
    return "\n".join(text for text in texts if text is not None).lower()


class Reversed(Generic[Value]):
    """A value that comes before those that are less."""

    __slots__ = ("value",)

    def __init__(self, value: Value) -> None:
        self.value = value

    def __lt__(self, other: "Reversed[Value]") -> bool:
        return bool(other.value < self.value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Reversed) and bool(self.value == other.value)

    __hash__ = None  # type: ignore[assignment]  # only ever compared


def _reversed(value: Any) -> object:
    if isinstance(value, int):
        return -value
    return -value.timestamp() if isinstance(value, datetime) else Reversed(value)


def _key_of(alert: Alert, parts: Sequence[Callable[[Alert], Key]]) -> Key:
    return (*[part(alert) for part in parts], -alert.id.int)


LAST: Key = (1,)
VALUES: dict[str, Callable[[Alert], Any]] = {
    name: (lambda alert: SEVERITY_RANK[alert.severity]) if name == "severity" else attrgetter(name)
    for name in SORTS
}
"""What alerts are sorted by."""
