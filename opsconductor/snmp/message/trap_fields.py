"""Decoding of single fields of a notification, shared by `ber` and `damaged`."""

from opsconductor.errors import DecodeError
from opsconductor.snmp.message.oid import MAX_ARCS
from opsconductor.snmp.message.tlv import LONGEST_INTEGER

GENERIC_TRAPS = "1.3.6.1.6.3.1.1.5."
ENTERPRISE_SPECIFIC = 6
IPV4_BYTES = 4


def trap_oid_v1(enterprise: str, generic: int, specific: int) -> str:
    """Return the trap OID of a v1 trap; a negative specific type is read as unsigned.

    Some agents put the whole OID of an SMIv2 notification into the enterprise field, which then ends in a
    zero and the specific type. No MIB defines anything below such an OID, so it is used unchanged.

    Raises:
        DecodeError: `bad_generic_trap`, or `bad_oid`: it would be longer than any OID.

    Source:
        RFC 3584 section 3.1.
    """
    if not 0 <= generic <= ENTERPRISE_SPECIFIC:
        raise DecodeError("bad_generic_trap", f"generic trap {generic}")
    if generic < ENTERPRISE_SPECIFIC:
        return f"{GENERIC_TRAPS}{generic + 1}"
    suffix = f".0.{specific & 0xFFFF_FFFF}"
    if enterprise.endswith(suffix):
        return enterprise
    if enterprise.count(".") + 3 > MAX_ARCS:
        raise DecodeError("bad_oid", f"the trap's OID would have more than {MAX_ARCS} arcs")
    return enterprise + suffix


def address_of(content: bytes) -> str:
    """Return an IpAddress as text; empty when it is 0.0.0.0 or not an address."""
    if len(content) != IPV4_BYTES or content == bytes(IPV4_BYTES):
        return ""
    return ".".join(map(str, content))


def unsigned_of(content: bytes) -> int | None:
    """Return an unsigned number, also from devices that omit the leading zero byte."""
    return int.from_bytes(content, "big") if 0 < len(content) <= LONGEST_INTEGER else None
