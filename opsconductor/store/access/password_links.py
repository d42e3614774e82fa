"""One-time links by which a user chooses a password: the first administrator, new users, after a loss."""

import logging
import secrets
from datetime import timedelta

import asyncpg

from opsconductor.errors import AccountConflict, StoreError, UnknownAccount
from opsconductor.model.outside_account import AccountOrigin
from opsconductor.store.access.audit import DAEMON, AuditEntry, Author, record
from opsconductor.store.access.keys import hash_of
from opsconductor.store.access.users import User, UserFields, change_user, create_user, find_user, has_users
from opsconductor.store.postgres.connection import transaction
from opsconductor.store.queries import load

SQL = load("access/users")

log = logging.getLogger(__name__)

LINK_LIFETIME = timedelta(hours=24)
FIRST = "setup"
CHOSEN = "password"
"""Names of the links' fragments: for the first administrator, and for a user that exists."""


async def create_link(database: asyncpg.Pool, username: str | None, by: Author) -> str:
    """Create a link for a user or, without a name, for the first administrator; earlier ones end.

    Returns:
        What follows the address of the page: a fragment, so that no proxy logs the token.

    Raises:
        UnknownAccount: There is no user of that name.
        AccountConflict: A link for the first administrator is asked for, and there are users; or the
            password of the user is kept elsewhere.
    """
    token = secrets.token_urlsafe(32)
    async with transaction(database) as connection:
        user = None if username is None else await find_user(connection, username)
        if user is None and await has_users(connection):
            raise AccountConflict("there are users already; name the one who is to choose a new password")
        if user is not None and user.origin != AccountOrigin.LOCAL:
            raise AccountConflict(f"the password of {user.username} is kept by {user.origin}, not here")
        user_id = None if user is None else user.id
        await connection.execute(SQL["create_link"], user_id, hash_of(token), by.name, LINK_LIFETIME)
        subject = "" if user is None else user.username
        await record(connection, AuditEntry(action="user.link", subject=subject), by)
    return f"#{FIRST if user is None else CHOSEN}={token}"


async def first_link(database: asyncpg.Pool) -> str:
    """Create a link for the first administrator at a start; return an empty text if there are users.

    The daemon runs by then, so it does not end if the database goes away at this moment: the text is empty.
    """
    try:
        if await has_users(database):
            return ""
        log.info("no user can log in with a password yet; create a link with: opsconductor users setup-link")
        return await create_link(database, None, DAEMON)
    except StoreError as error:
        log.warning("no link for the first administrator is made", extra={"error": str(error)})
        return ""


async def name_of_link(database: asyncpg.Pool, token: str) -> str | None:
    """Return the name of the user of a link; None: it is for the first administrator.

    Raises:
        UnknownAccount: The link does not exist, has been used or is too old.
    """
    async with transaction(database) as connection:
        row = await connection.fetchrow(SQL["find_link"], hash_of(token))
    if row is None:
        raise _no_link()
    name: str | None = row["username"]
    return name


async def use_link(
    database: asyncpg.Pool, token: str, username: str, password_hash: str, address: str | None
) -> User:
    """Set the password of the link's user, or create the first administrator; the link is used then.

    Args:
        username: Of the first administrator; otherwise it is not considered.

    Raises:
        UnknownAccount: The link does not exist, has been used or is too old.
        AccountConflict: The first administrator exists already, or the name is taken.
    """
    async with transaction(database) as connection:
        row = await connection.fetchrow(SQL["use_link"], hash_of(token))
        if row is None:
            raise _no_link()
        if row["user_id"] is not None:
            name = await connection.fetchval(SQL["name_of"], row["user_id"])
            if name is None:
                raise _no_link()
            by = Author(name=name, address=address)
            return await change_user(connection, name, UserFields(password_hash=password_hash), by)
        if await has_users(connection):
            raise AccountConflict("there is a first administrator already")
        first = UserFields(password_hash=password_hash, roles=("admin",))
        return await create_user(connection, username, first, Author(name=username, address=address))


def _no_link() -> UnknownAccount:
    return UnknownAccount("this link has been used or is too old; ask for a new one")
