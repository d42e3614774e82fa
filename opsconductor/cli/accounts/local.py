"""Accounts in the database of this host: without a daemon and without a key."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

import click

from opsconductor.cli.terminal.api_client import Json
from opsconductor.cli.terminal.outcome import actor
from opsconductor.model.outside_account import AccountOrigin
from opsconductor.model.row_filter import row_filter_of
from opsconductor.store.access.audit import Author
from opsconductor.store.access.keys import NewKey, add_key, list_keys, revoke_key
from opsconductor.store.access.password_links import create_link
from opsconductor.store.access.passwords import hash_password
from opsconductor.store.access.roles import UserRole, list_roles, require_second_factor
from opsconductor.store.access.second_factor import reset_second_factors
from opsconductor.store.access.sessions import close_sessions_of, list_all_sessions
from opsconductor.store.access.users import (
    User,
    UserFields,
    change_user,
    create_user,
    find_user,
    hand_over,
    list_users,
)
from opsconductor.store.postgres.connection import Pool


class LocalAccounts:
    """Accounts by the database; objects are returned as the API returns them.

    The audit log names the user of this host.
    """

    def __init__(self, database: Pool, page: str) -> None:
        self._database = database
        self._page = page
        self._by = Author(name=actor())

    async def users(self) -> Sequence[Json]:
        """Return all users by name."""
        return [_user(each) for each in await list_users(self._database)]

    async def user(self, name: str) -> Json:
        """Return a user."""
        return _user(await find_user(self._database, name))

    async def add_user(self, name: str, given: Json) -> Json:
        """Create a user of what the body of `POST /users` may hold."""
        return _user(await create_user(self._database, name, _fields(given), self._by))

    async def change_user(self, name: str, given: Json) -> Json:
        """Change of a user what is given, as in the body of `PATCH /users/NAME`."""
        return _user(await change_user(self._database, name, _fields(given), self._by))

    async def password_link(self, name: str) -> str:
        """Create a link by which a user chooses a password."""
        return self._page + await create_link(self._database, name, self._by)

    async def setup_link(self) -> str:
        """Create a link for the first administrator."""
        return self._page + await create_link(self._database, None, self._by)

    async def hand_over(self, name: str, origin: str) -> Json:
        """Change where the account of a user is kept."""
        return _user(await hand_over(self._database, name, AccountOrigin(origin), self._by))

    async def reset_second_factor(self, name: str) -> None:
        """Remove authenticator app and passkeys of a user."""
        await reset_second_factors(self._database, await find_user(self._database, name), self._by)

    async def sessions(self) -> Sequence[Json]:
        """Return the open sessions of all users and keys, the latest used first."""
        found = await list_all_sessions(self._database, "")
        return [_document(each, "roles", "scopes") for each in found]

    async def sign_out(self, name: str) -> int:
        """End all sessions of a user; return their number."""
        return await close_sessions_of(self._database, await find_user(self._database, name), self._by)

    async def roles(self) -> Sequence[Json]:
        """Return all roles by name."""
        return [_role(each) for each in await list_roles(self._database)]

    async def require_second_factor(self, role: str, *, is_required: bool) -> Json:
        """Set whether the users of a role need a second factor."""
        return _role(await require_second_factor(self._database, role, self._by, is_required=is_required))

    async def keys(self) -> Sequence[Json]:
        """Return all API keys, without the keys themselves."""
        return [_document(each) for each in await list_keys(self._database)]

    async def add_key(self, given: Json) -> str:
        """Create an API key of what the body of `POST /api-keys` holds."""
        expires = given["expires_at"]
        new = NewKey(
            name=given["name"],
            roles=tuple(given["roles"]),
            scopes=tuple(given["scopes"]),
            expires_at=None if expires is None else datetime.fromisoformat(expires),
            quota_per_minute=given["quota_per_minute"],
            rows=row_filter_of(given["row_filter"]),
        )
        return await add_key(self._database, new, self._by)

    async def revoke_key(self, name: str) -> None:
        """Revoke an API key and its sessions.

        Raises:
            click.ClickException: There is none of that name.
        """
        if not await revoke_key(self._database, name, self._by):
            raise click.ClickException(f"there is no key named {name!r}")


def _fields(given: Json) -> UserFields:
    password, roles, rows = (given.get(name) for name in ("password", "roles", "row_filter"))
    return UserFields(
        display_name=given.get("display_name"),
        email=given.get("email"),
        enabled=given.get("enabled"),
        roles=None if roles is None else tuple(roles),
        password_hash=None if password is None else hash_password(password),
        rows=None if rows is None else row_filter_of(rows),
    )


def _user(user: User) -> Json:
    return {**_document(user, "id", "rows"), "row_filter": user.rows.document()}


def _role(role: UserRole) -> Json:
    shown = _document(role, "rows", "holders")
    return {**shown, "row_filter": role.rows.document(), "is_fixed": role.is_fixed}


def _document(record: Any, *without: str) -> Json:
    """Return a record JSON-ready, without some fields."""
    return {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in asdict(record).items()
        if name not in without
    }
