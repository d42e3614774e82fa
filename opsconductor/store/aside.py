"""Access to `set_aside`: inserting outside of other changes, listing and deleting."""

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
    """Number of rows of one kind and origin that were set aside, and the latest."""

    kind: AsideKind
    origin: str
    amount: int
    latest_at: datetime
    subject: str
    reason: str
    first_bytes: bytes
    size: int


async def keep_aside(pool: asyncpg.Pool, asides: Sequence[SetAside]) -> None:
    """Store what cannot be processed.

    Raises:
        StoreUnavailable: PostgreSQL is away.
        StoreRejected: PostgreSQL rejects even that.
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
        version: Changes whenever the row is written again.
    """

    content: bytes
    version: str

    @property
    def is_whole(self) -> bool:
        """True if the content is complete and not empty."""
        return 0 < self.size == len(self.content)


async def list_aside(pool: Pool, *, kind: str, origin: str, part: str, most: int) -> Sequence[AsideRow]:
    """Return what was set aside, latest first.

    Args:
        kind: Empty: any, as for `origin`.
        part: Consecutive characters of the id.
    """
    with translated():
        rows = await pool.fetch(SQL["list"], kind, origin, part, most)
    return [AsideRow(**{**row, "kind": AsideKind(row["kind"])}) for row in rows]


async def find_aside(pool: Pool, aside_id: UUID) -> AsideContent | None:
    """Return one row with its content."""
    with translated():
        row = await pool.fetchrow(SQL["find"], aside_id)
    return None if row is None else AsideContent(**{**row, "kind": AsideKind(row["kind"])})


async def forget_aside(pool: Pool, aside_id: UUID, by: str) -> bool:
    """Delete one row and record in the audit log who did it; return False if there is none."""
    with translated():
        status: str = await pool.execute(SQL["forget"], aside_id, by)
    return status != "INSERT 0 0"


async def settle_aside(pool: Pool, row: AsideContent, by: str) -> bool:
    """Delete a row after a successful retry; return False if it was set aside again meanwhile."""
    with translated():
        status: str = await pool.execute(SQL["settle"], row.id, row.version, by)
    return status != "INSERT 0 0"


async def set_reason(pool: Pool, aside_id: UUID, reason: str) -> None:
    """Store why the latest retry failed."""
    with translated():
        await pool.execute(SQL["set_reason"], aside_id, fitted(reason, LONGEST_REASON))
