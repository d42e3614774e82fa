"""Users and their roles."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg

from opsconductor.errors import AccountConflict, UnknownAccount
from opsconductor.model.outside_account import AccountOrigin
from opsconductor.model.row_filter import NO_LIMIT, RowFilter, row_filter_of
from opsconductor.store.access.audit import AuditEntry, Author, record
from opsconductor.store.postgres.connection import transaction, translated
from opsconductor.store.queries import load

SQL = load("access/users")

LONGEST_USERNAME = 100
USERNAME = r"^[A-Za-z0-9][A-Za-z0-9._@-]{0,99}$"


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """A user.

    Attributes:
        has_password: Whether the user can log in with a password.
        has_second_factor: Whether an authenticator app is set up.
        passkeys: Their number.
        requires_second_factor: A role of the user requires a second factor, and it is asked for here: not of
            accounts by OpenID Connect or a proxy.
        origin: `local`, `ldap`, `oidc` or `proxy`: where the account is kept.
        rows: What the user is limited to, whatever the roles are.
    """

    id: UUID
    username: str
    display_name: str | None
    email: str | None
    enabled: bool
    roles: tuple[str, ...]
    has_password: bool
    has_second_factor: bool
    last_login_at: datetime | None
    created_at: datetime
    origin: str = AccountOrigin.LOCAL
    rows: RowFilter = NO_LIMIT
    passkeys: int = 0
    requires_second_factor: bool = False

    @property
    def needs_second_factor(self) -> bool:
        """Return whether the password alone does not log in."""
        return self.has_second_factor or self.passkeys > 0


@dataclass(frozen=True, slots=True, kw_only=True)
class SignIn:
    """A user with what the password is compared with."""

    user: User
    password_hash: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class UserFields:
    """What is to be stored of a user; None: left as it is, or without a value in a new one."""

    display_name: str | None = None
    email: str | None = None
    enabled: bool | None = None
    roles: tuple[str, ...] | None = None
    password_hash: str | None = None
    rows: RowFilter | None = None


async def list_users(database: asyncpg.Pool) -> Sequence[User]:
    """Return all users by name."""
    with translated():
        return [_user(row) for row in await database.fetch(SQL["list"], None)]


async def find_user(database: asyncpg.Pool, username: str) -> User:
    """Return a user; case does not matter.

    Raises:
        UnknownAccount: There is none of that name.
    """
    with translated():
        row = await database.fetchrow(SQL["list"], username)
    if row is None:
        raise UnknownAccount(f"there is no user named {username!r}")
    return _user(row)


async def has_users(database: asyncpg.Pool) -> bool:
    """Return whether any user can log in with a password."""
    with translated():
        return bool(await database.fetchval(SQL["has_users"]))


async def create_user(database: asyncpg.Pool, username: str, fields: UserFields, by: Author) -> User:
    """Create a user.

    Raises:
        AccountConflict: The name is taken.
        UnknownAccount: There is no such role.
    """
    async with transaction(database) as connection:
        given = (fields.display_name, fields.email, fields.password_hash)
        user_id = await connection.fetchval(SQL["create"], username, *given)
        if user_id is None:
            raise AccountConflict(f"there is already a user named {username!r}")
        await set_roles(connection, user_id, fields.roles or ())
        await _set_rows(connection, user_id, fields)
        made = await find_user(connection, username)
        await record(
            connection, AuditEntry(action="user.create", subject=username, details={"after": shown(made)}), by
        )
    return made


async def change_user(database: asyncpg.Pool, username: str, fields: UserFields, by: Author) -> User:
    """Change a user; a new password, and to be disabled, end the user's sessions.

    A user whom a file declares is taken over from it when disabled or enabled.

    Raises:
        UnknownAccount: There is none of that name, or no such role.
        AccountConflict: No user who may administer users would be left, or what is to be changed is kept
            elsewhere.
    """
    async with transaction(database) as connection:
        before = await find_user(connection, username)
        _refuse_outside(before, fields)
        had_administrator = await connection.fetchval(SQL["has_administrator"])
        given = (fields.display_name, fields.email, fields.enabled, fields.password_hash)
        await connection.execute(SQL["change"], before.id, *given)
        if fields.enabled not in (None, before.enabled):
            await connection.execute(SQL["take_over"], before.id, by.name)
        if fields.roles is not None:
            await set_roles(connection, before.id, fields.roles)
        await _set_rows(connection, before.id, fields)
        if fields.password_hash is not None or fields.enabled is False:
            await connection.execute(SQL["close_sessions"], before.id)
        after = await find_user(connection, before.username)
        if had_administrator and not await connection.fetchval(SQL["has_administrator"]):
            raise AccountConflict(f"{before.username} is the last user who may administer users")
        details: dict[str, object] = {"before": shown(before), "after": shown(after)}
        if fields.password_hash is not None:
            details["password"] = "changed"  # noqa: S105 - says that, not which
        await record(
            connection, AuditEntry(action="user.change", subject=before.username, details=details), by
        )
    return after


def has_username(name: str) -> bool:
    """Return whether a text can be the name of a user."""
    return re.match(USERNAME, name) is not None


def _refuse_outside(user: User, fields: UserFields) -> None:
    """Check that nothing is changed which the origin of a user decides.

    Raises:
        AccountConflict: The password or the roles are.
    """
    if user.origin == AccountOrigin.LOCAL:
        return
    if fields.password_hash is not None:
        raise AccountConflict(f"the password of {user.username} is kept by {user.origin}, not here")
    if fields.roles is not None:
        raise AccountConflict(
            f"the roles of {user.username} come from its groups by {user.origin}: change the groups, or "
            f"accounts.{user.origin}.group_roles"
        )


async def hand_over(database: asyncpg.Pool, username: str, origin: AccountOrigin, by: Author) -> User:
    """Allow a user to log in with the account of the same name of another origin; its password is deleted.

    Raises:
        UnknownAccount: There is none of that name.
        AccountConflict: No user who may administer users with a password would be left.
    """
    async with transaction(database) as connection:
        before = await find_user(connection, username)
        had_administrator = await connection.fetchval(SQL["has_administrator"])
        await connection.execute(SQL["hand_over"], before.id, origin)
        await connection.execute(SQL["close_sessions"], before.id)
        if had_administrator and not await connection.fetchval(SQL["has_administrator"]):
            raise AccountConflict(
                f"{before.username} is the last user with a password who may administer users"
            )
        details = {"before": {"origin": before.origin}, "after": {"origin": str(origin)}}
        entry = AuditEntry(action="user.origin", subject=before.username, details=details)
        await record(connection, entry, by)
        return await find_user(connection, before.username)


async def set_roles(connection: asyncpg.Connection, user_id: object, roles: Sequence[str]) -> None:
    """Set the roles of a user, these and no others, within a transaction.

    Raises:
        UnknownAccount: There is no such role.
    """
    known = {row["name"] for row in await connection.fetch(SQL["role_names"])}
    if unknown := sorted(set(roles) - known):
        raise UnknownAccount(f"there is no role {', '.join(unknown)}; there are {', '.join(sorted(known))}")
    await connection.execute(SQL["set_roles"], user_id, list(roles))


async def _set_rows(connection: asyncpg.Connection, user_id: UUID, fields: UserFields) -> None:
    if fields.rows is not None:
        await connection.execute(SQL["set_rows"], user_id, fields.rows.document())


async def sign_in_of(database: asyncpg.Pool, username: str) -> SignIn | None:
    """Return an enabled user with a password, or None."""
    with translated():
        stored = await database.fetchval(SQL["find_password"], username)
    return None if stored is None else SignIn(user=await find_user(database, username), password_hash=stored)


async def note_login(database: asyncpg.Pool, user_id: UUID) -> None:
    """Record that a user has logged in."""
    with translated():
        await database.execute(SQL["note_login"], user_id)


def shown(user: User) -> Mapping[str, Any]:
    """Return what the audit log keeps of a user."""
    return {
        "display_name": user.display_name,
        "email": user.email,
        "enabled": user.enabled,
        "roles": list(user.roles),
        "row_filter": user.rows.document(),
    }


def _user(row: asyncpg.Record) -> User:
    fields = dict(row)
    rows = row_filter_of(fields.pop("row_filter"))
    return User(**fields | {"roles": tuple(row["roles"]), "rows": rows})
