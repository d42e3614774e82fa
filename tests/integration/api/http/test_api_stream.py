"""The live feed over real connections: server-sent events and WebSockets."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from aiohttp import ClientResponse, ClientSession, ClientWebSocketResponse, WSMsgType, WSServerHandshakeError

from opsconductor.api.handlers.live import following as live
from opsconductor.api.handlers.live import gathering, websocket
from opsconductor.model.command import (
    Acknowledge,
    Assign,
    Command,
    Note,
    Operator,
    Resolve,
    SetSeverity,
    Shelve,
    Tag,
    Unacknowledge,
    Unshelve,
)
from opsconductor.model.enums import Severity
from opsconductor.store.access.keys import revoke_key
from tests.support.api.api_stage import Caller, Stage, caller, problem, serving

pytest_plugins = ["tests.integration.api_fixtures"]

FEED = "/api/v1/alerts/stream"
SOCKET = "/api/v1/ws/alerts"
ANNA = Operator(name="anna")


@asynccontextmanager
async def following(
    someone: Caller, query: str = "", *, begins: str = "heartbeat", **headers: str
) -> AsyncIterator[ClientResponse]:
    """Open the feed and wait until it has begun."""
    given = {"Authorization": f"Bearer {someone.key}", **headers}
    async with someone.http.get(f"{someone.url}{FEED}?{query}", headers=given) as response:
        assert response.content_type == "text/event-stream"
        assert (await next_event(response))[0] == begins
        yield response


@asynccontextmanager
async def connected(someone: Caller, query: str = "") -> AsyncIterator[ClientWebSocketResponse]:
    """Open a WebSocket and wait until it has begun."""
    headers = {"Authorization": f"Bearer {someone.key}"}
    async with someone.http.ws_connect(f"{someone.url}{SOCKET}?{query}", headers=headers) as socket:
        assert (await next_message(socket))["type"] == "heartbeat"
        yield socket


async def next_event(response: ClientResponse) -> tuple[str, Any]:
    """Read the next event and its data."""
    return (await next_with_position(response))[:2]


async def next_with_position(response: ClientResponse) -> tuple[str, Any, str]:
    """Read the next event, its data and its id."""
    async with asyncio.timeout(10):
        name = position = ""
        async for line in response.content:
            if line.startswith(b"event: "):
                name = line[7:].decode().strip()
            elif line.startswith(b"id: "):
                position = line[4:].decode().strip()
            elif line.startswith(b"data: "):
                return name, json.loads(line[6:]), position
    return "end", None, ""


async def next_message(socket: ClientWebSocketResponse) -> dict[str, Any]:
    """Read the next message."""
    found: dict[str, Any] = await socket.receive_json(timeout=10)
    return found


async def closing(socket: ClientWebSocketResponse) -> tuple[int | None, str]:
    """Read until the server closes; return code and reason."""
    async with asyncio.timeout(10):
        while (message := await socket.receive()).type is WSMsgType.TEXT:
            pass
    assert message.type is WSMsgType.CLOSE
    return message.data, str(message.extra)


async def test_a_new_alert_and_its_changes_arrive(stage: Stage, viewer: Caller) -> None:
    """Committed changes are sent at once, as lists show them; several changes of one alert are one."""
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


async def test_a_socket_sends_one_event_for_each_alert(stage: Stage, viewer: Caller) -> None:
    """One message for each alert: created, updated, resolved, each with its state as lists show it."""
    async with connected(viewer) as socket:
        (alert,) = await stage.report(problem("first"))
        created = await next_message(socket)
        assert (created["type"], created["data"]["id"]) == ("alert.created", str(alert.id))
        await stage.report(problem("first", severity=Severity.CRITICAL))
        updated = await next_message(socket)
        assert (updated["type"], updated["data"]["severity"]) == ("alert.updated", "critical")
        await socket.send_str("what a client says is ignored")
        await stage.command(Resolve(alert_id=alert.id, operator=ANNA))
        resolved = await next_message(socket)
        assert (resolved["type"], resolved["data"]["resolved_by"]) == ("alert.resolved", "anna")
        (listed,) = (await viewer.get("/alerts?status=resolved")).data  # type: ignore[misc]
        assert resolved["data"] == listed


COMMANDS: tuple[tuple[type[Command], dict[str, Any]], ...] = (
    (Note, {"notes": "spare part ordered"}),
    (Tag, {"add": ("lab",)}),
    (Assign, {"assigned_to": "bernd"}),
    (SetSeverity, {"severity": Severity.INFO}),
    (Shelve, {"until": datetime.now(UTC) + timedelta(hours=1)}),
    (Unshelve, {}),
    (Acknowledge, {}),
    (Unacknowledge, {}),
)


async def test_every_command_is_news(stage: Stage, viewer: Caller) -> None:
    """A stream and a WebSocket name the alert after each command, a note that changes no field included."""
    (alert,) = await stage.report(problem("first"))
    async with following(viewer) as feed, connected(viewer) as socket:
        for kind, values in COMMANDS:
            await stage.command(kind(alert_id=alert.id, operator=ANNA, **values))
            message = await next_message(socket)
            assert (message["type"], message["data"]["id"]) == ("alert.updated", str(alert.id)), kind
            name, (seen,) = await next_event(feed)
            assert (name, seen["id"]) == ("alerts", str(alert.id)), kind


async def test_a_filtered_feed_names_alerts_that_leave_the_selection(stage: Stage, viewer: Caller) -> None:
    """Alerts that do not match are silent, except one that a list may have shown: it is named once."""
    query = "acknowledged=false&search=link"
    async with following(viewer, query) as feed, connected(viewer, query) as socket:
        link, _ = await stage.report(problem("Link lost"), problem("Fan failed", resource="fan"))
        assert (await next_event(feed))[1][0]["title"] == "Link lost"
        assert (await next_message(socket))["data"]["title"] == "Link lost"
        await stage.command(Acknowledge(alert_id=link.id, operator=ANNA))
        assert await next_event(feed) == ("left", [str(link.id)])
        left = await next_message(socket)
        assert (left["type"], left["data"]) == ("alert.left", {"id": str(link.id)})
        await stage.report(problem("Link lost"), problem("Fan failed", resource="fan"))
        await stage.command(Unacknowledge(alert_id=link.id, operator=ANNA))
        assert (await next_event(feed))[1][0]["occurrence_count"] == 2
    wrong = await viewer.get("/alerts/stream?severity=bad&sort=title")
    assert (wrong.status, {each["name"] for each in wrong.error["details"]}) == (400, {"severity.0", "sort"})  # type: ignore[attr-defined,index]


@pytest.mark.parametrize("is_header", [True, False])
async def test_a_client_resumes_where_it_broke_off(stage: Stage, viewer: Caller, is_header: bool) -> None:  # noqa: FBT001
    """Missed changes come first, each alert in its latest state; a position of another run is a reload."""
    async with following(viewer) as feed:
        await stage.report(problem("seen"))
        _, _, position = await next_with_position(feed)
    await stage.report(problem("missed", resource="2"))
    await stage.report(problem("missed", resource="2"))
    place, headers = ("", {"Last-Event-ID": position}) if is_header else (f"last_event_id={position}", {})
    async with following(viewer, place, **headers) as feed:
        _, (alert,) = await next_event(feed)
        assert (alert["title"], alert["occurrence_count"]) == ("missed", 2)
    async with connected(viewer, f"last_event_id={position}") as socket:
        missed = await next_message(socket)
        assert (missed["type"], missed["data"]["title"]) == ("alert.created", "missed")
    async with connected(viewer, f"last_event_id={missed['position']}") as socket:
        await stage.report(problem("later", resource="3"))
        assert (await next_message(socket))["data"]["title"] == "later"
    run = position.split("-")[0]
    for unknown in ("deadbeef-7", f"{run}-999", "nothing", f"{run}-{'9' * 5_000}"):
        async with following(viewer, **{"Last-Event-ID": unknown}) as feed:
            assert await next_event(feed) == ("reload", {})


async def test_a_client_that_missed_changes_gets_a_reload(
    stage: Stage, viewer: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    """More changes than one event should carry become one `reload`."""
    monkeypatch.setattr(gathering, "MOST_GATHERED", 3)
    async with following(viewer) as feed, connected(viewer) as socket:
        await stage.report(*(problem(device_ip=f"10.1.0.{n}") for n in range(10)))
        assert await next_event(feed) == ("reload", {})
        assert (await next_message(socket))["type"] == "reload"
        await stage.report(problem("later", severity=Severity.MINOR))
        assert (await next_event(feed))[0] == "alerts"


async def test_a_revoked_key_ends_its_feed(
    stage: Stage, viewer: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The feed looks again at its key and closes once that is revoked."""
    monkeypatch.setattr(live, "RECHECK_S", 0)
    monkeypatch.setattr(live, "HEARTBEAT_S", 0.05)
    async with following(viewer) as feed, connected(viewer) as socket:
        await revoke_key(stage.pool, "the viewer")
        while (event := await next_event(feed))[0] == "heartbeat":
            pass
        assert event[0] == "end"
        assert await closing(socket) == (1008, "the key or the session has ended")


