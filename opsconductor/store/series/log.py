"""Tables `metric_batches`, the log, and `metric_ids`."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import asyncpg

from opsconductor.store.postgres.connection import transaction, translated
from opsconductor.store.series.rows import SQL

KEEP_IDS = timedelta(days=2)
"""Longer than the day that senders are promised."""
AT_ONCE = 5_000
KEYS_AT_ONCE = 5_000


@dataclass(frozen=True, slots=True, kw_only=True)
class LogEntry:
    """One row of the log.

    Attributes:
        ids: Keys that must be new, by source; they were looked up before, in the same process.
    """

    sequence: int
    at: datetime
    packed: bytes
    ids: Mapping[str, Collection[str]] = field(default_factory=dict)


async def known_ids(pool: asyncpg.Pool, source: str, keys: Sequence[str]) -> set[str]:
    """Return those keys that a source has used before."""
    found: set[str] = set()
    with translated():
        for part in _parts(keys):
            rows = await pool.fetch(
                "SELECT key FROM metric_ids WHERE source = $1 AND key = ANY ($2::text[])", source, part
            )
            found.update(row["key"] for row in rows)
    return found


async def write_entry(pool: asyncpg.Pool, entry: LogEntry) -> None:
    """Write a batch and its ids in one transaction; return once it is committed.

    Raises:
        StoreUnavailable: It may be committed or not.
    """
    async with transaction(pool) as connection:
        for source, keys in entry.ids.items():
            for part in _parts(list(keys)):
                await connection.execute(SQL["note_ids"], source, part, entry.at)
        await connection.execute(SQL["write_batch"], entry.sequence, entry.at, entry.packed)


def _parts(keys: Sequence[str]) -> Iterator[Sequence[str]]:
    """Yield keys in parts that are encoded within a few milliseconds."""
    return (keys[start : start + KEYS_AT_ONCE] for start in range(0, len(keys), KEYS_AT_ONCE))


async def read_entries(pool: asyncpg.Pool, after: int, most: int) -> Sequence[tuple[int, bytes]]:
    """Return batches after a number, in order: number and packed points."""
    with translated():
        rows = await pool.fetch(SQL["read_batches"], after, most)
    return [(row["sequence"], row["packed"]) for row in rows]


async def last_sequence(pool: asyncpg.Pool) -> int:
    """Return the highest number of a batch that was given."""
    with translated():
        return int(await pool.fetchval(SQL["last_batch"]))


async def newest_entry(pool: asyncpg.Pool) -> int:
    """Return the number of the newest batch that the log has; 0: it is empty."""
    with translated():
        return int(await pool.fetchval(SQL["newest_batch"]))


async def forget_entries(pool: asyncpg.Pool, before: datetime) -> None:
    """Delete batches from before a time."""
    with translated():
        await pool.execute(SQL["forget_batches"], before)


async def forget_ids(pool: asyncpg.Pool, now: datetime) -> None:
    """Delete ids that no sender was promised to be remembered any more."""
    with translated():
        while await pool.execute(SQL["forget_ids"], now - KEEP_IDS, AT_ONCE) == f"DELETE {AT_ONCE}":
            pass
