"""Counts of clears that ended no alert, by day and by what they named."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import asyncpg

from opsconductor.model.text import storable_text
from opsconductor.model.unmatched import ClearCount
from opsconductor.store.postgres.connection import translated
from opsconductor.store.queries import load

SQL = load("unmatched")

LONGEST = (50, 255, 100, 255)
"""Lengths of connector, device, alert type and resource."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UnmatchedSum:
    """Unmatched clears of one device and alert type.

    Attributes:
        resources: Number of resources that they named.
        some_resources: The first of them.
    """

    connector: str
    device: str
    alert_type: str
    amount: int
    last_at: datetime
    resources: int
    some_resources: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class UnmatchedTotal:
    """All unmatched clears of a span."""

    amount: int
    devices: int
    alert_types: int


async def add_unmatched(pool: asyncpg.Pool, counts: Sequence[ClearCount]) -> None:
    """Add counts to those that are stored; when the outcome of that is unknown, they may be added twice.

    Raises:
        StoreUnavailable: PostgreSQL is away; nothing is stored.
    """
    rows = [
        (
            date.fromisoformat(count.name.day),
            *(storable_text(text)[:most] for text, most in zip(count.name[1:], LONGEST, strict=True)),
            count.amount,
            count.last_at,
        )
        for count in counts
    ]
    with translated():
        await pool.execute(SQL["add"], *map(list, zip(*rows, strict=True)))


async def read_unmatched_clears(
    pool: asyncpg.Pool, since: datetime, *, most: int, most_resources: int
) -> Sequence[UnmatchedSum]:
    """Return the most frequent unmatched clears by device and alert type."""
    with translated():
        rows = await pool.fetch(SQL["sums"], since, most, most_resources)
    return [UnmatchedSum(**{**row, "some_resources": tuple(row["some_resources"])}) for row in rows]


async def read_unmatched_total(pool: asyncpg.Pool, since: datetime) -> UnmatchedTotal:
    """Return how many clears were unmatched."""
    with translated():
        return UnmatchedTotal(**await pool.fetchrow(SQL["total"], since))
