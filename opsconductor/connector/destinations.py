"""Addresses that outgoing connections may reach.

Cloud hosts answer credentials at link-local addresses to every request from the host, and a URL in the
configuration of a connector may be written by a user who may not reach the daemon's network otherwise. The
address is checked when the connection is made, whatever name it has and whatever that name resolves to.
"""

import asyncio
import socket
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any

Network = IPv4Network | IPv6Network

REFUSED: tuple[Network, ...] = tuple(
    map(
        ip_network,
        (
            "169.254.0.0/16",  # link-local (RFC 3927): metadata of AWS, Azure, GCP, OpenStack
            "fe80::/10",  # link-local (RFC 4291)
            "fd00:ec2::/32",  # metadata of AWS over IPv6
            "fd20:ce::254/128",  # metadata of Google Cloud over IPv6
            "100.100.100.200/32",  # metadata of Alibaba Cloud
            "192.0.0.192/32",  # metadata of Oracle Cloud
            "168.63.129.16/32",  # host agent of Azure
        ),
    )
)
"""Never reached, whatever the settings allow."""

PRIVATE: tuple[Network, ...] = tuple(
    map(
        ip_network,
        (
            "0.0.0.0/8",  # this host (RFC 6890)
            "10.0.0.0/8",  # RFC 1918
            "100.64.0.0/10",  # shared by providers (RFC 6598)
            "127.0.0.0/8",  # loopback
            "172.16.0.0/12",  # RFC 1918
            "192.168.0.0/16",  # RFC 1918
            "::/127",  # unspecified and loopback
            "fc00::/7",  # unique local (RFC 4193)
        ),
    )
)
"""Networks that `outgoing.private_networks` is about."""

TRANSLATED: tuple[tuple[IPv6Network, int], ...] = (
    (IPv6Network("64:ff9b::/96"), 0),  # NAT64 (RFC 6052)
    (IPv6Network("2002::/16"), 80),  # 6to4 (RFC 3056)
)
"""Networks whose addresses contain an IPv4 address, and the bits that follow it."""

AddressInfo = tuple[int, int, int, str, tuple[Any, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Destinations:
    """Which addresses outgoing connections may reach; link-local and metadata services never.

    Attributes:
        is_private_allowed: Whether private networks and this host may be reached.
        allowed: Networks that may be reached even if `refused` or `is_private_allowed` refuses them.
        refused: Networks that may not be reached.
    """

    is_private_allowed: bool = True
    allowed: tuple[Network, ...] = ()
    refused: tuple[Network, ...] = ()

    def why_refused(self, address: str) -> str:
        """Return why an address may not be connected to; empty: it may.

        Args:
            address: Numeric; anything else is not refused, because no connection can be made to it.
        """
        return next((reason for found in _forms(address) if (reason := self._why(found, address))), "")

    def open_socket(self, info: AddressInfo) -> socket.socket:
        """Create the socket of an outgoing connection; for `aiohttp.TCPConnector(socket_factory=...)`.

        Raises:
            PermissionError: The address is refused.
        """
        family, kind, protocol, _, place = info
        if reason := self.why_refused(str(place[0])):
            raise PermissionError(reason)
        made = socket.socket(family, kind, protocol)
        made.setblocking(False)  # noqa: FBT003 - the library has no keyword
        return made

    async def connect(
        self, host: str, port: int, kind: socket.SocketKind = socket.SOCK_STREAM
    ) -> socket.socket:
        """Connect a socket that does not block to the first address of a host that answers.

        Raises:
            OSError: None answers; PermissionError: those that do not fail are refused.
        """
        loop = asyncio.get_running_loop()
        failure: OSError = ConnectionError(f"{host} has no address")
        for info in await loop.getaddrinfo(host, port, type=kind):
            with ExitStack() as unless_connected:
                try:
                    made = unless_connected.enter_context(self.open_socket(info))
                    await loop.sock_connect(made, info[4])
                except OSError as error:
                    failure = error
                else:
                    unless_connected.pop_all()
                    return made
        raise failure

    def connect_in_thread(self, host: str, port: int, timeout_s: float | None) -> socket.socket:
        """Connect a TCP socket with a timeout, like `socket.create_connection`; blocks.

        Raises:
            OSError: See `connect`.
        """
        failure: OSError = ConnectionError(f"{host} has no address")
        for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
            with ExitStack() as unless_connected:
                try:
                    made = unless_connected.enter_context(self.open_socket(info))
                    made.settimeout(timeout_s)
                    made.connect(info[4])
                except OSError as error:
                    failure = error
                else:
                    unless_connected.pop_all()
                    return made
        raise failure

    def _why(self, found: IPv4Address | IPv6Address, address: str) -> str:
        if _is_in(found, REFUSED):
            return f"{address} is link-local or a metadata service, which is never connected to"
        if _is_in(found, self.allowed):
            return ""
        if _is_in(found, self.refused):
            return f"{address} is in outgoing.refused_networks"
        if not self.is_private_allowed and _is_in(found, PRIVATE):
            return (
                f"{address} is private and outgoing.private_networks is false: "
                "an administrator can add it to outgoing.allowed_networks"
            )
        return ""


EVERYWHERE = Destinations()
"""Everything but link-local addresses and metadata services."""


def _is_in(found: IPv4Address | IPv6Address, networks: Sequence[Network]) -> bool:
    return any(found in network for network in networks)


def _forms(address: str) -> tuple[IPv4Address | IPv6Address, ...]:
    """Return an address and the IPv4 address inside it, if there is one."""
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return ()
    if isinstance(found, IPv4Address):
        return (found,)
    if found.ipv4_mapped is not None:
        return (found.ipv4_mapped,)
    inside = (
        IPv4Address(int(found) >> bits & 0xFFFFFFFF) for network, bits in TRANSLATED if found in network
    )
    return (found, *inside)
