"""HTTP client of channels: persistent connections, no redirects, no cookies, secrets redacted in answers."""

import asyncio
import json
import ssl
from base64 import b64encode
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp
from pydantic import BaseModel, ConfigDict

from opsconductor.connector.destinations import Destinations
from opsconductor.connector.http import failure_of, is_taken, translated, wait_of
from opsconductor.connector.interface import CheckResult
from opsconductor.connector.outgoing.redact import Redactor
from opsconductor.connector.settings.duration import AttemptTimeout, parse_duration
from opsconductor.connector.settings.trust import tls_context
from opsconductor.errors import ConnectorError, Rejected, Unreachable
from opsconductor.model.text import folded

LONGEST_BODY = 65_536
LONGEST_EXCERPT = 200
BODY_WITHIN_S = 2
MOST_CONNECTIONS = 8
DEFAULT_PORTS = {"http": 80, "https": 443}


class WebOptions(BaseModel):
    """Keys of every channel that uses HTTP."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    timeout: AttemptTimeout = parse_duration("10s")
    """Time limit of one attempt, which is then retried later. At most 55s."""

    verify_ssl: bool = True
    """False accepts any certificate: an attacker on the path can read and answer. Prefer `ca_file`."""

    ca_file: Path | None = None
    """PEM file of a private certificate authority. Null (default): those of the system."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WebAnswer:
    """Answer of a web server.

    Attributes:
        place: Scheme, host and port of the server.
        body: Its first bytes.
        excerpt: The beginning of the body as one line, secrets redacted.
    """

    place: str
    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)
    excerpt: str

    @property
    def is_taken(self) -> bool:
        """The status is one of success."""
        return is_taken(self.status)

    @property
    def retry_after(self) -> timedelta | None:
        """The wait that the server requests."""
        return wait_of(self.headers.get("Retry-After", ""), datetime.now(UTC))

    def document(self) -> Mapping[str, object]:
        """Return the JSON object in the body; empty if there is none."""
        try:
            found = json.loads(self.body)
        except (ValueError, RecursionError):
            return {}
        return found if isinstance(found, dict) else {}

    def failure(self) -> Unreachable | Rejected:
        """Return the error that this answer means."""
        return failure_of(self.place, self.status, self.excerpt, self.headers.get("Retry-After", ""))

    def checked(self) -> "WebAnswer":
        """Return the answer itself; raises Unreachable or Rejected if it is not one of success."""
        if not self.is_taken:
            raise self.failure()
        return self


