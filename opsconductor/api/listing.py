"""Listing of alerts in memory, with the filters and orders of `store.alerts.listing`; pure.

Works on 100,000 alerts in a thread beside the event loop: no call into C takes more than some milliseconds,
since no other thread runs during one.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from typing import Any, Generic, TypeVar
from uuid import UUID

from opsconductor.api.choices import choices_of
from opsconductor.api.sorted_runs import SortedRun, page_of_runs
from opsconductor.model.alert import Alert
from opsconductor.model.enums import SEVERITY_RANK, Category, Priority, Severity, Status
from opsconductor.store.alerts.filter import SORTS, AlertFilter
from opsconductor.store.alerts.order import NULLABLE, ListPlace, rank_of, whole_order

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
    """A page of a list, and the length of the whole list.

    Attributes:
        hidden: Number of open alerts that a maintenance window hides, whatever the filter.
    """

    alerts: Sequence[Alert]
    total: int
    hidden: int = 0


def page_of(
    found: Sequence[Alert],
    *,
    sort: Sequence[str],
    limit: int,
    offset: int = 0,
    after: ListPlace | None = None,
) -> AlertPage:
    """Return a page of matching alerts; takes the arguments of `store.alerts.listing.list_closed`."""
    order, total = whole_order(sort), len(found)
    if after is not None:
        key, last = key_function(order), key_of_place(after, order)
        found = [alert for alert in found if key(alert) > last]
    return AlertPage(alerts=in_order(found, order, offset, offset + limit), total=total)


def matching(alerts: Iterable[Alert], wanted: AlertFilter, links: Iterable[Alert] = ()) -> list[Alert]:
    """Return the alerts that meet all conditions; cheap conditions are tested first.

    Args:
        links: Further alerts through which a chain of causes may lead.
    """
    alerts = list(alerts)
    wanted_ids = below(effects_of([*alerts, *links]), wanted.root_id) if wanted.root_id else None
    for choose in choices_of(wanted):
        alerts = choose(alerts)
    return alerts if wanted_ids is None else [alert for alert in alerts if alert.id in wanted_ids]


def effects_of(alerts: Iterable[Alert]) -> dict[UUID, list[UUID]]:
    """Return the ids of the direct consequences of causes."""
    effects: dict[UUID, list[UUID]] = {}
    for alert in alerts:
        if alert.correlated_to_id is not None:
            effects.setdefault(alert.correlated_to_id, []).append(alert.id)
    return effects


def below(effects: Mapping[UUID, Sequence[UUID]], causes: Collection[UUID]) -> set[UUID]:
    """Return the ids of all direct and indirect consequences of some causes; cycles end.

    Args:
        effects: From `effects_of`.
    """
    found: set[UUID] = set()
    waiting = list(causes)
    while waiting:
        further = [each for each in effects.get(waiting.pop(), ()) if each not in found]
        found.update(further)
        waiting += further
    return found


def in_order(alerts: Sequence[Alert], sort: Sequence[str], first: int, end: int) -> list[Alert]:
    """Sort by several keys and return a page; alerts without a value come last in either direction.

    Only alerts that may be on that page are sorted.

    Args:
        sort: Keys of `store.alerts.filter.SORTS`, `-` in front for descending; ties are newest id first.
    """
    if sort and len(alerts) > SLICE and (values := FEW_VALUED.get(sort[0].removeprefix("-"))):
        return _parted(alerts, sort, reversed(values) if sort[0].startswith("-") else values, first, end)
    return page_of_runs(runs_of(alerts, sort, end), first, end)


def runs_of(alerts: Sequence[Alert], sort: Sequence[str], end: int) -> list[SortedRun[Alert]]:
    """Return the alerts in sorted parts, of each the first `end`."""
    key = key_function(sort)
    return [
        SortedRun(items=_sorted(alerts[start : start + SLICE], sort)[:end], key=key)
        for start in range(0, len(alerts), SLICE)
    ]


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


def key_function(order: Sequence[str]) -> Callable[[Alert], Key]:
    """Return the function that computes the sort key of an alert; smaller comes first, no two are equal."""
    parts = [_part_of(name) for name in order]
    return lambda alert: (*[part(alert) for part in parts], -alert.id.int)


def _part_of(key: str) -> Callable[[Alert], Any]:
    name, is_descending = key.removeprefix("-"), key.startswith("-")
    value_of = VALUES[name]
    if name in NULLABLE:
        return lambda alert: _part_key(value_of(alert), is_descending=is_descending)
    return (lambda alert: _reversed(value_of(alert))) if is_descending else value_of


def key_of_place(place: ListPlace, order: Sequence[str]) -> Key:
    """Return the sort key of a place in a list, as alerts in memory have it.

    Args:
        order: From `whole_order`.
    """
    parts = [_place_part(key, value) for key, value in zip(order, place.values, strict=True)]
    return (*parts, -place.id.int)


def _place_part(key: str, value: Any) -> object:
    name, is_descending = key.removeprefix("-"), key.startswith("-")
    value = rank_of(name, value)
    if name in NULLABLE:
        return _part_key(value, is_descending=is_descending)
    return _reversed(value) if is_descending else value


def place_of(alert: Alert, order: Sequence[str]) -> ListPlace:
    """Return the place of an alert in a list of this order."""
    return ListPlace(values=tuple(getattr(alert, key.removeprefix("-")) for key in order), id=alert.id)


def _part_key(value: Any, *, is_descending: bool) -> Key:
    if value is None:
        return LAST
    return (0, _reversed(value) if is_descending else value)


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


LAST: Key = (1,)
VALUES: dict[str, Callable[[Alert], Any]] = {
    name: (lambda alert: SEVERITY_RANK[alert.severity]) if name == "severity" else attrgetter(name)
    for name in SORTS
}
"""Sort key of an alert."""
