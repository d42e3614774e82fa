"""The keys of events that scripts have reported, so that the same report counts once."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

import asyncpg

from opsconductor.store.connection import translated
from opsconductor.store.queries import load

SQL = load("reported")


class UsedKey(NamedTuple):
    """A key that was used.

    Attributes:
        reporter: Name of the API key of who reported.
        digest: SHA-256 of what was reported under it.
    """

    reporter: str
    key: str
    digest: bytes
    at: datetime


async def find_keys(
    pool: asyncpg.Pool, reporter: str, keys: Collection[str], since: datetime
) -> Mapping[str, bytes]:
    """Read which of some keys a reporter has used lately; digests by key."""
    with translated():
        rows = await pool.fetch(SQL["find_keys"], reporter, list(keys), since)
    return {row["key"]: row["digest"] for row in rows}


async def note_keys(pool: asyncpg.Pool, used: Sequence[UsedKey]) -> None:
    """Keep keys that were used; each at most once in `used`."""
    columns = [list(column) for column in zip(*used, strict=True)]
    with translated():
        await pool.execute(SQL["note_keys"], *columns)
