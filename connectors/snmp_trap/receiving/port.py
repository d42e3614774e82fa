"""UDP socket for traps: batch reading, and responses from the address that the request was sent to."""

import asyncio
import socket
import struct
from collections.abc import Callable
from typing import Any

from opsconductor.connector.settings.address import ListenAddress

Address = tuple[Any, ...]
"""A Python socket address; the first entry is the IP address as text."""

Datagram = tuple[bytes, Address]

LARGEST = 65_535
ENOUGH_BYTES = 128 * 1024
"""More than four hundred usual traps; two of the largest and slowest are some 10 ms of work."""
_PACKET_INFO_BYTES = 64
_COOKIE = 57  # SO_COOKIE of linux/socket.h, Linux 4.12
_MEMORY_INFO = 55  # SO_MEMINFO of linux/socket.h, Linux 4.12
_MEMORY_INFO_DROPS = 8  # SK_MEMINFO_DROPS of linux/sock_diag.h
_MEMORY_INFO_FIELDS = 9
_IP_PKTINFO = 8  # linux/in.h; Python 3.11 does not name it


class TrapPort:
    """A bound, non-blocking datagram socket.

    On a host with several addresses a response must leave from the address that the request was sent to, or
    the sender discards it. Only a slower system call reports that address, so it is used from the
    first inform on; that first one is answered from the default address, and again when it is retransmitted.

    Attributes:
        cookie: The kernel's id of the socket, unique until the next boot.
        is_drained: The latest read left nothing.
    """

    def __init__(self, sock: socket.socket, *, is_ours: bool) -> None:
        host = sock.getsockname()[0]
        self.sock = sock
        self.is_ours = is_ours
        self.is_ipv6 = sock.family == socket.AF_INET6
        self.listens_at = ListenAddress(*sock.getsockname()[:2])
        self.name = str(self.listens_at)
        self.cookie = struct.unpack("Q", sock.getsockopt(socket.SOL_SOCKET, _COOKIE, 8))[0]
        self.is_drained = True
        self._is_wildcard = host in ("0.0.0.0", "::")  # noqa: S104 - compared, not bound
        self._asks_destination = False
        self._destinations: dict[Address, bytes] = {}

    def receive(self, at_most: int) -> list[Datagram]:
        """Return the waiting datagrams without blocking; of large ones no more than `ENOUGH_BYTES`.

        Raises:
            OSError: The socket is broken; datagrams already read are returned first.
        """
        taken: list[Datagram] = []
        self.is_drained = False
        take = self._receive_with_destination if self._asks_destination else self._receive_plain
        self._destinations.clear()
        left = ENOUGH_BYTES
        try:
            for _ in range(at_most):
                datagram = take(LARGEST)
                taken.append(datagram)  # what came before an error stays
                left -= len(datagram[0])
                if left < 0:
                    break
        except BlockingIOError:
            self.is_drained = True
        except OSError:
            if not taken:
                raise
        return taken

    async def readable(self) -> None:
        """Wait until something has arrived."""
        loop = asyncio.get_running_loop()
        arrived = loop.create_future()
        loop.add_reader(self.sock, _wake, arrived)
        try:
            await arrived
        finally:
            loop.remove_reader(self.sock)

    def answerer(self, address: Address) -> Callable[[bytes], None]:
        """Return a function that sends a response to the sender of a datagram just received.

        The response is sent at once or not at all (OSError); the sender retransmits.
        """
        if self._is_wildcard and not self._asks_destination:
            self._ask_destination()
        packet_info = self._destinations.get(address)
        if packet_info is None:
            return lambda answer: self._send(answer, address)
        level, kind = _packet_info_kind(is_ipv6=self.is_ipv6)
        ancillary = [(level, kind, packet_info)]
        return lambda answer: self._send_from(answer, ancillary, address)

    def drops(self) -> int:
        """Return the number of datagrams that the kernel dropped for lack of buffer, modulo 2**32."""
        info = self.sock.getsockopt(socket.SOL_SOCKET, _MEMORY_INFO, 4 * _MEMORY_INFO_FIELDS)
        drops: int = struct.unpack(f"{len(info) // 4}I", info)[_MEMORY_INFO_DROPS]
        return drops

    def close(self) -> None:
        """Close the socket, unless systemd owns it: then the kernel keeps what arrives."""
        if self.is_ours:
            self.sock.close()

    def _receive_plain(self, size: int) -> Datagram:
        return self.sock.recvfrom(size)

    def _receive_with_destination(self, size: int) -> Datagram:
        payload, ancillary, _, address = self.sock.recvmsg(size, _PACKET_INFO_BYTES)
        wanted = _packet_info_kind(is_ipv6=self.is_ipv6)
        for level, kind, content in ancillary:
            if (level, kind) == wanted:
                self._destinations[address] = _as_source(content, is_ipv6=self.is_ipv6)
        return payload, address

    def _ask_destination(self) -> None:
        level, kind = _packet_info_kind(is_ipv6=self.is_ipv6)
        option = socket.IPV6_RECVPKTINFO if self.is_ipv6 else kind
        self.sock.setsockopt(level, option, 1)
        self._asks_destination = True

    def _send(self, answer: bytes, address: Address) -> None:
        self.sock.sendto(answer, address)

    def _send_from(self, answer: bytes, ancillary: list[tuple[int, int, bytes]], address: Address) -> None:
        self.sock.sendmsg([answer], ancillary, 0, address)


def _wake(arrived: asyncio.Future[None]) -> None:
    if not arrived.done():
        arrived.set_result(None)


def _packet_info_kind(*, is_ipv6: bool) -> tuple[int, int]:
    if is_ipv6:
        return socket.IPPROTO_IPV6, socket.IPV6_PKTINFO
    return socket.IPPROTO_IP, _IP_PKTINFO


def _as_source(content: bytes, *, is_ipv6: bool) -> bytes:
    """Convert the packet info of a received datagram to that of its response.

    Source:
        ip(7), `struct in_pktinfo`: interface, local address, header destination; ipv6(7).
    """
    if is_ipv6:
        return content
    return struct.pack("i4s4s", 0, content[4:8], bytes(4))
