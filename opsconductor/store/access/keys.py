"""API keys and the principals that they authenticate.

A key is `ops_<prefix>_<secret>` with a secret of 256 random bits; the table holds its SHA-256 only.
It has the permissions of its roles, which `roles.permissions` lists, and its own scopes. The key of a user
has at most the permissions of the user.
"""

import logging
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

import asyncpg

from opsconductor.errors import StoreRejected, StoreUnavailable
from opsconductor.model.outside_account import AccountOrigin
from opsconductor.model.row_filter import NO_LIMIT, RowFilter, RowScope, row_filter_of
from opsconductor.store.access.audit import DAEMON, Author
from opsconductor.store.postgres.connection import translated
from opsconductor.store.queries import load

SQL = load("access/access")

log = logging.getLogger(__name__)

ROLES = ("admin", "operator", "viewer", "reporter")


@dataclass(frozen=True, slots=True, kw_only=True)
class RowGrant:
    """Rows to which some permissions extend.

    Attributes:
        permissions: None: all of them.
    """

    permissions: frozenset[str] | None
    rows: RowFilter


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """The authenticated caller of a request.

    Attributes:
        name: Name of the API key or of the user; recorded in the history of alerts.
        key_id: The API key; None: a user has logged in.
        user_id: The user; None: the key belongs to no user.
        permissions: Some of `opsconductor.store.access.permissions.PERMISSIONS`.
        expires_at: When the credentials end; None: never.
        quota_per_minute: Maximum number of requests a minute; None: unlimited.
        origin: Where the account of the user is kept; of a key `local`.
        row_groups: Rows by groups, each of which limits the caller: of the roles, of the user, of the key.
            Within a group the permission extends to what any of its grants has.
        must_enrol: A role requires a second factor, which the user lacks: there are no permissions before.
    """

    name: str
    key_id: UUID | None
    user_id: UUID | None
    roles: tuple[str, ...]
    permissions: frozenset[str]
    expires_at: datetime | None = None
    quota_per_minute: int | None = None
    origin: str = AccountOrigin.LOCAL
    row_groups: tuple[tuple[RowGrant, ...], ...] = ()
    must_enrol: bool = False

    def scope(self, permission: str) -> RowScope:
        """Return the row filters under which the caller has a permission; empty: none."""
        groups = (
            tuple(
                grant.rows for grant in group if grant.permissions is None or permission in grant.permissions
            )
            for group in self.row_groups
        )
        return tuple(filters for filters in groups if filters and all(each.limits for each in filters))

    @property
    def is_limited(self) -> bool:
        """Return whether any row filter applies to the caller."""
        return any(grant.rows.limits for group in self.row_groups for grant in group)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewKey:
    """An API key to create.

    Attributes:
        expires_at: None: never.
        quota_per_minute: Maximum number of requests a minute; None: unlimited.
    """

    name: str
    roles: tuple[str, ...] = ()
    scopes: tuple[str, ...] = ()
    expires_at: datetime | None = None
    quota_per_minute: int | None = None
    rows: RowFilter = NO_LIMIT


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKey:
    """The visible part of an API key."""

    name: str
    prefix: str
    roles: tuple[str, ...]
    scopes: tuple[str, ...]
    expires_at: datetime | None
    quota_per_minute: int | None
    last_used_at: datetime | None
    created_at: datetime
    created_by: str
    row_filter: Mapping[str, Any] | None


def hash_of(token: str) -> str:
    """Return the stored hash of a key, a session token or the token of a link.

    A plain hash is enough: 256 random bits cannot be guessed, so a slow hash gains nothing, and every
    request would pay for it.
    """
    return sha256(token.encode(errors="replace")).hexdigest()


async def create_key(
    database: asyncpg.Pool, *, name: str, role: str, expires_at: datetime | None = None, by: Author = DAEMON
) -> str:
    """Create an API key with the permissions of a role; see `add_key`."""
    return await add_key(database, NewKey(name=name, roles=(role,), expires_at=expires_at), by)


async def add_key(database: asyncpg.Pool, new: NewKey, by: Author) -> str:
    """Create an API key; its text is returned and not stored.

    Raises:
        StoreRejected: There is already a key of that name, or no such role.
    """
    prefix = secrets.token_hex(4)
    key = f"ops_{prefix}_{secrets.token_hex(32)}"
    stored = (new.name, prefix, hash_of(key), new.roles, new.scopes, new.expires_at, new.quota_per_minute)
    with translated():
        if unknown := [row["name"] for row in await database.fetch(SQL["unknown_roles"], new.roles)]:
            raise StoreRejected(f"there is no role {', '.join(unknown)}")
        made = await database.fetchval(SQL["create_key"], *stored, by.name, by.address, new.rows.document())
    if made is None:
        raise StoreRejected(
            f"there is already a key named {new.name!r}; revoke it first or choose another name"
        )
    return key


async def list_keys(database: asyncpg.Pool) -> Sequence[ApiKey]:
    """Return all keys, oldest first."""
    with translated():
        rows = await database.fetch(SQL["list_keys"])
    return [ApiKey(**{**row, "roles": tuple(row["roles"]), "scopes": tuple(row["scopes"])}) for row in rows]


async def revoke_key(database: asyncpg.Pool, name: str, by: Author = DAEMON) -> bool:
    """Delete a key and its sessions; return False if there is none of that name."""
    with translated():
        return await database.fetchval(SQL["revoke_key"], name, by.name, by.address) is not None


async def principal_of_key(database: asyncpg.Pool, key: str) -> Principal | None:
    """Return the principal of a key, or None if it has ended or its user is disabled."""
    return await principal_by(database, "key", hash_of(key))


async def principal_by(database: asyncpg.Pool, kind: str, hashed: str) -> Principal | None:
    """Return the principal of a `key` or a `session`, and record its use, at most once a minute.

    A read-only database still authenticates.
    """
    with translated():
        row = await database.fetchrow(SQL[f"find_{kind}"], hashed)
    if row is None:
        return None
    if row["is_touch_due"]:
        try:
            with translated():
                await database.execute(SQL[f"touch_{kind}"], hashed)
        except StoreUnavailable as error:
            log.debug("the use of a key could not be recorded", extra={"error": str(error)})
    return Principal(
        name=row["name"],
        key_id=row["key_id"],
        user_id=row["user_id"],
        roles=tuple(row["roles"]),
        permissions=frozenset() if row["must_enrol"] else frozenset(row["permissions"]),
        expires_at=row["expires_at"],
        quota_per_minute=row["quota_per_minute"],
        origin=row["origin"],
        row_groups=_row_groups(row),
        must_enrol=row["must_enrol"],
    )


def _row_groups(row: Mapping[str, Any]) -> tuple[tuple[RowGrant, ...], ...]:
    """Return the groups of `Principal.row_groups` that limit something."""
    of_scopes = RowGrant(permissions=frozenset(row["scopes"]), rows=NO_LIMIT)
    groups = [(*_role_grants(row["role_rows"]), of_scopes), tuple(_role_grants(row["owner_rows"]))]
    groups += [
        (RowGrant(permissions=None, rows=row_filter_of(each)),)
        for each in (row["user_filter"], row["key_filter"])
    ]
    return tuple(group for group in groups if any(grant.rows.limits for grant in group))


def _role_grants(roles: Iterable[Mapping[str, Any]]) -> Iterable[RowGrant]:
    for role in roles:
        yield RowGrant(permissions=frozenset(role["permissions"]), rows=row_filter_of(role["rows"]))
