"""Addresses that no outgoing request may reach.

Cloud hosts answer credentials at link-local addresses to every request from the host. A URL in the
configuration of a connector must not lead there, whatever name it has and whatever that name resolves to: the
address is checked when the connection is made.
"""

import socket
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any

REFUSED = tuple(
    map(
        ip_network,
        (
            "169.254.0.0/16",  # link-local (RFC 3927): metadata of AWS, Azure, GCP, OpenStack
            "fe80::/10",  # link-local (RFC 4291)
            "fd00:ec2::/32",  # metadata of AWS over IPv6
            "100.100.100.200/32",  # metadata of Alibaba Cloud
            "192.0.0.192/32",  # metadata of Oracle Cloud
        ),
    )
)

AddressInfo = tuple[int, int, int, str, tuple[Any, ...]]


def why_refused(address: str) -> str:
    """Return why an address may not be connected to; empty: it may."""
    found = _parsed(address)
    if found is None or not any(found in network for network in REFUSED):
        return ""
    return f"{address} is link-local or a metadata service, which requests of connectors never reach"


def permitted_socket(info: AddressInfo) -> socket.socket:
    """Create the socket of an outgoing connection; for `aiohttp.TCPConnector(socket_factory=...)`.

    Raises:
        PermissionError: The address is refused.
    """
    family, kind, protocol, _, place = info
    if reason := why_refused(str(place[0])):
        raise PermissionError(reason)
    made = socket.socket(family, kind, protocol)
    made.setblocking(False)  # noqa: FBT003 - the library has no keyword
    return made


def _parsed(address: str) -> IPv4Address | IPv6Address | None:
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return None
    return (found.ipv4_mapped or found) if isinstance(found, IPv6Address) else found
