"""Opens the database, wherever it is: the embedded server or the one of `database.url`."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import asyncpg

from opsconductor.config.settings import Settings
from opsconductor.errors import StoreRejected
from opsconductor.store import embedded, migrate
from opsconductor.store.connection import close_pool, open_pool
from opsconductor.store.retention import make_partitions


@asynccontextmanager
async def open_database(settings: Settings, *, upgrade: bool = False) -> AsyncIterator[asyncpg.Pool]:
    """Open a pool on a database whose schema is the one this version needs.

    Args:
        upgrade: Bring an older schema up to date, as the daemon does; otherwise refuse it. An embedded
            database that has just been made gets its schema in any case.

    Raises:
        StoreUnavailable: The database cannot be reached or the embedded one cannot be started.
        StoreRejected: The schema is older or newer than this version's; says what to do.
    """
    async with open_server(settings) as url:
        pool = await open_pool(url, settings.database.pool_size)
        try:
            is_new = settings.database.url is None and await migrate.current(pool) is None
            await _check_schema(pool, url, upgrade=upgrade or is_new)
            if upgrade or is_new:
                await make_partitions(pool, datetime.now(UTC))
            yield pool
        finally:
            await close_pool(pool)


@asynccontextmanager
async def open_server(settings: Settings) -> AsyncIterator[str]:
    """Give the URL of the database; the embedded server runs at least as long as it is used.

    Raises:
        StoreUnavailable: The embedded server cannot be started.
    """
    if settings.database.url is not None:
        yield settings.database.url.get_secret_value()
        return
    server = await _start(settings)
    try:
        yield server.url
    finally:
        await asyncio.to_thread(server.stop)


async def _start(settings: Settings) -> embedded.EmbeddedServer:
    """Start the server in a thread; when cancelled meanwhile, wait for it and stop it again."""
    starting = asyncio.ensure_future(asyncio.to_thread(embedded.start, settings.data_dir))
    try:
        return await asyncio.shield(starting)
    except asyncio.CancelledError:
        server = await starting
        await asyncio.to_thread(server.stop)
        raise


async def _check_schema(pool: asyncpg.Pool, url: str, *, upgrade: bool) -> None:
    found, needed = await migrate.current(pool), migrate.head()
    if found == needed:
        return
    if upgrade:
        await migrate.upgrade(url)
        return
    if found is not None:
        migrate.check_known(found)
    raise StoreRejected(
        f"the database is at revision {found or 'none'}, this version of OpsConductor needs {needed}: "
        "run 'opsconductor db upgrade'"
    )
