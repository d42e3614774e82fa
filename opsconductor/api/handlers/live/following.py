"""Following the live feed: one loop for server-sent events and WebSockets.

Messages: changed alerts, batched so that a storm cannot flood a client; `left` (alerts that do not match
its filter any more); `reload` (some were dropped: read everything again); `database` (status of the
database, on every change); `heartbeat` (nothing happened; a client that receives nothing at all is stale).
"""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from aiohttp import web

from opsconductor.api.handlers.live.gathering import FollowedAlerts, Kind, VisibleAlerts, gather
from opsconductor.api.handlers.live.texts import texts
from opsconductor.api.http.endpoint import Call
from opsconductor.api.http.responses import refusal
from opsconductor.api.open_alerts import status_fields
from opsconductor.errors import StoreUnavailable
from opsconductor.pipeline.feed import FeedBatch
from opsconductor.store.postgres.request_pool import DatabaseStatus

GATHER_S = 0.25
"""Minimum interval between messages to a client, in seconds."""
HEARTBEAT_S = 10.0
LOOK_S = 1.0
"""Maximum interval between checks of the database's status, in seconds."""
RECHECK_S = 15.0
"""Time in seconds after which the live feeds of a revoked key end."""
MOST_STREAMS = 200
RETRY_AFTER = {"Retry-After": "30"}

streams: web.AppKey[set[asyncio.Task[object]]] = web.AppKey("streams", set[asyncio.Task[object]])


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """What is sent to a client at once; empty: a heartbeat.

    Attributes:
        position: Where the client may resume; empty: unknown.
        alerts: Changed alerts that match, as JSON, and what has happened to each.
        left: Ids of those that do not match any more.
        is_incomplete: Alerts were dropped: the client must reload everything.
        database: Its status, JSON-ready, if that has changed.
    """

    position: str
    alerts: Sequence[tuple[Kind, bytes]] = ()
    left: Sequence[UUID] = ()
    is_incomplete: bool = False
    database: Mapping[str, object] | None = None

    @property
    def is_empty(self) -> bool:
        """Return whether there is nothing to send."""
        return not (self.alerts or self.left or self.is_incomplete or self.database)


class Sink(Protocol):
    """Writes to one client."""

    async def send(self, news: News) -> None:
        """Write a message; raises ConnectionError or TimeoutError."""


@asynccontextmanager
async def following(call: Call) -> AsyncIterator[asyncio.Queue[FeedBatch]]:
    """Subscribe a client to the feed, from where it broke off.

    Raises:
        web.HTTPServiceUnavailable: Too many clients follow it.
    """
    running = call.request.app[streams]
    if len(running) >= MOST_STREAMS:
        message = "too many live feeds are open"
        raise refusal(web.HTTPServiceUnavailable, "too_many_streams", message, headers=RETRY_AFTER)
    task = asyncio.current_task()
    assert task is not None
    running.add(task)
    after = resumes(call)
    try:
        async with call.parts.feed.subscribe(after) as queue:
            yield queue
    finally:
        running.discard(task)


def resumes(call: Call) -> str:
    """Return the position after which a client resumes; empty: it begins."""
    return call.query.last_event_id or call.request.headers.get("Last-Event-ID", "")


async def close_streams(app: web.Application) -> None:
    """End all live feeds, so that the daemon can stop."""
    running = app[streams]
    for task in tuple(running):
        task.cancel()


async def forward(queue: asyncio.Queue[FeedBatch], sink: Sink, call: Call) -> None:
    """Send what changes until the credentials of the client end."""
    loop = asyncio.get_running_loop()
    selection, visible = FollowedAlerts(call), VisibleAlerts(call)
    rows = await call.rows_now()
    await visible.begin(rows)
    checked_s = written_s = loop.time()
    known = status_fields(DatabaseStatus())
    position = call.parts.feed.position if queue.empty() else ""
    await sink.send(News(position=position, is_incomplete=bool(rows.conditions and resumes(call))))
    while True:
        gathered = await gather(queue, min(LOOK_S, HEARTBEAT_S))
        lost = await visible.keep(gathered, await call.rows_now())
        alerts, left = await selection.choose(gathered)
        made = await call.request.app[texts].of(alerts, call.parts.engine().inventory)
        position = gathered.position or position
        status = status_fields(call.parts.database.status())
        news = News(
            position=position,
            alerts=[(gathered.kind_of(alert), text) for alert, text in zip(alerts, made, strict=True)],
            left=[*left, *lost],
            is_incomplete=gathered.is_incomplete,
            database=status if status != known else None,
        )
        known = status
        if not news.is_empty or loop.time() - written_s >= HEARTBEAT_S:
            await sink.send(news)
            written_s = loop.time()
        if loop.time() - checked_s >= RECHECK_S:
            if not await _is_still_welcome(call):
                return
            checked_s = loop.time()
        await asyncio.sleep(GATHER_S)


async def _is_still_welcome(call: Call) -> bool:
    try:
        assert call.principal is not None
        return await call.gate.still_admits(call.request, call.principal)
    except StoreUnavailable:
        return True
