"""Reads what is left of a damaged v1 or v2c notification: for messages that `ber` does not take as they are.

Never used for a message that follows the standard, so it may be slow. Every deviation is written down
as a sentence; a value that is cut short is kept only where a part of it is worth something (strings).

A message whose community or whose trap OID cannot be read stays undecodable.
"""

from ipaddress import AddressValueError, IPv4Address

from opsconductor.errors import DecodeError
from opsconductor.snmp.message.oid import MAX_ARCS, MAX_BYTES, MORE_FOLLOWS
from opsconductor.snmp.message.tlv import (
    COUNTER32,
    GAUGE32,
    INTEGER,
    IP_ADDRESS,
    LONGEST_INTEGER,
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
from opsconductor.snmp.message.varbinds import APART, MOST_VARIABLES, STRANGE, Split, Told

MOST_FAULTS = 5
"""Deviations that are written down of one message."""
MOST_OF_AN_ARC = 2**64
FRAMES = ("the PDU", "the list of variables")
"""What surrounds the variables."""
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
        """The deviations, each as a sentence without full stop."""
        return tuple(self._faults)

    def note(self, fault: str) -> None:
        """Write a deviation down."""
        if len(self._faults) < MOST_FAULTS and fault not in self._faults:
            self._faults.append(fault)

    def enter(self, pos: int, end: int, tag: int, what: str) -> tuple[int, int]:
        """Open an element; one that announces more bytes than there are ends where its frame ends.

        Raises:
            DecodeError: Nothing more stands there, or an element of another type.
        """
        if pos + 1 >= end:
            raise DecodeError("truncated", f"the message ends before {what}", pos)
        if self.data[pos] != tag:
            raise DecodeError("bad_tag", f"0x{self.data[pos]:02x} instead of 0x{tag:02x} for {what}", pos)
        start, stop, _ = self._content(pos, end, what)
        return start, stop

    def integer(self, pos: int, end: int, what: str) -> tuple[int, int]:
        """Read an INTEGER and where the next element begins; an empty one is 0, and noted."""
        start, stop = self.enter(pos, end, INTEGER, what)
        if stop - start > LONGEST_INTEGER:
            raise DecodeError("bad_value", f"{what} of {stop - start} bytes", pos)
        if start == stop:
            self.note(f"{what} is empty")
        return int.from_bytes(self.data[start:stop], "big", signed=True), stop

    def oid(self, content: bytes, what: str) -> str:
        """Read an OID, also one with arcs of more than 32 bits.

        Raises:
            DecodeError: `bad_oid`: it is cut short, or too long for any OID.
        """
        arcs = _arcs(content)
        if arcs is None:
            raise DecodeError("bad_oid", f"{what} is no OID")
        if max(arcs) >= 1 << 32:
            self.note(f"{what} has an arc of more than 32 bits")
        return ".".join(map(str, arcs))

    def variables(self, pos: int, end: int) -> Split:
        """Read the list of variables as far as it goes; without a list there are none."""
        try:
            pos, end = self.enter(pos, end, SEQUENCE, "the list of variables")
        except DecodeError as error:
            self.note(error.detail)
            return (), {}
        return self.split(pos, end)

    def split(self, pos: int, end: int, apart: frozenset[str] = APART) -> Split:
        """Split variables that stand one behind the other; those in `apart` come apart."""
        found: list[Varbind] = []
        told: Told = {}
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
                told.setdefault(varbind[0], varbind[1:])
            else:
                found.append(varbind)
        return tuple(found), told

    def agent_address(self, pos: int, end: int) -> tuple[bytes, int]:
        """Read the agent address of a v1 trap, also one that comes as OCTET STRING; four bytes or none."""
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
            self.note(f"{what} is none")
        return content, stop

    def time_stamp(self, pos: int, end: int) -> tuple[bytes, int]:
        """Read the time stamp of a v1 trap, also one that comes as INTEGER; empty when there is none."""
        what = "the time stamp"
        if pos >= end:
            self.note(f"the message ends before {what}")
            return b"", pos
        tag = self.data[pos]
        if tag not in _TIMES:
            self.note(f"{what} is missing")
            return b"", pos
        if tag != TIME_TICKS:
            self.note(f"{what} has another type")
        start, stop = self.enter(pos, end, tag, what)
        return self.data[start:stop], stop

    def _content(self, pos: int, end: int, what: str) -> tuple[int, int, bool]:
        """Find content and end of an element, and whether it is whole."""
        length, start = self.data[pos + 1], pos + 2
        if length > SHORT:
            start, length = long_length(self.data, start)
        start = min(start, end)
        if start + length > end:
            if not (self._faults and what in FRAMES):  # of a message that is cut short, once
                self.note(f"{what} announces {length} bytes, {end - start} are there")
            return start, end, False
        return start, start + length, True

    def _variable(self, pos: int, end: int, number: int) -> Varbind:
        what = f"variable {number}"
        start, stop = self.enter(pos, end, OID, f"the name of {what}")
        if not self._content(pos, end, f"the name of {what}")[2]:
            raise DecodeError("truncated", f"the name of {what} is cut short", pos)
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
    """Take the content of an OID apart; None: it is none."""
    if not content:
        return [0, 0]
    if len(content) > MAX_BYTES or content[-1] & MORE_FOLLOWS:
        return None
    arcs, arc = [0], 0
    for byte in content:
        arc = arc << 7 | byte & 0x7F
        if arc >= MOST_OF_AN_ARC:
            return None
        if byte < MORE_FOLLOWS:
            arcs.append(arc)
            arc = 0
    first = min(arcs[1] // 40, 2)
    arcs[0], arcs[1] = first, arcs[1] - 40 * first
    return arcs if len(arcs) <= MAX_ARCS else None


def _address_of_text(content: bytes) -> bytes:
    """Read an address that a device writes as text; empty: it is none."""
    try:
        return IPv4Address(content.rstrip(b"\0").decode("ascii")).packed
    except (UnicodeDecodeError, AddressValueError):
        return b""
