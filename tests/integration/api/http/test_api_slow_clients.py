"""Abusive clients: they send slowly, read nothing, open hundreds of connections, send too much."""

import asyncio
import json
import logging
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiohttp import ClientSession, web

from opsconductor.api.http.connections import ClientLimits, Connections, connections
from opsconductor.api.http.server import serving
from opsconductor.api.http.validation import MOST_FAULTS
from opsconductor.store.access.keys import create_key
from tests.support.api.api_stage import Caller, Stage, caller, problem

pytest_plugins = ["tests.integration.api_fixtures"]

HEAD = b"GET /api/v1/system/health HTTP/1.1\r\nHost: noc\r\n"
LIMITS = ClientLimits(connections=40, read_s=0.5, idle_s=1.0, write_s=0.5)


class Port:
    """The API behind its real front door, on loopback."""

    def __init__(self, app: web.Application, number: int) -> None:
        self.number = number
        self.url = f"http://127.0.0.1:{number}"
        self.connections: Connections = app[connections]

    async def connect(self, sent: bytes = b"") -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Open a connection and send some bytes."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.number)
        writer.write(sent)
        return reader, writer

    async def say(self, sent: bytes) -> bytes:
        """Send bytes and read until the server closes."""
        reader, writer = await self.connect(sent)
        try:
            return await rest(reader)
        finally:
            writer.close()


async def rest(reader: asyncio.StreamReader) -> bytes:
    """Read until the server closes; one that cuts the connection says nothing."""
    try:
        async with asyncio.timeout(10):
            return await reader.read()
    except ConnectionError:
        return b""


@asynccontextmanager
async def opened(stage: Stage, limits: ClientLimits) -> AsyncIterator[Port]:
    """Serve the API with these limits."""
    app = stage.application(limits)
    async with serving(app, "127.0.0.1", 0) as server:
        yield Port(app, server.sockets[0].getsockname()[1])


@pytest.fixture
async def port(stage: Stage) -> AsyncIterator[Port]:
    """Serve the API with limits of a test's size."""
    async with opened(stage, LIMITS) as found:
        yield found


async def drip(port: Port) -> float:
    """Send a head that never ends, one byte now and then; returns the seconds until it was cut off."""
    reader, writer = await port.connect(HEAD + b"X-Slow: ")
    started = time.monotonic()
    closed = asyncio.ensure_future(rest(reader))
    while not closed.done():
        writer.write(b"a")
        await asyncio.wait({closed}, timeout=0.05)
    writer.close()
    assert closed.result() == b""
    return time.monotonic() - started


async def test_a_head_that_never_ends_is_cut_off_in_time(port: Port) -> None:
    """Thirty slow connections are gone after the time to read, and meanwhile others are answered."""
    slow = [asyncio.ensure_future(drip(port)) for _ in range(30)]
    async with ClientSession() as http:
        await asyncio.sleep(0.2)
        assert len(port.connections) == 30
        started = time.monotonic()
        async with http.get(f"{port.url}/api/v1/system/health") as answer:
            assert answer.status == 200
        assert time.monotonic() - started < 0.25
    lasted = await asyncio.gather(*slow)
    assert all(LIMITS.read_s * 0.9 < each < LIMITS.read_s + 1 for each in lasted)
    assert len(port.connections) == 0


async def test_a_connection_that_says_nothing_is_closed(port: Port) -> None:
    """A silent connection is closed after the time to read; an answered one, when idle."""
    started = time.monotonic()
    assert await port.say(b"") == b""
    assert time.monotonic() - started < LIMITS.read_s + 0.5
    started = time.monotonic()
    assert b'"status":"ok"' in await port.say(HEAD + b"\r\n")
    assert LIMITS.idle_s * 0.9 < time.monotonic() - started < LIMITS.idle_s + 1


async def test_a_second_request_that_never_ends_is_closed(port: Port) -> None:
    """A connection that was answered once gets the idle time for its next head, however it drips."""
    reader, writer = await port.connect(HEAD + b"\r\n" + HEAD)
    started = time.monotonic()
    closed = asyncio.ensure_future(rest(reader))
    while not closed.done():
        writer.write(b"x")
        await asyncio.wait({closed}, timeout=0.1)
    assert time.monotonic() - started < LIMITS.idle_s + 1
    writer.close()


async def test_a_body_that_does_not_come_is_answered_408(port: Port) -> None:
    """A log-in whose body comes slowly is refused after the time to read; the connection ends."""
    received_bytes = await port.say(
        b"POST /api/v1/session HTTP/1.1\r\nHost: noc\r\nContent-Type: application/json\r\n"
        b'Content-Length: 100\r\n\r\n{"key":'
    )
    assert received_bytes.startswith(b"HTTP/1.1 408")
    assert b'"code": "too_slow"' in received_bytes


async def test_a_flood_of_connections_closes_the_oldest_strangers_only(stage: Stage, port: Port) -> None:
    """Five hundred connections leave forty; an operator's, and a new operator's, work all the time."""
    async with ClientSession() as http:
        operator = await caller(stage, http, port.url, "operator")
        await operator.get("/alerts")
        flood = [await port.connect(HEAD) for _ in range(500)]
        assert len(port.connections) == LIMITS.connections
        assert (await operator.get("/alerts")).status == 200
        async with ClientSession() as another:
            newcomer = Caller(another, port.url, operator.key)
            assert (await newcomer.get("/alerts")).status == 200
        assert len(http.connector._acquired) == 0  # type: ignore[union-attr]
        for _, writer in flood:
            writer.close()


