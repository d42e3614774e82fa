"""HTTP client for the API of a running daemon."""

import asyncio
import json
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import wraps
from http import HTTPStatus
from pathlib import Path
from typing import Any, TextIO

import aiohttp
import click

from opsconductor.cli.terminal.outcome import errors_shown
from opsconductor.config.load import load_settings
from opsconductor.config.settings import ApiSettings
from opsconductor.connector.http import reason_of
from opsconductor.connector.settings.address import ListenAddress
from opsconductor.model.text import printable
from opsconductor.store.access.local_token import read_local_token

TIMEOUT = aiohttp.ClientTimeout(total=30)
RELOAD = aiohttp.ClientTimeout(total=300)
"""Timeout of a reload in seconds: the one that systemd uses."""
SILENCE = aiohttp.ClientTimeout(total=None, sock_connect=10, sock_read=25)
"""Read timeout of the live feed in seconds; the daemon sends a heartbeat every ten seconds."""
ANY_ADDRESS = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - to be replaced, not listened on
EVENTS = (b"event: alerts", b"event: reload", b"event: database", b"event: heartbeat")
URL_HELP = "The daemon's API; default: api.listen of the settings."
KEY_HELP = "API key; default: the local key, if you may read the data directory."

Json = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiTarget:
    """URL of the daemon and the API key to use.

    Attributes:
        certificate: The only certificate that is accepted, or its issuer; None: those that the system
            trusts.
        agent: What the client calls itself, as `User-Agent`.
    """

    url: str
    token: str
    certificate: Path | None = None
    agent: str = "opsconductor"


FindTarget = Callable[[], ApiTarget]
"""Find the daemon, when a command needs it; raises click.ClickException."""


class DaemonAway(click.ClickException):
    """Raised when the daemon cannot be reached or is temporarily unable to answer."""


class Conflict(click.ClickException):
    """Raised when the current state does not allow a change; the message names that state."""


class ApiClient:
    """Client for the API; every error response becomes a readable exception."""

    def __init__(self, http: aiohttp.ClientSession, url: str) -> None:
        self._http = http
        self._url = url

    async def get(self, path: str, query: Sequence[tuple[str, str]] = ()) -> Json:
        """Send a GET request and return the whole answer, with `data` and `meta`."""
        return await self._ask("GET", path, params=list(query))

    async def post(
        self,
        path: str,
        body: Mapping[str, object] | Sequence[object],
        *,
        within: aiohttp.ClientTimeout = TIMEOUT,
    ) -> Json:
        """Send a request that changes something and return the whole answer."""
        return await self._ask("POST", path, json=body, timeout=within)

    async def upload(
        self, path: str, content: bytes, *, media: str, query: Sequence[tuple[str, str]] = ()
    ) -> Json:
        """Send a file and return the whole answer."""
        headers = {"Content-Type": media}
        return await self._ask(
            "POST", path, data=content, params=list(query), headers=headers, timeout=RELOAD
        )

    async def put(self, path: str, content: bytes, *, query: Sequence[tuple[str, str]] = ()) -> Json:
        """Send a part of a file and return the object of the answer."""
        headers = {"Content-Type": "application/octet-stream"}
        answer = await self._ask(
            "PUT", path, data=content, params=list(query), headers=headers, timeout=RELOAD
        )
        found: Json = answer["data"]
        return found

    async def patch(self, path: str, body: Mapping[str, object]) -> Json:
        """Send a PATCH request and return the whole answer."""
        return await self._ask("PATCH", path, json=body)

    async def send(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        query: Sequence[tuple[str, str]] = (),
        tag: str = "",
    ) -> Json:
        """Send a request and return the whole answer; it may take as long as a reload.

        Args:
            tag: ETag that the object must still have; empty: any.
        """
        headers = {"If-Match": tag} if tag else {}
        options = {} if body is None else {"json": body}
        return await self._ask(method, path, params=list(query), headers=headers, timeout=RELOAD, **options)

    async def delete(self, path: str) -> None:
        """Send a DELETE request."""
        await self._ask("DELETE", path, json={})

    async def download(
        self, path: str, query: Sequence[tuple[str, str]], write: Callable[[bytes], object]
    ) -> None:
        """Send a GET request and pass on what comes, part by part."""
        try:
            async with self._http.get(f"/api/v1{path}", params=list(query), timeout=SILENCE) as response:
                if not response.ok:
                    await _checked(response)
                async for part in response.content.iter_any():
                    write(part)
        except (aiohttp.ClientError, OSError) as error:
            raise self._away(error) from error

    async def events(self) -> AsyncIterator[None]:
        """Yield once for every event of the live feed, heartbeats included.

        Raises:
            DaemonAway: The feed has ended.
        """
        try:
            async with self._http.get("/api/v1/alerts/stream", timeout=SILENCE) as response:
                await _checked(response)
                async for line in response.content:
                    if line.strip() in EVENTS:
                        yield
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise self._away(error) from error
        raise DaemonAway("the daemon has ended the live feed")

    async def _ask(self, method: str, path: str, **options: Any) -> Json:
        options.setdefault("timeout", TIMEOUT)
        try:
            async with self._http.request(method, f"/api/v1{path}", **options) as response:
                return await _checked(response)
        except (aiohttp.ClientError, OSError) as error:
            raise self._away(error) from error

    def _away(self, error: Exception) -> DaemonAway:
        said = reason_of(error.os_error) if isinstance(error, aiohttp.ClientConnectorError) else str(error)
        reason = said or type(error).__name__
        return DaemonAway(f"no answer from {self._url}: {reason}. Is the daemon running? See --server.")


