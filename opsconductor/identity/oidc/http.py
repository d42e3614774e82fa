"""Requests to an identity provider: bounded in time and size, without redirects."""

import json
import ssl
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import aiohttp

from opsconductor.connector.destinations import Destinations
from opsconductor.errors import ProviderError

TIMEOUT_S = 10.0
LARGEST_ANSWER = 512 * 1024
"""Maximum size of an answer in bytes."""


class ProviderHttp:
    """Asks a provider for JSON."""

    def __init__(self, ca_file: Path | None, destinations: Destinations) -> None:
        self._destinations = destinations
        self._ca_file = ca_file
        self._session: aiohttp.ClientSession | None = None

    async def get(self, url: str, headers: Mapping[str, str] | None = None) -> dict[str, Any]:
        """Return the JSON object at a URL.

        Raises:
            ProviderError: There is none.
        """
        status, body = await self._ask("GET", url, headers=headers)
        if status != 200:  # noqa: PLR2004 - OK, RFC 9110
            raise ProviderError(f"{url} answers HTTP {status}")
        return _object(url, body)

    async def post(
        self, url: str, form: Mapping[str, str], headers: Mapping[str, str]
    ) -> tuple[int, dict[str, Any]]:
        """Send a form; return status and the JSON object of the answer.

        Raises:
            ProviderError: There is no answer, or it is no JSON.
        """
        status, body = await self._ask("POST", url, data=form, headers=headers)
        return status, _object(url, body)

    async def close(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()

    async def _ask(self, method: str, url: str, **options: Any) -> tuple[int, bytes]:
        try:
            session = self._session = self._session or self._opened()
            async with session.request(method, url, allow_redirects=False, **options) as response:
                body = await response.content.read(LARGEST_ANSWER + 1)
                while len(body) <= LARGEST_ANSWER and (more := await response.content.read(LARGEST_ANSWER)):
                    body += more
                if len(body) > LARGEST_ANSWER:
                    raise ProviderError(f"{url} answers more than {LARGEST_ANSWER} bytes")
                return response.status, body
        except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as error:
            cause = error.os_error if isinstance(error, aiohttp.ClientConnectorError) else None
            shown = cause if isinstance(cause, PermissionError) else error
            reason = str(shown) or f"no answer within {TIMEOUT_S:g} s"
            raise ProviderError(f"{url}: {reason[:200]}") from error

    def _opened(self) -> aiohttp.ClientSession:
        context = ssl.create_default_context(cafile=self._ca_file)
        connector = aiohttp.TCPConnector(ssl=context, socket_factory=self._destinations.open_socket, limit=10)
        timeout = aiohttp.ClientTimeout(total=TIMEOUT_S)
        return aiohttp.ClientSession(
            connector=connector, timeout=timeout, skip_auto_headers=("Accept-Encoding",)
        )


def _object(url: str, body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise ProviderError(f"{url} answers no JSON") from error
    if not isinstance(found, dict):
        raise ProviderError(f"{url} answers no JSON object")
    return found