async def test_keys_are_worth_more_than_age(stage: Stage) -> None:
    """When all places are held with a good key, the newcomer is refused and no place is lost."""
    async with opened(stage, ClientLimits(connections=3)) as port:
        key = (await create_key(stage.pool, name="a", role="viewer")).encode()
        asking = b"GET /api/v1/session HTTP/1.1\r\nHost: noc\r\nAuthorization: Bearer " + key + b"\r\n\r\n"
        held = [await port.connect(asking) for _ in range(3)]
        for reader, _ in held:
            assert (await reader.readuntil(b"\r\n")).startswith(b"HTTP/1.1 200")
        reader, writer = await port.connect(asking)
        assert await rest(reader) == b""
        assert len(port.connections) == 3
        for _, each in [*held, (None, writer)]:
            each.close()


async def test_a_reader_of_the_live_feed_who_takes_nothing_is_cut_off(stage: Stage, port: Port) -> None:
    """A feed whose client stops reading ends after the time to write; others go on."""
    key = await create_key(stage.pool, name="a", role="viewer")
    _, writer = await port.connect(
        f"GET /api/v1/alerts/stream HTTP/1.1\r\nHost: noc\r\nAuthorization: Bearer {key}\r\n\r\n".encode()
    )
    writer.transport.pause_reading()  # type: ignore[attr-defined]
    async with asyncio.timeout(20):
        while len(port.connections) == 0:
            await asyncio.sleep(0.01)
        number = 0
        while len(port.connections) == 1:
            number += 1
            await stage.report(
                *(problem(f"{number} {n}", resource=f"{n}", message="x" * 60_000) for n in range(50))
            )
            await asyncio.sleep(0.05)
    writer.close()


async def test_an_answer_that_is_not_read_is_cut_off(stage: Stage, port: Port) -> None:
    """A page of megabytes whose client stops reading does not stay in memory."""
    await stage.report(*(problem(f"{n}", resource=f"{n}", message="x" * 60_000) for n in range(200)))
    key = (await create_key(stage.pool, name="a", role="viewer")).encode()
    asked = b"GET /api/v1/alerts?per_page=200 HTTP/1.1\r\nHost: noc\r\nAuthorization: Bearer "
    _, writer = await port.connect(asked + key + b"\r\n\r\n")
    writer.transport.pause_reading()  # type: ignore[attr-defined]
    async with asyncio.timeout(10):
        while len(port.connections) == 0:
            await asyncio.sleep(0.01)
        while len(port.connections) == 1:
            await asyncio.sleep(0.05)
    writer.close()


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"GET /" + b"a" * 9_000 + b" HTTP/1.1\r\nHost: noc\r\n\r\n", b"400"),
        (HEAD + b"X-Huge: " + b"a" * 9_000 + b"\r\n\r\n", b"400"),
        (HEAD + b"".join(b"X-%d: a\r\n" % n for n in range(1_000)) + b"\r\n", b"400"),
        (HEAD + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n", b"400"),
        (HEAD + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\n", b"400"),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" * 20, b"400"),
        (b"GET /api/v1/system/health HTTP/9.9\r\nHost: noc\r\n\r\n", b"400"),
        (HEAD + b"X: a\0b\r\n\r\n", b"400"),
    ],
    ids=["long URL", "long header", "1,000 headers", "two framings", "two lengths", "TLS", "version", "NUL"],
)
async def test_invalid_http_is_refused(
    port: Port, sent: bytes, status: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    """Bytes that are no HTTP or too much of it are answered 400, and leave nothing in the log."""
    with caplog.at_level(logging.WARNING):
        received_bytes = await port.say(sent)
    assert received_bytes.split(b" ")[1] == status
    assert caplog.records == []


async def test_packed_bodies_are_not_unpacked(stage: Stage, port: Port) -> None:
    """A body in gzip is refused as no JSON: a small one could become a large one."""
    async with ClientSession() as http:
        someone = await caller(stage, http, port.url, None)
        reply = await someone.ask(
            "POST", "/session", data=json.dumps({"key": "x"}).encode(), headers={"Content-Encoding": "gzip"}
        )
    assert reply.status in {400, 415}


async def test_strangers_cannot_make_us_read_or_write_much(port: Port) -> None:
    """The log-in takes a few kilobytes; of hundreds of wrong fields only the first ones are reported."""
    async with ClientSession() as http:
        url = f"{port.url}/api/v1/session"
        async with http.post(url, json={"key": "x" * 5_000}) as answer:
            assert answer.status == 413
        async with http.post(url, json={f"f{n}": 1 for n in range(300)}) as answer:
            body = await answer.json()
            assert answer.status == 422
        assert len(body["error"]["details"]) == MOST_FAULTS
        assert body["error"]["message"].endswith("more")


async def test_a_key_in_a_wrong_place_is_not_repeated(port: Port) -> None:
    """A refused log-in never shows the key that it holds."""
    secret = "ops_0badcafe_" + "5ec2e7" * 30
    async with ClientSession() as http:
        for body in ({"key": secret + "x" * 100}, {"key": [secret]}, [secret], secret):
            async with http.post(f"{port.url}/api/v1/session", json=body) as answer:
                assert answer.status == 422
                assert "5ec2e7" not in await answer.text()
