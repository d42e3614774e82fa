"""Splitting the variables of a notification into OID, tag and content bytes, and its single fields."""

from opsconductor.errors import DecodeError
from opsconductor.snmp.message.tlv import LONGEST_INTEGER, MAX_ARCS, OID, SEQUENCE, SHORT, decode_oid, enter
from opsconductor.snmp.message.trap import Varbind

SYS_UP_TIME = "1.3.6.1.2.1.1.3.0"
SNMP_TRAP_OID = "1.3.6.1.6.3.1.1.4.1.0"
SNMP_TRAP_ENTERPRISE = "1.3.6.1.6.3.1.1.4.3.0"
SNMP_TRAP_ADDRESS = "1.3.6.1.6.3.18.1.3.0"
SNMP_TRAP_COMMUNITY = "1.3.6.1.6.3.18.1.4.0"
APART = frozenset({SYS_UP_TIME, SNMP_TRAP_OID, SNMP_TRAP_ENTERPRISE, SNMP_TRAP_ADDRESS, SNMP_TRAP_COMMUNITY})

GENERIC_TRAPS = "1.3.6.1.6.3.1.1.5."
ENTERPRISE_SPECIFIC = 6
IPV4_BYTES = 4

STRANGE = 0x1F
"""Low bits of a tag that continues in the next byte."""

MOST_VARIABLES = 1_000
"""Variables read from one message, many times what any device sends; the rest are not
looked at, so that no datagram takes longer than a few milliseconds.
"""
SMALL_LIST_BYTES = 7 * MOST_VARIABLES
"""A variable has at least seven bytes."""

HeaderVarbinds = dict[str, tuple[int, bytes]]
"""Tag and content, by OID, of the variables about the notification itself (`APART`)."""

Split = tuple[tuple[Varbind, ...], HeaderVarbinds]


def variables(data: bytes, pos: int, end: int) -> Split:
    """Split the content of a VarBindList; variables about the notification itself are separate.

    Raises:
        DecodeError: `truncated`, `bad_tag`, `bad_length` or `bad_oid`.
    """
    try:
        return split(data[pos:end])
    except DecodeError as error:
        raise DecodeError(error.reason, error.detail, None if error.at is None else pos + error.at) from None


def split(body: bytes, apart: frozenset[str] = APART) -> Split:
    """Split consecutive variables; positions in errors count within `body`.

    `30 size 06 size name tag size value` with short sizes that add up is read in place; everything else
    takes the slow path.

    Args:
        apart: OIDs of the variables to return separately.
    """
    if len(body) > SMALL_LIST_BYTES:
        body = _beginning(body)
    found: list[Varbind] = []
    header: HeaderVarbinds = {}
    pos, end = 0, len(body)
    while pos < end:
        stop = behind = 0
        if body[pos] == SEQUENCE and body[pos + 2] == OID and body[pos + 1] | body[pos + 3] <= SHORT:
            stop = pos + 4 + body[pos + 3]
            behind = pos + 2 + body[pos + 1]
        if (
            0 < stop < behind <= end
            and stop + 2 + body[stop + 1] == behind
            and body[stop] & STRANGE != STRANGE
        ):
            oid, tag, content = decode_oid(body[pos + 4 : stop]), body[stop], body[stop + 2 : behind]
        else:
            oid, tag, content, behind = _odd_variable(body, pos, end)
        if oid in apart:
            header.setdefault(oid, (tag, content))
        else:
            found.append((oid, tag, content))
        pos = behind
    return tuple(found), header


def _beginning(body: bytes) -> bytes:
    """Cut the variables beyond the limit."""
    pos, end = 0, len(body)
    for _ in range(MOST_VARIABLES):
        if pos >= end:
            return body
        pos = enter(body, pos, end, SEQUENCE)[1]
    return body[:pos]


def _odd_variable(body: bytes, pos: int, end: int) -> tuple[str, int, bytes, int]:
    """Read a variable with long lengths, with bytes after its value, or with an unusual tag.

    A tag of several bytes makes the position of the length unknown: everything up to the end of the variable
    is kept.

    Returns:
        OID, tag and content of the variable, and the start of the next one.
    """
    start, behind = enter(body, pos, end, SEQUENCE)
    name, stop = enter(body, start, behind, OID)
    oid, tag = decode_oid(body[name:stop]), body[stop]
    if stop >= behind:
        raise DecodeError("truncated", "a variable has no value", stop)
    if tag & STRANGE == STRANGE:
        return oid, tag, body[stop + 1 : behind], behind
    value, last = enter(body, stop, behind, tag)
    return oid, tag, body[value:last], behind


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
