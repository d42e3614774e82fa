"""The table behind the vault: ciphertexts by name."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import asyncpg

from opsconductor.config.vault import Vault, key_check
from opsconductor.errors import SecretError
from opsconductor.store.access.audit import Author
from opsconductor.store.postgres.connection import translated
from opsconductor.store.queries import load

SQL = load("access/credentials")


@dataclass(frozen=True, slots=True, kw_only=True)
class Credential:
    """The visible part of an entry of the vault."""

    name: str
    created_by: str | None
    created_at: datetime
    updated_at: datetime


async def open_vault(pool: asyncpg.Pool, key: bytes) -> Vault:
    """Read the vault; secrets are decrypted only when they are needed.

    Raises:
        SecretError: The vault in this database was encrypted with another key.
    """
    with translated():
        async with pool.acquire() as connection, connection.transaction():
            return await read_vault(connection, key)


async def read_vault(connection: asyncpg.Connection, key: bytes) -> Vault:
    """Read the vault within a transaction; see `open_vault`."""
    check = key_check(key)
    if await connection.fetchval(SQL["check_key"], check) != check:
        raise SecretError(
            "the vault of this database was encrypted with another key: give the same "
            "OPSCONDUCTOR__SECRETS__KEY, credential or secrets.key as before"
        )
    return Vault(key, {row["name"]: row["ciphertext"] for row in await connection.fetch(SQL["read"])})


async def write_credential(pool: asyncpg.Pool, name: str, ciphertext: bytes, by: Author) -> None:
    """Store one entry, replacing an existing one of the same name."""
    with translated():
        async with pool.acquire() as connection, connection.transaction():
            await write_credentials(connection, {name: ciphertext}, by)


async def write_credentials(connection: asyncpg.Connection, sealed: Mapping[str, bytes], by: Author) -> None:
    """Store entries within a transaction, and record who has written them."""
    if sealed:
        await connection.execute(SQL["write"], list(sealed), list(sealed.values()), by.name)
        await connection.execute(SQL["audit"], by.name, "credential.set", list(sealed), by.address)


async def list_credentials(pool: asyncpg.Pool) -> Sequence[Credential]:
    """Return the entries by name, without their secrets."""
    with translated():
        return [Credential(**row) for row in await pool.fetch(SQL["list"])]


async def delete_credential(pool: asyncpg.Pool, name: str, by: Author) -> bool:
    """Delete an entry; return False if there is none of that name."""
    with translated():
        async with pool.acquire() as connection, connection.transaction():
            return bool(await delete_credentials(connection, [name], by))


async def delete_credentials(
    connection: asyncpg.Connection, names: Sequence[str], by: Author
) -> Sequence[str]:
    """Delete entries within a transaction; return the names of those that existed."""
    if not names:
        return []
    gone = [row["name"] for row in await connection.fetch(SQL["delete"], list(names))]
    await connection.execute(SQL["audit"], by.name, "credential.delete", gone, by.address)
    return gone
