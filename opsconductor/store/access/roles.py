"""Roles: permissions under one name, and the alerts to which they extend.

The roles that ship are fixed; an organization adds its own, mostly for their row filters.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import asyncpg

from opsconductor.errors import AccountConflict, UnknownAccount
from opsconductor.model.row_filter import NO_LIMIT, RowFilter, row_filter_of
from opsconductor.store.access.audit import AuditEntry, Author, record
from opsconductor.store.access.keys import ROLES
from opsconductor.store.postgres.connection import transaction, translated
from opsconductor.store.queries import load

SQL = load("access/roles")

ROLE_NAME = r"^[a-z0-9][a-z0-9_.-]{0,49}$"


@dataclass(frozen=True, slots=True, kw_only=True)
class UserRole:
    """A role.

    Attributes:
        rows: The alerts to which its permissions extend.
        requires_second_factor: Its users set up a second factor before they may do anything else.
        holders: Number of users and API keys that have it.
    """

    name: str
    description: str
    permissions: tuple[str, ...]
    rows: RowFilter = NO_LIMIT
    holders: int = 0
    requires_second_factor: bool = False

    @property
    def is_fixed(self) -> bool:
        """Return whether it ships with OpsConductor and cannot be changed."""
        return self.name in ROLES


async def list_roles(database: asyncpg.Pool) -> Sequence[UserRole]:
    """Return all roles by name."""
    with translated():
        return [_role(row) for row in await database.fetch(SQL["list"], None)]


async def find_role(database: asyncpg.Pool, name: str) -> UserRole:
    """Return a role.

    Raises:
        UnknownAccount: There is none of that name.
    """
    with translated():
        row = await database.fetchrow(SQL["list"], name)
    if row is None:
        raise UnknownAccount(f"there is no role {name!r}")
    return _role(row)


async def create_role(database: asyncpg.Pool, role: UserRole, by: Author) -> UserRole:
    """Add a role.

    Raises:
        AccountConflict: The name is taken.
    """
    async with transaction(database) as connection:
        given = (role.name, role.description, list(role.permissions), role.rows.document())
        if await connection.fetchval(SQL["create"], *given) is None:
            raise AccountConflict(f"there is already a role {role.name!r}")
        entry = AuditEntry(action="role.create", subject=role.name, details={"after": shown(role)})
        await record(connection, entry, by)
        return await find_role(connection, role.name)


async def change_role(database: asyncpg.Pool, role: UserRole, by: Author) -> UserRole:
    """Replace what a role is; its holders have the new permissions and rows with their next request.

    Raises:
        UnknownAccount: There is none of that name.
        AccountConflict: It ships with OpsConductor.
    """
    async with transaction(database) as connection:
        before = await _own(connection, role.name)
        given = (role.name, role.description, list(role.permissions), role.rows.document())
        await connection.execute(SQL["change"], *given)
        details = {"before": shown(before), "after": shown(role)}
        await record(connection, AuditEntry(action="role.change", subject=role.name, details=details), by)
        return await find_role(connection, role.name)


async def require_second_factor(
    database: asyncpg.Pool, name: str, by: Author, *, is_required: bool
) -> UserRole:
    """Set whether users with a role, also one that ships, need a second factor.

    Raises:
        UnknownAccount: There is none of that name.
    """
    async with transaction(database) as connection:
        before = await find_role(connection, name)
        await connection.execute(SQL["require_second_factor"], name, is_required)
        details = {
            "before": {"requires_second_factor": before.requires_second_factor},
            "after": {"requires_second_factor": is_required},
        }
        await record(connection, AuditEntry(action="role.second_factor", subject=name, details=details), by)
        return await find_role(connection, name)


async def delete_role(database: asyncpg.Pool, name: str, by: Author) -> None:
    """Remove a role that no user has.

    Raises:
        UnknownAccount: There is none of that name.
        AccountConflict: It ships with OpsConductor, or a user has it.
    """
    async with transaction(database) as connection:
        before = await _own(connection, name)
        if before.holders:
            have = f"{before.holders} users or API keys have the role {name!r}"
            raise AccountConflict(f"{have}; take it away from them first")
        await connection.execute(SQL["delete"], name)
        entry = AuditEntry(action="role.delete", subject=name, details={"before": shown(before)})
        await record(connection, entry, by)


def shown(role: UserRole) -> Mapping[str, Any]:
    """Return what the audit log keeps of a role."""
    return {
        "description": role.description,
        "permissions": list(role.permissions),
        "row_filter": role.rows.document(),
    }


async def _own(connection: asyncpg.Connection, name: str) -> UserRole:
    role = await find_role(connection, name)
    if role.is_fixed:
        raise AccountConflict(f"the role {name!r} ships with OpsConductor; make one of your own instead")
    return role


def _role(row: asyncpg.Record) -> UserRole:
    fields = dict(row)
    rows = row_filter_of(fields.pop("row_filter"))
    return UserRole(**fields | {"permissions": tuple(sorted(row["permissions"])), "rows": rows})
