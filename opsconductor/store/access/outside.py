"""Users whose account is kept elsewhere: created at the first log-in, brought up to date at each."""

from collections.abc import Sequence

import asyncpg

from opsconductor.errors import SignInRefused, UnknownAccount
from opsconductor.model.outside_account import OutsideAccount
from opsconductor.store.access.audit import AuditEntry, Author, record
from opsconductor.store.access.users import User, find_user, has_username, set_roles, shown
from opsconductor.store.postgres.connection import transaction
from opsconductor.store.queries import load

SQL = load("access/outside")


async def admit_account(
    database: asyncpg.Pool, account: OutsideAccount, roles: Sequence[str], by: Author
) -> User:
    """Return the user of an authenticated account, with its present roles, name and address.

    An account without roles loses those that it had, and its sessions.

    Raises:
        SignInRefused: It has no role, its user is disabled, or its name belongs to another account.
    """
    if not has_username(account.username):
        raise SignInRefused(f"{account.username!r} cannot be a user's name: letters, digits and ._@- only")
    async with transaction(database) as connection:
        user = await _known(connection, account)
        if user is None and roles:
            user = await _created(connection, account, roles, by)
        elif user is not None and user.enabled:
            user = await _updated(connection, user, account, roles, by)
    if user is not None and not user.enabled:
        raise SignInRefused(f"the user {user.username} is disabled; ask an administrator")
    if user is None or not roles:
        raise SignInRefused(
            f"{account.username} is in no group that may log in; an administrator adds the user to a group "
            f"of accounts.{account.origin}.group_roles"
        )
    return user


async def _known(connection: asyncpg.Connection, account: OutsideAccount) -> User | None:
    name = await connection.fetchval(SQL["find"], account.origin, account.id, account.username)
    return None if name is None else await find_user(connection, name)


async def _created(
    connection: asyncpg.Connection, account: OutsideAccount, roles: Sequence[str], by: Author
) -> User:
    given = (account.username, account.display_name, account.email, account.origin, account.id)
    made = await connection.fetchval(SQL["create"], *given)
    if made is None:
        other = await find_user(connection, account.username)
        raise SignInRefused(
            f"the name {account.username} belongs to an account of origin {other.origin} already; if it is "
            f"the same person, an administrator runs: "
            f"opsconductor users origin {other.username} {account.origin}"
        )
    await _set_roles(connection, made, account, roles)
    user = await find_user(connection, account.username)
    details = {"after": shown(user)}
    await record(connection, AuditEntry(action="user.create", subject=user.username, details=details), by)
    return user


async def _updated(
    connection: asyncpg.Connection, user: User, account: OutsideAccount, roles: Sequence[str], by: Author
) -> User:
    await connection.execute(SQL["update"], user.id, account.display_name, account.email, account.id)
    await _set_roles(connection, user.id, account, roles)
    if not roles:
        await connection.execute(SQL["close_sessions"], user.id)
    after = await find_user(connection, user.username)
    if shown(after) != shown(user):
        details = {"before": shown(user), "after": shown(after)}
        await record(connection, AuditEntry(action="user.change", subject=user.username, details=details), by)
    return after


async def _set_roles(
    connection: asyncpg.Connection, user_id: object, account: OutsideAccount, roles: Sequence[str]
) -> None:
    try:
        await set_roles(connection, user_id, roles)
    except UnknownAccount as error:
        raise SignInRefused(f"{error}; an administrator corrects accounts.{account.origin}") from error
