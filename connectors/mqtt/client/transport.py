"""Transport for paho: opened on the event loop, read and written in large blocks.

paho itself would connect in a thread that cannot be stopped, and makes three system calls for every message.
"""

import asyncio
import socket
import ssl
from contextlib import ExitStack

from opsconductor.connector.destinations import Destinations

PIECE = 64 * 1024


class Transport:
    """Socket-like object for paho.

    Attributes:
        is_dry: Nothing more can be read now.
    """

    def __init__(self, sock: socket.socket) -> None:
        self.is_dry = True
        self._sock = sock
        self._read = b""
        self._position = 0
        self._unsent = bytearray()

    def recv(self, size: int) -> bytes:
        """Return up to `size` bytes; empty at the end; raises BlockingIOError when there are none now."""
        if self._position == len(self._read):
            self._fill()
        piece = self._read[self._position : self._position + size]
        self._position += len(piece)
        return piece

    def _fill(self) -> None:
        self.is_dry = False
        try:
            self._read = self._sock.recv(PIECE)
        except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
            self.is_dry = True
            raise BlockingIOError from None
        except ssl.SSLZeroReturnError:
            self._read = b""
        self._position = 0

    def send(self, data: bytes | bytearray) -> int:
        """Buffer bytes for the next `flush`."""
        self._unsent += data
        return len(data)

    def flush(self) -> bool:
        """Send buffered bytes as far as the kernel accepts them; return True if that was all."""
        try:
            while self._unsent:
                del self._unsent[: self._sock.send(self._unsent)]
        except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
            return False
        return True

    def fileno(self) -> int:
        """Return the file descriptor."""
        return self._sock.fileno()

    def setblocking(self, _: object) -> None:
        """Do nothing: the socket never blocks."""

    def close(self) -> None:
        """Send what can be sent at once, and close."""
        try:
            self.flush()
        except OSError:
            self._unsent.clear()  # the other side has gone
        self._sock.close()


async def open_wire(
    destinations: Destinations, host: str, port: int, trust: ssl.SSLContext | None
) -> Transport:
    """Connect to the first address of a host that answers; raises OSError (`ssl.SSLError` is one)."""
    sock = await destinations.connect(host, port)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if trust is None:
        return Transport(sock)
    with ExitStack() as unless_connected:
        unless_connected.callback(sock.close)
        secure = trust.wrap_socket(sock, server_hostname=host, do_handshake_on_connect=False)
        unless_connected.callback(secure.close)
        await _shake_hands(secure)
        unless_connected.pop_all()
    return Transport(secure)


async def _shake_hands(sock: ssl.SSLSocket) -> None:
    while True:
        try:
            sock.do_handshake()
        except ssl.SSLWantReadError:
            await _ready(sock, is_to_write=False)
        except ssl.SSLWantWriteError:
            await _ready(sock, is_to_write=True)
        else:
            return


async def _ready(sock: ssl.SSLSocket, *, is_to_write: bool) -> None:
    loop = asyncio.get_running_loop()
    ready = loop.create_future()

    def wake() -> None:
        if not ready.done():
            ready.set_result(None)

    watch, forget = (
        (loop.add_writer, loop.remove_writer) if is_to_write else (loop.add_reader, loop.remove_reader)
    )
    watch(sock.fileno(), wake)
    try:
        await ready
    finally:
        forget(sock.fileno())
