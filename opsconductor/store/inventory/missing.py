"""Dependencies missing from their inventories, and operator decisions about inventories."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import asyncpg

from opsconductor.store.inventory.devices import SQL
from opsconductor.store.postgres.connection import Pool, translated


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


async def forget_missing(pool: Pool, connector: str | None, by: str) -> list[MissingDependency]:
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
                await _note(connection, by, "inventory.forget", connector or "", {"dependencies": len(gone)})
    return gone


async def note_decision(
    pool: Pool, by: str, action: str, connector: str, details: Mapping[str, object]
) -> None:
    """Record an operator's decision about an inventory in the audit log; raises StoreUnavailable."""
    with translated():
        async with pool.acquire() as connection:
            await _note(connection, by, action, connector, details)


async def _note(
    connection: asyncpg.Connection, by: str, action: str, connector: str, details: Mapping[str, object]
) -> None:
    await connection.execute(SQL["audit_person"], by, action, connector, dict(details))
