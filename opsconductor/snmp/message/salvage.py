"""Lenient reader of the elements of damaged v1 and v2c notifications.

Never used for a message that follows the standard, so it may be slow. Every deviation is recorded
as a phrase; a truncated value is kept only if a part of it is useful (strings).

A message whose community or trap OID cannot be read stays undecodable.
"""

from ipaddress import AddressValueError, IPv4Address

from opsconductor.errors import DecodeError
from opsconductor.snmp.message.tlv import (
    COUNTER32,
    GAUGE32,
    INTEGER,
    IP_ADDRESS,
    LONGEST_INTEGER,
    MAX_ARCS,
    MAX_BYTES,
    MORE_FOLLOWS,
    NULL,
    OCTET_STRING,
    OID,
    OPAQUE,
    SEQUENCE,
    SHORT,
    TIME_TICKS,
    long_length,
)
from opsconductor.snmp.message.trap import Varbind
from opsconductor.snmp.message.varbinds import APART, MOST_VARIABLES, STRANGE, HeaderVarbinds, Split

MOST_FAULTS = 5
"""Deviations recorded for one message."""
LONGEST_ARC_BYTES = 2**64
FRAMES = ("the PDU", "the list of variables")
"""The elements around the variables."""
IPV4_BYTES = 4
_PARTLY_USEFUL = frozenset({OCTET_STRING, OPAQUE})
_TIMES = frozenset({TIME_TICKS, INTEGER, GAUGE32, COUNTER32})


