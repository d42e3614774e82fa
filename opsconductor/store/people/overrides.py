"""Overrides of on-call schedules, as operators enter them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg

from opsconductor.store.access.audit import AuditEntry, Author, record
from opsconductor.store.postgres.connection import translated
from opsconductor.store.queries import load

SQL = load("people")


async def add_override(
    connection: asyncpg.Connection, schedule: str, person: str, begin: datetime, end: datetime, by: Author
) -> UUID:
    """Add an override; schedule and person exist.

    Raises:
        StoreRejected: They no longer do.
    """
    details = {"person": person, "begins_at": begin.isoformat(), "ends_at": end.isoformat()}
    with translated():
        async with connection.transaction():
            found: UUID = await connection.fetchval(
                SQL["add_override"], schedule, person, begin, end, by.name
            )
            await record(
                connection, AuditEntry(action="oncall.override", subject=schedule, details=details), by
            )
    return found


async def list_overrides(connection: asyncpg.Connection, since: datetime) -> list[Mapping[str, Any]]:
    """Return the overrides that end after a time, by their begin."""
    with translated():
        rows: list[Mapping[str, Any]] = await connection.fetch(SQL["list_overrides"], since)
    return rows


async def delete_override(connection: asyncpg.Connection, override_id: UUID, by: Author) -> bool:
    """Delete an override; return False if there is none."""
    with translated():
        async with connection.transaction():
            row = await connection.fetchrow(SQL["delete_override"], override_id)
            if row is not None:
                details = {"person": row["person"]}
                await record(
                    connection,
                    AuditEntry(action="oncall.restore", subject=row["schedule"], details=details),
                    by,
                )
    return row is not None
