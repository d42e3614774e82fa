"""`opsconductor mcp` as an assistant meets it: started by the library's own client, over stdio."""

import sys
from typing import Any

import mcp

from opsconductor.store.access.keys import create_key
from tests.support.api_stage import Stage, problem
from tests.support.terminal import Terminal

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
    """Every tool answers; without `--allow-writes` none writes; what the API refuses is told."""
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
    said = await terminal.run("mcp", "--url", url, "--token", viewer, "--allow-writes", fails=True)
    assert "--allow-writes needs a key with the scope alerts:write" in said
