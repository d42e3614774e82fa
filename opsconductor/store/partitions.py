"""Tables that are kept in parts by time: the parts are made ahead, and dropped whole when they are old."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import asyncpg

from opsconductor.store.connection import translated
from opsconductor.store.queries import load

SQL = load("retention")


@dataclass(frozen=True, slots=True, kw_only=True)
class Partitioned:
    """A table and how its parts are cut.

    Attributes:
        column: The time by which a row belongs to a part.
        name: Pattern of a part's name, for `strftime`; names sort by time.
        ahead: How many parts are made beyond the present one.
        start: The first moment (UTC) of the part so many parts after that of a time.
    """

    table: str
    column: str
    name: str
    ahead: int
    start: Callable[[datetime, int], datetime]

    def part(self, at: datetime) -> str:
        """Name the part that begins at a time."""
        return f"{self.table}_{at.strftime(self.name)}"


def month_start(at: datetime, ahead: int) -> datetime:
    """Find the first moment (UTC) of the month that is `ahead` months later."""
    at = at.astimezone(UTC)
    year, month = divmod(at.year * 12 + at.month - 1 + ahead, 12)
    return datetime(year, month + 1, 1, tzinfo=UTC)


def day_start(at: datetime, ahead: int) -> datetime:
    """Find the first moment (UTC) of the day that is `ahead` days later."""
    at = at.astimezone(UTC)
    return datetime(at.year, at.month, at.day, tzinfo=UTC) + timedelta(days=ahead)


HISTORY = Partitioned(table="alert_history", column="created_at", name="y%Ym%m", ahead=2, start=month_start)
RAW_EVENTS = Partitioned(table="raw_events", column="received_at", name="y%Ym%md%d", ahead=2, start=day_start)


async def make_ahead(pool: asyncpg.Pool, of: Partitioned, now: datetime) -> int:
    """Make sure that the present part and those ahead are there; returns how many were made.

    Rows of theirs that came before their part are moved into it.
    """
    wanted = [of.start(now, ahead) for ahead in range(of.ahead + 1)]
    with translated():
        async with pool.acquire() as connection:
            existing = await _parts(connection, of)
            if existing.issuperset(map(of.part, wanted)):
                return 0
            async with connection.transaction():
                await connection.execute(SQL[f"lock_{of.table}_for_making"])
                existing = await _parts(connection, of)
                missing = [start for start in wanted if of.part(start) not in existing]
                for start in missing:
                    await connection.execute(_making(of, start))
                return len(missing)


async def drop_before(pool: asyncpg.Pool, of: Partitioned, first_kept: datetime) -> int:
    """Drop the parts that begin before a time; returns how many."""
    with translated():
        async with pool.acquire() as connection:
            if not _older(of, await _parts(connection, of), first_kept):
                return 0
            async with connection.transaction():
                await connection.execute(SQL[f"lock_{of.table}_for_dropping"])
                old = _older(of, await _parts(connection, of), first_kept)
                for name in old:
                    await connection.execute(f"DROP TABLE {name}")
                return len(old)


async def _parts(connection: asyncpg.Connection, of: Partitioned) -> set[str]:
    """List the parts of a table, without the one that takes what fits nowhere else."""
    found = {row["name"] for row in await connection.fetch(SQL["partitions"], of.table)}
    return found - {f"{of.table}_default"}


def _older(of: Partitioned, names: Iterable[str], first_kept: datetime) -> list[str]:
    return sorted(name for name in names if name < of.part(first_kept))


def _making(of: Partitioned, start: datetime) -> str:
    """Write the SQL that makes a part beside the table, fills it and attaches it.

    Attaching lets others go on reading; rows that the default part has taken would forbid it.
    """
    name, first, behind = of.part(start), start.isoformat(), of.start(start, 1).isoformat()
    return f"""
        CREATE TABLE {name} (LIKE {of.table} INCLUDING DEFAULTS INCLUDING CONSTRAINTS);
        WITH early AS (
            DELETE FROM {of.table}_default
            WHERE {of.column} >= '{first}' AND {of.column} < '{behind}' RETURNING *
        )
        INSERT INTO {name} SELECT * FROM early;
        ALTER TABLE {of.table} ATTACH PARTITION {name} FOR VALUES FROM ('{first}') TO ('{behind}');
    """  # noqa: S608 - names and times are made here from a date
