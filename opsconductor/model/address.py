"""IP addresses as canonical text, and whether they identify a device."""

import re
from enum import StrEnum
from ipaddress import IPv6Address, ip_address, ip_network

LONGEST_ADDRESS = 45
BROADCAST = "255.255.255.255"
_OCTET = "(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
_is_canonical_ipv4 = re.compile(rf"(?:{_OCTET}\.){{3}}{_OCTET}").fullmatch
"""Avoids slow parsing by `ipaddress` for most addresses."""
_THIS_NETWORK = ip_network("0.0.0.0/8")
_is_ordinary = re.compile(r"(?!127\.|169\.254\.|0\.|22[4-9]\.|23[0-9]\.|255\.|f|::)").match
"""Avoids slow parsing by `ipaddress` for most addresses: these identify a device."""


class Reach(StrEnum):
    """Scope within which an address is unique."""

    HOST = "host"
    """Globally unique."""
    LINK = "link"
    """Unique on one link only."""
    SELF = "self"
    """Loopback: whichever host uses it."""
    NOTHING = "nothing"
    """No host: unspecified, broadcast, multicast."""


def canonical_address(text: str) -> str | None:
    """Return an IP address in RFC 5952 form, an IPv4-mapped one as IPv4.

    Returns:
        At most 45 characters (a zone that makes it longer is cut off); None: not an IP address.
    """
    if _is_canonical_ipv4(text):
        return text
    try:
        address = ip_address(text.strip())
    except ValueError:
        return None
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            return str(address.ipv4_mapped)
        written = str(address)
        return written if len(written) <= LONGEST_ADDRESS else written.partition("%")[0]
    return str(address)


def device_of(address: str, name: str | None) -> str:
    """Return the identifier of a device in alerts: its name if the address is not a host's own.

    What a poller reports about a named device polled via loopback is under its name. Query open alerts
    (`severity_of`) with this identifier.

    Args:
        address: In the form of `canonical_address`.
        name: Empty or None: it has none.
    """
    return name if name and reach_of(address) in {Reach.SELF, Reach.NOTHING} else address


def reach_of(address: str) -> Reach:
    """Return the scope within which an address is unique.

    Args:
        address: In the form of `canonical_address`.
    """
    if _is_ordinary(address):
        return Reach.HOST
    parsed = ip_address(address)
    if parsed.is_unspecified or parsed.is_multicast or address == BROADCAST or parsed in _THIS_NETWORK:
        return Reach.NOTHING
    if parsed.is_loopback:
        return Reach.SELF
    return Reach.LINK if parsed.is_link_local else Reach.HOST
