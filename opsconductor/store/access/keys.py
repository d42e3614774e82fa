"""API keys and browser sessions, and their permissions.

A key is `ops_<prefix>_<secret>` with a secret of 256 random bits; the table holds its SHA-256 only.
Its `scopes` are names of roles; `roles.permissions` lists what a role permits.
"""

import logging
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID

import asyncpg

from opsconductor.errors import StoreRejected, StoreUnavailable
from opsconductor.store.postgres.connection import translated
from opsconductor.store.queries import load

SQL = load("access")

log = logging.getLogger(__name__)

DAEMON = "daemon"
ROLES = ("admin", "operator", "viewer", "reporter")
SESSION_LIFETIME = timedelta(days=7)
"""A session ends when unused for this long: a wall display stays logged in over a holiday."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """The authenticated caller of a request.

    Attributes:
        name: Name of the API key; recorded as user in the history of alerts.
        permissions: Some of `read`, `operate`, `report`, `configure`, `administer`.
        expires_at: When the key expires; None: never.
    """

    key_id: UUID
    name: str
    user_id: UUID | None
    roles: tuple[str, ...]
    permissions: frozenset[str]
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKey:
    """The visible part of an API key."""

    name: str
    prefix: str
    roles: tuple[str, ...]
    expires_at: datetime | None
    last_used_at: datetime | None
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """A row of `audit_log` about a log-in, a log-out or a failed attempt.

    Attributes:
        actor: Name of the key; empty: unknown.
        action: `session.open`, `session.close` or `login.failed`.
        subject: Object of the action; for a failure the public prefix of the key, if it has one.
    """

    actor: str
    action: str
    subject: str = ""
    details: Mapping[str, object] = field(default_factory=dict)
    remote_ip: str | None = None


def hash_of(token: str) -> str:
    """Return the stored hash of a key or session token.

    A plain hash is enough: 256 random bits cannot be guessed, so a slow hash gains nothing, and every
    request would pay for it.
    """
    return sha256(token.encode(errors="replace")).hexdigest()


async def create_key(
    pool: asyncpg.Pool, *, name: str, role: str, expires_at: datetime | None = None, actor: str = DAEMON
) -> str:
    """Create an API key; its text is returned and not stored.

    Args:
        actor: The creator, for the audit log.

    Raises:
        StoreRejected: There is already a key of that name.
    """
    prefix = secrets.token_hex(4)
    key = f"ops_{prefix}_{secrets.token_hex(32)}"
    with translated():
        made = await pool.fetchval(SQL["create_key"], name, prefix, hash_of(key), role, expires_at, actor)
    if made is None:
        raise StoreRejected(f"there is already a key named {name!r}; revoke it first or choose another name")
    return key


async def list_keys(pool: asyncpg.Pool) -> Sequence[ApiKey]:
    """Return all keys, oldest first."""
    with translated():
        rows = await pool.fetch(SQL["list_keys"])
    return [
        ApiKey(
            name=row["name"],
            prefix=row["prefix"],
            roles=tuple(row["scopes"]),
            expires_at=row["expires_at"],
            last_used_at=row["last_used_at"],
            created_at=row["created_at"],
        )
        for row in rows
    ]


async def revoke_key(pool: asyncpg.Pool, name: str, *, actor: str = DAEMON) -> bool:
    """Delete a key and its sessions; return False if there is none of that name."""
    with translated():
        return await pool.fetchval(SQL["revoke_key"], name, actor) is not None


async def principal_of_key(pool: asyncpg.Pool, key: str) -> Principal | None:
    """Return the principal of a key, or None if it is unknown, revoked or expired."""
    hashed = hash_of(key)
    with translated():
        row = await pool.fetchrow(SQL["find_key"], hashed)
    if row is not None and row["is_touch_due"]:
        await _touch(pool, "touch_key", hashed)
    return None if row is None else _principal(row)


async def open_session(pool: asyncpg.Pool, key_id: UUID) -> str:
    """Create a browser session under a key and return its token."""
    token = secrets.token_urlsafe(32)
    with translated():
        await pool.execute(SQL["open_session"], hash_of(token), key_id, SESSION_LIFETIME)
    return token


async def principal_of_session(pool: asyncpg.Pool, token: str) -> Principal | None:
    """Return the principal of a session, or None if it or its key has ended."""
    hashed = hash_of(token)
    with translated():
        row = await pool.fetchrow(SQL["find_session"], hashed)
    if row is not None and row["is_touch_due"]:
        await _touch(pool, "touch_session", hashed, SESSION_LIFETIME)
    return None if row is None else _principal(row)


async def close_session(pool: asyncpg.Pool, token: str) -> None:
    """Delete a session."""
    with translated():
        await pool.execute(SQL["close_session"], hash_of(token))


async def note_access(pool: asyncpg.Pool, access: Access) -> None:
    """Record a log-in, a log-out or a failed attempt in the audit log."""
    with translated():
        await pool.execute(
            SQL["audit"], access.actor, access.action, access.subject, access.details, access.remote_ip
        )


async def _touch(pool: asyncpg.Pool, name: str, *values: object) -> None:
    """Record the use of a key or session; a read-only database still authenticates."""
    try:
        with translated():
            await pool.execute(SQL[name], *values)
    except StoreUnavailable as error:
        log.debug("the use of a key could not be recorded", extra={"error": str(error)})


def _principal(row: asyncpg.Record) -> Principal:
    return Principal(
        key_id=row["key_id"],
        name=row["name"],
        user_id=row["user_id"],
        roles=tuple(row["roles"]),
        permissions=frozenset(row["permissions"]),
        expires_at=row["expires_at"],
    )
