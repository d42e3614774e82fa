"""Dependencies missing from their inventories, and operator decisions about inventories."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import asyncpg

from opsconductor.store.access.audit import Author
from opsconductor.store.inventory.devices import SQL
from opsconductor.store.postgres.connection import Pool, translated

MOST_NAMED = 1_000
"""Deleted dependencies that the audit log names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MissingDependency:
    """A dependency that suppresses nothing any more, because its inventory no longer lists it."""

    id: UUID
    device_ip: str
    depends_on_ip: str
    dependency_type: str
    found_by: str
    description: str | None
    missing_since: datetime


async def read_missing(pool: Pool, connector: str | None) -> list[MissingDependency]:
    """Return them, oldest first; of one connector, or of all.

    Raises:
        StoreUnavailable: PostgreSQL is away.
    """
    with translated():
        rows = await pool.fetch(SQL["missing_dependencies"], connector)
    return [MissingDependency(**row) for row in rows]


async def forget_missing(pool: Pool, connector: str | None, by: Author) -> list[MissingDependency]:
    """Delete them and record who did it; return those deleted.

    Raises:
        StoreUnavailable: PostgreSQL is away; nothing was removed.
    """
    with translated():
        async with pool.acquire() as connection, connection.transaction():
            await connection.execute(SQL["lock"])
            rows = await connection.fetch(SQL["missing_dependencies"], connector)
            gone = [MissingDependency(**row) for row in rows]
            if gone:
                await connection.execute(SQL["delete_dependencies"], [each.id for each in gone])
                await _note(connection, by, "inventory.forget", connector or "", _forgotten(gone))
    return gone


async def note_decision(
    pool: Pool, by: Author, action: str, connector: str, details: Mapping[str, object]
) -> None:
    """Record an operator's decision about an inventory in the audit log; raises StoreUnavailable."""
    with translated():
        async with pool.acquire() as connection:
            await _note(connection, by, action, connector, details)


async def _note(
    connection: asyncpg.Connection, by: Author, action: str, connector: str, details: Mapping[str, object]
) -> None:
    await connection.execute(SQL["audit_person"], by.name, action, connector, dict(details), by.address)


def _forgotten(gone: Sequence[MissingDependency]) -> Mapping[str, object]:
    """Return what the audit log keeps of dependencies that are deleted: of many the first."""
    before = [
        f"{each.device_ip} -> {each.depends_on_ip} ({each.dependency_type})" for each in gone[:MOST_NAMED]
    ]
    return {"dependencies": len(gone), "before": before, "after": None}
