"""Everything that is encrypted with the vault's key, encrypted with another one."""

from dataclasses import dataclass

import asyncpg

from opsconductor.config.vault import Vault, key_check
from opsconductor.store.access.credentials import SQL, read_vault
from opsconductor.store.access.second_factor import totp_entry
from opsconductor.store.people.sealed import reseal_contact_methods
from opsconductor.store.postgres.connection import translated


@dataclass(frozen=True, slots=True, kw_only=True)
class RotatedSecrets:
    """Number of entries that are encrypted with the new key; people: those with contact methods."""

    credentials: int
    second_factors: int
    people: int


async def rotate_key(pool: asyncpg.Pool, old: bytes, new: bytes, *, actor: str) -> RotatedSecrets:
    """Encrypt all entries with a new key, in one transaction; no daemon may run.

    Raises:
        SecretError: The old key is not that of this vault, or an entry is damaged; nothing is changed.
        StoreUnavailable: Nothing is changed.
    """
    fresh = Vault(new, {})
    with translated():
        async with pool.acquire() as connection, connection.transaction():
            await connection.execute(SQL["lock"])
            vault = await read_vault(connection, old)
            sealed = [fresh.seal(name, vault.open(name)) for name in vault.names]
            await connection.execute(SQL["reseal"], list(vault.names), sealed)
            users = await connection.fetch(SQL["totp_secrets"])
            factors = []
            for user in users:
                entry = totp_entry(user["id"])
                factors.append(fresh.seal(entry, Vault(old, {entry: user["totp_secret"]}).open(entry)))
            await connection.execute(SQL["reseal_totp"], [user["id"] for user in users], factors)
            people = await reseal_contact_methods(connection, old, new)
            await connection.execute(SQL["set_key_check"], key_check(new))
            await connection.execute(SQL["audit"], actor, "credential.rotate", ["all"], None)
    return RotatedSecrets(credentials=len(sealed), second_factors=len(factors), people=people)


async def is_key_of(pool: asyncpg.Pool, key: bytes) -> bool:
    """Return True if a key is that of the vault in this database."""
    with translated():
        return bool(await pool.fetchval(SQL["stored_check"]) == key_check(key))
