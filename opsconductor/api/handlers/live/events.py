"""The live feed as server-sent events: `GET /alerts/stream`."""

import asyncio
import json
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime

from aiohttp import web

from opsconductor.api.handlers.live.following import News, following, forward
from opsconductor.api.http.endpoint import Call
from opsconductor.api.http.responses import any_json

WRITE_TIMEOUT_S = 30.0
"""Time in seconds after which a client that reads nothing is disconnected."""
RETRY = b"retry: 2000\n\n"
HEADERS = {"Content-Type": "text/event-stream", "X-Accel-Buffering": "no"}


class EventSink:
    """Writes server-sent events to one client."""

    def __init__(self, response: web.StreamResponse) -> None:
        self._response = response

    async def send(self, news: News) -> None:
        """Write the events of a message."""
        async with asyncio.timeout(WRITE_TIMEOUT_S):
            await self._response.write(events_of(news))


async def stream(call: Call) -> web.StreamResponse:
    """Send changed alerts until the client disconnects, its credentials end or the daemon stops."""
    response = web.StreamResponse(headers=HEADERS)
    # connection error: the client has gone and reconnects by itself
    async with following(call) as queue:
        with suppress(ConnectionError, TimeoutError):
            await response.prepare(call.request)
            await response.write(RETRY)
            await forward(queue, EventSink(response), call)
    return response


def events_of(news: News) -> bytes:
    """Return a message as events; the last one carries the position."""
    if news.is_empty:
        return _event("heartbeat", heartbeat(), news.position)
    events: list[tuple[str, bytes]] = []
    if news.is_incomplete:
        events.append(("reload", b"{}"))
    if news.left:
        events.append(("left", any_json.dump_json(news.left)))
    if news.alerts:
        events.append(("alerts", b"[" + b",".join([text for _, text in news.alerts]) + b"]"))
    if news.database:
        events.append(("database", json.dumps(news.database).encode()))
    last = len(events) - 1
    return b"".join(
        _event(name, data, news.position if at == last else "") for at, (name, data) in enumerate(events)
    )


def heartbeat() -> bytes:
    """Return the data of a heartbeat: the daemon's time."""
    said: Mapping[str, str] = {"at": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"}
    return json.dumps(said).encode()


def _event(name: str, data: bytes, position: str) -> bytes:
    place = b"id: " + position.encode() + b"\n" if position else b""
    return b"event: " + name.encode() + b"\n" + place + b"data: " + data + b"\n\n"
