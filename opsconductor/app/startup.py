"""Start of the daemon until the database is open; it can be stopped and answers health requests."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial

from aiohttp import web

from opsconductor.api.http.connections import ClientLimits
from opsconductor.api.http.server import serving
from opsconductor.api.http.starting import build_starting_api
from opsconductor.api.http.tls import ServerTls, kept
from opsconductor.config.settings import ApiSettings, Settings
from opsconductor.errors import Rejected
from opsconductor.store.access.local_token import read_local_token
from opsconductor.store.fence import FencedPool
from opsconductor.store.postgres.database import await_database


@dataclass(slots=True)
class StartState:
    """What the start waits for, or does; as text it is for people."""

    reason: object = "opening the database"

    def note(self, reason: object) -> None:
        """Store why the database cannot be opened yet."""
        self.reason = reason


@asynccontextmanager
async def opened_database(settings: Settings) -> AsyncIterator[FencedPool]:
    """Open the database; meanwhile the API answers that the daemon is starting, and why.

    Raises:
        StoreUnavailable: It cannot be opened in time, or not without a change by an administrator.
        StoreRejected: The schema is newer than this version's.
        Rejected: The API's port cannot be opened.
    """
    waiting = StartState()
    api = build_starting_api(
        lambda: str(waiting.reason), partial(read_local_token, settings.data_dir), client_limits(settings.api)
    )
    async with AsyncExitStack() as stack:
        async with serving_api(api, settings.api):
            pool = await stack.enter_async_context(await_database(settings, waiting.note))
        yield pool


@asynccontextmanager
async def serving_api(api: web.Application, settings: ApiSettings) -> AsyncIterator[None]:
    """Serve on the API's port while the context lasts.

    Raises:
        Rejected: The port cannot be opened, or the certificate cannot be used; the message names the remedy.
    """
    async with AsyncExitStack() as stack:
        tls = await stack.enter_async_context(kept(await tls_of(settings)))
        try:
            await stack.enter_async_context(serving(api, settings.listen.host, settings.listen.port, tls))
        except OSError as error:
            raise Rejected(
                f"api.listen {settings.listen} cannot be opened ({error.strerror or error}): "
                "stop what uses it, or choose another address or port"
            ) from None
        yield


async def tls_of(settings: ApiSettings) -> ServerTls | None:
    """Return the TLS settings of the API; None: it uses plain HTTP.

    Raises:
        Rejected: The certificate or its key cannot be used.
    """
    if settings.tls_certificate is None:
        return None
    return await asyncio.to_thread(ServerTls, settings.tls_certificate, settings.tls_key)


def client_limits(settings: ApiSettings) -> ClientLimits:
    """Return the limits on API clients, in seconds and connections."""
    return ClientLimits(
        connections=settings.max_connections,
        read_s=settings.read_timeout.total_seconds(),
        idle_s=settings.idle_timeout.total_seconds(),
        write_s=settings.write_timeout.total_seconds(),
    )
