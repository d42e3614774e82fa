"""Where `users` and `token` find the accounts: a daemon that is named, else the database of this host."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import TypeVar

from opsconductor.cli.accounts.local import LocalAccounts
from opsconductor.cli.accounts.remote import RemoteAccounts
from opsconductor.cli.terminal.api_client import find_target, open_client
from opsconductor.cli.terminal.outcome import errors_shown
from opsconductor.cli.terminal.page_address import page_of
from opsconductor.config.load import load_settings
from opsconductor.store.postgres.database import open_database

Accounts = LocalAccounts | RemoteAccounts
OpenAccounts = Callable[[], AbstractAsyncContextManager[Accounts]]
Found = TypeVar("Found")


@asynccontextmanager
async def open_accounts(
    config_file: Path | None, url: str | None, token: str | None
) -> AsyncIterator[Accounts]:
    """Open the accounts over the API if a daemon or a key is given, else in the database of this host.

    The database needs neither a daemon nor a key, and the audit log names the user of this host; the local
    key is the same for all of them.
    """
    if url is None and token is None:
        settings = load_settings(config_file)
        async with open_database(settings) as pool:
            yield LocalAccounts(pool, page_of(settings))
        return
    target = find_target(config_file, url, token)
    async with open_client(target) as client:
        yield RemoteAccounts(client, f"{target.url.rstrip('/')}/")


def ask(opened: OpenAccounts, act: Callable[[Accounts], Awaitable[Found]]) -> Found:
    """Do something with the accounts; errors become a message and an exit status."""

    async def with_accounts() -> Found:
        async with opened() as accounts:
            return await act(accounts)

    with errors_shown():
        return asyncio.run(with_accounts())
