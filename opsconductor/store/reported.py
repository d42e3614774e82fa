"""Queries for the idempotency keys of reported events, so that the same report counts once.

They are written with the changes that the report led to; see `commit.sql`.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

import asyncpg

from opsconductor.model.keys import ReportedKey
from opsconductor.store.postgres.connection import translated
from opsconductor.store.queries import load

SQL = load("reported")


async def find_keys(
    pool: asyncpg.Pool, reporter: str, keys: Collection[str], since: datetime
) -> Mapping[str, bytes]:
    """Return which of some keys a reporter has used recently; digests by key."""
    with translated():
        rows = await pool.fetch(SQL["find_keys"], reporter, list(keys), since)
    return {row["key"]: row["digest"] for row in rows}


async def latest_keys(pool: asyncpg.Pool, since: datetime, most: int) -> Sequence[ReportedKey]:
    """Return the keys that were used last, latest first."""
    with translated():
        return [ReportedKey(**row) for row in await pool.fetch(SQL["latest_keys"], since, most)]
