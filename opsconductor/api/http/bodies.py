"""Limited reading of bodies that alone can authenticate their sender (signatures)."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web

from opsconductor.api.auth.attempts import network_of
from opsconductor.api.http.validation import read_bytes
from opsconductor.errors import Unanswered

UNPROVEN_BYTES = 32 * 1024 * 1024
"""Maximum size in bytes of all unauthenticated bodies together."""


@dataclass(slots=True, eq=False)
class _Body:
    network: str
    deadline: asyncio.Timeout = field(default_factory=lambda: asyncio.timeout(None))
    size: int = 0
    is_reading: bool = True


class UnprovenBodies:
    """Bodies being read; beyond the limit the sender that holds the most loses its largest.

    They hold memory only for what has arrived, so that slow senders block no others.
    """

    def __init__(self, at_most: int = UNPROVEN_BYTES) -> None:
        self._at_most = at_most
        self._bodies: set[_Body] = set()

    @asynccontextmanager
    async def read(self, request: web.Request, *, at_most: int, within_s: float) -> AsyncIterator[bytes]:
        """Read one body; it counts against the limit until the context ends.

        Raises:
            StoreUnavailable: There are too many; the sender should retry.
            web.HTTPRequestEntityTooLarge: It is longer than the limit.
            web.HTTPRequestTimeout: It does not arrive in time.
        """
        body = _Body(network_of(request.remote or ""))
        self._bodies.add(body)

        def grown(size: int) -> None:
            body.size = size
            self._make_room()

        try:
            try:
                async with body.deadline:
                    read = await read_bytes(request, at_most=at_most, within_s=within_s, grown=grown)
            except TimeoutError as error:
                raise Unanswered("too many bodies at a time") from error
            body.is_reading = False
            yield read
        finally:
            self._bodies.discard(body)

    def _make_room(self) -> None:
        held = Counter[str]()
        for body in self._bodies:
            held[body.network] += body.size
        if held.total() <= self._at_most:
            return
        reading = [body for body in self._bodies if body.is_reading]
        victim = max(reading, key=lambda body: (held[body.network], body.size))
        victim.is_reading = False
        victim.deadline.reschedule(asyncio.get_running_loop().time())
