"""Decodes SNMP v1 and v2c notifications, straight through the bytes and as fast as Python goes.

Only what every message needs is decoded: lengths, OIDs of the variables and a few integers.
Values stay bytes until somebody wants to see them (`values`).

`DecodeError.reason` is one of `REASONS`; the detail names the byte at which reading stopped.

Liberal where real devices are sloppy: lengths in any long form, integers with leading zeros or
sign bytes, an empty OID, sysUpTime.0 and snmpTrapOID.0 at any place or the former missing, bytes
behind the message, the PDU or a value (ignored, as net-snmp does), values of unknown type (kept as
bytes), a v1 PDU in a v2c message and the reverse, more than 1,000 variables (the others are not read).
Strict where reading on would be guessing.
"""

from opsconductor.errors import DecodeError
from opsconductor.snmp.oid import MAX_ARCS, decode_oid
from opsconductor.snmp.tlv import (
    IP_ADDRESS,
    LONGEST_INTEGER,
    OCTET_STRING,
    OID,
    SEQUENCE,
    TIME_TICKS,
    enter,
    integer,
)
from opsconductor.snmp.trap import Trap, Version
from opsconductor.snmp.varbinds import (
    SNMP_TRAP_ADDRESS,
    SNMP_TRAP_ENTERPRISE,
    SNMP_TRAP_OID,
    SYS_UP_TIME,
    Told,
    variables,
)

REASONS = {
    "truncated": "a length points behind the end of the bytes that hold it",
    "bad_length": "an indefinite length, or one of more than eight bytes",
    "bad_tag": "another type stands where the standard wants a certain one",
    "bad_value": "an integer is empty or absurdly long",
    "bad_oid": "an object identifier cannot be read, or is longer than 128 arcs of 32 bits",
    "bad_generic_trap": "a v1 trap of a generic type other than 0 to 6",
    "unsupported_version": "neither SNMP v1 nor v2c",
    "not_a_notification": "a request or a response: neither trap nor inform",
    "no_trap_oid": "a v2 notification without snmpTrapOID.0",
}

INFORM, TRAP_V1, TRAP_V2 = 0xA6, 0xA4, 0xA7

_VERSIONS: dict[int, Version] = {0: "1", 1: "2c", 3: "3"}
_NO_ERROR = b"\x02\x01\x00\x02\x01\x00"
_GENERIC_TRAPS = "1.3.6.1.6.3.1.1.5."
_ENTERPRISE_SPECIFIC = 6
_IPV4_BYTES = 4


def version_of(data: bytes) -> Version:
    """Read the version of an SNMP message and nothing else.

    Raises:
        DecodeError: It is no SNMP message, or of a version that nobody uses.
    """
    try:
        return _header(data)[0]
    except IndexError:
        raise DecodeError("truncated", "the message ends", len(data)) from None


def decode(data: bytes) -> Trap:
    """Decode a v1 or v2c message that holds a trap or an inform.

    Raises:
        DecodeError: It cannot be read; the only exception, whatever the bytes are.

    Source:
        RFC 1157 section 4.1.6; RFC 3416 section 3; RFC 3584 section 3.1.
    """
    try:
        version, pos, end = _header(data)
        if version == "3":
            raise DecodeError("unsupported_version", "SNMPv3 has a decoder of its own")
        start, stop = enter(data, pos, end, OCTET_STRING)
        return _pdu(data, stop, end=end, version=version, community=data[start:stop])
    except IndexError:
        raise DecodeError("truncated", "the message ends", len(data)) from None


def decode_pdu(pdu: bytes, *, version: Version = "3", engine_id: str = "") -> Trap:
    """Decode a bare trap or inform PDU, as it stands in a decrypted v3 message.

    Args:
        engine_id: Who vouches for the message, lower-case hex.

    Raises:
        DecodeError: It cannot be read.
    """
    try:
        trap = _pdu(pdu, 0, end=len(pdu), version=version, engine_id=engine_id)
    except IndexError:
        raise DecodeError("truncated", "the PDU ends", len(pdu)) from None
    trap.pdu = pdu
    return trap


