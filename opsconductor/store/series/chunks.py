"""Tables `data_points`, `data_points_5m`, `data_points_1h` and `metric_buckets`; times in ms since 1970."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal, NamedTuple

import asyncpg

from opsconductor.store.postgres.connection import transaction, translated
from opsconductor.store.series.rows import SQL

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)

Resolution = Literal["5m", "1h"]


class PackedPart(NamedTuple):
    """A packed hour of points, or a packed day of aggregates, of one series.

    Attributes:
        start: Beginning of the hour or day.
        amount: Number of points; 0 for aggregates.
    """

    series: int
    start: int
    packed: bytes
    amount: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class BucketMark:
    """How far a bucket is.

    Attributes:
        sealed_at: All points before this time of batches up to `sequence` are in chunks.
        rolled_at: All days before this time are in aggregates.
    """

    bucket: int
    sealed_at: int
    sequence: int
    rolled_at: int


def time_of(at: int) -> datetime:
    """Return a time in ms as a date."""
    return EPOCH + at * MILLISECOND


def millis_of(at: datetime) -> int:
    """Return a date in ms."""
    return (at - EPOCH) // MILLISECOND


async def load_buckets(pool: asyncpg.Pool) -> Mapping[int, BucketMark]:
    """Return how far each bucket is."""
    with translated():
        rows = await pool.fetch(SQL["load_buckets"])
    return {
        row["bucket"]: BucketMark(
            bucket=row["bucket"],
            sealed_at=millis_of(row["sealed_at"]),
            sequence=row["sequence"],
            rolled_at=millis_of(row["rolled_at"]),
        )
        for row in rows
    }


async def read_chunks(
    database: asyncpg.Pool, ids: Sequence[int], first: int, behind: int
) -> Sequence[PackedPart]:
    """Return the chunks of series that may have points from one time up to before another, in order."""
    hour_before = time_of(first) - timedelta(hours=1)
    with translated():
        rows = await database.fetch(SQL["read_chunks"], list(ids), hour_before, time_of(behind))
    return [PackedPart(row["series_id"], millis_of(row["start"]), row["packed"]) for row in rows]


async def read_hours(pool: asyncpg.Pool, wanted: Sequence[tuple[int, int]]) -> Sequence[PackedPart]:
    """Return the chunks of these series with these beginnings, as far as they exist."""
    if not wanted:
        return []
    starts = [time_of(start) for _, start in wanted]
    with translated():
        rows = await pool.fetch(
            SQL["read_hours"], [series for series, _ in wanted], starts, min(starts), max(starts)
        )
    return [PackedPart(row["series_id"], millis_of(row["start"]), row["packed"]) for row in rows]


async def write_chunks(pool: asyncpg.Pool, chunks: Sequence[PackedPart], mark: BucketMark) -> None:
    """Write chunks, each in place of an earlier one, and how far the bucket is with them."""
    async with transaction(pool) as connection:
        if chunks:
            await connection.execute(
                SQL["write_chunks"],
                [each.series for each in chunks],
                [time_of(each.start) for each in chunks],
                [each.amount for each in chunks],
                [each.packed for each in chunks],
            )
        await save_mark(connection, mark)


async def save_mark(database: asyncpg.Pool, mark: BucketMark) -> None:
    """Store how far a bucket is."""
    with translated():
        await database.execute(
            SQL["save_bucket"], mark.bucket, time_of(mark.sealed_at), mark.sequence, time_of(mark.rolled_at)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class RolledDays:
    """Aggregates of days to write.

    Attributes:
        last: Time of the newest point, by series.
    """

    five_minutes: Sequence[PackedPart]
    hours: Sequence[PackedPart]
    last: Mapping[int, int]


async def write_days(pool: asyncpg.Pool, rolled: RolledDays, mark: BucketMark | None) -> None:
    """Write aggregates, each in place of earlier ones, and how far the bucket is with them."""
    async with transaction(pool) as connection:
        for name, parts in (("write_5m", rolled.five_minutes), ("write_1h", rolled.hours)):
            if parts:
                await connection.execute(
                    SQL[name],
                    [each.series for each in parts],
                    [time_of(each.start) for each in parts],
                    [each.packed for each in parts],
                )
        if rolled.last:
            times = [time_of(at) for at in rolled.last.values()]
            await connection.execute(SQL["set_last_at"], list(rolled.last), times)
        if mark is not None:
            await save_mark(connection, mark)


async def read_days(
    database: asyncpg.Pool, resolution: Resolution, ids: Sequence[int], first: int, behind: int
) -> Sequence[PackedPart]:
    """Return days of aggregates of series that begin from one time up to before another, in order."""
    with translated():
        rows = await database.fetch(SQL[f"read_{resolution}"], list(ids), time_of(first), time_of(behind))
    return [PackedPart(row["series_id"], millis_of(row["start"]), row["packed"]) for row in rows]
