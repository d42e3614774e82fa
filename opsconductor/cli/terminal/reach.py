"""Where a command finds what it works on: a daemon that is named, else the database of this host."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import TypeVar

from opsconductor.cli.terminal.api_client import ApiClient, ApiTarget, find_target, open_client
from opsconductor.cli.terminal.outcome import errors_shown
from opsconductor.config.load import load_settings
from opsconductor.config.settings import Settings
from opsconductor.store.postgres.connection import Pool
from opsconductor.store.postgres.database import open_database

Near = TypeVar("Near")
Far = TypeVar("Far")
Work = TypeVar("Work")
Found = TypeVar("Found")

LOCAL_ONLY = (
    "this works in the database of the daemon's own host alone: run it there, without --server, --token and "
    "--key-file, and without OPSCONDUCTOR_URL and OPSCONDUCTOR_TOKEN"
)


@asynccontextmanager
async def near_or_far(
    target: tuple[Path | None, str | None, str | None],
    near: Callable[[Pool, Settings], Near],
    far: Callable[[ApiClient, ApiTarget], Far],
) -> AsyncIterator[Near | Far]:
    """Open something over the API if a daemon or a key is given, else in the database of this host.

    The database needs neither a daemon nor a key, and the audit log names the user of this host; the local
    key is the same for all of them.

    Args:
        target: The configuration file, the address of a daemon, and a key.
    """
    config_file, url, token = target
    if url is None and token is None:
        settings = load_settings(config_file)
        async with open_database(settings) as pool:
            yield near(pool, settings)
        return
    found = find_target(config_file, url, token)
    async with open_client(found) as client:
        yield far(client, found)


def ask(
    opened: Callable[[], AbstractAsyncContextManager[Work]], act: Callable[[Work], Awaitable[Found]]
) -> Found:
    """Do something with what is opened; errors become a message and an exit status."""

    async def with_opened() -> Found:
        async with opened() as work:
            return await act(work)

    with errors_shown():
        return asyncio.run(with_opened())
