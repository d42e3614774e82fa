"""The live feed over a WebSocket: `GET /ws/alerts`, one JSON text message for each event."""

import asyncio
import json
from collections.abc import Iterator, Mapping
from http import HTTPStatus

from aiohttp import WSCloseCode, web

from opsconductor.api.auth.authenticator import refuse_foreign_page
from opsconductor.api.handlers.live.events import heartbeat
from opsconductor.api.handlers.live.following import News, following, forward
from opsconductor.api.http.endpoint import Call
from opsconductor.api.http.responses import any_json, refusal
from opsconductor.pipeline.slicing import CooperativeYield

SLOW_S = 15.0
"""Seconds after which a client that reads nothing is disconnected with that reason; less than
`api.write_timeout`, after which the connection is cut without a word."""
PING_S = 20.0
"""Interval of pings; a client that does not answer within half of it is disconnected."""
CLOSE_S = 1.0
LARGEST_MESSAGE = 4 * 1024
"""Maximum size of a message from a client, which has nothing to say: they are ignored."""


class UpgradeRequired(web.HTTPClientError):
    """The request is no WebSocket handshake."""

    status_code = HTTPStatus.UPGRADE_REQUIRED


class SocketSink:
    """Writes messages to one client."""

    def __init__(self, socket: web.WebSocketResponse) -> None:
        self._socket = socket

    async def send(self, news: News) -> None:
        """Write a message; raises TimeoutError when the client does not read."""
        pace = CooperativeYield()
        async with asyncio.timeout(SLOW_S):
            for message in messages_of(news):
                await self._socket.send_str(message)
                await pace.rest()


async def follow_by_socket(call: Call) -> web.StreamResponse:
    """Send changed alerts until the client disconnects, its credentials end or the daemon stops.

    Raises:
        web.HTTPForbidden: A page of another site has opened it.
        UpgradeRequired: It is a plain request.
    """
    request = call.request
    refuse_foreign_page(request)
    socket = web.WebSocketResponse(
        timeout=CLOSE_S, heartbeat=PING_S, compress=False, max_msg_size=LARGEST_MESSAGE
    )
    if not socket.can_prepare(request).ok:
        headers = {"Upgrade": "websocket", "Connection": "Upgrade"}
        raise refusal(UpgradeRequired, "upgrade_required", "this is a WebSocket", headers=headers)
    async with following(call) as queue:
        await socket.prepare(request)
        reading = asyncio.create_task(_read(socket))
        sending = asyncio.create_task(forward(queue, SocketSink(socket), call))
        try:
            await asyncio.wait({reading, sending}, return_when=asyncio.FIRST_COMPLETED)
            code, reason = _reason(sending)
        except asyncio.CancelledError:
            await _close(socket, WSCloseCode.GOING_AWAY, "the daemon stops", reading, sending)
            raise
        await _close(socket, code, reason, reading, sending)
    return socket


async def _read(socket: web.WebSocketResponse) -> None:
    """Wait until the client closes; what it sends is ignored."""
    async for _ in socket:
        pass


def _reason(sending: asyncio.Task[None]) -> tuple[WSCloseCode, str]:
    """Return why the feed ends."""
    if not sending.done():
        return WSCloseCode.OK, ""
    error = sending.exception()
    if error is None:
        return WSCloseCode.POLICY_VIOLATION, "the key or the session has ended"
    if isinstance(error, TimeoutError):
        return WSCloseCode.TRY_AGAIN_LATER, f"too slow: nothing was read for {SLOW_S:g} s"
    if isinstance(error, ConnectionError):
        return WSCloseCode.OK, ""
    raise error


async def _close(
    socket: web.WebSocketResponse, code: WSCloseCode, reason: str, *tasks: asyncio.Task[None]
) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)
    await socket.close(code=code, message=reason.encode(), drain=False)


def messages_of(news: News) -> Iterator[str]:
    """Return the messages about some changes; each has a `type` and `data`, the last one the `position`."""
    if news.is_empty:
        yield _message("heartbeat", heartbeat(), news.position)
        return
    found: list[tuple[str, bytes]] = [("reload", b"{}")] if news.is_incomplete else []
    found += [("alert.left", any_json.dump_json({"id": each})) for each in news.left]
    found += [(f"alert.{kind}", text) for kind, text in news.alerts]
    if news.database:
        found.append(("database", json.dumps(news.database).encode()))
    last = len(found) - 1
    for at, (kind, data) in enumerate(found):
        yield _message(kind, data, news.position if at == last else "")


def _message(kind: str, data: bytes, position: str) -> str:
    head: Mapping[str, str] = {"type": kind, **({"position": position} if position else {})}
    return f'{json.dumps(head)[:-1]}, "data": {data.decode()}}}'
