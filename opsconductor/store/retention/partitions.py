"""Tables partitioned by time: partitions are created ahead, and dropped as a whole when they are old."""

import logging
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import asyncpg

from opsconductor.store.postgres.connection import translated
from opsconductor.store.queries import load

SQL = load("retention/retention")

log = logging.getLogger(__name__)

LOCK_TIMEOUT_MS = 500
"""Maximum wait for a lock. Readers queue behind it, so it is short: a running pg_dump holds its locks
for as long as it takes, and the next run tries again.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Partitioned:
    """A table and its partitioning.

    Attributes:
        column: The time by which a row belongs to a partition.
        name: Pattern of a partition's name, for `strftime`; names sort by time.
        ahead: Number of partitions created beyond the present one.
        start: Returns the first moment (UTC) of the partition that many after that of a time.
        keep: SQL condition on the rows (`part`) of a dropped partition that stay, in the default partition;
            empty: none.
    """

    table: str
    column: str
    name: str
    ahead: int
    start: Callable[[datetime, int], datetime]
    keep: str = ""

    def part(self, at: datetime) -> str:
        """Return the name of the partition that begins at a time."""
        return f"{self.table}_{at.strftime(self.name)}"


def month_start(at: datetime, ahead: int) -> datetime:
    """Return the first moment (UTC) of the month that is `ahead` months later."""
    at = at.astimezone(UTC)
    year, month = divmod(at.year * 12 + at.month - 1 + ahead, 12)
    return datetime(year, month + 1, 1, tzinfo=UTC)


def day_start(at: datetime, ahead: int) -> datetime:
    """Return the first moment (UTC) of the day that is `ahead` days later."""
    at = at.astimezone(UTC)
    return datetime(at.year, at.month, at.day, tzinfo=UTC) + timedelta(days=ahead)


OF_OPEN_ALERTS = """EXISTS (
    SELECT FROM alerts a
    WHERE a.id = part.alert_id AND a.status IN ('active', 'acknowledged', 'suppressed')
)"""
HISTORY = Partitioned(
    table="alert_history",
    column="created_at",
    name="y%Ym%m",
    ahead=2,
    start=month_start,
    keep=OF_OPEN_ALERTS,
)
RAW_EVENTS = Partitioned(table="raw_events", column="received_at", name="y%Ym%md%d", ahead=2, start=day_start)

ANOMALIES = Partitioned(
    table="anomalies",
    column="detected_at",
    name="y%Ym%m",
    ahead=2,
    start=month_start,
    keep="ended_at IS NULL",
)


async def make_ahead(pool: asyncpg.Pool, of: Partitioned, now: datetime) -> int:
    """Create the present partition and those ahead where they are missing; return how many were created.

    Rows that were inserted before their partition existed are moved into it. While others lock the table,
    nothing is created: the default partition takes the rows meanwhile.
    """
    wanted = [of.start(now, ahead) for ahead in range(of.ahead + 1)]
    async with _maintaining(pool, of, "creating a partition is postponed") as connection:
        existing = await partitions_of(connection, of)
        if existing.issuperset(map(of.part, wanted)):
            return 0
        async with connection.transaction():
            await _lock(connection, f"lock_{of.table}_for_making")
            existing = await partitions_of(connection, of)
            missing = [start for start in wanted if of.part(start) not in existing]
            for start in missing:
                await connection.execute(_making(of, start))
            return len(missing)
    return 0


async def drop_before(pool: asyncpg.Pool, of: Partitioned, first_kept: datetime) -> int:
    """Drop the partitions that begin before a time; return how many.

    Each is dropped in its own transaction. While others lock the table, nothing is dropped.
    """
    dropped = 0
    async with _maintaining(pool, of, "dropping a partition is postponed") as connection:
        for name in older(of, await partitions_of(connection, of), first_kept):
            async with connection.transaction():
                await _lock(connection, f"lock_{of.table}_for_dropping")
                if name in await partitions_of(connection, of):
                    await connection.execute(_dropping(of, name))
                    dropped += 1
    return dropped


@asynccontextmanager
async def _maintaining(
    pool: asyncpg.Pool, of: Partitioned, put_off: str
) -> AsyncIterator[asyncpg.Connection]:
    """Acquire a connection for maintenance; leave the block if the table is locked by others."""
    with translated():
        async with pool.acquire() as connection:
            try:
                yield connection
            except asyncpg.LockNotAvailableError:
                log.info(put_off, extra={"table": of.table, "reason": "the table is in use"})


async def _lock(connection: asyncpg.Connection, name: str) -> None:
    await connection.execute(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT_MS}ms'")
    await connection.execute(SQL[name])


async def partitions_of(connection: asyncpg.Connection, of: Partitioned) -> set[str]:
    """Return the partitions of a table, without the default one."""
    found = {row["name"] for row in await connection.fetch(SQL["partitions"], of.table)}
    return found - {f"{of.table}_default"}


async def end_of(connection: asyncpg.Connection, of: Partitioned, *, newest: bool) -> datetime | None:
    """Return the oldest or newest time of a table, from the default partition and the first one with rows."""
    found: list[datetime] = []
    function, default = ("max" if newest else "min"), f"{of.table}_default"
    for part in (default, *sorted(await partitions_of(connection, of), reverse=newest)):
        end = await connection.fetchval(f"SELECT {function}({of.column}) FROM {part}")  # noqa: S608 - own names
        if end is not None:
            found.append(end)
            if part != default:
                break
    return (max if newest else min)(found, default=None)


def older(of: Partitioned, names: Iterable[str], first_kept: datetime) -> list[str]:
    """Return the partitions that begin before that of a time, the oldest first."""
    return sorted(name for name in names if name < of.part(first_kept))


def _dropping(of: Partitioned, name: str) -> str:
    """Return the SQL that drops a partition; rows that must stay are moved to the default partition first."""
    if not of.keep:
        return f"DROP TABLE {name}"
    return f"""
        ALTER TABLE {of.table} DETACH PARTITION {name};
        INSERT INTO {of.table}_default SELECT * FROM {name} part WHERE {of.keep};
        DROP TABLE {name};
    """  # noqa: S608 - names come from the catalogue of the database


def _making(of: Partitioned, start: datetime) -> str:
    """Return the SQL that creates a partition beside the table, fills it and attaches it.

    Attaching does not block readers; rows left in the default partition would forbid it.
    """
    name, first, behind = of.part(start), start.isoformat(), of.start(start, 1).isoformat()
    return f"""
        CREATE TABLE {name} (LIKE {of.table} INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING STORAGE);
        WITH early AS (
            DELETE FROM {of.table}_default
            WHERE {of.column} >= '{first}' AND {of.column} < '{behind}' RETURNING *
        )
        INSERT INTO {name} SELECT * FROM early;
        ALTER TABLE {of.table} ATTACH PARTITION {name} FOR VALUES FROM ('{first}') TO ('{behind}');
    """  # noqa: S608 - names and times are made here from a date
