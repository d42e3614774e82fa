"""The vault for `opsconductor credential`: in the database of this host, or over the API of a daemon."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import asdict
from pathlib import Path
from typing import Any
from urllib.parse import quote

import click

from opsconductor.cli.terminal.api_client import ApiClient
from opsconductor.cli.terminal.outcome import CHANGED, actor
from opsconductor.cli.terminal.reach import near_or_far
from opsconductor.config.settings import Settings
from opsconductor.config.vault import find_key
from opsconductor.store.access.audit import Author
from opsconductor.store.access.credentials import (
    delete_credential,
    list_credentials,
    open_vault,
    write_credential,
)
from opsconductor.store.postgres.connection import Pool


class LocalVault:
    """The vault in the database; a running daemon uses what was changed after a reload."""

    def __init__(self, database: Pool, settings: Settings) -> None:
        self._database, self._settings = database, settings
        self._by = Author(name=actor())

    async def entries(self) -> Sequence[Mapping[str, Any]]:
        """Return the visible part of the entries, as the API returns it."""
        rows = [asdict(each) for each in await list_credentials(self._database)]
        return [{**row, "updated_at": row["updated_at"].isoformat()} for row in rows]

    async def store(self, name: str, secret: str) -> Sequence[str]:
        """Store a secret; return what is to be said about it, in lines."""
        vault = await open_vault(self._database, find_key(self._settings.secrets, self._settings.data_dir))
        await write_credential(self._database, name, vault.seal(name, secret), self._by)
        return [CHANGED]

    async def delete(self, name: str) -> Sequence[str]:
        """Delete an entry; return what is to be said about it, in lines.

        Raises:
            click.ClickException: There is none.
        """
        if not await delete_credential(self._database, name, self._by):
            raise click.ClickException(f"the vault has no secret named {name}")
        return [CHANGED]


class RemoteVault:
    """The vault of a daemon, which uses what was changed at once."""

    def __init__(self, client: ApiClient) -> None:
        self._client = client

    async def entries(self) -> Sequence[Mapping[str, Any]]:
        """Return the visible part of the entries."""
        rows: Sequence[Mapping[str, Any]] = (await self._client.get("/credentials"))["data"]
        return rows

    async def store(self, name: str, secret: str) -> Sequence[str]:
        """Store a secret; return what is to be said about it, in lines."""
        return _lines(await self._client.send("PUT", _path(name), {"secret": secret}))

    async def delete(self, name: str) -> Sequence[str]:
        """Delete an entry; return what is to be said about it, in lines."""
        return _lines(await self._client.send("DELETE", _path(name)))


def open_vaults(
    config_file: Path | None, url: str | None, token: str | None
) -> AbstractAsyncContextManager[LocalVault | RemoteVault]:
    """Open the vault over the API, or in the database of this host."""
    return near_or_far((config_file, url, token), LocalVault, lambda client, _: RemoteVault(client))


def _path(name: str) -> str:
    return f"/credentials/{quote(name, safe='')}"


def _lines(answer: Mapping[str, Any]) -> Sequence[str]:
    changed = answer["data"]
    lines = [f"{name} does not work: {reason}" for name, reason in changed["failed"].items()]
    if changed["error"]:
        lines.append(f"it is not in force: {changed['error']}")
    return lines or ["The daemon uses it."]
