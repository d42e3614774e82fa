"""Lists of closed alerts, which PostgreSQL answers: pages and their length.

However many alerts there are, a bounded number of them is looked at:

- A list by time walks along the index of that time over the nearest alerts. What is rarer than that is found
  in the indexes of the filter's conditions.
- A list by another column sorts what the filter matches; of more than `SORTED` alerts the newest ones.
"""

import json
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, overload
from uuid import UUID

import asyncpg

from opsconductor.model.alert import Alert
from opsconductor.model.enums import SEVERITY_RANK
from opsconductor.store.alerts.columns import LOADED, alert_of
from opsconductor.store.alerts.filter import (
    NEWEST_FIRST,
    SORTS,
    AlertFilter,
    SqlConditions,
    closed_conditions,
    leading_condition,
)
from opsconductor.store.postgres.connection import translated
from opsconductor.store.queries import load

SQL = load("alert_list")

TIMED = frozenset({"occurred_at", "last_occurrence_at", "resolved_at"})
"""Sort keys of which every closed alert is in an index."""
NEAR = 5_000
"""Number of alerts in a row that are tested against a filter."""
SORTED = 5_000
"""Maximum number of alerts that are sorted by a column that is no time; of more, the newest `NEAR`."""
COUNTED = 5_000
"""Larger numbers are estimated."""
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


class Places(Sequence[ListPlace]):
    """Places in order; those of a page far away are many, and few of them are looked at."""

    def __init__(self, rows: Sequence[Any] = ()) -> None:
        """Take rows of the sort keys and, last, the id."""
        self._rows = rows

    def __len__(self) -> int:
        return len(self._rows)

    @overload
    def __getitem__(self, at: int) -> ListPlace: ...
    @overload
    def __getitem__(self, at: slice) -> list[ListPlace]: ...
    def __getitem__(self, at: int | slice) -> ListPlace | list[ListPlace]:
        if isinstance(at, slice):
            return [_place_of(row) for row in self._rows[at]]
        return _place_of(self._rows[at])

    def without(self, ids: Container[UUID]) -> "Places":
        """Return those of other alerts."""
        return Places([row for row in self._rows if row[-1] not in ids])


