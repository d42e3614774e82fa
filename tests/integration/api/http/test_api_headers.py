"""Headers of requests and answers: ids of requests, compression, and what a command expects to find."""

import gzip
import logging
import zlib
from typing import Any, cast

import zstandard
from aiohttp import ClientSession

from opsconductor.logs import BoundedQueueHandler, request_id
from tests.support.api.api_stage import Caller, Stage, problem

pytest_plugins = ["tests.integration.api_fixtures"]


async def test_every_answer_names_its_request(viewer: Caller, stranger: Caller) -> None:
    """An id that came with the request is taken over, an odd one is replaced; refusals have one too."""
    reply = await viewer.get("/alerts", headers={"X-Request-ID": "from-the-proxy.7"})
    assert reply.headers["X-Request-ID"] == "from-the-proxy.7"
    for caller, path in ((viewer, "/alerts"), (viewer, "/nothing"), (stranger, "/alerts")):
        odd = await caller.get(path, headers={"X-Request-ID": "a b;c"})
        assert len(odd.headers["X-Request-ID"]) == 32


def test_a_log_line_names_the_request_that_it_belongs_to() -> None:
    """Log lines of a request carry its id."""
    record = logging.LogRecord("opsconductor", logging.INFO, "", 0, "said", (), None)
    token = request_id.set("7")
    try:
        BoundedQueueHandler.prepare(cast("BoundedQueueHandler", None), record)
    finally:
        request_id.reset(token)
    assert record.__dict__["request_id"] == "7"


async def test_long_answers_are_compressed(stage: Stage, viewer: Caller) -> None:
    """A client that accepts zstd or gzip gets it; the content is the same."""
    await stage.report(*(problem(f"p{n}", device_ip=f"10.0.1.{n}") for n in range(30)))
    plain = await viewer.get("/alerts?status=active", headers={"Accept-Encoding": "identity"})
    assert "Content-Encoding" not in plain.headers
    headers = {"Authorization": f"Bearer {viewer.key}", "Accept-Encoding": "gzip"}
    path = f"{viewer.url}/api/v1/alerts?status=active"
    async with ClientSession(auto_decompress=False) as http, http.get(path, headers=headers) as response:
        assert response.headers["Content-Encoding"] == "gzip"
        content = gzip.decompress(await response.read())
    assert content.startswith(b'{"success":true,"data":[{"id"')
    headers["Accept-Encoding"] = "gzip, deflate, br, zstd"
    async with ClientSession(auto_decompress=False) as http, http.get(path, headers=headers) as response:
        assert response.headers["Content-Encoding"] == "zstd"
        assert zstandard.decompress(await response.read()) == content
    headers["Accept-Encoding"] = "gzip, zstd;q=0"
    async with ClientSession(auto_decompress=False) as http, http.get(path, headers=headers) as response:
        assert response.headers["Content-Encoding"] == "gzip"


async def test_every_part_of_an_export_is_readable_at_once(stage: Stage, viewer: Caller) -> None:
    """No compressor keeps rows: what has come of the answer is decompressed as far as it was written."""
    await stage.report(*(problem(f"p{n}", device_ip=f"10.0.1.{n}") for n in range(60)))
    readers: dict[str, Any] = {
        "identity": bytes,
        "gzip": zlib.decompressobj(wbits=zlib.MAX_WBITS + 16).decompress,
        "zstd": zstandard.ZstdDecompressor().decompressobj().decompress,
    }
    whole = []
    for encoding, read in readers.items():
        headers = {"Authorization": f"Bearer {viewer.key}", "Accept-Encoding": encoding}
        path = f"{viewer.url}/api/v1/alerts/export"
        async with ClientSession(auto_decompress=False) as http, http.get(path, headers=headers) as response:
            assert response.headers.get("Content-Encoding", "identity") == encoding
            assert response.headers["Vary"] == "Accept-Encoding"
            parts = [read(chunk).decode() async for chunk, _ in response.content.iter_chunks()]
        assert parts[0].startswith("id,source_system")
        whole.append("".join(parts))
    assert len(set(whole)) == 1
    assert whole[0].count("10.0.1.") == 60


async def test_an_export_of_nothing_is_whole(viewer: Caller) -> None:
    """Anomalies of an empty table: the header row as CSV, no line as JSON lines, both ended properly."""
    headers = {"Authorization": f"Bearer {viewer.key}", "Accept-Encoding": "gzip"}
    for kind, lines in (("csv", 1), ("jsonl", 0)):
        path = f"{viewer.url}/api/v1/anomalies/export?format={kind}"
        async with ClientSession() as http, http.get(path, headers=headers) as response:
            assert (response.status, response.headers["Content-Encoding"]) == (200, "gzip")
            assert len((await response.text()).splitlines()) == lines


async def test_a_command_for_another_state_changes_nothing(stage: Stage, operator: Caller) -> None:
    """If-Match with the ETag of the state that was seen: 409 with the present state if it has changed."""
    (alert,) = await stage.report(problem("a"))
    seen = (await operator.get(f"/alerts/{alert.id}")).headers["Etag"]
    await stage.report(problem("a"))
    assert (await operator.get(f"/alerts/{alert.id}")).headers["Etag"] == seen
    done = await operator.post(f"/alerts/{alert.id}/acknowledge", headers={"If-Match": seen})
    assert done.status == 200
    assert done.headers["Etag"] != seen
    late = await operator.post(f"/alerts/{alert.id}/resolve", headers={"If-Match": seen})
    assert (late.status, late.error["code"]) == (409, "conflict")
    details = {each["name"]: each["found"] for each in cast("list[dict[str, Any]]", late.error["details"])}
    assert details["status"] == "acknowledged"
    now = await operator.post(
        f"/alerts/{alert.id}/resolve", headers={"If-Match": f'"x", {done.headers["Etag"]}'}
    )
    assert now.status == 200
