"""Contact methods of people, encrypted with the vault's key where they are stored."""

import base64
import binascii
import json
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from hashlib import sha256
from typing import Any

import asyncpg

from opsconductor.config.settings import Settings
from opsconductor.config.vault import Vault, existing_key
from opsconductor.errors import SecretError
from opsconductor.store.access.credentials import read_vault
from opsconductor.store.postgres.connection import transaction
from opsconductor.store.queries import load

SQL = load("people")
SEALED = "sealed"
Methods = Sequence[Mapping[str, Any]]
KeySource = Callable[[], bytes]
"""Return the vault's key; reads files. Raises SecretError."""


class ContactSeal:
    """Encrypts contact methods, each under the name of its person, and decrypts them.

    A ciphertext that is moved to another person cannot be decrypted. The stored value is JSON: an object with
    the ciphertext, or an empty list. The key is asked for once, and only if a person has contact methods.
    """

    def __init__(self, key: KeySource) -> None:
        self._key = cache(key)

    def seal(self, person: str, methods: Methods) -> object:
        """Return what is stored for the contact methods of a person.

        Raises:
            SecretError: There is no key.
        """
        if not methods:
            return []
        sealed = Vault(self._key(), {}).seal(entry_of(person), json.dumps(methods))
        return {SEALED: base64.b64encode(sealed).decode()}

    def open(self, person: str, stored: object) -> Methods:
        """Return the contact methods of a stored value.

        Raises:
            SecretError: There is no key, it is another one, or the value is damaged.
        """
        if isinstance(stored, list):
            return stored  # of an earlier version, until the daemon starts
        entry = entry_of(person)
        try:
            sealed = base64.b64decode(stored[SEALED], validate=True)  # type: ignore[index]
        except (KeyError, TypeError, ValueError, binascii.Error):
            raise SecretError(f"the contact methods of {person!r} are damaged") from None
        try:
            vault = Vault(self._key(), {entry: sealed})
        except SecretError as error:
            raise SecretError(f"the contact methods of {person!r} cannot be decrypted: {error}") from error
        try:
            methods: Methods = json.loads(vault.open(entry))
        except SecretError:
            raise SecretError(
                f"the contact methods of {person!r} are damaged, or were encrypted with another key"
            ) from None
        return methods


def no_key() -> bytes:
    """Raise SecretError: for those who read no people."""
    raise SecretError("the vault's key is not at hand")


UNREADABLE = ContactSeal(no_key)
"""For tables other than that of people."""


def seal_of(settings: Settings) -> ContactSeal:
    """Return what reads with the vault's key; no key is made."""

    def key() -> bytes:
        found = existing_key(settings.secrets, settings.data_dir)
        return no_key() if found is None else found

    return ContactSeal(key)


def entry_of(person: str) -> str:
    """Return the name under which the contact methods of a person are encrypted."""
    return f"person/{sha256(person.encode()).hexdigest()[:32]}/contacts"


def opened(row: Mapping[str, Any], seal: ContactSeal) -> dict[str, Any]:
    """Return a row of a person with readable contact methods; raises SecretError as `ContactSeal.open`."""
    return {**row, "contact_methods": seal.open(row["name"], row["contact_methods"])}


async def seal_contact_methods(pool: asyncpg.Pool, key: bytes) -> int:
    """Encrypt the contact methods that an earlier version has stored as they are.

    Returns:
        Number of people whose contact methods were encrypted.

    Raises:
        SecretError: The vault has another key; nothing is changed.
    """
    async with transaction(pool) as connection:
        rows = await connection.fetch(SQL["plain_methods"])
        if rows:
            await read_vault(connection, key)
            await _replace(connection, rows, ContactSeal(lambda: key).seal)
    return len(rows)


async def open_contact_methods(pool: asyncpg.Pool, key: bytes) -> int:
    """Store contact methods as they are, as an earlier version needs it.

    Returns:
        Number of people whose contact methods were decrypted.

    Raises:
        SecretError: They were encrypted with another key; nothing is changed.
    """
    async with transaction(pool) as connection:
        rows = await connection.fetch(SQL["sealed_methods"])
        await _replace(connection, rows, ContactSeal(lambda: key).open)
    return len(rows)


async def reseal_contact_methods(connection: asyncpg.Connection, old: bytes, new: bytes) -> int:
    """Encrypt contact methods with a new key, within a transaction; return of how many people.

    Raises:
        SecretError: The old key is not theirs.
    """
    before, after = ContactSeal(lambda: old), ContactSeal(lambda: new)
    rows = await connection.fetch(SQL["sealed_methods"])
    await _replace(connection, rows, lambda person, stored: after.seal(person, before.open(person, stored)))
    return len(rows)


async def _replace(
    connection: asyncpg.Connection, rows: Sequence[Mapping[str, Any]], change: Callable[[str, Any], object]
) -> None:
    changed = [{"name": row["name"], "methods": change(row["name"], row["methods"])} for row in rows]
    await connection.execute(SQL["replace_methods"], changed)
