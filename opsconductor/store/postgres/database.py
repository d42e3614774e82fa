"""Opening of the database: the embedded server or the one of `database.url`."""

import asyncio
import errno
import logging
import os
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime

import asyncpg

from opsconductor.config.settings import Settings
from opsconductor.errors import StoreRejected, StoreUnavailable
from opsconductor.store.fence import FencedPool
from opsconductor.store.postgres import embedded, migrate
from opsconductor.store.postgres.connection import close_pool, open_pool
from opsconductor.store.retention.old_rows import make_partitions

log = logging.getLogger(__name__)

WATCH_EVERY_S = 0.5
RETRY_EVERY_S = 1.0
FINAL_ERRORS = (
    asyncpg.InvalidAuthorizationSpecificationError,
    asyncpg.InvalidCatalogNameError,
    asyncpg.InsufficientPrivilegeError,
)
"""SQLSTATEs of a wrong password or account, a missing database or a missing permission."""
FINAL_NUMBERS = (errno.EACCES, errno.EPERM, errno.ENOSPC, errno.EDQUOT, errno.EROFS)
"""`errno` of faults that only an administrator can repair; the embedded server reports only their texts."""


@asynccontextmanager
async def await_database(
    settings: Settings, note: Callable[[object], None] = lambda _: None
) -> AsyncIterator[FencedPool]:
    """Open the database for the daemon, waiting until it is available; see `open_database`.

    Meanwhile messages wait in the kernel's buffers and in the senders.

    Args:
        note: Called with the reason at every attempt that fails, and with what is done to the schema.

    Raises:
        StoreUnavailable: It was away for all of `limits.database_wait`, or only an administrator can
            bring it back: then without waiting.
        StoreRejected: The schema is newer than this version's.
    """
    deadline = time.monotonic() + settings.limits.database_wait.total_seconds()
    is_logged = False
    async with AsyncExitStack() as stack:
        while True:
            try:
                pool = await stack.enter_async_context(open_database(settings, upgrade=True, note=note))
                break
            except StoreUnavailable as error:
                if time.monotonic() > deadline or is_final(error):
                    raise with_remedy(error, settings) from error.__cause__
                note(str(error))
                if not is_logged:
                    log.warning("waiting for the database", extra={"error": str(error)})
                is_logged = True
                await asyncio.sleep(RETRY_EVERY_S)
        yield pool


def is_final(error: StoreUnavailable) -> bool:
    """Return True if waiting cannot help: permissions, a password, a full disk or a name are wrong."""
    cause = error.__cause__
    if isinstance(cause, FINAL_ERRORS) or (isinstance(cause, OSError) and cause.errno in FINAL_NUMBERS):
        return True
    return any(os.strerror(number) in str(error) for number in FINAL_NUMBERS)


def with_remedy(error: StoreUnavailable, settings: Settings) -> StoreUnavailable:
    """Return the error, for a full disk with the place and the remedy: PostgreSQL names no path."""
    if not any(os.strerror(number) in str(error) for number in (errno.ENOSPC, errno.EDQUOT)):
        return error
    place = (
        f"data_dir {settings.data_dir.resolve()}" if settings.database.url is None else "PostgreSQL's data"
    )
    return StoreUnavailable(f"{error}: make room on the disk of {place}, then start again")


@asynccontextmanager
async def open_database(
    settings: Settings, *, upgrade: bool = False, note: Callable[[object], None] = lambda _: None
) -> AsyncIterator[FencedPool]:
    """Open a pool on a database whose schema is the one this version needs.

    Args:
        upgrade: Upgrade an older schema, as the daemon does; otherwise reject it. A new embedded database
            gets its schema in any case.
        note: See `migrate.upgrade`.

    Raises:
        StoreUnavailable: The database cannot be reached, the embedded one cannot be started, or see
            `check_chosen`.
        StoreRejected: The schema is older or newer than this version's; the message names the remedy.
    """
    if not upgrade:
        check_chosen(settings)
    async with open_server(settings) as url:
        pool = await open_pool(url, settings.database.pool_size)
        try:
            is_new = settings.database.url is None and await migrate.current(pool) is None
            await _check_schema(pool, url, note if upgrade or is_new else None)
            if upgrade or is_new:
                await make_partitions(pool, datetime.now(UTC))
            yield pool
        finally:
            await close_pool(pool)


def check_chosen(settings: Settings) -> None:
    """Check that a command does not create a database only because it was started in another folder.

    Raises:
        StoreUnavailable: No one has chosen `data_dir`, and no database is there.
    """
    is_chosen = settings.database.url is not None or "data_dir" in settings.model_fields_set
    if not is_chosen and not (settings.data_dir / embedded.CLUSTER).exists():
        raise StoreUnavailable(
            f"there is no database in {settings.data_dir}, the default of data_dir: enter the command in the "
            "daemon's folder, or name the daemon's file with 'opsconductor --config FILE ...'"
        )


@asynccontextmanager
async def open_server(settings: Settings) -> AsyncIterator[str]:
    """Yield the URL of the database; the embedded server runs at least as long as it is used.

    Raises:
        StoreUnavailable: The embedded server cannot be started.
    """
    if settings.database.url is not None:
        yield settings.database.url.get_secret_value()
        return
    server = await _start(settings)
    watching = asyncio.create_task(_watch(server), name="embedded PostgreSQL")
    try:
        yield server.url
    finally:
        watching.cancel()
        await asyncio.wait({watching})
        await asyncio.to_thread(server.stop)


async def _watch(server: embedded.EmbeddedServer) -> None:
    """Restart the server whenever it is gone, until cancelled."""
    while True:
        await asyncio.sleep(WATCH_EVERY_S)
        try:
            if await asyncio.to_thread(server.revive):
                log.error(
                    "the embedded PostgreSQL had stopped and was restarted",
                    extra={"path": str(server.cluster)},
                )
        except StoreUnavailable as error:
            log.error("the embedded PostgreSQL has stopped, trying again", extra={"error": str(error)})


async def _start(settings: Settings) -> embedded.EmbeddedServer:
    """Start the server in a thread; if cancelled meanwhile, wait for it and stop it again."""
    starting = asyncio.ensure_future(
        asyncio.to_thread(embedded.start, settings.data_dir, settings.backup.wal_archive)
    )
    try:
        return await asyncio.shield(starting)
    except asyncio.CancelledError:
        server = await starting
        await asyncio.to_thread(server.stop)
        raise


async def _check_schema(pool: asyncpg.Pool, url: str, note: Callable[[object], None] | None) -> None:
    """Upgrade the schema, or reject another one if there is no `note`."""
    found, needed = await migrate.current(pool), migrate.head()
    if found == needed:
        return
    if note is not None:
        await migrate.upgrade(url, note=note)
        return
    if found is not None:
        migrate.check_known(found)
    raise StoreRejected(
        f"the database is at revision {found or 'none'}, this version of OpsConductor needs {needed}: "
        "run 'opsconductor db upgrade'"
    )
