"""Id of a request: in its answer, and in every line that is logged while it is answered."""

import re
from random import getrandbits

from aiohttp import web
from aiohttp.typedefs import Handler

from opsconductor.logs import request_id

HEADER = "X-Request-ID"
OURS = re.compile(r"[A-Za-z0-9._-]{1,64}", re.ASCII)
"""Form of an id that is taken over from the client or its proxy."""
ID_BITS = 128
KEY: web.RequestKey[str] = web.RequestKey("request_id", str)


def new_id() -> str:
    """Return an id that no other request has; it need not be secret, and the system's source takes longer."""
    return f"{getrandbits(ID_BITS):032x}"


@web.middleware
async def identified(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Set the id of a request: the one that it came with, or a new one."""
    given = request.headers.get(HEADER, "")
    request[KEY] = given if OURS.fullmatch(given) else new_id()
    token = request_id.set(request[KEY])
    try:
        return await handler(request)
    finally:
        request_id.reset(token)


async def add_request_id(request: web.Request, response: web.StreamResponse) -> None:
    """Name the id in the answer."""
    if KEY in request:
        response.headers[HEADER] = request[KEY]
