"""Saved views of the alert list: each caller's own, and those that are shared."""

from typing import Any, cast

from aiohttp import ClientSession

from opsconductor.store.access.keys import create_key
from tests.support.api.api_stage import Caller, Stage

pytest_plugins = ["tests.integration.api_fixtures"]


async def views_of(caller: Caller) -> list[dict[str, Any]]:
    """List the views that a caller sees."""
    return cast("list[dict[str, Any]]", (await caller.get("/views")).data)


async def test_views_are_saved_shared_and_deleted_by_their_owner(
    stage: Stage, viewer: Caller, http: ClientSession
) -> None:
    """A view of one name is replaced; others see it once it is shared, and only the owner deletes it."""
    other = Caller(http, viewer.url, await create_key(stage.pool, name="anna", role="viewer"))
    body = {"name": "Lyon", "query": "site=Lyon"}
    await viewer.post("/views", body)
    assert await views_of(other) == []
    await viewer.post("/views", {**body, "query": "site=Lyon&severity=critical", "is_shared": True})
    (mine,) = await views_of(viewer)
    assert (mine["query"], mine["is_own"]) == ("site=Lyon&severity=critical", True)
    (seen,) = await views_of(other)
    assert (seen["name"], seen["owner"], seen["is_own"]) == ("Lyon", "the viewer", False)
    await other.post("/views", body)
    assert len(await views_of(other)) == 2
    assert (await other.ask("DELETE", f"/views/{mine['id']}")).status == 404
    assert (await viewer.ask("DELETE", f"/views/{mine['id']}")).status == 200
    assert [each["owner"] for each in await views_of(other)] == ["anna"]
    actions = await stage.pool.fetch("SELECT action FROM audit_log WHERE action LIKE 'view.%' ORDER BY seq")
    assert [row["action"] for row in actions] == ["view.save"] * 3 + ["view.delete"]
    await stage.pool.execute("DELETE FROM api_keys WHERE name = 'anna'")
    assert await views_of(viewer) == []
