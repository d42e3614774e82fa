"""Passkeys of users: public keys by which authenticators sign (WebAuthn)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

import asyncpg

from opsconductor.errors import AccountConflict, UnknownAccount
from opsconductor.store.access.audit import AuditEntry, Author, record
from opsconductor.store.access.users import User
from opsconductor.store.postgres.connection import transaction, translated
from opsconductor.store.queries import load

SQL = load("access/passkeys")

MOST_PASSKEYS = 20
"""Of one user."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Passkey:
    """A passkey as its user sees it."""

    id: UUID
    name: str
    credential_id: bytes
    created_at: datetime
    last_used_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PasskeyProof:
    """What the answer of an authenticator is checked with.

    Attributes:
        public_key: COSE_Key.
        sign_count: Of the latest use.
    """

    id: UUID
    user_id: UUID
    username: str
    public_key: bytes = field(repr=False)
    sign_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPasskey:
    """What an authenticator has made."""

    credential_id: bytes
    public_key: bytes = field(repr=False)
    sign_count: int


async def list_passkeys(database: asyncpg.Pool, user_id: UUID) -> Sequence[Passkey]:
    """Return the passkeys of a user, the oldest first."""
    with translated():
        return [Passkey(**row) for row in await database.fetch(SQL["list"], user_id)]


async def find_passkey(database: asyncpg.Pool, credential_id: bytes) -> PasskeyProof | None:
    """Return the passkey of an enabled user by the id that its authenticator has chosen."""
    with translated():
        row = await database.fetchrow(SQL["find"], credential_id)
    return None if row is None else PasskeyProof(**row)


async def add_passkey(database: asyncpg.Pool, user: User, name: str, made: NewPasskey, by: Author) -> Passkey:
    """Store a passkey.

    Raises:
        AccountConflict: It is known already, or the user has too many.
    """
    async with transaction(database) as connection:
        if await connection.fetchval(SQL["count"], user.id) >= MOST_PASSKEYS:
            raise AccountConflict(f"{user.username} has {MOST_PASSKEYS} passkeys; remove one first")
        given = (made.credential_id, made.public_key, made.sign_count)
        row = await connection.fetchrow(SQL["add"], user.id, name, *given)
        if row is None:
            raise AccountConflict("this passkey is registered already")
        added = Passkey(**row)
        entry = AuditEntry(
            action="user.passkey", subject=user.username, details={"before": None, "after": _shown(added)}
        )
        await record(connection, entry, by)
    return added


async def use_passkey(database: asyncpg.Pool, passkey_id: UUID, sign_count: int) -> bool:
    """Record a use; return False if the counter has not grown, so that a copy may be in use."""
    with translated():
        return await database.fetchval(SQL["use"], passkey_id, sign_count) is not None


async def rename_passkey(
    database: asyncpg.Pool, user: User, passkey_id: UUID, name: str, by: Author
) -> Passkey:
    """Rename a passkey of a user.

    Raises:
        UnknownAccount: The user has none with this id.
    """
    async with transaction(database) as connection:
        row = await connection.fetchrow(SQL["rename"], user.id, passkey_id, name)
        if row is None:
            raise UnknownAccount("there is no such passkey")
        fields = dict(row)
        before = {"name": fields.pop("name_before"), "id": str(passkey_id)}
        renamed = Passkey(**fields)
        details = {"before": before, "after": _shown(renamed)}
        entry = AuditEntry(action="user.passkey_name", subject=user.username, details=details)
        await record(connection, entry, by)
    return renamed


async def remove_passkey(database: asyncpg.Pool, user: User, passkey_id: UUID, by: Author) -> None:
    """Remove a passkey of a user.

    Raises:
        UnknownAccount: The user has none with this id.
    """
    async with transaction(database) as connection:
        row = await connection.fetchrow(SQL["remove"], user.id, passkey_id)
        if row is None:
            raise UnknownAccount("there is no such passkey")
        details = {"before": _shown(Passkey(**row)), "after": None}
        entry = AuditEntry(action="user.passkey_off", subject=user.username, details=details)
        await record(connection, entry, by)


def _shown(passkey: Passkey) -> Mapping[str, object]:
    return {"name": passkey.name, "id": str(passkey.id)}
