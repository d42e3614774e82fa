"""HTTP server of the API, with limits against hostile clients."""

import asyncio
import logging
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from opsconductor.api.http.connections import connections

log = logging.getLogger(__name__)

CLOSE_S = 2.0
LINGER_S = 2.0
"""Seconds for which an unread body is still consumed, so that the client sees the answer."""
MOST_HEADERS = 64
LONGEST_LINE = LONGEST_HEADER = 8190
"""Maximum size in bytes of the request line (the URL) and of one header."""


@asynccontextmanager
async def serving(
    app: web.Application, host: str, port: int, tls: ssl.SSLContext | None = None
) -> AsyncIterator[asyncio.Server]:
    """Serve on a port while the context lasts.

    Args:
        app: As returned by `build_api`.
        tls: Serve HTTPS with it; None: HTTP.

    Raises:
        OSError: The port cannot be opened.
    """
    found = app[connections]
    runner = web.AppRunner(
        app,
        access_log=None,
        logger=log,
        shutdown_timeout=CLOSE_S,
        keepalive_timeout=found.limits.idle_s,
        lingering_time=LINGER_S,
        max_headers=MOST_HEADERS,
        max_line_size=LONGEST_LINE,
        max_field_size=LONGEST_HEADER,
        # no sender needs compressed bodies, and a small one may expand to a large one
        auto_decompress=False,
    )
    await runner.setup()
    try:
        assert runner.server is not None
        found.bind(runner.server)
        server = await asyncio.get_running_loop().create_server(
            found,
            host,
            port,
            backlog=1024,
            ssl=tls,
            ssl_handshake_timeout=None if tls is None else found.limits.read_s,
        )
        try:
            yield server
        finally:
            server.close()
            await found.settle(CLOSE_S)
    finally:
        await runner.cleanup()


def _is_ours(record: logging.LogRecord) -> bool:
    """Keep malformed HTTP out of the log: any host can send it, as often as it likes."""
    error = record.exc_info[1] if record.exc_info else None
    return not isinstance(error, HttpProcessingError | web.RequestPayloadError | ConnectionError)


log.addFilter(_is_ours)
