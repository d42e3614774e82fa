"""HTTP client of one PRTG server: every call is a GET, and every answer is checked."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

import aiohttp

from connectors.prtg.answer import Blot, PrtgAnswer, document_in, refusal_in, total_in
from connectors.prtg.config import PrtgConfig
from opsconductor.connector.destinations import Destinations
from opsconductor.connector.http import translated
from opsconductor.connector.settings.trust import tls_context
from opsconductor.errors import Rejected, Unreachable

Parameters = Sequence[tuple[str, str]]

MOST_BYTES = 16 * 1024 * 1024
"""Of one answer: 3,000 sensors with long messages need a third of it."""
MOST_CONNECTIONS = 4
"""Paessler recommends few concurrent calls."""
IN_A_THREAD_BYTES = 128 * 1024
"""JSON from this size on is parsed in a thread, so that traps are not delayed."""


class PrtgClient:
    """Client of one server; failures are `Unreachable` or `Rejected`, without secrets in their texts."""

    def __init__(self, config: PrtgConfig, session: aiohttp.ClientSession) -> None:
        self._config = config
        self._session = session
        self._blot = Blot(config)

    async def document(self, path: str, parameters: Parameters) -> Mapping[str, Any]:
        """Return a JSON document of the classic API.

        Raises:
            Unreachable: No answer, a truncated one, or credentials that are not accepted now.
            Rejected: The server refuses, or is not PRTG.
        """
        url = self._config.base + path
        found = await self._read(await self._get(url, [*parameters, *self._credentials()]))
        if not isinstance(found, dict):
            raise Rejected(f"{self._config.place} answers {path} with JSON that is not PRTG's")
        return found

    async def objects(self, path: str, parameters: Parameters) -> tuple[list[Any], int | None]:
        """Return a list of objects of API v2.

        Returns:
            The objects, and the total number; None: the server does not report it.

        Raises:
            Unreachable: As `document`.
            Rejected: As `document`.
        """
        config = self._config
        assert config.api_token is not None
        url = f"{str(config.api_v2_url or config.url).rstrip('/')}/api/v2{path}"
        answer = await self._get(
            url, parameters, {"Authorization": f"Bearer {config.api_token.get_secret_value()}"}
        )
        found = await self._read(answer)
        if not isinstance(found, list):
            raise Rejected(f"{config.place} answers {path} with JSON that is not that of API v2")
        return found, total_in(answer)

    async def order(self, path: str, parameters: Parameters) -> None:
        """Send a command to the classic API; it answers with 200 or a redirect into its pages.

        Raises:
            Unreachable: As `document`.
            Rejected: As `document`.
        """
        url = self._config.base + path
        answer = await self._get(url, [*parameters, *self._credentials()])
        refusal = refusal_in(answer, self._config.place, self._blot, is_order=True)
        if refusal is not None:
            raise refusal

    async def _read(self, answer: PrtgAnswer) -> object:
        place, blot = self._config.place, self._blot
        refusal = refusal_in(answer, place, blot)
        if refusal is not None:
            raise refusal
        if len(answer.body) >= IN_A_THREAD_BYTES:
            return await asyncio.to_thread(document_in, answer, place, blot)
        return document_in(answer, place, blot)

    async def _get(
        self, url: str, parameters: Parameters, headers: Mapping[str, str] | None = None
    ) -> PrtgAnswer:
        place = self._config.place
        with translated(place):
            async with self._session.get(
                url, params=list(parameters), headers=headers, allow_redirects=False
            ) as answer:
                body = bytearray()
                async for chunk in answer.content.iter_any():
                    body += chunk
                    if len(body) > MOST_BYTES:
                        raise Unreachable(f"{place} answers with more than {MOST_BYTES} bytes")
                return PrtgAnswer(status=answer.status, headers=dict(answer.headers), body=bytes(body))
        raise AssertionError("the context ends with an answer or an error")

    def _credentials(self) -> Parameters:
        config = self._config
        if config.api_token is not None:
            return (("apitoken", config.api_token.get_secret_value()),)
        assert config.username is not None
        assert config.passhash is not None
        return (("username", config.username), ("passhash", config.passhash.get_secret_value()))


@asynccontextmanager
async def opened(config: PrtgConfig, destinations: Destinations) -> AsyncIterator[PrtgClient]:
    """Keep connections open within the context; without cookies and proxies from the environment.

    Raises:
        Unreachable: `ca_file` cannot be used.
    """
    trust = await asyncio.to_thread(tls_context, verify=config.verify_ssl, ca_file=config.ca_file)
    async with aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(
            ssl=trust, limit=MOST_CONNECTIONS, socket_factory=destinations.open_socket
        ),
        headers={"User-Agent": "OpsConductor"},
        timeout=aiohttp.ClientTimeout(total=config.timeout.total_seconds()),
        cookie_jar=aiohttp.DummyCookieJar(),
        trust_env=False,
    ) as session:
        yield PrtgClient(config, session)
