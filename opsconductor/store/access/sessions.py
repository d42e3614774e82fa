"""Browser sessions of API keys and of users; the table holds the SHA-256 of their tokens only."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import asyncpg

from opsconductor.store.access.audit import AuditEntry, Author, record
from opsconductor.store.access.keys import Principal, hash_of, principal_by
from opsconductor.store.access.users import User
from opsconductor.store.postgres.connection import transaction, translated
from opsconductor.store.queries import load

SQL = load("access/access")


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionTimes:
    """How long a session lasts.

    Attributes:
        idle: It ends when it is unused for this long.
        lifetime: It ends after this time in any case; None: with its key.
    """

    idle: timedelta
    lifetime: timedelta | None = None


KEY_SESSION = SessionTimes(idle=timedelta(days=7))
"""Of a session that was opened with an API key: a wall display stays logged in over a holiday."""
PASSWORD_SESSION = SessionTimes(idle=timedelta(hours=12), lifetime=timedelta(days=7))
"""Of a session that was opened with a password; see `accounts` in the settings."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenSession:
    """A session of a caller.

    Attributes:
        is_this: It is the one that asks.
    """

    id: UUID
    created_at: datetime
    last_seen_at: datetime
    expires_at: datetime
    remote_ip: str | None
    is_this: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnedSession(OpenSession):
    """A session of any user.

    Attributes:
        owner: Name of the user or of the API key.
        roles: Of the owner.
        scopes: Of the key.
    """

    owner: str
    is_key: bool
    roles: tuple[str, ...]
    scopes: tuple[str, ...]


async def open_session(
    database: asyncpg.Pool, owner: Principal, times: SessionTimes, address: str | None
) -> str:
    """Create a session of a key or, without one, of a user; return its token."""
    token = secrets.token_urlsafe(32)
    user_id = None if owner.key_id is not None else owner.user_id
    with translated():
        await database.execute(
            SQL["open_session"], hash_of(token), owner.key_id, user_id, times.idle, times.lifetime, address
        )
    return token


async def principal_of_session(database: asyncpg.Pool, token: str) -> Principal | None:
    """Return the principal of a session, or None if it or its key has ended, or its user is disabled."""
    return await principal_by(database, "session", hash_of(token))


async def list_sessions(database: asyncpg.Pool, owner: Principal, token: str) -> Sequence[OpenSession]:
    """Return the sessions of a caller, the latest first; `token` is the one that asks."""
    with translated():
        rows = await database.fetch(SQL["list_sessions"], owner.key_id, owner.user_id, hash_of(token))
    return [OpenSession(**row) for row in rows]


async def list_all_sessions(database: asyncpg.Pool, token: str) -> Sequence[OwnedSession]:
    """Return the sessions of all users and keys, the latest used first; `token` is the one that asks."""
    with translated():
        rows = await database.fetch(SQL["list_all_sessions"], hash_of(token))
    return [
        OwnedSession(**{**row, "roles": tuple(row["roles"]), "scopes": tuple(row["scopes"])}) for row in rows
    ]


async def end_session(database: asyncpg.Pool, session: OwnedSession, by: Author) -> None:
    """Delete a session of any user; the audit log records who did it."""
    async with transaction(database) as connection:
        await connection.execute(SQL["end_session"], session.id)
        details = {"created_at": session.created_at.isoformat(), "remote_ip": session.remote_ip}
        await record(connection, AuditEntry(action="session.end", subject=session.owner, details=details), by)


async def close_session(database: asyncpg.Pool, token: str) -> None:
    """Delete a session."""
    with translated():
        await database.execute(SQL["close_session"], hash_of(token))


async def close_sessions(database: asyncpg.Pool, owner: Principal, by: Author) -> int:
    """Delete all sessions of a key or, without one, of a user; return their number."""
    async with transaction(database) as connection:
        closed = len(await connection.fetch(SQL["close_sessions"], owner.key_id, owner.user_id))
        entry = AuditEntry(action="session.close_all", subject=owner.name, details={"sessions": closed})
        await record(connection, entry, by)
    return closed


async def close_sessions_of(database: asyncpg.Pool, user: User, by: Author) -> int:
    """Delete all sessions of a user; return their number."""
    owner = Principal(
        name=user.username, key_id=None, user_id=user.id, roles=user.roles, permissions=frozenset()
    )
    return await close_sessions(database, owner, by)
