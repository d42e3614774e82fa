"""Order of lists of alerts: sort keys, their SQL, and places in a list."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from opsconductor.model.enums import SEVERITY_RANK
from opsconductor.store.alerts.conditions import SqlConditions
from opsconductor.store.alerts.filter import SORTS

TIMED = frozenset({"occurred_at", "last_occurrence_at", "resolved_at"})
"""Sort keys for which all closed alerts are in an index."""
NULLABLE = frozenset({"acknowledged_at", "resolved_at", "device_ip", "device_name"})
"""Sort keys that may be NULL: such alerts come last in either direction."""
RANKED = {
    "severity": f"array_position('{{{','.join(reversed(list(SEVERITY_RANK)))}}}'::text[], severity::text)"
}
"""Sort keys with an order of their own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListPlace:
    """A place in a list: the values of its sort keys, as the columns have them, and the id."""

    values: tuple[Any, ...]
    id: UUID


def whole_order(sort: Sequence[str]) -> tuple[str, ...]:
    """Return the keys of an order, with those that decide between equal ones; the id is the last of all."""
    order: dict[str, str] = {}
    for key in (*sort, "-occurred_at"):
        order.setdefault(key.removeprefix("-"), key)
    return tuple(order.values())


def rank_of(name: str, value: Any) -> Any:
    """Return what a value of a column is compared by: the rank of a severity, else the value."""
    return SEVERITY_RANK[value] if name == "severity" else value


def follows(order: Sequence[str], place: ListPlace, found: SqlConditions) -> str:
    """Return the condition of what comes after a place; its first part alone is a range of an index."""
    later = f"id < {found.parameter(place.id)}"
    for key, value in reversed([*zip(order, place.values, strict=True)]):
        name, sign = key.removeprefix("-"), "<" if key.startswith("-") else ">"
        if value is None:
            later = f"({name} IS NULL AND {later})"
            continue
        column = RANKED.get(name, SORTS[name])
        given = found.parameter(_rank(name, value))
        last = f" OR {name} IS NULL" if name in NULLABLE else ""
        later = f"({column} {sign} {given}{last} OR ({column} = {given} AND {later}))"
    key, value = order[0], place.values[0]
    if key.removeprefix("-") in TIMED and value is not None:
        sign = "<=" if key.startswith("-") else ">="
        later = f"{key.removeprefix('-')} {sign} {found.parameter(value)} AND {later}"
    return later


def _rank(name: str, value: Any) -> Any:
    return rank_of(name, value) + 1 if name == "severity" else value  # array_position counts from 1


def order_sql(order: Sequence[str]) -> str:
    """Return the ORDER BY clause from the closed list; the id at its end keeps pages disjoint."""
    parts = []
    for key in order:
        name = key.removeprefix("-")
        nulls = " NULLS LAST" if name in NULLABLE - TIMED else ""
        direction = "DESC" if key.startswith("-") else "ASC"
        parts.append(f"{RANKED.get(name, SORTS[name])} {direction}{nulls}")
    return ", ".join([*parts, "id DESC"])
