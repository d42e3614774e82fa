"""Where `users` and `token` find the accounts."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path

from opsconductor.cli.accounts.local import LocalAccounts
from opsconductor.cli.accounts.remote import RemoteAccounts
from opsconductor.cli.terminal.page_address import page_of
from opsconductor.cli.terminal.reach import near_or_far

Accounts = LocalAccounts | RemoteAccounts
OpenAccounts = Callable[[], AbstractAsyncContextManager[Accounts]]


def open_accounts(
    config_file: Path | None, url: str | None, token: str | None
) -> AbstractAsyncContextManager[Accounts]:
    """Open the accounts over the API, or in the database of this host."""
    return near_or_far(
        (config_file, url, token),
        lambda pool, settings: LocalAccounts(pool, page_of(settings)),
        lambda client, target: RemoteAccounts(client, f"{target.url.rstrip('/')}/"),
    )
