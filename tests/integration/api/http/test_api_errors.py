"""Errors are the same everywhere: every endpoint answers what its OpenAPI description declares."""

from functools import cache
from typing import Any
from uuid import uuid4

from aiohttp import ClientSession

from opsconductor.api.http.endpoint import Endpoint
from opsconductor.api.http.openapi import describe
from opsconductor.api.http.parameters import AnyParameters
from opsconductor.api.routes import ENDPOINTS
from opsconductor.store.access.audit import Author
from opsconductor.store.access.keys import NewKey, add_key
from tests.support.api.api_stage import Caller, Reply, Stage, caller

pytest_plugins = ["tests.integration.api_fixtures"]

JSON = {"Content-Type": "application/json"}


@cache
def document() -> dict[str, Any]:
    """Describe the API."""
    return describe(ENDPOINTS, "0")


def path_of(endpoint: Endpoint, name: str | None = None) -> str:
    """Fill in the path of an endpoint; nothing has this id or name."""
    return endpoint.path.replace("{id}", name or str(uuid4())).replace("{name}", "nothing-such")


def allowed(endpoint: Endpoint) -> set[int]:
    """Return the statuses that the document declares."""
    operation = document()["paths"][endpoint.path][endpoint.method.lower()]
    return {int(status) for status in operation["responses"]}


class Checked:
    """Asks as one caller and holds every answer against the document."""

    def __init__(self, who: Caller) -> None:
        self._who = who

    async def error(
        self, endpoint: Endpoint, status: int, code: str, path: str = "", **options: object
    ) -> Reply:
        """Ask, and expect this error in its one form."""
        reply = await self._who.ask(endpoint.method, f"/{path or path_of(endpoint)}", **options)
        where = f"{endpoint.method} {endpoint.path}"
        assert (reply.status, reply.error["code"]) == (status, code), where
        assert status in allowed(endpoint), where
        assert reply.headers["X-Request-ID"], where
        details = reply.error["details"]
        assert isinstance(details, list), where
        assert all(set(each) == {"name", "found", "expected"} for each in details), where
        return reply


async def test_every_endpoint_refuses_in_the_same_way(stage: Stage, http: ClientSession, url: str) -> None:
    """401, 403, 400 (path, query, no JSON), 415, 422 with the field, 404, 429 with the time to wait."""
    admin = Checked(await caller(stage, http, url, "admin"))
    keyless = Checked(Caller(http, url, None))
    spent = NewKey(name="spent", roles=("admin",), scopes=(), expires_at=None, quota_per_minute=1)
    poor = Caller(http, url, await add_key(stage.pool, spent, Author(name="test", address=None)))
    weak = NewKey(name="weak", roles=(), scopes=("events:write",), expires_at=None, quota_per_minute=None)
    modest = Caller(http, url, await add_key(stage.pool, weak, Author(name="test", address=None)))
    await poor.get("/me")
    for endpoint in ENDPOINTS:
        if endpoint.permission is not None:
            await keyless.error(endpoint, 401, "unauthorized", headers=JSON)
            late = await Checked(poor).error(endpoint, 429, "quota", headers=JSON)
            assert int(late.headers["Retry-After"]) > 0, endpoint.path
            if endpoint.permission not in ("logged in", "events:write"):
                await Checked(modest).error(endpoint, 403, "forbidden", headers=JSON)
        if endpoint.knows_callers:
            continue
        if "{id}" in endpoint.path:
            wrong = await admin.error(endpoint, 400, "invalid", path_of(endpoint, "7"), headers=JSON)
            assert wrong.error["details"][0]["name"] == "id", endpoint.path  # type: ignore[index]
        if endpoint.query is not AnyParameters:
            wrong = await admin.error(
                endpoint, 400, "invalid", f"{path_of(endpoint)}?nonsense=1", headers=JSON
            )
            named = {each["name"] for each in wrong.error["details"]}  # type: ignore[attr-defined]
            assert "nonsense" in named, endpoint.path
        if endpoint.body is not None:
            await admin.error(endpoint, 400, "invalid", data=b"{", headers=JSON)
            await admin.error(endpoint, 415, "unsupported_media_type", data=b"a=b")
            wrong = await admin.error(endpoint, 422, "invalid", json={"nonsense": 1})
            assert "nonsense" in {each["name"] for each in wrong.error["details"]}, endpoint.path  # type: ignore[attr-defined]
        if "{" in endpoint.path and endpoint.method in ("GET", "DELETE"):
            await admin.error(endpoint, 404, "not_found", headers=JSON)


def test_operations_are_named_once() -> None:
    """Generators of clients take `operationId` as the name of a function."""
    names = [each["operationId"] for path in document()["paths"].values() for each in path.values()]
    assert len(names) == len(set(names)) >= len(ENDPOINTS)
    assert all(name.isidentifier() for name in names)
