"""A real web server for tests of webhooks: keeps its requests, sends chosen answers."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiohttp import web

from connectors.webhook.channel import WebhookChannel
from connectors.webhook.config import WebhookConfig
from opsconductor.connector.context import ConnectorContext

SECRET = "a secret of the test"
CONTEXT = ConnectorContext(name="hook", data_dir=Path("/nowhere"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A request that the server got."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(slots=True)
class Hook:
    """The receiver of webhooks.

    Attributes:
        answers: What to answer, one after the other; the last one stays.
        hangs: Requests are taken but not answered until `let_go` is set.
        asked: Set by the first request.
    """

    answers: list[web.Response] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)
    hangs: bool = False
    peers: set[tuple[str, int]] = field(default_factory=set)
    asked: asyncio.Event = field(default_factory=asyncio.Event)
    let_go: asyncio.Event = field(default_factory=asyncio.Event)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Keep the request and answer."""
        body = await request.read()
        self.requests.append(
            Request(method=request.method, path=request.path_qs, headers=request.headers, body=body)
        )
        assert request.transport is not None
        self.peers.add(request.transport.get_extra_info("peername"))
        self.asked.set()
        if self.hangs:
            await self.let_go.wait()
        if not self.answers:
            return web.Response(status=204)
        return self.answers.pop(0) if len(self.answers) > 1 else copy_of(self.answers[0])


def copy_of(answer: web.Response) -> web.Response:
    """Make an answer that can be sent once more."""
    return web.Response(status=answer.status, body=answer.body, headers=answer.headers)


@asynccontextmanager
async def hooked(hook: Hook, *, tls: ssl.SSLContext | None = None) -> AsyncIterator[int]:
    """Run the server on a free port of localhost; yield the port."""
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", hook.handle)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=tls)
    await site.start()
    try:
        yield int(runner.addresses[0][1])
    finally:
        hook.let_go.set()
        await runner.cleanup()


@asynccontextmanager
async def posting(port: int, *, scheme: str = "http", **config: Any) -> AsyncIterator[WebhookChannel]:
    """Make a channel to a server of this machine and close it at the end."""
    settings = {"url": f"{scheme}://localhost:{port}/in?key=k-123", "secret": SECRET, "timeout": "5s"}
    channel = WebhookChannel(WebhookConfig.model_validate({**settings, **config}), CONTEXT)
    try:
        yield channel
    finally:
        await channel.close()
