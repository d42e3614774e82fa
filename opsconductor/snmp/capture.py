"""Reader of UDP datagrams in packet captures (pcap and pcapng), limited to what `trap decode` needs.

`DecodeError.reason` is `bad_capture` when the file is not a capture or is damaged, `unknown_link` when it
was captured on an interface with an unsupported link type.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import ip_address

from opsconductor.errors import DecodeError

REASONS = {
    "bad_capture": "the file is not a capture, or is damaged",
    "unknown_link": "the capture comes from an interface with an unsupported link type",
}

PCAP_ORDERS = {
    b"\xd4\xc3\xb2\xa1": "<",
    b"\x4d\x3c\xb2\xa1": "<",
    b"\xa1\xb2\xc3\xd4": ">",
    b"\xa1\xb2\x3c\x4d": ">",
}
PCAPNG_MAGIC = b"\x0a\x0d\x0d\x0a"
PCAPNG_ORDERS = {b"\x4d\x3c\x2b\x1a": "<", b"\x1a\x2b\x3c\x4d": ">"}
SECTION, INTERFACE, SIMPLE_PACKET, ENHANCED_PACKET = 0x0A0D0D0A, 1, 3, 6

ETHERNET = 1
PLAIN_IP = {0: 4, 12: 0, 101: 0, 108: 4, 113: 16, 228: 0, 229: 0, 276: 20}
"""Bytes before the IP header by link type: loopback, raw IP, Linux cooked captures."""

ETHERNET_HEADER = 14
IP_TYPES = (b"\x08\x00", b"\x86\xdd")
VLAN_TYPES = (b"\x81\x00", b"\x88\xa8")
UDP = 17
IPV6_EXTENSIONS = (0, 43, 60)
FRAGMENT = 0x1FFF
IPV4, IPV6 = 4, 6
LEAST_PACKET, LEAST_PACKET_V6 = 28, 48
"""Size of the IP and UDP headers in bytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Datagram:
    """One UDP datagram: addresses as text with port, and the payload."""

    source: str
    target: str
    payload: bytes


def is_capture(data: bytes) -> bool:
    """Return True if bytes begin like a capture of either format."""
    return data[:4] in PCAP_ORDERS or data[:4] == PCAPNG_MAGIC


def datagrams_of(data: bytes) -> Iterator[Datagram]:
    """Yield the UDP datagrams of a capture; other packets and all but the first fragment are skipped.

    Raises:
        DecodeError: `bad_capture` or `unknown_link`, raised when the reader reaches that place.
    """
    try:
        for link, frame in _pcapng(data) if data[:4] == PCAPNG_MAGIC else _pcap(data):
            datagram = _datagram(_packet(link, frame))
            if datagram:
                yield datagram
    except (struct.error, KeyError):
        raise DecodeError("bad_capture", "the file ends or is damaged") from None


def _pcap(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield link type and frame of each record; draft-ietf-opsawg-pcap."""
    order = PCAP_ORDERS[data[:4]]
    (link,) = struct.unpack_from(f"{order}I", data, 20)
    pos = 24
    while pos < len(data):
        (size,) = struct.unpack_from(f"{order}8xI4x", data, pos)
        yield link & 0xFFFF, data[pos + 16 : pos + 16 + size]
        pos += 16 + size


def _pcapng(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield link type and frame of each packet block; draft-ietf-opsawg-pcapng."""
    pos, order = 0, "<"
    links: list[int] = []
    while pos < len(data):
        order = PCAPNG_ORDERS[data[pos + 8 : pos + 12]] if data[pos : pos + 4] == PCAPNG_MAGIC else order
        kind, size = struct.unpack_from(f"{order}II", data, pos)
        if size < 12 or size % 4:  # noqa: PLR2004 - type and twice the length are the least
            raise DecodeError("bad_capture", "invalid block length", pos)
        if kind == SECTION:
            links = []
        elif kind == INTERFACE:
            links.append(struct.unpack_from(f"{order}H", data, pos + 8)[0])
        elif kind == SIMPLE_PACKET and links:
            yield links[0], data[pos + 12 : pos + size - 4]
        elif kind == ENHANCED_PACKET:
            number, length = struct.unpack_from(f"{order}I8xI", data, pos + 8)
            if number >= len(links):
                raise DecodeError("bad_capture", "a packet without interface", pos)
            yield links[number], data[pos + 28 : pos + 28 + length]
        pos += size


def _packet(link: int, frame: bytes) -> bytes:
    """Return the frame from its IP header on; empty if it is not IP."""
    if link in PLAIN_IP:
        return frame[PLAIN_IP[link] :]
    if link != ETHERNET:
        raise DecodeError("unknown_link", f"link type {link}")
    pos = ETHERNET_HEADER - 2
    while frame[pos : pos + 2] in VLAN_TYPES:
        pos += 4
    return frame[pos + 2 :] if frame[pos : pos + 2] in IP_TYPES else b""


def _datagram(packet: bytes) -> Datagram | None:
    version = packet[0] >> 4 if len(packet) >= LEAST_PACKET else 0
    if version == IPV4:
        size = (packet[0] & 0x0F) * 4
        (fragment, protocol), hosts = struct.unpack_from(">6xHxB", packet), (packet[12:16], packet[16:20])
        if fragment & FRAGMENT:
            return None
    elif version == IPV6 and len(packet) >= LEAST_PACKET_V6:
        size, protocol, hosts = 40, packet[6], (packet[8:24], packet[24:40])
        while protocol in IPV6_EXTENSIONS and size + 1 < len(packet):
            protocol, size = packet[size], size + 8 * (packet[size + 1] + 1)
    else:
        return None
    if protocol != UDP or len(packet) < size + 8:
        return None
    source, target, length = struct.unpack_from(">3H", packet, size)
    return Datagram(
        source=_place(hosts[0], source),
        target=_place(hosts[1], target),
        payload=packet[size + 8 : size + max(length, 8)],
    )


def _place(host: bytes, port: int) -> str:
    address = ip_address(host)
    return f"[{address}]:{port}" if address.version == IPV6 else f"{address}:{port}"
