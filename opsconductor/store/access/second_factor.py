"""The second factor of users: encrypted secret, used codes, recovery codes."""

from collections.abc import Sequence
from uuid import UUID

import asyncpg

from opsconductor.store.access.audit import AuditEntry, Author, record
from opsconductor.store.access.keys import hash_of
from opsconductor.store.access.users import User
from opsconductor.store.postgres.connection import transaction, translated
from opsconductor.store.queries import load

SQL = load("access/users")


def totp_entry(user_id: UUID) -> str:
    """Return the name under which the secret of a user is encrypted."""
    return f"user/{user_id}/totp"


async def sealed_secret_of(database: asyncpg.Pool, user_id: UUID) -> bytes | None:
    """Return the encrypted secret of a user, confirmed or not, or None."""
    with translated():
        sealed: bytes | None = await database.fetchval(SQL["find_totp"], user_id)
    return sealed


async def begin_second_factor(database: asyncpg.Pool, user_id: UUID, sealed: bytes) -> None:
    """Store a secret that is not asked for until it is confirmed; one that is confirmed stays."""
    with translated():
        await database.execute(SQL["begin_totp"], user_id, sealed)


async def confirm_second_factor(
    database: asyncpg.Pool, user: User, step: int, codes: Sequence[str], by: Author
) -> None:
    """Ask the user for a code from now on.

    Args:
        step: Of the code that confirmed it.
        codes: Recovery codes; their hashes are stored.
    """
    async with transaction(database) as connection:
        await connection.execute(SQL["confirm_totp"], user.id, step, [hash_of(code) for code in codes])
        await record(connection, _change(user, action="user.second_factor", to=True), by)


async def use_step(database: asyncpg.Pool, user_id: UUID, step: int) -> bool:
    """Record that the code of a step is used; return False if it, or a later one, was used before."""
    with translated():
        return await database.fetchval(SQL["use_step"], user_id, step) is not None


async def use_recovery_code(database: asyncpg.Pool, user: User, code: str, by: Author) -> bool:
    """Remove a recovery code; return False if it is none of the user's."""
    async with transaction(database) as connection:
        left = await connection.fetchval(SQL["use_recovery"], user.id, hash_of(code))
        if left is None:
            return False
        entry = AuditEntry(action="user.recovery_code", subject=user.username, details={"left": left})
        await record(connection, entry, by)
    return True


async def remove_second_factor(database: asyncpg.Pool, user: User, by: Author) -> None:
    """Remove the authenticator app of a user; passkeys remain."""
    async with transaction(database) as connection:
        await connection.execute(SQL["remove_totp"], user.id)
        await record(connection, _change(user, action="user.second_factor_off", to=False), by)


async def reset_second_factors(database: asyncpg.Pool, user: User, by: Author) -> None:
    """Remove authenticator app, recovery codes and passkeys of a user who has lost them."""
    async with transaction(database) as connection:
        gone = await connection.fetchval(SQL["remove_factors"], user.id)
        details = {
            "before": {"second_factor": user.has_second_factor, "passkeys": gone},
            "after": {"second_factor": False, "passkeys": 0},
        }
        entry = AuditEntry(action="user.second_factor_off", subject=user.username, details=details)
        await record(connection, entry, by)


def _change(user: User, *, action: str, to: bool) -> AuditEntry:
    """Return the entry of a change of whether a user has a second factor."""
    details = {"before": {"second_factor": not to}, "after": {"second_factor": to}}
    return AuditEntry(action=action, subject=user.username, details=details)
