"""Who is connected to the API's port: how many at most, who is patient with whom, and who must go first.

Everyone who reaches the port can open connections, and hold them by sending or reading slowly. A
connection that has shown a good key is never closed to make room for one that has not.
"""

import asyncio
from dataclasses import dataclass
from typing import cast

from aiohttp import web


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientLimits:
    """What a client may take of us.

    Attributes:
        connections: So many are open at a time; beyond it the oldest that has shown no key is closed.
        read_s: The head of the first request, and every body, must be here within so many seconds.
        idle_s: Between two requests a connection may stay quiet for so long.
        write_s: A client that takes nothing of an answer for so long is gone.
    """

    connections: int = 512
    read_s: float = 10.0
    idle_s: float = 75.0
    write_s: float = 30.0


class Connections:
    """The open connections, oldest first; made into aiohttp's by `bind`."""

    def __init__(self, limits: ClientLimits) -> None:
        """Take nobody in until `bind` says who answers."""
        self.limits = limits
        self._server: web.Server | None = None
        self._unknown: dict[asyncio.BaseProtocol, Connection] = {}
        self._trusted: dict[asyncio.BaseProtocol, Connection] = {}

    def __len__(self) -> int:
        return len(self._unknown) + len(self._trusted)

    def bind(self, server: web.Server) -> None:
        """Hand the bytes of future connections to this server."""
        self._server = server

    def __call__(self) -> asyncio.Protocol:
        """Make the protocol of a new connection; asyncio calls this."""
        assert self._server is not None
        return Connection(self._server(), self)

    def enter(self, connection: "Connection") -> None:
        """Take a connection in and, when there are too many, close the oldest without a key.

        When all others have shown one, that is the new connection itself.
        """
        self._unknown[connection.inner] = connection
        if len(self) > self.limits.connections:
            next(iter(self._unknown.values())).cut()

    def leave(self, connection: "Connection") -> None:
        """Forget a connection that is closed."""
        self._unknown.pop(connection.inner, None)
        self._trusted.pop(connection.inner, None)

    def asked(self, protocol: asyncio.BaseProtocol) -> None:
        """Note that a whole head of a request has come."""
        if found := self._unknown.get(protocol):
            found.be_patient()

    def trust(self, protocol: asyncio.BaseProtocol) -> None:
        """Note that a connection has shown a good key."""
        if found := self._unknown.pop(protocol, None):
            self._trusted[protocol] = found


connections: web.AppKey[Connections] = web.AppKey("connections", Connections)


class Connection(asyncio.Protocol):
    """Passes everything on to aiohttp's protocol, and keeps the time."""

    def __init__(self, inner: asyncio.Protocol, connections: Connections) -> None:
        self.inner = inner
        self._connections = connections
        self._transport: asyncio.Transport | None = None
        self._head_timer: asyncio.TimerHandle | None = None
        self._write_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin; the first request is expected within the time to read."""
        self._transport = cast("asyncio.Transport", transport)
        self._head_timer = self._later(self._connections.limits.read_s)
        self.inner.connection_made(transport)
        self._connections.enter(self)

    def connection_lost(self, exc: Exception | None) -> None:
        """End."""
        self._connections.leave(self)
        self.be_patient()
        self._stop_waiting_to_write()
        self.inner.connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Pass on what has come."""
        self.inner.data_received(data)

    def eof_received(self) -> bool | None:
        """Pass on that no more will come."""
        return self.inner.eof_received()

    def pause_writing(self) -> None:
        """Wait for the client to take what was written, but not for ever."""
        if self._write_timer is None:
            self._write_timer = self._later(self._connections.limits.write_s)
        self.inner.pause_writing()

    def resume_writing(self) -> None:
        """Note that the client has taken it."""
        self._stop_waiting_to_write()
        self.inner.resume_writing()

    def be_patient(self) -> None:
        """Stop waiting for the first request: it is here; the rest is aiohttp's time to be idle."""
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def cut(self) -> None:
        """Close at once, whatever is still to be sent."""
        assert self._transport is not None
        self._connections.leave(self)
        self._transport.abort()

    def _stop_waiting_to_write(self) -> None:
        if self._write_timer is not None:
            self._write_timer.cancel()
            self._write_timer = None

    def _later(self, seconds: float) -> asyncio.TimerHandle:
        return asyncio.get_running_loop().call_later(seconds, self.cut)
