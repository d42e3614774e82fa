"""Encoder of the SNMP messages that we send, in BER with definite lengths."""

from collections.abc import Iterable
from ipaddress import IPv4Address

from opsconductor.snmp.message.oid import encode_oid
from opsconductor.snmp.message.tlv import INTEGER, IP_ADDRESS, OCTET_STRING, OID, SEQUENCE, TIME_TICKS
from opsconductor.snmp.message.trap import Varbind

RESPONSE, TRAP_V1, INFORM, TRAP_V2, REPORT = 0xA2, 0xA4, 0xA6, 0xA7, 0xA8

SYS_UP_TIME = "1.3.6.1.2.1.1.3.0"
SNMP_TRAP_OID = "1.3.6.1.6.3.1.1.4.1.0"
GENERIC_TRAPS = "1.3.6.1.6.3.1.1.5"
ENTERPRISE_SPECIFIC = 6
_SHORT_LENGTH = 0x80


def tlv(tag: int, content: bytes) -> bytes:
    """Return the content with tag and length before it."""
    length = len(content)
    if length < _SHORT_LENGTH:
        return bytes((tag, length)) + content
    octets = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return bytes((tag, _SHORT_LENGTH | len(octets))) + octets + content


def integer(value: int, tag: int = INTEGER) -> bytes:
    """Encode an integer in as few bytes as possible; unsigned types keep a leading zero byte."""
    return tlv(tag, value.to_bytes(value.bit_length() // 8 + 1, "big", signed=True))


def octets(content: bytes) -> bytes:
    """Encode an OCTET STRING."""
    return tlv(OCTET_STRING, content)


def oid(text: str) -> bytes:
    """Encode a dotted OID; raises ValueError that explains why the text is not one."""
    return tlv(OID, encode_oid(text))


def sequence(*parts: bytes) -> bytes:
    """Encode a SEQUENCE of already encoded elements."""
    return tlv(SEQUENCE, b"".join(parts))


def varbind_list(varbinds: Iterable[Varbind]) -> bytes:
    """Encode a list of variables: OID, tag and content bytes of the value each."""
    return sequence(*(sequence(oid(name), tlv(tag, content)) for name, tag, content in varbinds))


def notification_varbinds(trap_oid: str, uptime: int, varbinds: Iterable[Varbind]) -> tuple[Varbind, ...]:
    """Put sysUpTime.0 (hundredths of a second) and snmpTrapOID.0 first (RFC 3416 4.2.6)."""
    return (
        (SYS_UP_TIME, TIME_TICKS, integer(uptime)[2:]),
        (SNMP_TRAP_OID, OID, encode_oid(trap_oid)),
        *varbinds,
    )


def pdu(tag: int, request_id: int, varbinds: Iterable[Varbind]) -> bytes:
    """Encode a PDU of v2c or v3 without error."""
    return tlv(tag, integer(request_id) + integer(0) + integer(0) + varbind_list(varbinds))


def message_v2c(community: bytes, encoded_pdu: bytes) -> bytes:
    """Wrap a PDU as an SNMPv2c message (RFC 1901)."""
    return sequence(integer(1), octets(community), encoded_pdu)


def trap_v1(
    community: bytes, trap_oid: str, *, agent: IPv4Address, uptime: int, varbinds: Iterable[Varbind]
) -> bytes:
    """Encode an SNMPv1 trap; the trap OID is translated by RFC 3584 section 3.2."""
    enterprise, generic, specific = _v1_identity(trap_oid)
    body = b"".join(
        (
            oid(enterprise),
            tlv(IP_ADDRESS, agent.packed),
            integer(generic),
            integer(specific),
            integer(uptime, TIME_TICKS),
            varbind_list(varbinds),
        )
    )
    return sequence(integer(0), octets(community), tlv(TRAP_V1, body))


def _v1_identity(trap_oid: str) -> tuple[str, int, int]:
    parent, _, last = trap_oid.rpartition(".")
    if parent == GENERIC_TRAPS and 1 <= int(last) <= ENTERPRISE_SPECIFIC:
        return GENERIC_TRAPS, int(last) - 1, 0
    return parent.removesuffix(".0"), ENTERPRISE_SPECIFIC, int(last)