def _header(data: bytes) -> tuple[Version, int, int]:
    """Open the message: its version, where the next element begins, where the message ends."""
    start, end = enter(data, 0, len(data), SEQUENCE)
    number, pos = integer(data, start, end)
    version = _VERSIONS.get(number)
    if version is None:
        raise DecodeError("unsupported_version", f"version field {number}")
    return version, pos, end


def _pdu(
    data: bytes, pos: int, *, end: int, version: Version, community: bytes = b"", engine_id: str = ""
) -> Trap:
    tag = data[pos]
    if tag not in (TRAP_V2, INFORM, TRAP_V1) or pos >= end:
        raise DecodeError("not_a_notification", f"PDU of type 0x{tag:02x}", pos)
    start, end = enter(data, pos, end, tag)
    if tag == TRAP_V1:
        return _trap_v1(data, start, end=end, version=version, community=community)
    request_id, pos = integer(data, start, end)
    if data.startswith(_NO_ERROR, pos):
        pos += len(_NO_ERROR)
    else:
        pos = integer(data, integer(data, pos, end)[1], end)[1]
    varbinds, told = variables(data, *enter(data, pos, end, SEQUENCE))
    return Trap(
        version=version,
        request_id=request_id,
        trap_oid=_trap_oid(told),
        uptime=_unsigned(told[SYS_UP_TIME][1]) if SYS_UP_TIME in told else None,
        varbinds=varbinds,
        is_inform=tag == INFORM,
        enterprise=_enterprise(told) if SNMP_TRAP_ENTERPRISE in told else "",
        trap_address=_address(told[SNMP_TRAP_ADDRESS][1]) if SNMP_TRAP_ADDRESS in told else "",
        engine_id=engine_id,
        community=community,
    )


def _trap_v1(data: bytes, pos: int, *, end: int, version: Version, community: bytes) -> Trap:
    """Translate the content of a v1 trap as RFC 3584 section 3.1 asks."""
    start, pos = enter(data, pos, end, OID)
    enterprise = decode_oid(data[start:pos])
    address, stop = enter(data, pos, end, IP_ADDRESS)
    generic, pos = integer(data, stop, end)
    specific, pos = integer(data, pos, end)
    ticks, pos = enter(data, pos, end, TIME_TICKS)
    uptime = _unsigned(data[ticks:pos])
    varbinds, told = variables(data, *enter(data, pos, end, SEQUENCE))
    return Trap(
        version=version,
        request_id=0,
        trap_oid=_trap_oid_v1(enterprise, generic, specific),
        uptime=uptime,
        varbinds=varbinds,
        enterprise=enterprise,
        agent_address=_address(data[address:stop]),
        trap_address=_address(told[SNMP_TRAP_ADDRESS][1]) if SNMP_TRAP_ADDRESS in told else "",
        community=community,
    )


def _trap_oid_v1(enterprise: str, generic: int, specific: int) -> str:
    """Name the trap by one OID; a negative specific type is the unsigned one it overflowed from."""
    if not 0 <= generic <= _ENTERPRISE_SPECIFIC:
        raise DecodeError("bad_generic_trap", f"generic trap {generic}")
    if generic < _ENTERPRISE_SPECIFIC:
        return f"{_GENERIC_TRAPS}{generic + 1}"
    if enterprise.count(".") + 3 > MAX_ARCS:
        raise DecodeError("bad_oid", f"the trap's OID would have more than {MAX_ARCS} arcs")
    return f"{enterprise}.0.{specific & 0xFFFF_FFFF}"


def _trap_oid(told: Told) -> str:
    tag, content = told.get(SNMP_TRAP_OID, (0, b""))
    if tag != OID:
        raise DecodeError("no_trap_oid", "snmpTrapOID.0 is missing or holds no OID")
    return decode_oid(content)


def _enterprise(told: Told) -> str:
    tag, content = told[SNMP_TRAP_ENTERPRISE]
    return decode_oid(content) if tag == OID else ""


def _address(content: bytes) -> str:
    """Read an IpAddress; empty when it is 0.0.0.0 or no address at all."""
    if len(content) != _IPV4_BYTES or content == bytes(_IPV4_BYTES):
        return ""
    return ".".join(map(str, content))


def _unsigned(content: bytes) -> int | None:
    """Read hundredths of a second, also from devices that drop the leading zero byte."""
    return int.from_bytes(content, "big") if 0 < len(content) <= LONGEST_INTEGER else None
