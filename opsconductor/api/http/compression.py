"""Compression of answers that are worth it."""

from aiohttp import web
from aiohttp.typedefs import Handler

SMALLEST_BYTES = 1_400
"""Shorter answers fit into one packet."""
COMPRESSED = frozenset({"application/json", "text/html", "text/plain"})


@web.middleware
async def compressed(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Compress an answer as the client accepts it; longer ones in a thread, see `responses.answer`."""
    response = await handler(request)
    if (
        isinstance(response, web.Response)
        and response.content_type in COMPRESSED
        and isinstance(response.body, bytes)
        and len(response.body) >= SMALLEST_BYTES
    ):
        response.headers.add("Vary", "Accept-Encoding")
        response.enable_compression()
    return response
