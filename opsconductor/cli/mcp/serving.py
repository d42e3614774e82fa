"""`opsconductor mcp --listen`: the tools over streamable HTTP, to callers who each bring an API key.

Each request is answered with the rights of its own key: nothing is kept between requests, and the server has
no key itself.
"""

import ssl
from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from types import MappingProxyType

import aiohttp
import click
import uvicorn
from mcp.server.transport_security import TransportSecuritySettings
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from opsconductor.cli.mcp.tools import server_of
from opsconductor.cli.terminal.api_client import TIMEOUT, ApiClient, ApiTarget, connector_to, session_over
from opsconductor.connector.settings.address import ListenAddress
from opsconductor.store.access.permissions import Permission

PATH = "/mcp"
SCHEMES = ("http://", "https://")
WRITES: Permission = "alerts:write"
OURSELVES = ("localhost", "127.0.0.1", "[::1]")
MOST_BODY_BYTES = 256 * 1024
PASSED_ON = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.TOO_MANY_REQUESTS})

_caller: ContextVar[ApiClient] = ContextVar("caller")


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpServing:
    """How the tools are served over HTTP.

    Attributes:
        hosts: Names by which callers reach the server, beside its address and localhost.
        certificate: With `key`: serve TLS; None: plain HTTP.
    """

    listen: ListenAddress
    hosts: Collection[str] = ()
    certificate: Path | None = None
    key: Path | None = None
    allow_writes: bool = False


async def serve(target: ApiTarget, serving: HttpServing) -> None:
    """Serve until SIGINT or SIGTERM.

    Raises:
        click.ClickException: The address or the certificate cannot be used.
    """
    config = uvicorn.Config(
        application(target, serving),
        host=serving.listen.host,
        port=serving.listen.port,
        log_level="warning",
        server_header=False,
        ssl_certfile=serving.certificate,
        ssl_keyfile=serving.key,
    )
    try:
        config.load()
    except (OSError, ssl.SSLError) as error:
        raise click.ClickException(f"{serving.certificate} cannot be used: {error}") from None
    scheme = "http" if serving.certificate is None else "https"
    click.echo(f"serving {scheme}://{serving.listen}{PATH} for the daemon at {target.url}", err=True)
    await uvicorn.Server(config).serve()


def application(target: ApiTarget, serving: HttpServing) -> ASGIApp:
    """Return the ASGI application, with the tools at `/mcp`."""
    names = (*OURSELVES, serving.listen.host, *serving.hosts)
    security = TransportSecuritySettings(
        allowed_hosts=[each for name in names for each in (name, f"{name}:*")],
        allowed_origins=[
            f"{scheme}{name}{port}" for name in names for scheme in SCHEMES for port in ("", ":*")
        ],
    )
    servers = {
        may_write: server_of(_caller.get, allow_writes=may_write)
        for may_write in {False, serving.allow_writes}
    }
    tools: dict[bool, ASGIApp] = {
        may_write: server.streamable_http_app(
            streamable_http_path=PATH,
            json_response=True,
            stateless_http=True,
            max_request_body_size=MOST_BODY_BYTES,
            transport_security=security,
        )
        for may_write, server in servers.items()
    }
    gate = CallerGate(target, tools)

    @asynccontextmanager
    async def running(_: Starlette) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(gate.connected())
            for server in servers.values():
                await stack.enter_async_context(server.session_manager.run())
            yield

    return Starlette(routes=[Route(PATH, endpoint=gate)], lifespan=running)


class CallerGate:
    """Answers callers with a valid API key by the tools that the key permits; refuses all others."""

    def __init__(self, target: ApiTarget, tools: dict[bool, ASGIApp]) -> None:
        self._target = target
        self._tools = tools
        self._connector: aiohttp.BaseConnector | None = None

    @asynccontextmanager
    async def connected(self) -> AsyncIterator[None]:
        """Keep connections to the daemon meanwhile."""
        async with await connector_to(self._target) as connector:
            self._connector = connector
            yield

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        request = Request(scope)
        kind, _, key = request.headers.get("authorization", "").partition(" ")
        if kind.lower() != "bearer" or not key.strip():
            refused = _refusal(HTTPStatus.UNAUTHORIZED, "send an API key as 'Authorization: Bearer KEY'")
            await refused(scope, receive, send)
            return
        headers = {"Authorization": f"Bearer {key.strip()}"}
        if request.client is not None:
            headers["X-Forwarded-For"] = request.client.host
        assert self._connector is not None
        async with session_over(self._connector, self._target, headers) as http:
            found = await _permissions(http)
            if isinstance(found, JSONResponse):
                await found(scope, receive, send)
                return
            http.headers["User-Agent"] = self._target.agent
            _caller.set(ApiClient(http, self._target.url))
            may_write = WRITES in found and True in self._tools
            await self._tools[may_write](scope, receive, send)


async def _permissions(http: aiohttp.ClientSession) -> Collection[str] | JSONResponse:
    """Return the permissions of the caller's key, or the refusal if it is not valid."""
    try:
        async with http.get("/api/v1/me", timeout=TIMEOUT) as response:
            answer = await response.json(content_type=None)
            if response.ok:
                permissions: list[str] = answer["data"]["permissions"]
                return permissions
            if response.status in PASSED_ON:
                return _refusal(HTTPStatus(response.status), answer["error"]["message"], response.headers)
    except (aiohttp.ClientError, OSError, ValueError, TimeoutError, KeyError, TypeError):
        pass
    return _refusal(HTTPStatus.SERVICE_UNAVAILABLE, "the daemon does not answer", {"Retry-After": "5"})


def _refusal(
    status: HTTPStatus, message: str, headers: Mapping[str, str] = MappingProxyType({})
) -> JSONResponse:
    kept = {"Retry-After": wait} if (wait := headers.get("Retry-After")) else {}
    if status is HTTPStatus.UNAUTHORIZED:
        kept["WWW-Authenticate"] = 'Bearer realm="opsconductor"'
    return JSONResponse({"error": message}, status_code=status, headers=kept)
