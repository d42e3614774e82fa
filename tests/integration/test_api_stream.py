"""The live feed over a real connection."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import ClientResponse, ClientSession

from opsconductor.api.handlers import stream
from opsconductor.model.enums import Severity
from opsconductor.store.access.keys import revoke_key
from tests.support.api_stage import Caller, Stage, caller, problem, serving

pytest_plugins = ["tests.integration.api_fixtures"]


@asynccontextmanager
async def following(someone: Caller) -> AsyncIterator[ClientResponse]:
    """Open the feed and wait until it has begun."""
    headers = {"Authorization": f"Bearer {someone.key}"}
    async with someone.http.get(f"{someone.url}/api/v1/alerts/stream", headers=headers) as response:
        assert response.content_type == "text/event-stream"
        assert (await next_event(response))[0] == "heartbeat"
        yield response


async def next_event(response: ClientResponse) -> tuple[str, Any]:
    """Read the next event and its data."""
    async with asyncio.timeout(10):
        name = ""
        async for line in response.content:
            if line.startswith(b"event: "):
                name = line[7:].decode().strip()
            elif line.startswith(b"data: "):
                return name, json.loads(line[6:])
    return "end", None


async def test_a_new_alert_and_its_changes_arrive(stage: Stage, viewer: Caller) -> None:
    """What is committed is sent at once, as lists show it; several changes of one alert are one."""
    async with following(viewer) as feed:
        (alert,) = await stage.report(problem("first"))
        name, (seen,) = await next_event(feed)
        assert (name, seen["id"], seen["title"]) == ("alerts", str(alert.id), "first")
        for _ in range(20):
            await stage.report(problem("first"))
        counts: list[int] = []
        events = 0
        while not counts or counts[-1] < 21:
            _, (seen,) = await next_event(feed)
            counts.append(seen["occurrence_count"])
            events += 1
        assert events < 20
        assert counts == sorted(counts)


async def test_someone_who_missed_changes_is_told_to_reload(
    stage: Stage, viewer: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    """More changes than one event should carry become one `reload`."""
    monkeypatch.setattr(stream, "MOST_GATHERED", 3)
    async with following(viewer) as feed:
        await stage.report(*(problem(device_ip=f"10.1.0.{n}") for n in range(10)))
        assert await next_event(feed) == ("reload", {})
        await stage.report(problem("later", severity=Severity.MINOR))
        assert (await next_event(feed))[0] == "alerts"


async def test_a_revoked_key_ends_its_feed(
    stage: Stage, viewer: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The feed looks again at its key and closes once that is revoked."""
    monkeypatch.setattr(stream, "RECHECK_S", 0)
    monkeypatch.setattr(stream, "HEARTBEAT_S", 0.05)
    async with following(viewer) as feed:
        await revoke_key(stage.pool, "the viewer")
        while (event := await next_event(feed))[0] == "heartbeat":
            pass
        assert event[0] == "end"


async def test_without_key_or_with_too_many_feeds_there_is_none(
    stranger: Caller, viewer: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The feed needs a key, and the number of feeds is bounded."""
    assert (await stranger.get("/alerts/stream")).status == 401
    monkeypatch.setattr(stream, "MOST_STREAMS", 1)
    async with following(viewer):
        reply = await viewer.get("/alerts/stream")
        assert (reply.status, reply.error["code"]) == (503, "too_many_streams")


async def test_stopping_the_daemon_ends_open_feeds(stage: Stage, http: ClientSession) -> None:
    """Open feeds do not hold up the shutdown."""
    async with serving(stage) as url:
        viewer = await caller(stage, http, url, "viewer")
        headers = {"Authorization": f"Bearer {viewer.key}"}
        feed = await http.get(f"{url}/api/v1/alerts/stream", headers=headers)
        await next_event(feed)
        stopping = asyncio.get_running_loop().time()
    assert asyncio.get_running_loop().time() - stopping < 5
    feed.close()
