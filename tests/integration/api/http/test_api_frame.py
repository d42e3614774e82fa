"""Common properties of all answers, whatever the fault."""

import logging
from urllib.parse import quote

import asyncpg
import pytest
from aiohttp import ClientSession

from opsconductor.api.handlers.page import address_of_files
from opsconductor.model.alert import Alert
from opsconductor.model.command import Command
from opsconductor.web import STATIC
from tests.support.api.api_stage import Caller, Stage, caller, problem, serving

pytest_plugins = ["tests.integration.api_fixtures"]


async def test_unknown_paths_and_methods_have_the_envelope(viewer: Caller) -> None:
    """404 and 405 are JSON as everything else; 405 says what is allowed."""
    reply = await viewer.get("/nothing/here")
    assert (reply.status, reply.error["code"]) == (404, "not_found")
    reply = await viewer.ask("PUT", "/alerts")
    assert (reply.status, reply.error["code"]) == (405, "method_not_allowed")
    assert reply.headers["Allow"] == "GET"


async def test_security_headers_are_on_everything(viewer: Caller, stranger: Caller) -> None:
    """Page, files, answers and refusals have the security headers; no script may be inline."""
    for reply in (
        await stranger.get("//"),
        await stranger.get("//static/main.js"),
        await stranger.get("/alerts"),
        await viewer.get("/alerts"),
        await viewer.get("/nothing"),
    ):
        policy = reply.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert reply.headers["X-Content-Type-Options"] == "nosniff"
        assert reply.headers["Cache-Control"] in {"no-store", "no-cache"}
        assert "Python" not in reply.headers["Server"]


async def test_files_of_the_page_are_asked_for_once(stranger: Caller) -> None:
    """A browser keeps those of the edition that the page names, and asks again for others; gzip is served."""
    page, docs = await stranger.get("//"), await stranger.get("//api/docs")
    assert (page.headers["Cache-Control"], docs.headers["Cache-Control"]) == ("no-cache", "no-cache")
    now = address_of_files()
    kept = {
        path: (await stranger.get(f"/{path}")).headers["Cache-Control"]
        for path in (f"{now}/main.js", "/static/main.js", f"/static/{'0' * 16}/main.js")
    }
    assert kept.pop(f"{now}/main.js") == "public, max-age=31536000, immutable"
    assert set(kept.values()) == {"no-cache"}
    async with stranger.http.get(
        f"{stranger.url}{now}/api.js", headers={"Accept-Encoding": "gzip"}
    ) as script:
        assert (script.content_type, script.charset) == ("text/javascript", "utf-8")
        assert script.headers["Content-Encoding"] == "gzip"
        assert await script.read() == (STATIC / "api.js").read_bytes()


async def test_files_outside_the_page_cannot_be_reached(stranger: Caller) -> None:
    """Paths that climb out of the static folder find nothing."""
    for path in (
        "//static/../templates/page.html",
        "//static/" + quote("../__init__.py", safe=""),
        "//static/",
        f"/{address_of_files()}/../templates/page.html",
        f"/{address_of_files()}/" + quote("../../__init__.py", safe=""),
    ):
        assert (await stranger.get(path)).status in {403, 404}, path


async def test_a_programming_error_shows_nothing(
    stage: Stage, http: ClientSession, caplog: pytest.LogCaptureFixture
) -> None:
    """An unforeseen error is a 500 in the envelope, logged once and not shown to the client."""
    (alert,) = await stage.report(problem())

    class Broken(Stage):
        async def command(self, command: Command) -> Alert:
            raise ZeroDivisionError(f"secret of {command.alert_id}")

    async with serving(Broken(stage.pool)) as url:
        operator = await caller(stage, http, url, "operator")
        with caplog.at_level(logging.ERROR):
            reply = await operator.post(f"/alerts/{alert.id}/acknowledge")
    assert (reply.status, reply.error["code"]) == (500, "internal")
    assert "secret" not in str(reply.body)
    assert len([record for record in caplog.records if record.levelno >= logging.ERROR]) == 1


async def test_without_database_the_answer_is_503(stage: Stage, viewer: Caller, pool: asyncpg.Pool) -> None:
    """When PostgreSQL is away the API answers so with a time to wait; health still works."""
    stage.health = {"status": "degraded"}
    await pool.close()
    reply = await viewer.get("/alerts")
    assert (reply.status, reply.error["code"]) == (503, "unavailable")
    assert reply.headers["Retry-After"] == "5"
    anonymous = Caller(viewer.http, viewer.url, None)
    assert (await anonymous.get("/system/health")).data == {"status": "degraded"}


async def test_metrics_count_requests_by_route_and_need_no_key_here(viewer: Caller, stranger: Caller) -> None:
    """Prometheus on this machine sees routes as declared, never single paths, and no unknown ones."""
    await viewer.get("/alerts/0198c5a2-7d3e-7c1b-9a77-2f6d1f0c9b11")
    await viewer.get("/such/a/path")
    async with stranger.http.get(f"{stranger.url}/metrics") as answer:
        text = await answer.text()
        assert answer.content_type == "text/plain"
    assert 'opsconductor_api_requests_total{route="/api/v1/alerts/{id}",status="404"}' in text
    assert 'route="none",status="404"' in text
    assert "0198c5a2" not in text
    assert "/such/a/path" not in text


async def test_the_description_names_every_endpoint(stranger: Caller) -> None:
    """The OpenAPI document is served without key and lists the endpoints with their parameters."""
    reply = await stranger.get("/system/openapi.json")
    paths = reply.body["paths"]
    assert reply.body["openapi"] == "3.1.0"
    assert isinstance(paths, dict)
    listing = paths["/api/v1/alerts"]["get"]
    assert {"status", "severity", "from", "to", "sort", "per_page"} <= {
        p["name"] for p in listing["parameters"]
    }
    assert "requestBody" in paths["/api/v1/alerts/{id}/assign"]["post"]