def _place_of(row: Any) -> ListPlace:
    *values, alert_id = row
    return ListPlace(values=tuple(values), id=alert_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosedPage:
    """A page of a list of closed alerts.

    Attributes:
        total: Number of alerts in the whole list.
        is_exact: `total` is counted; False: it is PostgreSQL's estimate.
        sorted_within: Only so many alerts, the newest, were sorted; None: all that match.
    """

    places: Places
    total: int
    is_exact: bool
    sorted_within: int | None = None


async def list_closed(
    pool: asyncpg.Pool,
    wanted: AlertFilter,
    *,
    sort: Sequence[str],
    limit: int,
    offset: int = 0,
    after: ListPlace | None = None,
) -> ClosedPage:
    """Return a page of closed alerts, as places in order; `load_closed` reads them.

    Args:
        sort: Keys of `SORTS`, `-` in front for descending; ties are newest first, then by descending id.
        after: Only what comes after it.
    """
    order = whole_order(sort)
    query = _Query(pool=pool, wanted=wanted, order=order, limit=limit, offset=offset, after=after)
    with translated():
        total = await estimate_closed(pool, wanted)
        if order[0].removeprefix("-") not in TIMED:
            return await _sorted(query, total)
        places = Places() if wanted.is_sharp else await query.near()
        if len(places) < limit and closed_conditions(wanted).parts:
            places = await query.matching()
        if len(places) < limit and after is None and (places or not offset):
            return ClosedPage(places=places, total=offset + len(places), is_exact=True)
        number, is_exact = await _count(pool, wanted, total, at_most=COUNTED)
        return ClosedPage(places=places, total=number, is_exact=is_exact)


async def next_closed(
    pool: asyncpg.Pool, wanted: AlertFilter, *, limit: int, after: ListPlace | None
) -> Sequence[ListPlace]:
    """Return the next closed alerts of the list that has the newest first."""
    query = _Query(pool=pool, wanted=wanted, order=NEWEST_FIRST, limit=limit, offset=0, after=after)
    with translated():
        places = Places() if wanted.is_sharp else await query.near()
        return places if len(places) == limit else await query.matching()


async def list_alike(pool: asyncpg.Pool, fingerprint: str, but: UUID, most: int) -> list[Alert]:
    """Return the earlier alerts with a fingerprint, the newest first."""
    with translated():
        rows = await pool.fetch(SQL["alike"].format(columns=LOADED), fingerprint, but, most)
    return [alert_of(dict(row)) for row in rows]


async def load_closed(pool: asyncpg.Pool, ids: Sequence[UUID]) -> Mapping[UUID, Alert]:
    """Return the closed ones of some alerts."""
    if not ids:
        return {}
    with translated():
        rows = await pool.fetch(SQL["rows"].format(columns=LOADED), list(ids))
    alerts = (alert_of(dict(row)) for row in rows)
    return {alert.id: alert for alert in alerts}


def whole_order(sort: Sequence[str]) -> tuple[str, ...]:
    """Return the keys of an order, with those that decide between equal ones; the id is the last of all."""
    order: dict[str, str] = {}
    for key in (*sort, "-occurred_at"):
        order.setdefault(key.removeprefix("-"), key)
    return tuple(order.values())


def rank_of(name: str, value: Any) -> Any:
    """Return what a value of a column is compared by: the rank of a severity, else the value."""
    return SEVERITY_RANK[value] if name == "severity" else value


async def _sorted(query: "_Query", total: int) -> ClosedPage:
    """Return a page by a column that is no time."""
    if total <= 2 * SORTED:
        number, is_exact = await _count(query.pool, query.wanted, total, at_most=SORTED)
        if is_exact:
            return ClosedPage(places=await query.matching(), total=number, is_exact=True)
        total = number
    return ClosedPage(places=await query.newest(), total=total, is_exact=False, sorted_within=NEAR)


async def estimate_closed(pool: asyncpg.Pool, wanted: AlertFilter) -> int:
    """Return how many closed alerts PostgreSQL expects to match."""
    found = closed_conditions(wanted)
    sql = SQL["estimate"].format(conditions=found.text())
    ((plan,),) = await fetch_planned(pool, sql, found.values)
    document = json.loads(plan) if isinstance(plan, str) else plan
    return int(document[0]["Plan"]["Plan Rows"])


async def _count(pool: asyncpg.Pool, wanted: AlertFilter, estimate: int, *, at_most: int) -> tuple[int, bool]:
    """Count the matching alerts unless they are many; return the number, and True if it is exact."""
    if estimate > 2 * at_most:
        return estimate, False
    found = closed_conditions(wanted)
    sql = SQL["count"].format(conditions=found.text(), most=found.parameter(at_most + 1))
    ((number,),) = await fetch_planned(pool, sql, found.values)
    return (int(number), True) if number <= at_most else (max(estimate, number), False)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Query:
    """One question for a page, and the ways to answer it."""

    pool: asyncpg.Pool
    wanted: AlertFilter
    order: Sequence[str]
    limit: int
    offset: int
    after: ListPlace | None

    async def near(self) -> Places:
        """Return the page as far as it is among the nearest alerts in the order of a time."""
        found = closed_conditions(self.wanted)
        by_time = self.order[0].removeprefix("-") == "occurred_at"
        leading = (leading_condition(self.wanted, found) if by_time else "", self._follows(found))
        return await self._places(
            SQL["near"],
            found,
            conditions=found.text(),
            leading=" AND ".join(filter(None, leading)) or "true",
            most=found.parameter(NEAR + self.limit + 4 * self.offset),
        )

    async def matching(self) -> Places:
        """Return the page of all that match."""
        found = closed_conditions(self.wanted)
        return await self._places(SQL["matching"], found, conditions=found.text(self._follows(found)))

    async def newest(self) -> Places:
        """Return the page of the newest alerts that match, among the newest of all."""
        found = closed_conditions(self.wanted)
        return await self._places(
            SQL["newest"],
            found,
            conditions=found.text(self._follows(found)),
            leading=leading_condition(self.wanted, found) or "true",
            most=found.parameter(NEAR),
        )

    def _follows(self, found: SqlConditions) -> str:
        return "" if self.after is None else follows(self.order, self.after, found)

    async def _places(self, sql: str, found: SqlConditions, **parts: str) -> Places:
        keys = [key.removeprefix("-") for key in self.order]
        sql = sql.format(
            keys=", ".join([*keys, "id"]),
            order=order_sql(self.order),
            limit=found.parameter(self.limit),
            offset=found.parameter(self.offset),
            **parts,
        )
        return Places(await fetch_planned(self.pool, sql, found.values))


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


async def fetch_planned(pool: asyncpg.Pool, sql: str, values: Sequence[Any]) -> Sequence[Any]:
    """Run a statement planned for these very values: a plan for any values may read the whole table."""
    if isinstance(pool, asyncpg.Pool):
        async with pool.acquire() as connection:
            return await fetch_planned(connection, sql, values)
    statement = await pool.prepare(sql)
    rows: Sequence[Any] = await statement.fetch(*values)
    return rows
