"""Overrides of on-call schedules, as operators enter them."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg

from opsconductor.store.access.audit import AuditEntry, Author, record
from opsconductor.store.postgres.connection import translated
from opsconductor.store.queries import load

SQL = load("people")


class _TakenBack(Exception):
    """Raised to take a transaction back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedOverride:
    """An override from a calendar file.

    Attributes:
        uid: Identifies it in its schedule.
    """

    uid: str
    person: str
    begin: datetime
    end: datetime


async def add_override(
    connection: asyncpg.Connection, schedule: str, person: str, begin: datetime, end: datetime, by: Author
) -> UUID:
    """Add an override; schedule and person exist.

    Raises:
        StoreRejected: They no longer do.
    """
    made = {"person": person, "begins_at": begin.isoformat(), "ends_at": end.isoformat()}
    details = {"before": None, "after": made}
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
                details = {"before": {"person": row["person"]}, "after": None}
                await record(
                    connection,
                    AuditEntry(action="oncall.restore", subject=row["schedule"], details=details),
                    by,
                )
    return row is not None


async def import_overrides(
    connection: asyncpg.Connection,
    schedule: str,
    overrides: Sequence[ImportedOverride],
    ended: Sequence[str],
    by: Author,
    *,
    is_trial: bool,
) -> dict[str, str]:
    """Add or change overrides by their UIDs, delete those that have ended; schedule and persons exist.

    Args:
        is_trial: Take everything back at the end.

    Returns:
        `added`, `changed` or `deleted` by UID; the others are as they were.

    Raises:
        StoreRejected: Schedule or persons no longer exist.
    """
    columns = [[getattr(each, name) for each in overrides] for name in ("uid", "person", "begin", "end")]
    with translated(), suppress(_TakenBack):
        async with connection.transaction():
            rows = await connection.fetch(SQL["import_overrides"], schedule, *columns, by.name)
            outcome = {row["uid"]: "added" if row["is_new"] else "changed" for row in rows}
            gone = await connection.fetch(SQL["delete_imported"], schedule, list(ended))
            outcome |= {row["uid"]: "deleted" for row in gone}
            counts = {kind: list(outcome.values()).count(kind) for kind in ("added", "changed", "deleted")}
            entry = AuditEntry(action="oncall.import", subject=schedule, details=counts)
            await record(connection, entry, by)
            if is_trial:
                raise _TakenBack
    return outcome