@asynccontextmanager
async def open_client(target: ApiTarget) -> AsyncIterator[ApiClient]:
    """Open a client for the daemon."""
    headers = {"Authorization": f"Bearer {target.token}", "User-Agent": target.agent}
    connector = await connector_to(target)
    async with aiohttp.ClientSession(target.url, headers=headers, connector=connector) as http:
        yield ApiClient(http, target.url)


async def connector_to(target: ApiTarget) -> aiohttp.TCPConnector:
    """Return what opens connections to the daemon, and accepts its certificate."""
    trust = True if target.certificate is None else await asyncio.to_thread(_only, target.certificate)
    return aiohttp.TCPConnector(ssl=trust)


def session_over(
    connector: aiohttp.BaseConnector, target: ApiTarget, headers: Mapping[str, str]
) -> aiohttp.ClientSession:
    """Return a session that leaves the connections open for others when it is closed."""
    return aiohttp.ClientSession(target.url, headers=headers, connector=connector, connector_owner=False)


def target_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that select the daemon: the command gets `url` and `token`."""

    @wraps(command)
    def with_key(*args: Any, key_file: TextIO | None, **given: Any) -> Any:
        if key_file is not None:
            given["token"] = key_file.read().strip()
        return command(*args, **given)

    url = click.option(
        "--url",
        "--server",
        "url",
        envvar="OPSCONDUCTOR_URL",
        help=URL_HELP,
    )
    token = click.option(
        "--token",
        envvar="OPSCONDUCTOR_TOKEN",
        help=KEY_HELP,
    )
    key_file = click.option("--key-file", type=click.File(), help="File that holds the API key.")
    return url(token(key_file(with_key)))


def run(target: ApiTarget, act: Callable[[ApiClient], Awaitable[Json | None]]) -> Json | None:
    """Run a coroutine function with an open client; Ctrl-C ends it without a traceback."""

    async def with_client() -> Json | None:
        async with open_client(target) as client:
            return await act(client)

    try:
        return asyncio.run(with_client())
    except KeyboardInterrupt:
        return None


def find_target(config_file: Path | None, url: str | None, token: str | None) -> ApiTarget:
    """Return the daemon to use: as given, else from the settings and the data directory.

    Raises:
        click.ClickException: There is no API key; the message says how to get one.
    """
    certificate = None
    if url is None or token is None:
        with errors_shown():
            settings = load_settings(config_file)
        certificate = settings.api.tls_certificate if url is None else None
        url = url or url_of(settings.api)
        token = token or read_local_token(settings.data_dir)
    if token is None:
        raise click.ClickException(
            f"no API key: {settings.data_dir / 'cli.token'} does not exist or is not readable. Run as the "
            "daemon's user, or give --token or OPSCONDUCTOR_TOKEN (a key from 'opsconductor token create')"
        )
    return ApiTarget(url=url, token=token, certificate=certificate)


def _only(certificate: Path) -> ssl.SSLContext:
    """Return the TLS settings that accept this certificate alone, by whatever name the daemon is reached.

    Raises:
        click.ClickException: The file cannot be read.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    # the certificate itself is trusted, whatever its issuer
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    try:
        context.load_verify_locations(certificate)
    except OSError as error:
        raise click.ClickException(f"{certificate} cannot be used: {error.strerror or error}") from None
    return context


def url_of(api: ApiSettings) -> str:
    """Convert the daemon's listen address to the URL that a client uses."""
    listen, scheme = api.listen, "http" if api.tls_certificate is None else "https"
    return f"{scheme}://{ListenAddress(ANY_ADDRESS.get(listen.host, listen.host), listen.port)}"


async def _checked(response: aiohttp.ClientResponse) -> Json:
    """Return the answer to a successful request; raise an error response with all its faults."""
    if response.ok and response.content_type != "application/json":
        return {}
    try:
        answer: Json = json.loads(await response.read())
    except ValueError:
        answer = {}
    if response.ok and answer.get("success"):
        return answer
    error = answer.get("error", {"message": f"unexpected answer {response.status}", "details": []})
    if response.status == HTTPStatus.CONFLICT:
        raise Conflict(printable(error["message"]))
    faults = [f"{one['name']}: found {one['found']}, expected {one['expected']}" for one in error["details"]]
    kind = DaemonAway if response.status >= HTTPStatus.INTERNAL_SERVER_ERROR else click.ClickException
    raise kind(printable("; ".join([error["message"], *faults])))