class Damaged:
    """A message and the deviations found in it so far."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self._faults: list[str] = []

    @property
    def faults(self) -> tuple[str, ...]:
        """The deviations, each a sentence without full stop."""
        return tuple(self._faults)

    def note(self, fault: str) -> None:
        """Record a deviation."""
        if len(self._faults) < MOST_FAULTS and fault not in self._faults:
            self._faults.append(fault)

    def enter(self, pos: int, end: int, tag: int, what: str) -> tuple[int, int]:
        """Open an element; one that announces too many bytes ends with the element around it.

        Raises:
            DecodeError: The bytes end here, or the element has another type.
        """
        if pos + 1 >= end:
            raise DecodeError("truncated", f"the message ends before {what}", pos)
        if self.data[pos] != tag:
            raise DecodeError("bad_tag", f"0x{self.data[pos]:02x} instead of 0x{tag:02x} for {what}", pos)
        start, stop, _ = self._content(pos, end, what)
        return start, stop

    def integer(self, pos: int, end: int, what: str) -> tuple[int, int]:
        """Return an INTEGER and the start of the next element; an empty one is 0 and recorded."""
        start, stop = self.enter(pos, end, INTEGER, what)
        if stop - start > LONGEST_INTEGER:
            raise DecodeError("bad_value", f"{what} of {stop - start} bytes", pos)
        if start == stop:
            self.note(f"{what} is empty")
        return int.from_bytes(self.data[start:stop], "big", signed=True), stop

    def oid(self, content: bytes, what: str) -> str:
        """Read an OID, also one with arcs of more than 32 bits.

        Raises:
            DecodeError: `bad_oid`: it is truncated, or longer than any OID.
        """
        arcs = _arcs(content)
        if arcs is None:
            raise DecodeError("bad_oid", f"{what} is not an OID")
        if max(arcs) >= 1 << 32:
            self.note(f"{what} has an arc of more than 32 bits")
        return ".".join(map(str, arcs))

    def variables(self, pos: int, end: int) -> Split:
        """Read the list of variables as far as possible; if there is no list, it is empty."""
        try:
            pos, end = self.enter(pos, end, SEQUENCE, "the list of variables")
        except DecodeError as error:
            self.note(error.detail)
            return (), {}
        return self.split(pos, end)

    def split(self, pos: int, end: int, apart: frozenset[str] = APART) -> Split:
        """Split consecutive variables; those in `apart` are returned separately."""
        found: list[Varbind] = []
        header: HeaderVarbinds = {}
        number = 0
        while pos < end and number < MOST_VARIABLES:
            number += 1
            try:
                start, pos = self.enter(pos, end, SEQUENCE, f"variable {number}")
            except DecodeError as error:
                self.note(error.detail)
                break
            try:
                varbind = self._variable(start, pos, number)
            except DecodeError as error:
                self.note(error.detail)
                continue
            if varbind[0] in apart:
                header.setdefault(varbind[0], varbind[1:])
            else:
                found.append(varbind)
        return tuple(found), header

    def agent_address(self, pos: int, end: int) -> tuple[bytes, int]:
        """Return the four bytes of a v1 agent address, also if sent as OCTET STRING; empty: invalid."""
        what = "the agent address"
        if pos < end and self.data[pos] == OCTET_STRING:
            self.note(f"{what} is an OCTET STRING")
            start, stop = self.enter(pos, end, OCTET_STRING, what)
        else:
            start, stop = self.enter(pos, end, IP_ADDRESS, what)
        content = self.data[start:stop]
        if len(content) != IPV4_BYTES:
            content = _address_of_text(content)
        if not content:
            self.note(f"{what} is invalid")
        return content, stop

    def time_stamp(self, pos: int, end: int) -> tuple[bytes, int]:
        """Return the time stamp of a v1 trap, also if sent as INTEGER; empty if it is missing."""
        what = "the time stamp"
        if pos >= end:
            self.note(f"the message ends before {what}")
            return b"", pos
        tag = self.data[pos]
        if tag not in _TIMES:
            self.note(f"{what} is missing")
            return b"", pos
        if tag != TIME_TICKS:
            self.note(f"{what} has the wrong type")
        start, stop = self.enter(pos, end, tag, what)
        return self.data[start:stop], stop

    def _content(self, pos: int, end: int, what: str) -> tuple[int, int, bool]:
        """Return start and end of the content of an element, and whether it is complete."""
        length, start = self.data[pos + 1], pos + 2
        if length > SHORT:
            start, length = long_length(self.data, start)
        start = min(start, end)
        if start + length > end:
            if not (self._faults and what in FRAMES):  # once for a truncated message
                self.note(f"{what} announces {length} bytes but has {end - start}")
            return start, end, False
        return start, start + length, True

    def _variable(self, pos: int, end: int, number: int) -> Varbind:
        what = f"variable {number}"
        start, stop = self.enter(pos, end, OID, f"the name of {what}")
        if not self._content(pos, end, f"the name of {what}")[2]:
            raise DecodeError("truncated", f"the name of {what} is truncated", pos)
        name = self.oid(self.data[start:stop], f"the name of {what}")
        if stop + 1 >= end:
            self.note(f"{what} ({name}) has no value")
            return name, NULL, b""
        tag = self.data[stop]
        if tag & STRANGE == STRANGE:
            return name, tag, self.data[stop + 1 : end]
        first, last, is_whole = self._content(stop, end, f"the value of {what} ({name})")
        if not is_whole and tag not in _PARTLY_USEFUL:
            return name, NULL, b""
        return name, tag, self.data[first:last]


def _arcs(content: bytes) -> list[int] | None:
    """Return the arcs of an OID; None: the content is not an OID."""
    if not content:
        return [0, 0]
    if len(content) > MAX_BYTES or content[-1] & MORE_FOLLOWS:
        return None
    arcs, arc = [0], 0
    for byte in content:
        arc = arc << 7 | byte & 0x7F
        if arc >= LONGEST_ARC_BYTES:
            return None
        if byte < MORE_FOLLOWS:
            arcs.append(arc)
            arc = 0
    first = min(arcs[1] // 40, 2)
    arcs[0], arcs[1] = first, arcs[1] - 40 * first
    return arcs if len(arcs) <= MAX_ARCS else None


def _address_of_text(content: bytes) -> bytes:
    """Return the bytes of an address sent as text; empty if it is not an address."""
    try:
        return IPv4Address(content.rstrip(b"\0").decode("ascii")).packed
    except (UnicodeDecodeError, AddressValueError):
        return b""
