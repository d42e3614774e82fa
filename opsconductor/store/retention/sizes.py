"""Sizes of the tables, and their growth."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

import asyncpg

from opsconductor.store.postgres.connection import translated
from opsconductor.store.queries import load

SQL = load("retention/sizes")

GROWTH_DAYS = 14
"""Maximum number of days over which the growth per day is computed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TableSize:
    """The size of a table with its partitions and indexes.

    Attributes:
        bytes_a_day: Growth per day; None: unknown before a whole day has passed.
    """

    table: str
    bytes: int
    bytes_a_day: float | None


async def record_sizes(pool: asyncpg.Pool, now: datetime) -> None:
    """Store the size of every table under today's date, and delete old samples."""
    with translated():
        await pool.execute(SQL["record"], now.astimezone(UTC).date())


async def read_sizes(pool: asyncpg.Pool, now: datetime) -> Sequence[TableSize]:
    """Measure every table and compare with the oldest sample of the last days; largest first."""
    today = now.astimezone(UTC).date()
    with translated():
        rows = await pool.fetch(SQL["read"], today, GROWTH_DAYS)
    return [
        TableSize(
            table=row["table_name"],
            bytes=row["bytes"],
            bytes_a_day=_a_day(row["bytes"], row["before"], row["day"], today),
        )
        for row in rows
    ]


def _a_day(now_bytes: int, before_bytes: int | None, day: date | None, today: date) -> float | None:
    if before_bytes is None or day is None or day >= today:
        return None
    return (now_bytes - before_bytes) / (today - day).days
