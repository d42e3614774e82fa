"""Views of the alert list that users and API keys have saved."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import asyncpg

from opsconductor.store.access.keys import Principal
from opsconductor.store.postgres.connection import translated
from opsconductor.store.queries import load

SQL = load("access/saved_views")
MOST_VIEWS = 100
"""Maximum number of views of one owner."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedView:
    """A saved view.

    Attributes:
        query: Of the address of the page.
        is_own: It belongs to the caller, who may delete it.
    """

    id: UUID
    name: str
    query: str
    is_shared: bool
    is_own: bool
    owner: str


async def list_views(pool: asyncpg.Pool, owner: Principal) -> Sequence[SavedView]:
    """Return the views of a caller, then those that others share."""
    with translated():
        rows = await pool.fetch(SQL["list"], *_owner(owner))
    return [SavedView(**row) for row in rows]


async def save_view(
    pool: asyncpg.Pool, owner: Principal, *, name: str, query: str, is_shared: bool
) -> UUID | None:
    """Save a view, in place of one of the same name; return its id, None if there are too many."""
    with translated():
        found: UUID | None = await pool.fetchval(
            SQL["save"], *_owner(owner), name, query, is_shared, MOST_VIEWS
        )
    return found


async def delete_view(pool: asyncpg.Pool, owner: Principal, view_id: UUID) -> bool:
    """Delete a view of a caller; return False if the caller has none of this id."""
    with translated():
        return await pool.fetchval(SQL["delete"], *_owner(owner), view_id) is not None


def _owner(caller: Principal) -> tuple[UUID | None, UUID | None]:
    """Return the user or the API key that owns what a caller saves."""
    return (None, caller.key_id) if caller.key_id is not None else (caller.user_id, None)
