"""Decoder of damaged notifications: keeps what can be read and records what is wrong."""

from opsconductor.errors import DecodeError
from opsconductor.snmp.message.encode import INFORM, TRAP_V1, TRAP_V2
from opsconductor.snmp.message.salvage import Damaged
from opsconductor.snmp.message.tlv import OCTET_STRING, OID, SEQUENCE
from opsconductor.snmp.message.trap import Trap, Version
from opsconductor.snmp.message.varbinds import (
    ENTERPRISE_SPECIFIC,
    SNMP_TRAP_ADDRESS,
    SNMP_TRAP_ENTERPRISE,
    SNMP_TRAP_OID,
    SYS_UP_TIME,
    HeaderVarbinds,
    address_of,
    trap_oid_v1,
    unsigned_of,
)

SYS_OBJECT_ID = "1.3.6.1.2.1.1.2.0"
_VERSIONS: dict[int, Version] = {0: "1", 1: "2c"}
_V3 = 3


def rescue(data: bytes) -> Trap:
    """Decode a v1 or v2c message that `ber.decode` refuses.

    Raises:
        DecodeError: Community or trap OID cannot be read, or it is not a notification of v1 or v2c.
    """
    damaged = Damaged(data)
    version, start, stop, end = _opened(damaged)
    return _pdu(damaged, stop, end, version=version, community=data[start:stop])


def rescue_pdu(pdu: bytes, *, version: Version, engine_id: str) -> Trap:
    """Decode a bare PDU that `ber.decode_pdu` refuses; raises as `rescue`."""
    trap = _pdu(Damaged(pdu), 0, len(pdu), version=version)
    trap.engine_id = engine_id
    return trap


def community_of_damaged(data: bytes) -> tuple[int, int]:
    """Return the position of the community in a damaged v1 or v2c message; raises as `rescue`."""
    return _opened(Damaged(data))[1:3]


def version_of_damaged(data: bytes) -> Version:
    """Return the version of a message that announces more bytes than it has.

    Raises:
        DecodeError: It is not an SNMP message, or the version is unsupported.
    """
    damaged = Damaged(data)
    start, end = damaged.enter(0, len(data), SEQUENCE, "the message")
    number, _ = damaged.integer(start, end, "the version")
    if number != _V3 and number not in _VERSIONS:
        raise DecodeError("unsupported_version", f"version field {number}")
    return _VERSIONS.get(number, "3")


def _opened(damaged: Damaged) -> tuple[Version, int, int, int]:
    """Return the version, start and end of the community, and the end of the message."""
    start, end = damaged.enter(0, len(damaged.data), SEQUENCE, "the message")
    number, pos = damaged.integer(start, end, "the version")
    if number not in _VERSIONS:
        raise DecodeError("unsupported_version", f"version field {number}")
    start, stop = damaged.enter(pos, end, OCTET_STRING, "the community")
    return _VERSIONS[number], start, stop, end


def _pdu(damaged: Damaged, pos: int, end: int, *, version: Version, community: bytes = b"") -> Trap:
    if pos >= end or damaged.data[pos] not in (TRAP_V1, TRAP_V2, INFORM):
        raise DecodeError("not_a_notification", "no PDU of a notification", pos)
    tag = damaged.data[pos]
    start, end = damaged.enter(pos, end, tag, "the PDU")
    trap = (
        _trap_v1(damaged, start, end, version) if tag == TRAP_V1 else _trap_v2(damaged, start, end, version)
    )
    trap.is_inform = tag == INFORM
    trap.community = community
    trap.faults = damaged.faults
    return trap


def _trap_v2(damaged: Damaged, pos: int, end: int, version: Version) -> Trap:
    request_id, pos = damaged.integer(pos, end, "the request ID")
    _, pos = damaged.integer(pos, end, "the error status")
    _, pos = damaged.integer(pos, end, "the error index")
    varbinds, header = damaged.variables(pos, end)
    trap_oid = _trap_oid(damaged, header)
    if not trap_oid:
        trap_oid = next(
            (_oid(damaged, tag, text) for name, tag, text in varbinds if name == SYS_OBJECT_ID), ""
        )
        varbinds = tuple(varbind for varbind in varbinds if varbind[0] != SYS_OBJECT_ID)
        damaged.note("sysObjectID.0 in place of snmpTrapOID.0")
    if not trap_oid:
        raise DecodeError("no_trap_oid", "snmpTrapOID.0 is missing or holds no OID")
    return Trap(
        version=version,
        request_id=request_id,
        trap_oid=trap_oid,
        uptime=unsigned_of(header[SYS_UP_TIME][1]) if SYS_UP_TIME in header else None,
        varbinds=varbinds,
        enterprise=_oid(damaged, *header[SNMP_TRAP_ENTERPRISE]) if SNMP_TRAP_ENTERPRISE in header else "",
        trap_address=_trap_address(header),
    )


def _trap_v1(damaged: Damaged, pos: int, end: int, version: Version) -> Trap:
    start, pos = damaged.enter(pos, end, OID, "the enterprise")
    enterprise = damaged.oid(damaged.data[start:pos], "the enterprise")
    address, pos = damaged.agent_address(pos, end)
    generic, pos = damaged.integer(pos, end, "the generic trap")
    specific, pos = damaged.integer(pos, end, "the specific trap")
    uptime, pos = damaged.time_stamp(pos, end)
    varbinds, header = damaged.variables(pos, end)
    if not 0 <= generic <= ENTERPRISE_SPECIFIC:
        damaged.note(f"the generic trap is {generic}, expected 0 to {ENTERPRISE_SPECIFIC}")
        specific, generic = specific or generic, ENTERPRISE_SPECIFIC
    return Trap(
        version=version,
        request_id=0,
        trap_oid=trap_oid_v1(enterprise, generic, specific),
        uptime=unsigned_of(uptime),
        varbinds=varbinds,
        enterprise=enterprise,
        agent_address=address_of(address),
        trap_address=_trap_address(header),
    )


def _trap_oid(damaged: Damaged, header: HeaderVarbinds) -> str:
    return _oid(damaged, *header[SNMP_TRAP_OID]) if SNMP_TRAP_OID in header else ""


def _oid(damaged: Damaged, tag: int, content: bytes) -> str:
    """Return a value of type OID as text; empty if it is not an OID."""
    if tag != OID or not content:
        return ""
    try:
        return damaged.oid(content, "an OID")
    except DecodeError:
        return ""


def _trap_address(header: HeaderVarbinds) -> str:
    return address_of(header[SNMP_TRAP_ADDRESS][1]) if SNMP_TRAP_ADDRESS in header else ""
