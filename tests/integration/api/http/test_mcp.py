"""`opsconductor mcp` as assistants meet it: by the library's own client, over stdio and streamable HTTP."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx2
import mcp
import pytest
import uvicorn
from mcp.client.streamable_http import streamable_http_client

from opsconductor.cli.mcp.serving import HttpServing, application
from opsconductor.cli.terminal.api_client import ApiTarget
from opsconductor.connector.settings.address import ListenAddress
from opsconductor.store.access.audit import ASSISTANT_AGENT
from opsconductor.store.access.keys import create_key
from tests.support.api.api_stage import Stage, problem
from tests.support.daemons.terminal import Terminal
from tests.support.ports import free_port

pytest_plugins = ["tests.integration.api_fixtures"]

READING = {"list_alerts", "search", "get_alert", "why", "related", "stats", "devices", "health"}
WRITING = {"acknowledge", "note", "shelve", "assign"}


def started(url: str, key: str, *options: str) -> Any:
    """Return how the client starts the command."""
    args = ["-m", "opsconductor", "mcp", "--url", url, *options]
    return mcp.StdioServerParameters(command=sys.executable, args=args, env={"OPSCONDUCTOR_TOKEN": key})


async def called(client: Any, name: str, **arguments: object) -> Any:
    """Call a tool and return its answer."""
    result = await client.call_tool(name, arguments)
    assert not result.is_error, result.content
    return result.structured_content


async def test_an_assistant_reads_and_each_request_is_in_the_audit_log(stage: Stage, url: str) -> None:
    """Every tool answers; without `--allow-writes` none writes; refusals of the API are reported."""
    key = await create_key(stage.pool, name="helper", role="viewer")
    (alert, _) = await stage.report(problem("Fan failed"), problem("other", device_ip="10.0.0.9"))
    async with mcp.Client(started(url, key)) as client:
        assert {tool.name for tool in (await client.list_tools()).tools} == READING
        listed = await called(client, "list_alerts", severity=["major"], limit=1)
        assert (listed["total"], len(listed["alerts"])) == (2, 1)
        (found,) = (await called(client, "search", text="fan"))["alerts"]
        assert found["title"] == "Fan failed"
        short = str(alert.id)[-8:]
        assert (await called(client, "get_alert", alert_id=short))["history"][0]["action"] == "created"
        assert "decisions" in await called(client, "why", alert_id=short)
        assert (await called(client, "related", alert_id=short))["earlier"] == []
        assert (await called(client, "stats"))["total"] == 2
        assert (await called(client, "devices"))["devices"] == []
        assert (await called(client, "health"))["status"] == "ok"
        wrong = await client.call_tool("list_alerts", {"status": ["broken"]})
        assert wrong.is_error
        assert "status" in wrong.content[0].text
    query = "SELECT DISTINCT subject FROM audit_log WHERE action = 'mcp.request' AND actor = 'helper'"
    subjects = {row["subject"] for row in await stage.pool.fetch(query)}
    asked = ("alerts", f"alerts/{alert.id}/why", "devices", "system/health")
    assert {f"GET /api/v1/{path}" for path in asked} <= subjects


async def test_writes_need_the_option_and_a_key_that_may(stage: Stage, url: str, terminal: Terminal) -> None:
    """Then alerts are handled in the name of the key; a key that may only read ends the command."""
    (alert,) = await stage.report(problem("Fan failed"))
    operator = await create_key(stage.pool, name="operator-key", role="operator")
    async with mcp.Client(started(url, operator, "--allow-writes")) as client:
        assert {tool.name for tool in (await client.list_tools()).tools} == READING | WRITING
        done = await called(client, "acknowledge", alert_id=str(alert.id), notes="on my way")
        assert (done["status"], done["acknowledged_by"]) == ("acknowledged", "operator-key")
        await called(client, "note", alert_id=str(alert.id), text="spare part ordered")
        assert (await called(client, "assign", alert_id=str(alert.id), to="anna"))["assigned_to"] == "anna"
        await called(client, "shelve", alert_id=str(alert.id), lasts="2h", reason="spare part")
    assert stage.engine.open_alerts()[0].shelved_reason == "spare part"
    viewer = await create_key(stage.pool, name="viewer-key", role="viewer")
    output = await terminal.run("mcp", "--url", url, "--token", viewer, "--allow-writes", fails=True)
    assert "--allow-writes needs a key with the scope alerts:write" in output


@asynccontextmanager
async def served(url: str, *, allow_writes: bool = False) -> AsyncIterator[str]:
    """Serve the tools over HTTP as the command does; return the address."""
    listen = ListenAddress(host="127.0.0.1", port=free_port())
    target = ApiTarget(url=url, token="", agent=ASSISTANT_AGENT)
    app = application(target, HttpServing(listen=listen, allow_writes=allow_writes))
    server = uvicorn.Server(uvicorn.Config(app, host=listen.host, port=listen.port, log_level="warning"))
    async with asyncio.TaskGroup() as group:
        group.create_task(server._serve())
        async with asyncio.timeout(20):
            while not server.started:
                await asyncio.sleep(0.01)
        yield f"http://{listen}/mcp"
        server.should_exit = True


@asynccontextmanager
async def over_http(address: str, key: str) -> AsyncIterator[Any]:
    """Connect the library's client with a key."""
    async with (
        httpx2.AsyncClient(headers={"Authorization": f"Bearer {key}"}) as http,
        mcp.Client(streamable_http_client(address, http_client=http)) as client,
    ):
        yield client


