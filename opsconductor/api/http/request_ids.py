"""Id of a request: in its answer, and in every line that is logged while it is answered."""

import re
from secrets import token_hex

from aiohttp import web
from aiohttp.typedefs import Handler

from opsconductor.logs import request_id

HEADER = "X-Request-ID"
OURS = re.compile(r"[A-Za-z0-9._-]{1,64}", re.ASCII)
"""Form of an id that is taken over from the client or its proxy."""
ID_BYTES = 16
KEY: web.RequestKey[str] = web.RequestKey("request_id", str)


@web.middleware
async def identified(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Set the id of a request: the one that it came with, or a new one."""
    given = request.headers.get(HEADER, "")
    request[KEY] = given if OURS.fullmatch(given) else token_hex(ID_BYTES)
    token = request_id.set(request[KEY])
    try:
        return await handler(request)
    finally:
        request_id.reset(token)


async def add_request_id(request: web.Request, response: web.StreamResponse) -> None:
    """Name the id in the answer."""
    if KEY in request:
        response.headers[HEADER] = request[KEY]
