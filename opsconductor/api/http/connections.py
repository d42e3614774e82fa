"""Limits on connections to the API's port: their number, their timeouts, and which to close first.

Every host that reaches the port can open connections and hold them by sending or reading slowly. An
authenticated connection is never closed to make room for one that is not.
"""

import asyncio
from dataclasses import dataclass
from typing import Protocol, cast

from aiohttp import web

FIRST_BYTES = 8_192
"""Bytes of a request that are kept until it is answered: enough for the heads of machines."""


class Shortcut(Protocol):
    """Answers requests of a connection whose heads are known, past aiohttp."""

    is_waiting: bool
    """A request is not answered yet."""

    def take(self, data: bytes) -> bool:
        """Answer what was received, now or later; False: aiohttp has to read it."""


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
        self._is_ending = False
        self._answered = asyncio.Event()

    def __len__(self) -> int:
        return len(self._unknown) + len(self._trusted)

    def find(self, protocol: asyncio.BaseProtocol) -> "Connection | None":
        """Return the connection of an authenticated request."""
        return self._trusted.get(protocol)

    @property
    def are_shortcuts_open(self) -> bool:
        """Return whether requests may be answered past aiohttp; not while the server ends."""
        return not self._is_ending

    async def settle(self, within_s: float) -> None:
        """Take no more shortcuts, and wait until what has taken one is answered."""
        self._is_ending = True
        try:
            async with asyncio.timeout(within_s):
                while any(each.is_waiting for each in self._trusted.values()):
                    self._answered.clear()
                    await self._answered.wait()
        except TimeoutError:
            return

    def note_answered(self) -> None:
        """Record that a request that took a shortcut is answered, or will never be."""
        self._answered.set()

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
        self.note_answered()

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
    """Wrapper around aiohttp's protocol that enforces the timeouts, and takes shortcuts past it.

    Attributes:
        first: Beginning of the request that aiohttp reads, if aiohttp has answered all before it.
        amount: Number of bytes that aiohttp has got since then.
    """

    def __init__(self, inner: asyncio.Protocol, connections: Connections) -> None:
        self.inner = inner
        self._connections = connections
        self._transport: asyncio.Transport | None = None
        self._head_timer: asyncio.TimerHandle | None = None
        self._write_timer: asyncio.TimerHandle | None = None
        self._shortcut: Shortcut | None = None
        self._held: list[bytes] = []
        self.first, self.amount = b"", 0

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
        self._held.clear()
        self._shortcut = None
        self.inner.connection_lost(exc)

    @property
    def is_waiting(self) -> bool:
        """Return whether a request that took the shortcut is not answered yet."""
        return self._shortcut is not None and self._shortcut.is_waiting

    def data_received(self, data: bytes) -> None:
        """Pass received data to the shortcut, if there is one and it takes them, else to aiohttp.

        While the client does not read its answers they go to aiohttp, which then reads only a few requests.
        """
        shortcut = self._shortcut
        if shortcut is not None:
            if shortcut.is_waiting:
                self._hold(data)
                return
            if self._write_timer is None and shortcut.take(data):
                return
            self._shortcut = None
        self._pass(data)

    def shorten(self, shortcut: Shortcut) -> None:
        """Use a shortcut for the next requests: aiohttp has answered everything that it got."""
        self._shortcut = shortcut
        self.first, self.amount = b"", 0

    def answer(self, data: bytes) -> None:
        """Answer the request that took the shortcut; then take what the client has sent meanwhile."""
        if self._transport is None or self._transport.is_closing():
            return
        self._transport.write(data)
        self._continue()

    def give_back(self, data: bytes) -> None:
        """Pass a request that took the shortcut to aiohttp, before what the client has sent meanwhile."""
        if self._transport is None or self._transport.is_closing():
            return
        self._shortcut = None
        self._pass(data)
        self._continue()

    def _pass(self, data: bytes) -> None:
        """Pass received data to aiohttp."""
        if not self.amount:
            self.first = data[:FIRST_BYTES]
        self.amount += len(data)
        self.inner.data_received(data)

    def _continue(self) -> None:
        """Take what the client has sent while it waited, in the next turn of the event loop."""
        if self._held:
            asyncio.get_running_loop().call_soon(self._take_held)

    def _hold(self, data: bytes) -> None:
        """Keep what a client sends before it is answered, and read no more of it."""
        assert self._transport is not None
        self._held.append(data)
        self._transport.pause_reading()

    def _take_held(self) -> None:
        held, self._held = self._held, []
        if not held or self._transport is None or self._transport.is_closing():
            return
        self._transport.resume_reading()
        self.data_received(b"".join(held))

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