async def test_over_http_each_caller_has_the_rights_of_its_own_key(stage: Stage, url: str) -> None:
    """At one time: one that may write, one that may read; each is in the audit log under its own name."""
    (alert,) = await stage.report(problem("Fan failed"))
    operator = await create_key(stage.pool, name="operator-key", role="operator")
    viewer = await create_key(stage.pool, name="viewer-key", role="viewer")
    async with (
        served(url, allow_writes=True) as address,
        over_http(address, viewer) as reading,
        over_http(address, operator) as writing,
    ):
        assert {tool.name for tool in (await reading.list_tools()).tools} == READING
        assert {tool.name for tool in (await writing.list_tools()).tools} == READING | WRITING
        assert (await called(reading, "list_alerts"))["total"] == 1
        done = await called(writing, "acknowledge", alert_id=str(alert.id))
        assert (done["status"], done["acknowledged_by"]) == ("acknowledged", "operator-key")
        refused = await reading.call_tool("acknowledge", {"alert_id": str(alert.id)})
        assert refused.is_error
    query = "SELECT actor, subject FROM audit_log WHERE action = 'mcp.request'"
    entries = {(row["actor"], row["subject"]) for row in await stage.pool.fetch(query)}
    assert ("viewer-key", "GET /api/v1/alerts") in entries
    assert ("operator-key", f"POST /api/v1/alerts/{alert.id}/acknowledge") in entries


async def test_over_http_writing_needs_permission(stage: Stage, url: str) -> None:
    """The option and the scope are both needed."""
    key = await create_key(stage.pool, name="operator-key", role="operator")
    async with served(url) as address, over_http(address, key) as client:
        assert {tool.name for tool in (await client.list_tools()).tools} == READING


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 401),
        ({"Authorization": "Bearer ops_00000000_wrong"}, 401),
        ({"Host": "evil.example"}, 421),
        ({"Origin": "http://evil.example"}, 403),
    ],
)
async def test_over_http_strangers_are_refused(
    stage: Stage, url: str, headers: dict[str, str], status: int
) -> None:
    """Without a key, with a wrong one, under a name that is not ours, from the page of another site."""
    if "Authorization" not in headers and headers:
        key = await create_key(stage.pool, name="helper", role="viewer")
        headers = {**headers, "Authorization": f"Bearer {key}"}
    call = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
    wanted = {"Accept": "application/json, text/event-stream", **headers}
    async with served(url) as address, httpx2.AsyncClient() as http:
        assert (await http.post(address, json=call, headers=wanted)).status_code == status


async def test_over_http_the_daemon_may_be_away() -> None:
    """It is answered 503, with a time after which to try again."""
    nowhere = f"http://127.0.0.1:{free_port()}"
    async with served(nowhere) as address, httpx2.AsyncClient() as http:
        answer = await http.post(address, json={}, headers={"Authorization": "Bearer ops_1_2"})
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")


async def test_keys_do_not_travel_unencrypted(terminal: Terminal) -> None:
    """Beyond this machine the command wants a certificate, or that a proxy is named as what encrypts."""
    output = await terminal.run("mcp", "--listen", "0.0.0.0:8090", fails=True)
    assert "unencrypted" in output
    assert "go with --listen" in await terminal.run("mcp", "--plain", fails=True)