async def test_without_key_or_with_too_many_feeds_there_is_none(
    stranger: Caller, viewer: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The feed needs a key, and the number of feeds is bounded."""
    for path in ("/alerts/stream", "/ws/alerts"):
        assert (await stranger.get(path)).status == 401
    plain = await viewer.get("/ws/alerts")
    assert (plain.status, plain.headers["Upgrade"]) == (426, "websocket")
    monkeypatch.setattr(live, "MOST_STREAMS", 1)
    async with connected(viewer):
        reply = await viewer.get("/alerts/stream")
        assert (reply.status, reply.error["code"]) == (503, "too_many_streams")
        assert int(reply.headers["Retry-After"]) > 0


async def test_pages_of_other_sites_open_no_socket(stage: Stage, viewer: Caller) -> None:
    """The browser's cookie counts for our own page alone: a session needs our origin."""
    url = f"{viewer.url}{SOCKET}"
    opened = await viewer.post("/session", {"key": viewer.key})
    cookie = opened.headers["Set-Cookie"].split(";")[0]
    for headers in (
        {},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
    ):
        async with ClientSession() as browser:
            with pytest.raises(WSServerHandshakeError) as refused:
                await browser.ws_connect(url, headers={"Cookie": cookie, **headers})
        assert refused.value.status == 403
    async with (
        ClientSession() as browser,
        browser.ws_connect(url, headers={"Cookie": cookie, "Origin": viewer.url}) as socket,
    ):
        await stage.report(problem("for the page"))
        await next_message(socket)
        assert (await next_message(socket))["data"]["title"] == "for the page"


async def test_a_slow_client_gets_the_reason_of_its_end(
    stage: Stage, viewer: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A client that does not read finds the reason at the end of the unread events."""
    monkeypatch.setattr(websocket, "SLOW_S", 0.3)
    async with connected(viewer) as socket:
        connection = socket._response.connection
        assert connection is not None
        assert connection.transport is not None
        connection.transport.pause_reading()  # type: ignore[attr-defined]
        while stage.feed._queues:
            await stage.report(*(problem(resource=f"{n}", message="x" * 60_000) for n in range(50)))
            await asyncio.sleep(0.05)
        connection.transport.resume_reading()  # type: ignore[attr-defined]
        code, reason = await closing(socket)
        assert (code, reason.split(":")[0]) == (1013, "too slow")


async def test_stopping_the_daemon_ends_open_feeds(stage: Stage, http: ClientSession) -> None:
    """Open feeds do not hold up the shutdown."""
    async with serving(stage) as url:
        viewer = await caller(stage, http, url, "viewer")
        headers = {"Authorization": f"Bearer {viewer.key}"}
        feed = await http.get(f"{url}{FEED}", headers=headers)
        await next_event(feed)
        socket = await http.ws_connect(f"{url}{SOCKET}", headers=headers)
        ended = asyncio.create_task(closing(socket))
        stopping = asyncio.get_running_loop().time()
    assert asyncio.get_running_loop().time() - stopping < 5
    assert await ended == (1001, "the daemon stops")
    feed.close()