class WebClient:
    """Sends the requests of one channel; it connects with the first one.

    Args of the constructor:
        options: Timeout and trust.
        destinations: The addresses that may be connected to.
        headers: Of every request.
        secrets: Texts that must not appear in messages, even if the server repeats them.
    """

    def __init__(
        self,
        options: WebOptions,
        destinations: Destinations,
        *,
        headers: Mapping[str, str],
        secrets: Iterable[str],
    ) -> None:
        self._options = options
        self._destinations = destinations
        self._headers = {"User-Agent": "OpsConductor", **headers}
        self._redact = Redactor(secrets)
        self._session: aiohttp.ClientSession | None = None
        self._opening = asyncio.Lock()
        self._is_closed = False

    async def send(
        self,
        method: str,
        url: str,
        body: bytes | None = None,
        *,
        headers: Mapping[str, str] | None = None,
        most_bytes: int = LONGEST_BODY,
    ) -> WebAnswer:
        """Send a request and return the answer, whatever its status.

        Args:
            most_bytes: How much of the body is read.

        Raises:
            Unreachable: No answer.
        """
        place = place_of(url)
        session = await self._opened()
        with translated(place):
            async with session.request(
                method, url, data=body, headers=headers, allow_redirects=False
            ) as answer:
                content = await _beginning(answer, most_bytes)
                return WebAnswer(
                    place=place,
                    status=answer.status,
                    headers=dict(answer.headers),
                    body=content,
                    excerpt=self._excerpt(content),
                )

    async def send_json(
        self,
        method: str,
        url: str,
        document: object,
        *,
        headers: Mapping[str, str] | None = None,
    ) -> WebAnswer:
        """Send a JSON document and return the answer, whatever its status; raises Unreachable."""
        body = json.dumps(document, separators=(",", ":")).encode("ascii")
        typed = {"Content-Type": "application/json", **(headers or {})}
        return await self.send(method, url, body, headers=typed)

    async def check(self, url: str, details: Mapping[str, object] | None = None) -> CheckResult:
        """Send HEAD: tests name, connection and certificate without a notification."""
        try:
            answer = await self.send("HEAD", url)
        except ConnectorError as error:
            return CheckResult(ok=False, message=str(error))
        found = {"server": answer.place, "status": answer.status, **(details or {})}
        ok, message = _meaning(answer.place, answer.status)
        return CheckResult(ok=ok, message=message, details=found)

    async def close(self) -> None:
        """Close the connections; later requests fail."""
        self._is_closed = True
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    def redacted(self, text: str, longest: int = LONGEST_EXCERPT) -> str:
        """Return a text of the server as one line without our secrets."""
        return self._redact(folded(text, 4 * longest))[:longest]

    def _excerpt(self, content: bytes) -> str:
        return self.redacted(content[: 4 * LONGEST_EXCERPT].decode("utf-8", "replace"))

    async def _opened(self) -> aiohttp.ClientSession:
        options = self._options
        async with self._opening:
            if self._session is None:
                trust = await asyncio.to_thread(
                    tls_context, verify=options.verify_ssl, ca_file=options.ca_file
                )
                if not self._is_closed:
                    self._session = self._new_session(trust)
            if self._session is None:
                raise Unreachable("the channel is closed because its configuration changes")
            return self._session

    def _new_session(self, trust: ssl.SSLContext) -> aiohttp.ClientSession:
        """Open a session without cookies, without proxies from the environment, without decompression."""
        return aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                ssl=trust, limit=MOST_CONNECTIONS, socket_factory=self._destinations.open_socket
            ),
            headers=self._headers,
            timeout=aiohttp.ClientTimeout(total=self._options.timeout.total_seconds()),
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            trust_env=False,
        )


def basic_authorization(username: str, password: str) -> str:
    """Return the value of `Authorization` for a user and password (RFC 7617)."""
    return f"Basic {b64encode(f'{username}:{password}'.encode()).decode('ascii')}"


def place_of(url: str) -> str:
    """Return the public part of a URL: scheme, host and port."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.hostname}:{parts.port or DEFAULT_PORTS.get(parts.scheme, 0)}"


async def _beginning(answer: aiohttp.ClientResponse, most_bytes: int) -> bytes:
    """Return the first bytes of the body; what does not come in time is left."""
    data = bytearray()
    with suppress(TimeoutError, aiohttp.ClientError):
        async with asyncio.timeout(BODY_WITHIN_S):
            async for chunk in answer.content.iter_any():
                data += chunk
                if len(data) >= most_bytes:
                    answer.close()
                    break
            return bytes(data[:most_bytes])
    answer.close()
    return bytes(data[:most_bytes])


def _meaning(place: str, status: int) -> tuple[bool, str]:
    """Return what an answer to HEAD means for a later POST: many receivers support only POST."""
    if status in {401, 403, 407}:
        return False, f"{place} answers HTTP {status}: access denied, check the credentials"
    if 300 <= status < 400:  # noqa: PLR2004 - redirects
        return False, f"{place} answers HTTP {status}, a redirect: set url to the final address"
    if status >= 500 and status != 501:  # noqa: PLR2004 - 501: knows no HEAD
        return False, f"{place} answers HTTP {status}: a server error"
    return True, f"{place} answers (HTTP {status} to HEAD)"
