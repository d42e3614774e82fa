"""Sockets of the listener, opened here or passed by systemd."""

import logging
import socket
from collections.abc import Callable, Sequence
from contextlib import suppress
from errno import EADDRINUSE

from connectors.snmp_trap.receiving.port import TrapPort
from opsconductor.connector.settings.address import ListenAddress
from opsconductor.errors import Rejected, Unreachable

log = logging.getLogger(__name__)

_RECEIVE_BUFFER_FORCE = 33  # SO_RCVBUFFORCE of socket(7): above the limit, with CAP_NET_ADMIN
_LOWEST_FREE_PORT = 1024
BUFFER_REMEDY = (
    "sysctl -w net.core.rmem_max={bytes}, and keep it in /etc/sysctl.d/;"
    " or let systemd open the socket with ReceiveBuffer={bytes}"
)


def open_ports(
    listen: Sequence[ListenAddress],
    lent: Sequence[socket.socket],
    open_socket: Callable[[ListenAddress], socket.socket] | None = None,
) -> list[TrapPort]:
    """Open every listener; a port that systemd has opened is not opened again.

    If systemd passes sockets and none matches `listen`, they are the listeners: the socket unit was
    configured on purpose.

    Args:
        open_socket: Opens a socket, or returns an open one; default `bind`.

    Raises:
        Rejected: An address cannot be bound and a retry would not help.
        Unreachable: An address cannot be bound now.
    """
    fitting = matching(listen, lent)
    if lent and not fitting:
        return [TrapPort(sock, is_ours=False) for sock in lent]
    taken = {sock.getsockname()[1] for sock in fitting}
    ports = [TrapPort(sock, is_ours=False) for sock in fitting]
    opened = open_socket or bind
    try:
        for address in listen:
            if address.port not in taken:
                ports.append(TrapPort(opened(address), is_ours=True))  # noqa: PERF401 - a fault closes those before
    except (Rejected, Unreachable):
        close_all(ports)
        raise
    return ports


def matching(listen: Sequence[ListenAddress], lent: Sequence[socket.socket]) -> list[socket.socket]:
    """Return the sockets from systemd whose port is in `listen`."""
    numbers = {address.port for address in listen}
    return [sock for sock in lent if sock.getsockname()[1] in numbers]


def bind(address: ListenAddress) -> socket.socket:
    """Open a socket on one address; IPv6 only for IPv6, so that IPv4 can be bound as well.

    Raises:
        Rejected: No privilege, no such address, no such name; the message contains the remedy.
        Unreachable: The port is in use.
    """
    try:
        family, kind, protocol, _, where = _resolved(address)
        sock = socket.socket(family, kind | socket.SOCK_NONBLOCK, protocol)
    except OSError as error:
        raise Rejected(f"cannot listen on {address}: {error.strerror or error}") from error
    try:
        if family == socket.AF_INET6:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        sock.bind(where)
    except OSError as error:
        sock.close()
        raise _bind_fault(address, error) from error
    return sock


def grow_buffer(port: TrapPort, wanted_bytes: int) -> int:
    """Request a large receive buffer and return the size that the kernel grants.

    A socket from systemd keeps a larger buffer.
    """
    if granted_bytes(port.sock) < wanted_bytes:
        port.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, wanted_bytes)
    if granted_bytes(port.sock) < wanted_bytes:
        with suppress(PermissionError):
            port.sock.setsockopt(socket.SOL_SOCKET, _RECEIVE_BUFFER_FORCE, wanted_bytes)
    return granted_bytes(port.sock)


def granted_bytes(sock: socket.socket) -> int:
    """Return the receive buffer size as requested: the kernel doubles it for its own use."""
    return sock.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF) // 2


def warn_of_small_buffer(port: TrapPort, wanted_bytes: int, granted: int) -> None:
    """Log that the kernel grants less than configured, with the remedy."""
    log.warning(
        "the kernel grants a smaller receive buffer: traps may be lost in a storm",
        extra={
            "listen": port.name,
            "requested": wanted_bytes,
            "granted": granted,
            "remedy": BUFFER_REMEDY.format(bytes=wanted_bytes),
        },
    )


def close_all(ports: Sequence[TrapPort]) -> None:
    """Close the sockets that we opened."""
    for port in ports:
        port.close()


def _resolved(address: ListenAddress) -> tuple[int, int, int, str, tuple[object, ...]]:
    found = socket.getaddrinfo(address.host, address.port, type=socket.SOCK_DGRAM, flags=socket.AI_PASSIVE)
    family, kind, protocol, name, where = found[0]
    return family, kind, protocol, name, where


def _bind_fault(address: ListenAddress, error: OSError) -> Rejected | Unreachable:
    text = f"cannot listen on {address}: {error.strerror}"
    if isinstance(error, PermissionError) and address.port < _LOWEST_FREE_PORT:
        return Rejected(
            f"{text}; ports below {_LOWEST_FREE_PORT} need CAP_NET_BIND_SERVICE,"
            " or a socket that systemd opens (opsconductor.socket)"
        )
    if error.errno == EADDRINUSE:
        return Unreachable(
            f"{text}; stop the program that uses the port (ss -lunp 'sport = :{address.port}' names it), "
            "or choose another one in `listen`"
        )
    return Unreachable(text)
