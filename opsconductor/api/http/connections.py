"""Limits on connections to the API's port: their number, their timeouts, and which to close first.

Every host that reaches the port can open connections and hold them by sending or reading slowly. An
authenticated connection is never closed to make room for one that is not.
"""

import asyncio
from dataclasses import dataclass
from typing import cast

from aiohttp import web


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientLimits:
    """Limits on clients.

    Attributes:
        connections: Maximum number open at a time; beyond it the oldest unauthenticated one is closed.
        read_s: Seconds within which the head of the first request, and every body, must arrive.
        idle_s: Seconds a connection may be idle between two requests.
        write_s: Seconds after which a client that reads nothing of an answer is disconnected.
    """

    connections: int = 512
    read_s: float = 10.0
    idle_s: float = 75.0
    write_s: float = 30.0


class Connections:
    """Open connections, oldest first; `bind` connects them to an aiohttp server."""

    def __init__(self, limits: ClientLimits) -> None:
        """Accept no connection until `bind` is called."""
        self.limits = limits
        self._server: web.Server | None = None
        self._unknown: dict[asyncio.BaseProtocol, Connection] = {}
        self._trusted: dict[asyncio.BaseProtocol, Connection] = {}

    def __len__(self) -> int:
        return len(self._unknown) + len(self._trusted)

    def bind(self, server: web.Server) -> None:
        """Pass the bytes of future connections to this server."""
        self._server = server

    def __call__(self) -> asyncio.Protocol:
        """Return the protocol of a new connection; called by asyncio."""
        assert self._server is not None
        return Connection(self._server(), self)

    def enter(self, connection: "Connection") -> None:
        """Register a connection and, when there are too many, close the oldest unauthenticated one.

        If all others are authenticated, that is the new connection itself.
        """
        self._unknown[connection.inner] = connection
        if len(self) > self.limits.connections:
            next(iter(self._unknown.values())).cut()

    def leave(self, connection: "Connection") -> None:
        """Unregister a closed connection."""
        self._unknown.pop(connection.inner, None)
        self._trusted.pop(connection.inner, None)

    def asked(self, protocol: asyncio.BaseProtocol) -> None:
        """Record that a complete request head has arrived."""
        if found := self._unknown.get(protocol):
            found.be_patient()

    def trust(self, protocol: asyncio.BaseProtocol) -> None:
        """Record that a connection is authenticated."""
        if found := self._unknown.pop(protocol, None):
            self._trusted[protocol] = found


connections: web.AppKey[Connections] = web.AppKey("connections", Connections)


class Connection(asyncio.Protocol):
    """Wrapper around aiohttp's protocol that enforces the timeouts."""

    def __init__(self, inner: asyncio.Protocol, connections: Connections) -> None:
        self.inner = inner
        self._connections = connections
        self._transport: asyncio.Transport | None = None
        self._head_timer: asyncio.TimerHandle | None = None
        self._write_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Start the timeout for the first request."""
        self._transport = cast("asyncio.Transport", transport)
        self._head_timer = self._later(self._connections.limits.read_s)
        self.inner.connection_made(transport)
        self._connections.enter(self)

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop the timeouts and unregister the connection."""
        self._connections.leave(self)
        self.be_patient()
        self._stop_waiting_to_write()
        self.inner.connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Forward received data."""
        self.inner.data_received(data)

    def eof_received(self) -> bool | None:
        """Forward the end of the data."""
        return self.inner.eof_received()

    def pause_writing(self) -> None:
        """Start the write timeout."""
        if self._write_timer is None:
            self._write_timer = self._later(self._connections.limits.write_s)
        self.inner.pause_writing()

    def resume_writing(self) -> None:
        """Stop the write timeout."""
        self._stop_waiting_to_write()
        self.inner.resume_writing()

    def be_patient(self) -> None:
        """Stop the timeout for the first request; from then on aiohttp's keep-alive timeout applies."""
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def cut(self) -> None:
        """Close immediately, discarding unsent data."""
        assert self._transport is not None
        self._connections.leave(self)
        self._transport.abort()

    def _stop_waiting_to_write(self) -> None:
        if self._write_timer is not None:
            self._write_timer.cancel()
            self._write_timer = None

    def _later(self, seconds: float) -> asyncio.TimerHandle:
        return asyncio.get_running_loop().call_later(seconds, self.cut)
