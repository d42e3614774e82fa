"""Decoder of SNMP v1 and v2c notifications, optimized for speed.

Only what every message needs is decoded: lengths, OIDs of the variables and a few integers.
Values stay bytes until they are used (`values`).

`DecodeError.reason` is one of `REASONS`; the detail names the byte at which reading stopped.

Accepts what real devices send: lengths in any long form, integers with leading zeros or
sign bytes, an empty OID, sysUpTime.0 and snmpTrapOID.0 at any place or the former missing, bytes
after the message, the PDU or a value (ignored, as in net-snmp), values of unknown type (kept as
bytes), a v1 PDU in a v2c message and the reverse, more than 1,000 variables (the rest are not read).

A message that is damaged beyond that is passed to `damaged`, which keeps what can be read and
records what is wrong (`Trap.faults`). If that fails too, the message is refused with the reason of
the first attempt.
"""

from opsconductor.errors import DecodeError
from opsconductor.snmp.message.damaged import community_of_damaged, rescue, rescue_pdu, version_of_damaged
from opsconductor.snmp.message.encode import INFORM, TRAP_V1, TRAP_V2
from opsconductor.snmp.message.tlv import (
    IP_ADDRESS,
    OCTET_STRING,
    OID,
    SEQUENCE,
    TIME_TICKS,
    decode_oid,
    enter,
    integer,
)
from opsconductor.snmp.message.trap import Trap, Version
from opsconductor.snmp.message.varbinds import (
    SNMP_TRAP_ADDRESS,
    SNMP_TRAP_ENTERPRISE,
    SNMP_TRAP_OID,
    SYS_UP_TIME,
    HeaderVarbinds,
    address_of,
    trap_oid_v1,
    unsigned_of,
    variables,
)

REASONS = {
    "truncated": "a length extends past the end of the enclosing element",
    "bad_length": "a length is indefinite or has more than eight bytes",
    "bad_tag": "an element has an unexpected type",
    "bad_value": "an integer is empty or longer than 16 bytes",
    "bad_oid": "an object identifier is invalid or longer than 128 arcs of 32 bits",
    "bad_generic_trap": "a v1 trap of a generic type other than 0 to 6",
    "unsupported_version": "neither SNMP v1 nor v2c",
    "not_a_notification": "a request or response, not a trap or inform",
    "no_trap_oid": "a v2c notification without snmpTrapOID.0",
}

_VERSIONS: dict[int, Version] = {0: "1", 1: "2c", 3: "3"}
_NO_ERROR = b"\x02\x01\x00\x02\x01\x00"


def version_of(data: bytes) -> Version:
    """Return the version of an SNMP message; decodes nothing else.

    Raises:
        DecodeError: The bytes are not an SNMP message, or the version is unsupported.
    """
    try:
        return _header(data)[0]
    except (IndexError, DecodeError):
        return version_of_damaged(data)


def decode(data: bytes) -> Trap:
    """Decode a v1 or v2c message that contains a trap or an inform.

    Raises:
        DecodeError: It cannot be read; the only exception for any input.

    Source:
        RFC 1157 section 4.1.6; RFC 3416 section 3; RFC 3584 section 3.1.
    """
    try:
        return _message(data)
    except IndexError:
        fault = DecodeError("truncated", "the message ends", len(data))
    except DecodeError as error:
        fault = error
    try:
        return rescue(data)
    except DecodeError:
        raise fault from None


def decode_pdu(pdu: bytes, *, version: Version = "3", engine_id: str = "") -> Trap:
    """Decode a bare trap or inform PDU from a decrypted v3 message.

    Args:
        engine_id: Authoritative engine of the message, lower-case hex.

    Raises:
        DecodeError: It cannot be read.
    """
    try:
        trap = _pdu(pdu, 0, end=len(pdu), version=version, engine_id=engine_id)
    except (IndexError, DecodeError):
        trap = rescue_pdu(pdu, version=version, engine_id=engine_id)
    trap.pdu = pdu
    return trap


def community_place(data: bytes) -> tuple[int, int]:
    """Return the position of the community in a v1 or v2c message, damaged or not.

    Raises:
        DecodeError: It cannot be read, or the version is another one.
    """
    try:
        return _opened(data)[1:3]
    except (IndexError, DecodeError):
        return community_of_damaged(data)


def _message(data: bytes) -> Trap:
    version, start, stop, end = _opened(data)
    return _pdu(data, stop, end=end, version=version, community=data[start:stop])


def _opened(data: bytes) -> tuple[Version, int, int, int]:
    """Return the version, start and end of the community, and the end of the message."""
    version, pos, end = _header(data)
    if version == "3":
        raise DecodeError("unsupported_version", "SNMPv3 message without keys")
    return version, *enter(data, pos, end, OCTET_STRING), end


def _header(data: bytes) -> tuple[Version, int, int]:
    """Return the version, the start of the next element and the end of the message."""
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
    varbinds, header = variables(data, *enter(data, pos, end, SEQUENCE))
    return Trap(
        version=version,
        request_id=request_id,
        trap_oid=_trap_oid(header),
        uptime=unsigned_of(header[SYS_UP_TIME][1]) if SYS_UP_TIME in header else None,
        varbinds=varbinds,
        is_inform=tag == INFORM,
        enterprise=_enterprise(header) if SNMP_TRAP_ENTERPRISE in header else "",
        trap_address=address_of(header[SNMP_TRAP_ADDRESS][1]) if SNMP_TRAP_ADDRESS in header else "",
        engine_id=engine_id,
        community=community,
    )


def _trap_v1(data: bytes, pos: int, *, end: int, version: Version, community: bytes) -> Trap:
    """Translate the content of a v1 trap by RFC 3584 section 3.1."""
    start, pos = enter(data, pos, end, OID)
    enterprise = decode_oid(data[start:pos])
    address, stop = enter(data, pos, end, IP_ADDRESS)
    generic, pos = integer(data, stop, end)
    specific, pos = integer(data, pos, end)
    ticks, pos = enter(data, pos, end, TIME_TICKS)
    uptime = unsigned_of(data[ticks:pos])
    varbinds, header = variables(data, *enter(data, pos, end, SEQUENCE))
    return Trap(
        version=version,
        request_id=0,
        trap_oid=trap_oid_v1(enterprise, generic, specific),
        uptime=uptime,
        varbinds=varbinds,
        enterprise=enterprise,
        agent_address=address_of(data[address:stop]),
        trap_address=address_of(header[SNMP_TRAP_ADDRESS][1]) if SNMP_TRAP_ADDRESS in header else "",
        community=community,
    )


def _trap_oid(header: HeaderVarbinds) -> str:
    tag, content = header.get(SNMP_TRAP_OID, (0, b""))
    if tag != OID:
        raise DecodeError("no_trap_oid", "snmpTrapOID.0 is missing or holds no OID")
    return decode_oid(content)


def _enterprise(header: HeaderVarbinds) -> str:
    tag, content = header[SNMP_TRAP_ENTERPRISE]
    return decode_oid(content) if tag == OID else ""
