"""Decodes SNMP v1 and v2c notifications, straight through the bytes and as fast as Python goes.

Only what every message needs is decoded: lengths, OIDs of the variables and a few integers.
Values stay bytes until somebody wants to see them (`values`).

`DecodeError.reason` is one of `REASONS`; the detail names the byte at which reading stopped.

Liberal where real devices are sloppy: lengths in any long form, integers with leading zeros or
sign bytes, an empty OID, sysUpTime.0 and snmpTrapOID.0 at any place or the former missing, bytes
behind the message, the PDU or a value (ignored, as net-snmp does), values of unknown type (kept as
bytes), a v1 PDU in a v2c message and the reverse, more than 1,000 variables (the others are not read).

A message that is damaged beyond that is read once more by `damaged`, which keeps what can be read and
writes down what is wrong (`Trap.faults`). What it cannot make sense of either is refused with the
reason of the first reading.
"""

from opsconductor.errors import DecodeError
from opsconductor.snmp.message.damaged import rescue, rescue_pdu, version_of_damaged
from opsconductor.snmp.message.encode import INFORM, TRAP_V1, TRAP_V2
from opsconductor.snmp.message.oid import decode_oid
from opsconductor.snmp.message.tlv import (
    IP_ADDRESS,
    OCTET_STRING,
    OID,
    SEQUENCE,
    TIME_TICKS,
    enter,
    integer,
)
from opsconductor.snmp.message.trap import Trap, Version
from opsconductor.snmp.message.trap_fields import address_of, trap_oid_v1, unsigned_of
from opsconductor.snmp.message.varbinds import (
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

_VERSIONS: dict[int, Version] = {0: "1", 1: "2c", 3: "3"}
_NO_ERROR = b"\x02\x01\x00\x02\x01\x00"


def version_of(data: bytes) -> Version:
    """Read the version of an SNMP message and nothing else.

    Raises:
        DecodeError: It is no SNMP message, or of a version that nobody uses.
    """
    try:
        return _header(data)[0]
    except (IndexError, DecodeError):
        return version_of_damaged(data)


def decode(data: bytes) -> Trap:
    """Decode a v1 or v2c message that holds a trap or an inform.

    Raises:
        DecodeError: It cannot be read; the only exception, whatever the bytes are.

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
    """Decode a bare trap or inform PDU, as it stands in a decrypted v3 message.

    Args:
        engine_id: Who vouches for the message, lower-case hex.

    Raises:
        DecodeError: It cannot be read.
    """
    try:
        trap = _pdu(pdu, 0, end=len(pdu), version=version, engine_id=engine_id)
    except (IndexError, DecodeError):
        trap = rescue_pdu(pdu, version=version, engine_id=engine_id)
    trap.pdu = pdu
    return trap


def _message(data: bytes) -> Trap:
    version, pos, end = _header(data)
    if version == "3":
        raise DecodeError("unsupported_version", "SNMPv3 has a decoder of its own")
    start, stop = enter(data, pos, end, OCTET_STRING)
    return _pdu(data, stop, end=end, version=version, community=data[start:stop])


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
        uptime=unsigned_of(told[SYS_UP_TIME][1]) if SYS_UP_TIME in told else None,
        varbinds=varbinds,
        is_inform=tag == INFORM,
        enterprise=_enterprise(told) if SNMP_TRAP_ENTERPRISE in told else "",
        trap_address=address_of(told[SNMP_TRAP_ADDRESS][1]) if SNMP_TRAP_ADDRESS in told else "",
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
    uptime = unsigned_of(data[ticks:pos])
    varbinds, told = variables(data, *enter(data, pos, end, SEQUENCE))
    return Trap(
        version=version,
        request_id=0,
        trap_oid=trap_oid_v1(enterprise, generic, specific),
        uptime=uptime,
        varbinds=varbinds,
        enterprise=enterprise,
        agent_address=address_of(data[address:stop]),
        trap_address=address_of(told[SNMP_TRAP_ADDRESS][1]) if SNMP_TRAP_ADDRESS in told else "",
        community=community,
    )


def _trap_oid(told: Told) -> str:
    tag, content = told.get(SNMP_TRAP_OID, (0, b""))
    if tag != OID:
        raise DecodeError("no_trap_oid", "snmpTrapOID.0 is missing or holds no OID")
    return decode_oid(content)


def _enterprise(told: Told) -> str:
    tag, content = told[SNMP_TRAP_ENTERPRISE]
    return decode_oid(content) if tag == OID else ""
