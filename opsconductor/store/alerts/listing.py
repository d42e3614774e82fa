"""Lists of closed alerts, which PostgreSQL answers: pages and their length.

However many alerts there are, a bounded number of them is looked at:

- A list by time walks along the index of that time over the nearest alerts. What is rarer than that is found
  in the indexes of the filter's conditions.
- A list by another column sorts what the filter matches; of more than `SORTED` alerts the newest ones.
"""

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, overload
from uuid import UUID

import asyncpg

from opsconductor.model.alert import Alert
from opsconductor.store.alerts.columns import LOADED, alert_of
from opsconductor.store.alerts.conditions import SqlConditions
from opsconductor.store.alerts.filter import (
    NEWEST_FIRST,
    AlertFilter,
    closed_conditions,
    leading_condition,
    time_condition,
)
from opsconductor.store.alerts.order import TIMED, ListPlace, follows, order_sql, whole_order
from opsconductor.store.alerts.planned import estimate_closed, fetch_planned, sharpened
from opsconductor.store.postgres.connection import translated
from opsconductor.store.queries import load

SQL = load("alerts/alert_list")

NEAR = 5_000
"""Number of alerts in a row that are tested against a filter."""
SORTED = 5_000
"""Maximum number of alerts that are sorted by a column that is no time; of more, the newest `NEAR`."""
COUNTED = 5_000
"""Larger numbers are estimated."""


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

    def without(self, numbers: Container[int]) -> "Places":
        """Return those of other alerts than those with these numbers as ids."""
        return Places([row for row in self._rows if row[-1].int not in numbers])


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
    with translated():
        wanted = await sharpened(pool, wanted)
        query = _Query(pool=pool, wanted=wanted, order=order, limit=limit, offset=offset, after=after)
        total = await estimate_closed(pool, wanted)
        if order[0].removeprefix("-") not in TIMED:
            return await _sorted(query, total)
        is_rare = wanted.is_sharp or await _is_rare(query, total)
        places = Places() if is_rare else await query.near()
        if len(places) < limit and closed_conditions(wanted).parts:
            places = await query.matching()
        if len(places) < limit and after is None and (places or not offset):
            return ClosedPage(places=places, total=offset + len(places), is_exact=True)
        number, is_exact = await _count(pool, wanted, total, at_most=COUNTED)
        return ClosedPage(places=places, total=number, is_exact=is_exact)


async def sample_closed(
    pool: asyncpg.Pool, wanted: AlertFilter, *, sort: Sequence[str], every: int, limit: int, offset: int
) -> Places:
    """Return the first of so many closed alerts of a list by time, and every so-manyth after it.

    There may be fewer, if what matches is rare; of lists in other orders there are none.
    """
    order = whole_order(sort)
    if order[0].removeprefix("-") not in TIMED:
        return Places()
    with translated():
        wanted = await sharpened(pool, wanted)
        query = _Query(
            pool=pool, wanted=wanted, order=order, limit=limit, offset=offset, after=None, every=every
        )
        return Places() if wanted.is_sharp else await query.near()


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


async def _sorted(query: "_Query", total: int) -> ClosedPage:
    """Return a page by a column that is no time."""
    if total <= 2 * SORTED:
        number, is_exact = await _count(query.pool, query.wanted, total, at_most=SORTED)
        if is_exact:
            return ClosedPage(places=await query.matching(), total=number, is_exact=True)
        total = number
    return ClosedPage(places=await query.newest(), total=total, is_exact=False, sorted_within=NEAR)


async def _is_rare(query: "_Query", total: int) -> bool:
    """Return whether too few of the nearest alerts are expected to match to fill the page."""
    rows = max(1.0, await query.pool.fetchval(SQL["size"]))
    return bool(total < rows and total / rows * NEAR < query.limit)


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
    """One question for a page, and the ways to answer it.

    Attributes:
        every: Of the page, only the first alert and every so-manyth after it are returned.
    """

    pool: asyncpg.Pool
    wanted: AlertFilter
    order: Sequence[str]
    limit: int
    offset: int
    after: ListPlace | None
    every: int = 1

    async def near(self) -> Places:
        """Return the page as far as it is among the nearest alerts in the order of a time."""
        found = closed_conditions(self.wanted)
        column = self.order[0].removeprefix("-")
        leading = (
            leading_condition(self.wanted, found) if column == "occurred_at" else "",
            time_condition(self.wanted, column, found),
            self._follows(found),
        )
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
        keys = ", ".join([*(key.removeprefix("-") for key in self.order), "id"])
        sql = sql.format(
            keys=keys,
            order=order_sql(self.order),
            limit=found.parameter(self.limit),
            offset=found.parameter(self.offset),
            **parts,
        )
        if self.every > 1:
            sql = SQL["sampled"].format(
                keys=keys, page=sql.removesuffix(";"), every=found.parameter(self.every)
            )
        return Places(await fetch_planned(self.pool, sql, found.values))
