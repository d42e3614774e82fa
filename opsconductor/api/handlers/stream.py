"""Live feed: changed alerts as server-sent events, batched so that a storm cannot flood a browser.

Events: `alerts` (changed alerts, each in its latest state), `reload` (some were dropped: read
everything again), `database` (status of the database, on every change), `heartbeat` (nothing happened;
a client that receives nothing at all is stale).
"""

import asyncio
import json
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID

from aiohttp import web

from opsconductor.api.auth.rows import AlertRows
from opsconductor.api.http.endpoint import Call
from opsconductor.api.http.responses import any_json, refusal
from opsconductor.api.live_alerts import LiveAlerts
from opsconductor.api.open_alerts import status_fields
from opsconductor.api.views import AlertView
from opsconductor.errors import StoreUnavailable
from opsconductor.model.alert import Alert
from opsconductor.store.postgres.request_pool import DatabaseStatus

GATHER_S = 0.25
"""Minimum interval between events to a client, in seconds."""
HEARTBEAT_S = 10.0
LOOK_S = 1.0
"""Maximum interval between checks of the database's status, in seconds."""
RECHECK_S = 15.0
"""Time in seconds after which the live feeds of a revoked key end."""
WRITE_TIMEOUT_S = 30.0
"""Time in seconds after which a client that reads nothing is disconnected."""
MOST_GATHERED = 500
"""Above this number of changed alerts, reading one page again is cheaper for both sides."""
MOST_STREAMS = 200
RETRY = b"retry: 2000\n\n"

streams: web.AppKey[set[asyncio.Task[object]]] = web.AppKey("streams", set[asyncio.Task[object]])

Alerts = asyncio.Queue[tuple[Alert, ...]]


@dataclass(slots=True)
class Gathered:
    """Changes since the last event: the latest state of each alert."""

    alerts: dict[UUID, Alert] = field(default_factory=dict)
    is_incomplete: bool = False

    def add(self, changed: tuple[Alert, ...]) -> None:
        """Add alerts; an empty tuple means that some were dropped."""
        self.alerts.update((alert.id, alert) for alert in changed)
        if not changed or len(self.alerts) > MOST_GATHERED:
            self.is_incomplete = True
            self.alerts.clear()

    async def keep(self, rows: AlertRows, live: LiveAlerts) -> None:
        """Remove the alerts that a caller may not see."""
        self.alerts = {alert.id: alert for alert in await rows.shown(tuple(self.alerts.values()), live)}

    def event(self) -> bytes:
        """Return the collected changes as one event; empty if there are none."""
        if self.is_incomplete:
            return _event("reload", b"{}")
        if self.alerts:
            views = [AlertView.model_validate(alert) for alert in self.alerts.values()]
            return _event("alerts", any_json.dump_json(views))
        return b""


async def stream(call: Call) -> web.StreamResponse:
    """Send changed alerts until the client disconnects, its credentials end or the daemon stops."""
    running = call.request.app[streams]
    if len(running) >= MOST_STREAMS:
        raise refusal(web.HTTPServiceUnavailable, "too_many_streams", "too many live feeds are open")
    task = asyncio.current_task()
    assert task is not None
    running.add(task)
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "X-Accel-Buffering": "no"})
    try:
        # connection error: the client has gone and reconnects by itself
        with suppress(ConnectionError, TimeoutError):
            async with call.parts.feed.subscribe() as queue:
                await response.prepare(call.request)
                await response.write(RETRY + _heartbeat())
                await _forward(queue, response, call)
    finally:
        running.discard(task)
    return response


async def close_streams(app: web.Application) -> None:
    """End all live feeds, so that the daemon can stop."""
    running = app[streams]
    for task in tuple(running):
        task.cancel()


async def _forward(queue: Alerts, response: web.StreamResponse, call: Call) -> None:
    loop = asyncio.get_running_loop()
    checked_s = written_s = loop.time()
    sent = _event("database", json.dumps(status_fields(DatabaseStatus())).encode())
    while True:
        gathered = await gather(queue, min(LOOK_S, HEARTBEAT_S))
        await gathered.keep(await call.rows_now(), call.parts.engine())
        events = gathered.event()
        status = _event("database", json.dumps(status_fields(call.parts.database.status())).encode())
        if status != sent:
            events += status
            sent = status
        if events or loop.time() - written_s >= HEARTBEAT_S:
            async with asyncio.timeout(WRITE_TIMEOUT_S):
                await response.write(events or _heartbeat())
            written_s = loop.time()
        if loop.time() - checked_s >= RECHECK_S:
            if not await _is_still_welcome(call):
                return
            checked_s = loop.time()
        await asyncio.sleep(GATHER_S)


async def gather(queue: Alerts, longest_s: float) -> Gathered:
    """Wait for a change, at most this long, and return everything available."""
    gathered = Gathered()
    try:
        async with asyncio.timeout(longest_s):
            gathered.add(await queue.get())
    except TimeoutError:
        return gathered
    while not queue.empty():
        gathered.add(queue.get_nowait())
    return gathered


async def _is_still_welcome(call: Call) -> bool:
    try:
        assert call.principal is not None
        return await call.gate.still_admits(call.request, call.principal)
    except StoreUnavailable:
        return True


def _heartbeat() -> bytes:
    return _event("heartbeat", json.dumps({"at": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"}).encode())


def _event(name: str, data: bytes) -> bytes:
    return b"event: " + name.encode() + b"\ndata: " + data + b"\n\n"
