"""Recorded datagrams: hex digits, the bytes themselves, or a capture in pcap form."""

import re
from collections.abc import Iterator
from ipaddress import ip_address
from struct import unpack
from typing import NamedTuple

import click

_HEX = re.compile(rb"(?:(?:0[xX])?[0-9a-fA-F]{2}[\s:,]*)+")
_BETWEEN = re.compile(rb"[\s:,]|0[xX]")
_ORDERS = {
    b"\xa1\xb2\xc3\xd4": ">",
    b"\xd4\xc3\xb2\xa1": "<",
    b"\xa1\xb2\x3c\x4d": ">",
    b"\x4d\x3c\xb2\xa1": "<",
}
"""Byte order by the first bytes of a capture."""
_PCAPNG = b"\x0a\x0d\x0d\x0a"
_FILE_HEAD, _PACKET_HEAD = 24, 16
_LINK_HEADS = {0: 4, 1: 14, 12: 0, 14: 0, 101: 0, 113: 16, 228: 0, 229: 0, 276: 20}
"""Octets before the IP header by link type: loopback, Ethernet, raw IP, Linux cooked capture."""
_ETHERNET, _VLAN_TAGS, _TAG_OCTETS = 1, (b"\x81\x00", b"\x88\xa8"), 4
_UDP, _UDP_HEAD = 17, 8
_V4, _V4_HEAD, _V6, _V6_HEAD = 4, 20, 6, 40
TRAP_PORTS = (162, 1162, 10162)


class RecordedPacket(NamedTuple):
    """The payload of one datagram.

    Attributes:
        peer: Address of its sender; empty: not known.
    """

    payload: bytes
    peer: str = ""


def packets_of(data: bytes) -> list[RecordedPacket]:
    """Return the datagrams of a recording; of a capture those to a port for traps.

    Raises:
        click.UsageError: It is a capture in a form that is not read, or holds no trap.
    """
    if data.startswith(_PCAPNG):
        raise click.UsageError("a capture in pcapng form is not read: convert it with editcap -F pcap")
    if data[:4] in _ORDERS:
        found = list(_captured(data))
        if not found:
            ports = ", ".join(map(str, TRAP_PORTS))
            raise click.UsageError(f"the capture holds no UDP datagram to port {ports}")
        return found
    is_hex = _HEX.fullmatch(data.strip()) is not None
    return [RecordedPacket(bytes.fromhex(_BETWEEN.sub(b"", data).decode()) if is_hex else data)]


def _captured(data: bytes) -> Iterator[RecordedPacket]:
    order = _ORDERS[data[:4]]
    link = unpack(f"{order}I", data[20:24].ljust(4, b"\0"))[0] & 0xFFFF
    at = _FILE_HEAD
    while at + _PACKET_HEAD <= len(data):
        size = unpack(f"{order}I", data[at + 8 : at + 12])[0]
        frame = data[at + _PACKET_HEAD : at + _PACKET_HEAD + size]
        at += _PACKET_HEAD + size
        if link in _LINK_HEADS and (found := _datagram(_ip_packet(frame, link))):
            yield found


def _ip_packet(frame: bytes, link: int) -> bytes:
    head = _LINK_HEADS[link]
    while link == _ETHERNET and frame[head - 2 : head] in _VLAN_TAGS:
        head += _TAG_OCTETS
    return frame[head:]


def _datagram(packet: bytes) -> RecordedPacket | None:
    """Return the datagram of an IP packet; None: it is not UDP to a port for traps, or a fragment."""
    version = packet[0] >> 4 if packet else 0
    if version == _V4 and len(packet) > _V4_HEAD and packet[9] == _UDP:
        is_fragment = unpack(">H", packet[6:8])[0] & 0x1FFF
        head, sender = (packet[0] & 15) * 4, packet[12:16]
        if is_fragment:
            return None
    elif version == _V6 and len(packet) > _V6_HEAD and packet[6] == _UDP:
        head, sender = _V6_HEAD, packet[8:24]
    else:
        return None
    udp = packet[head:]
    if len(udp) < _UDP_HEAD:
        return None
    port, size = unpack(">HH", udp[2:6])
    return RecordedPacket(udp[_UDP_HEAD:size], str(ip_address(sender))) if port in TRAP_PORTS else None
