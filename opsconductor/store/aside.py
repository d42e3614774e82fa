"""What was set aside: writing it where no other changes are written, reading and removing it for people."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import asyncpg

from opsconductor import metrics
from opsconductor.model.aside import LONGEST_REASON, AsideKind, SetAside
from opsconductor.model.changes import Changes
from opsconductor.model.text import fitted
from opsconductor.store.commit.write import write
from opsconductor.store.postgres.connection import Pool, translated
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


@dataclass(frozen=True, slots=True, kw_only=True)
class AsideRow:
    """A row of `set_aside` without its content."""

    id: UUID
    kind: AsideKind
    origin: str
    subject: str
    reason: str
    at: datetime
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AsideContent(AsideRow):
    """A row of `set_aside`.

    Attributes:
        content: Its beginning; `size` is the whole length in bytes.
        version: Another one as soon as the row is written again.
    """

    content: bytes
    version: str

    @property
    def is_whole(self) -> bool:
        """Everything is kept, and there is something."""
        return 0 < self.size == len(self.content)


async def list_aside(pool: Pool, *, kind: str, origin: str, part: str, most: int) -> Sequence[AsideRow]:
    """List what was set aside, the latest first.

    Args:
        kind: Empty: any, as for `origin`.
        part: Characters of the id that follow one another.
    """
    with translated():
        rows = await pool.fetch(SQL["list"], kind, origin, part, most)
    return [AsideRow(**{**row, "kind": AsideKind(row["kind"])}) for row in rows]


async def find_aside(pool: Pool, aside_id: UUID) -> AsideContent | None:
    """Read one row with its content."""
    with translated():
        row = await pool.fetchrow(SQL["find"], aside_id)
    return None if row is None else AsideContent(**{**row, "kind": AsideKind(row["kind"])})


async def forget_aside(pool: Pool, aside_id: UUID, by: str) -> bool:
    """Delete one row and note in the audit log who did; False: there is none."""
    with translated():
        status: str = await pool.execute(SQL["forget"], aside_id, by)
    return status != "INSERT 0 0"


async def settle_aside(pool: Pool, row: AsideContent, by: str) -> bool:
    """Delete a row that was tried again with success; False: it was set aside again meanwhile."""
    with translated():
        status: str = await pool.execute(SQL["settle"], row.id, row.version, by)
    return status != "INSERT 0 0"


async def set_reason(pool: Pool, aside_id: UUID, reason: str) -> None:
    """Write down why something could not be handled the latest time."""
    with translated():
        await pool.execute(SQL["set_reason"], aside_id, fitted(reason, LONGEST_REASON))
