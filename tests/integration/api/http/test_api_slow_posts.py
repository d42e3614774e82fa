"""Unauthenticated senders that post slowly or a lot: they hold no place of those with a key or a secret."""

import asyncio
import hmac
import json

import pytest
from aiohttp import ClientSession

from opsconductor.api.handlers.inbound_webhooks import posts
from opsconductor.api.http.bodies import UnprovenBodies
from opsconductor.api.http.connections import ClientLimits
from opsconductor.api.http.server import serving
from tests.support.api.api_stage import Stage, caller
from tests.support.api.webhook_posts import BEARER, GROUP, TOKEN, source_of

pytest_plugins = ["tests.integration.api_fixtures"]

SLOW = 150
LIMITS = ClientLimits(read_s=60)
"""A test that waits for slow senders fails by its own time first."""
KEY = "a key of 16 bytes"
GOOD = json.dumps(GROUP).encode()
SIGNED = {"X-Hub-Signature-256": hmac.new(KEY.encode(), GOOD, "sha256").hexdigest()}
EVENT = {"routing_key": TOKEN, "event_action": "trigger", "payload": {"summary": "s", "source": "h"}}
WRONG_SIGNATURE = "X-Hub-Signature-256: " + "0" * 64


async def send(
    number: int, extra: str, length: int, sent: bytes = b"x", host: str = "127.0.0.1"
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Begin a post and send only a part of its body."""
    reader, writer = await asyncio.open_connection("127.0.0.1", number, local_addr=(host, 0))
    head = f"POST /api/v1/connectors/hook/webhook HTTP/1.1\r\nHost: noc\r\nContent-Length: {length}\r\n"
    writer.write(f"{head}{extra}\r\n\r\n".encode() + sent)
    return reader, writer


@pytest.mark.parametrize(
    ("config", "slow", "headers", "body"),
    [
        ({}, "X-Nothing: 1", BEARER, GOOD),
        ({"hmac_secret": KEY}, WRONG_SIGNATURE, SIGNED, GOOD),
        ({"format": "pagerduty"}, "X-Nothing: 1", {}, json.dumps(EVENT).encode()),
    ],
    ids=["token", "signature", "routing key"],
)
async def test_slow_strangers_delay_no_other_sender(
    stage: Stage, config: dict[str, object], slow: str, headers: dict[str, str], body: bytes
) -> None:
    """With 150 unfinished posts of others, a post with the secret and a report with a key are accepted."""
    stage.desk.parts["hook"] = source_of(**config)
    async with serving(stage.application(LIMITS), "127.0.0.1", 0) as server, ClientSession() as http:
        number = server.sockets[0].getsockname()[1]
        strangers = [await send(number, slow, 1_000) for _ in range(SLOW)]
        url = f"http://127.0.0.1:{number}"
        reporter = await caller(stage, http, url, "reporter")
        async with asyncio.timeout(20):
            async with http.post(
                f"{url}/api/v1/connectors/hook/webhook", data=body, headers=headers
            ) as answer:
                assert answer.status in {200, 202}
            event = {"device": "srv1", "alert_type": "storage_backup_failed"}
            assert (await reporter.post("/events", event)).status == 200
        for _, writer in strangers:
            writer.close()


async def test_a_stranger_without_secret_is_answered_before_the_body(stage: Stage) -> None:
    """Where the secret is in the head, the body is not awaited."""
    stage.desk.parts["hook"] = source_of()
    async with serving(stage.application(LIMITS), "127.0.0.1", 0) as server:
        number = server.sockets[0].getsockname()[1]
        reader, writer = await send(number, "X-Nothing: 1", 1_000)
        async with asyncio.timeout(20):
            assert (await reader.readuntil(b"\r\n")).startswith(b"HTTP/1.1 401")
        writer.close()


async def test_who_fills_the_memory_for_strangers_loses_first(stage: Stage) -> None:
    """When unproven bodies hold too much, the address with the most of it is cut; a good sender passes."""
    stage.desk.parts["hook"] = source_of(hmac_secret=KEY)
    app = stage.application(LIMITS)
    app[posts].unproven = UnprovenBodies(at_most=30_000)
    async with serving(app, "127.0.0.1", 0) as server, ClientSession() as http:
        number = server.sockets[0].getsockname()[1]
        small = await send(number, WRONG_SIGNATURE, 15_000, b"x" * 9_000, "127.0.0.2")
        large = await send(number, WRONG_SIGNATURE, 15_000, b"x" * 14_000, "127.0.0.2")
        third = await send(number, WRONG_SIGNATURE, 15_000, b"x" * 8_000, "127.0.0.3")
        async with asyncio.timeout(20):
            assert (await large[0].readuntil(b"\r\n")).startswith(b"HTTP/1.1 503")
            url = f"http://127.0.0.1:{number}/api/v1/connectors/hook/webhook"
            async with http.post(url, data=GOOD, headers=SIGNED) as answer:
                assert answer.status == 200
        for reader, writer in (small, third):
            assert not reader._buffer  # type: ignore[attr-defined]
            writer.close()
        large[1].close()
