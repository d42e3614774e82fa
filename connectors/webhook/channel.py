"""Webhook channel: posts to one URL over persistent connections."""

import asyncio
import ssl
from contextlib import suppress
from datetime import UTC, datetime

import aiohttp

from connectors.webhook.config import WebhookConfig
from connectors.webhook.message import body_of, headers_of
from connectors.webhook.redact import blotted, secrets_of
from opsconductor.connector.http import failure_of, is_taken, translated
from opsconductor.connector.interface import CheckResult
from opsconductor.connector.trust import tls_context
from opsconductor.errors import ConnectorError, Unreachable
from opsconductor.model.notification import Notification, Receipt
from opsconductor.model.text import folded

EXCERPT_BYTES = 1024
EXCERPT_CHARACTERS = 200
EXCERPT_WITHIN_S = 2
MOST_CONNECTIONS = 8


class WebhookChannel:
    """Posts each notification as one signed JSON document."""

    def __init__(self, config: WebhookConfig) -> None:
        self._config = config
        self._url = str(config.url)
        self._session: aiohttp.ClientSession | None = None
        self._opening = asyncio.Lock()
        self._is_closed = False

    async def send(self, notification: Notification) -> Receipt:
        """Post one notification.

        Raises:
            Unreachable: No answer, or one that means try later (408, 425, 429, 5xx).
            Rejected: Any other unsuccessful answer, redirects included.
        """
        config = self._config
        key = config.secret.get_secret_value().encode() if config.secret else None
        body = body_of(notification)
        headers = headers_of(notification, body, key, datetime.now(UTC))
        session = await self._opened()
        with translated(config.place):
            async with session.post(
                str(config.url), data=body, headers=headers, allow_redirects=False
            ) as answer:
                if not is_taken(answer.status):
                    excerpt = await self._excerpt(answer)
                    retry_after = answer.headers.get("Retry-After", "")
                    raise failure_of(config.place, answer.status, excerpt, retry_after)
                return Receipt(detail=f"HTTP {answer.status}")

    async def check(self) -> CheckResult:
        """Send HEAD to the URL: tests name, connection and certificate without a notification."""
        place = self._config.place
        try:
            session = await self._opened()
            with translated(place):
                async with session.head(self._url, allow_redirects=False) as answer:
                    status = answer.status
        except ConnectorError as error:
            return CheckResult(ok=False, message=str(error))
        details = {"server": place, "status": status, "signed": self._config.secret is not None}
        ok, message = _meaning(place, status)
        return CheckResult(ok=ok, message=message, details=details)

    async def close(self) -> None:
        """Close the connections; later sends fail."""
        self._is_closed = True
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def _opened(self) -> aiohttp.ClientSession:
        config = self._config
        async with self._opening:
            if self._session is None:
                trust = await asyncio.to_thread(tls_context, verify=config.verify_ssl, ca_file=config.ca_file)
                if not self._is_closed:
                    self._session = self._new_session(trust)
            if self._session is None:
                raise Unreachable("the channel is closed because its configuration changes")
            return self._session

    def _new_session(self, trust: ssl.SSLContext) -> aiohttp.ClientSession:
        """Open a session without cookies, without proxies from the environment, without decompression."""
        headers = {name: value.get_secret_value() for name, value in self._config.headers.items()}
        return aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(ssl=trust, limit=MOST_CONNECTIONS),
            headers={"User-Agent": "OpsConductor", **headers},
            timeout=aiohttp.ClientTimeout(total=self._config.timeout.total_seconds()),
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            trust_env=False,
        )

    async def _excerpt(self, answer: aiohttp.ClientResponse) -> str:
        """Return the beginning of an answer as one line, with our secrets redacted."""
        data = b""
        with suppress(TimeoutError, aiohttp.ClientError):
            async with asyncio.timeout(EXCERPT_WITHIN_S):
                data = await answer.content.read(EXCERPT_BYTES)
        answer.close()
        text = folded(data.decode("utf-8", "replace"), EXCERPT_BYTES)
        return blotted(text, secrets_of(self._config))[:EXCERPT_CHARACTERS]


def _meaning(place: str, status: int) -> tuple[bool, str]:
    """Return what an answer to HEAD means for a later POST: many receivers support only POST."""
    if status in {401, 403, 407}:
        return False, f"{place} answers HTTP {status}: access denied, check headers"
    if 300 <= status < 400:  # noqa: PLR2004 - redirects
        return False, f"{place} answers HTTP {status}, a redirect: set url to the final address"
    if status >= 500 and status != 501:  # noqa: PLR2004 - 501: knows no HEAD
        return False, f"{place} answers HTTP {status}: a server error"
    return True, f"{place} answers (HTTP {status} to HEAD)"
