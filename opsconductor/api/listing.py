"""Listing of alerts in memory, with the filters and orders of `store.alerts`; pure.

Works on 100,000 alerts in a thread beside the event loop: no call into C takes more than some milliseconds,
since no other thread runs during one.
"""

import heapq
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from operator import attrgetter
from typing import Any, Generic, TypeVar
from uuid import UUID

from opsconductor.model.alert import Alert
from opsconductor.model.enums import OPEN_STATUSES, SEVERITY_RANK, Category, Priority, Severity, Status
from opsconductor.store.alerts import CHOICES, SORTS, AlertFilter

Choose = Callable[[Iterable[Alert]], list[Alert]]
Key = tuple[object, ...]
Value = TypeVar("Value", bound=Any)

SLICE = 2_000
"""Maximum number of alerts sorted in one call."""
FEW_VALUED: Mapping[str, Sequence[object]] = {
    "severity": tuple(reversed(Severity)),
    "priority": tuple(Priority),
    "status": tuple(sorted(Status)),
    "category": tuple(sorted(Category)),
}
"""Keys with few values, in ascending order; alerts are grouped by them instead of sorted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertPage:
    """A page of a list, and the length of the whole list."""

    alerts: Sequence[Alert]
    total: int


def page_of(
    alerts: Iterable[Alert], wanted: AlertFilter, *, sort: Sequence[str], limit: int, offset: int
) -> AlertPage:
    """Return a page of the matching alerts; takes the arguments of `store.alerts.list_alerts`."""
    found = matching(alerts, wanted)
    return AlertPage(alerts=in_order(found, sort, offset, offset + limit), total=len(found))


def matching(alerts: Iterable[Alert], wanted: AlertFilter) -> list[Alert]:
    """Return the alerts that meet all conditions; cheap conditions are tested first."""
    alerts = list(alerts)
    below = ids_below(alerts, wanted.root_id) if wanted.root_id else None
    for choose in choices_of(wanted):
        alerts = choose(alerts)
    return alerts if below is None else [alert for alert in alerts if alert.id in below]


def ids_below(alerts: Iterable[Alert], causes: Collection[UUID]) -> set[UUID]:
    """Return the ids of all direct and indirect consequences of some causes; cycles end."""
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


def choices_of(wanted: AlertFilter) -> list[Choose]:
    """Return the predicates of the conditions on a single alert that are set."""
    choices = [_one_of(name, chosen) for name in CHOICES if (chosen := getattr(wanted, name))]
    since, until = wanted.since, wanted.until
    if since is not None:
        choices.append(lambda alerts: [alert for alert in alerts if alert.occurred_at >= since])
    if until is not None:
        choices.append(lambda alerts: [alert for alert in alerts if alert.occurred_at < until])
    if part := wanted.id_part.lower():
        choices.append(lambda alerts: [alert for alert in alerts if part in str(alert.id)])
    if text := wanted.search.lower():
        choices.append(lambda alerts: [alert for alert in alerts if text in _searched(alert)])
    return choices


def in_order(alerts: Sequence[Alert], sort: Sequence[str], first: int, end: int) -> list[Alert]:
    """Sort by several keys and return a page; alerts without a value come last in either direction.

    Only alerts that may be on that page are sorted.

    Args:
        sort: Keys of `store.alerts.SORTS`, `-` in front for descending; ties are newest id first.
    """
    if sort and len(alerts) > SLICE and (values := FEW_VALUED.get(sort[0].removeprefix("-"))):
        return _parted(alerts, sort, reversed(values) if sort[0].startswith("-") else values, first, end)
    slices = [_sorted(alerts[start : start + SLICE], sort)[:end] for start in range(0, len(alerts), SLICE)]
    if len(slices) == 1:
        return slices[0][first:]
    parts = [part_of(name) for name in sort]
    return list(islice(heapq.merge(*slices, key=lambda alert: _key_of(alert, parts)), first, end))


def _parted(
    alerts: Sequence[Alert], sort: Sequence[str], values: Iterable[object], first: int, end: int
) -> list[Alert]:
    """Do the same as `in_order`, one value of the first key after the other, until the page is full."""
    value_of = attrgetter(sort[0].removeprefix("-"))
    found: list[Alert] = []
    for value in values:
        if end <= 0:
            break
        same = [alert for alert in alerts if value_of(alert) is value]
        if first < len(same):
            found += in_order(same, sort[1:], first, end)
        first, end = max(0, first - len(same)), end - len(same)
    return found


def _sorted(alerts: Sequence[Alert], sort: Sequence[str]) -> list[Alert]:
    """Sort by the least important key first: with a stable sort no composite keys are needed."""
    found = sorted(alerts, key=attrgetter("id.int"), reverse=True)
    for name in reversed(sort):
        value_of = VALUES[name.removeprefix("-")]
        some = [alert for alert in found if value_of(alert) is not None]
        none = [alert for alert in found if value_of(alert) is None] if len(some) < len(found) else []
        some.sort(key=value_of, reverse=name.startswith("-"))
        found = some + none
    return found


def part_of(name: str) -> Callable[[Alert], Key]:
    """Return the function that computes an alert's sort key for one order; smaller comes first."""
    value_of = VALUES[name.removeprefix("-")]
    is_descending = name.startswith("-")

    def part(alert: Alert) -> Key:
        value = value_of(alert)
        if value is None:
            return LAST
        return (0, _reversed(value) if is_descending else value)

    return part


def count_open(alerts: Iterable[Alert]) -> Mapping[tuple[Severity, Status], int]:
    """Count the open alerts by severity and status, without hidden ones."""
    amounts = {}
    alerts = [alert for alert in alerts if not alert.is_hidden]
    for status in OPEN_STATUSES:
        severities = [alert.severity for alert in alerts if alert.status is status]
        for severity in Severity:
            amounts[severity, status] = severities.count(severity)
    return amounts


def _one_of(name: str, chosen: tuple[Any, ...]) -> Choose:
    value_of = attrgetter(name)
    return lambda alerts: [alert for alert in alerts if value_of(alert) in chosen]


def _searched(alert: Alert) -> str:
    texts = (alert.title, alert.message, alert.device_name, alert.device_ip)
    return "\n".join(text for text in texts if text is not None).lower()


class Reversed(Generic[Value]):
    """A value with reversed order."""

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
"""Sort key of an alert."""
