"""What was set aside: writing it where no other changes are written, and reading it for people."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import asyncpg

from opsconductor import metrics
from opsconductor.model.aside import AsideKind, SetAside
from opsconductor.model.changes import Changes
from opsconductor.store.commit.write import write
from opsconductor.store.postgres.connection import translated
from opsconductor.store.queries import load

SQL = load("aside")


@dataclass(frozen=True, slots=True, kw_only=True)
class AsideSum:
    """How much of one kind and origin was set aside, and the latest of it."""

    kind: AsideKind
    origin: str
    amount: int
    latest_at: datetime
    subject: str
    reason: str
    first_bytes: bytes
    size: int


async def keep_aside(pool: asyncpg.Pool, asides: Sequence[SetAside]) -> None:
    """Keep what cannot be handled.

    Raises:
        StoreUnavailable: PostgreSQL is away.
        StoreRejected: It refuses even that.
    """
    if not asides:
        return
    with translated():
        async with pool.acquire() as connection, connection.transaction():
            await write(connection, Changes(aside=tuple(asides)))
    for aside in asides:
        metrics.set_aside.labels(str(aside.kind)).inc()


async def read_aside(pool: asyncpg.Pool, since: datetime) -> Sequence[AsideSum]:
    """Count what was set aside since a time, by kind and origin."""
    with translated():
        rows = await pool.fetch(SQL["sums"], since)
    return [AsideSum(**{**row, "kind": AsideKind(row["kind"])}) for row in rows]
