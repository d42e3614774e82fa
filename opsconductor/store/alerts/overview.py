"""Sums of alerts over a period: of finished days (UTC) from `alert_days`, of the rest from the alerts."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

import asyncpg

from opsconductor.store.alerts.conditions import SqlConditions
from opsconductor.store.alerts.filter import add_rows
from opsconductor.store.alerts.rows import RowConditions
from opsconductor.store.postgres.connection import transaction, translated
from opsconductor.store.queries import load

SQL = load("alerts/overview")

DAY = timedelta(days=1)
STORED_DAYS = 40
SETTLING_DAYS = 2
"""Finished days whose sums are written again: some alerts come late, or are acknowledged late."""
NAMED = 200
"""Devices and types of a day that are named, those with the most alerts."""
BINS_PER_FACTOR_E = 8
"""Bins of a length of time: each is 13 % longer than the one before; see `sums` in overview.sql."""


@dataclass(frozen=True, slots=True)
class OverviewSum:
    """A number of alerts.

    Attributes:
        kind: See `sums` in overview.sql.
        at: Begin of the step of time, for kinds that have one.
    """

    kind: str
    at: datetime | None
    name: str
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """A period, in steps."""

    since: datetime
    until: datetime
    step: timedelta


async def read_overview(
    pool: asyncpg.Pool, period: Period, rows: RowConditions = ()
) -> Sequence[OverviewSum]:
    """Return the sums of a period; kinds and names may come several times, to be added up.

    Args:
        period: In steps of a day finished days are read from `alert_days`, as far as they are there, and
            `since` is a midnight in UTC.
        rows: What the caller is limited to; then all is read from the alerts.
    """
    if period.step < DAY or rows:
        return await _count(pool, period, rows)
    since, until = period.since, period.until
    today = _midnight(until.astimezone(UTC).date())
    known = {row["day"] for row in await _fetch(pool, "known_days", since.date())}
    found = [OverviewSum(**row) for row in await _fetch(pool, "days", since.date(), today.date())]
    begins = [since + DAY * number for number in range((today - since).days + 1)]
    for begin, end in pairwise([*begins, until]):
        if begin.date() not in known or begin == today:
            found += await _count(pool, replace(period, since=begin, until=end))
    return found


async def record_days(pool: asyncpg.Pool, now: datetime) -> None:
    """Store the sums of finished days that are missing, and of those that may still change."""
    today = now.astimezone(UTC).date()
    oldest = today - DAY * STORED_DAYS
    known = {row["day"] for row in await _fetch(pool, "known_days", oldest)}
    for back in range(1, STORED_DAYS + 1):
        day = today - DAY * back
        if back <= SETTLING_DAYS or day not in known:
            await _record(pool, day, oldest)


async def _record(pool: asyncpg.Pool, day: date, oldest: date) -> None:
    begin = _midnight(day)
    sums = await _count(pool, Period(since=begin, until=begin + DAY, step=DAY))
    columns = [each.kind for each in sums], [each.name for each in sums], [each.amount for each in sums]
    async with transaction(pool) as connection:
        await connection.execute(SQL["replace_day"], day, oldest)
        await connection.execute(SQL["insert_day"], day, *columns)


def sums_query(period: Period, rows: RowConditions = ()) -> tuple[str, Sequence[object]]:
    """Return the statement `sums` of a period, and its values."""
    found = SqlConditions(values=[period.since, period.until, period.step, NAMED])
    add_rows(found, rows)
    notified = SQL["notified"].format(rows=found.text()) if rows else "true"
    return SQL["sums"].format(rows=found.text(), notified=notified), found.values


async def _count(pool: asyncpg.Pool, period: Period, rows: RowConditions = ()) -> Sequence[OverviewSum]:
    sql, values = sums_query(period, rows)
    with translated():
        return [OverviewSum(**row) for row in await pool.fetch(sql, *values)]


async def _fetch(pool: asyncpg.Pool, query: str, *values: object) -> Sequence[asyncpg.Record]:
    with translated():
        found: Sequence[asyncpg.Record] = await pool.fetch(SQL[query], *values)
    return found


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
