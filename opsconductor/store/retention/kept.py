"""What is kept: the oldest row and the size of every kind of data."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import asyncpg

from opsconductor.store.postgres.connection import translated
from opsconductor.store.queries import load
from opsconductor.store.retention.partitions import (
    ANOMALIES,
    HISTORY,
    RAW_EVENTS,
    Partitioned,
    end_of,
)
from opsconductor.store.retention.series_tables import POINTS, POINTS_1H, POINTS_5M
from opsconductor.store.retention.sizes import read_sizes

SQL = load("retention/kept")
WITHIN_MS = 500
"""Maximum duration of a query: the age of the oldest row is not worth more load."""
PARTITIONED: Mapping[str, Partitioned] = {
    of.table: of for of in (HISTORY, ANOMALIES, RAW_EVENTS, POINTS, POINTS_5M, POINTS_1H)
}


@dataclass(frozen=True, slots=True, kw_only=True)
class DataKind:
    """A kind of data that is kept for a time.

    Attributes:
        name: In words.
        tables: Its tables; the first has the oldest row.
        setting: Key of the setting that says for how long.
        length: Its value, with the unit.
    """

    name: str
    tables: tuple[str, ...]
    setting: str
    length: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptData:
    """What is kept of a kind of data.

    Attributes:
        oldest_at: Time of the oldest row; None: there is none, or it is not known.
        is_known: Whether the oldest row was found in time.
        bytes: Size of its tables with their indexes.
    """

    name: str
    setting: str
    length: str
    oldest_at: datetime | None
    is_known: bool
    bytes: int


async def read_kept(pool: asyncpg.Pool, kinds: Sequence[DataKind], now: datetime) -> Sequence[KeptData]:
    """Return what is kept of each kind.

    Raises:
        StoreUnavailable: The database is away.
    """
    sizes = {each.table: each.bytes for each in await read_sizes(pool, now)}
    found = []
    for kind in kinds:
        oldest_at, is_known = await _oldest(pool, kind.tables[0])
        found.append(
            KeptData(
                name=kind.name,
                setting=kind.setting,
                length=kind.length,
                oldest_at=oldest_at,
                is_known=is_known,
                bytes=sum(sizes.get(table, 0) for table in kind.tables),
            )
        )
    return found


async def _oldest(pool: asyncpg.Pool, table: str) -> tuple[datetime | None, bool]:
    """Return the time of the oldest row of a table, and whether it was found in time."""
    with translated():
        async with pool.acquire() as connection:
            try:
                async with connection.transaction(readonly=True):
                    await connection.execute(f"SET LOCAL statement_timeout = '{WITHIN_MS}ms'")
                    of = PARTITIONED.get(table)
                    if of is not None:
                        return await end_of(connection, of, newest=False), True
                    return await connection.fetchval(SQL[table]), True
            except asyncpg.QueryCanceledError:
                return None, False
