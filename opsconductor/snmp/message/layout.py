"""Layouts of notifications: the positions of the bytes that differ between similar messages.

A device sends the same trap for each of its ports. Two such messages have the same bytes except for the
last arcs of their OIDs and the contents of their variables, as long as those have the same lengths. The
first message is decoded; the others are compared with it under a mask and split at the known positions,
at a fifth of the cost.
"""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from struct import Struct
from typing import NamedTuple

from opsconductor.errors import DecodeError
from opsconductor.snmp.message.tlv import MORE_FOLLOWS, OID, SEQUENCE, SHORT, decode_oid
from opsconductor.snmp.message.varbinds import APART, SNMP_TRAP_OID, STRANGE

MOST_VARIABLES = 64
LONGEST_ARC = 4
"""Bytes of an arc that never exceeds 32 bits."""

CACHED_ARCS = 16_384

Parts = tuple[bytes, ...]
"""The parts that differ: of each variable the last arc, if it may differ, and the content."""


class LaidVariable(NamedTuple):
    """A variable of a layout.

    Attributes:
        column: Its OID, without the last arc if that may differ.
        arc: Position of the last arc in `Parts`; None: it does not differ.
        content: Position of the content in `Parts`.
        size: Bytes of the content.
    """

    column: str
    arc: int | None
    tag: int
    content: int
    size: int


class Layout:
    """Positions of the variables after sysUpTime.0 in similar notifications.

    Attributes:
        trap_oid: Value of snmpTrapOID.0, the same in all.
        size: Bytes of all variables.
    """

    __slots__ = ("_fixed", "_mask", "_unpack", "size", "trap_oid", "variables")

    def __init__(
        self, trap_oid: str, variables: Sequence[LaidVariable], *, mask: bytes, sample: bytes, cut: str
    ) -> None:
        self.trap_oid = trap_oid
        self.variables = tuple(variables)
        self.size = len(sample)
        self._mask = int.from_bytes(mask, "big")
        self._fixed = int.from_bytes(sample, "big") & self._mask
        self._unpack = Struct(cut).unpack

    def read(self, body: bytes) -> Parts | None:
        """Split variables as long as those of the layout; None: their layout differs."""
        return self._unpack(body) if int.from_bytes(body, "big") & self._mask == self._fixed else None


class _Cutter:
    """Builds the mask of a sample: fixed bytes (0xff) and free ones (0; 0x80 keeps the lengths of arcs)."""

    def __init__(self) -> None:
        self.mask = bytearray()
        self.cut = "="
        self.parts = 0

    def keep(self, size: int) -> None:
        """Add bytes that are the same in all messages."""
        self.mask += b"\xff" * size
        self.cut += f"{size}x"

    def cut_out(self, size: int, mask: bytes = b"\0") -> int:
        """Add bytes that differ and return their position in `Parts`."""
        self.mask += mask * size
        self.cut += f"{size}s"
        self.parts += 1
        return self.parts - 1


def layout_of(body: bytes) -> Layout | None:
    """Return the layout of the variables after sysUpTime.0; None: they do not have a simple layout.

    Simple: only short lengths that add up, snmpTrapOID.0 first, no other variable about the
    notification itself.
    """
    try:
        first, *others = _elements(body)
        oid, value = decode_oid(body[first.name : first.stop]), body[first.stop + 2 : first.behind]
        if oid != SNMP_TRAP_OID or body[first.stop] != OID or len(others) > MOST_VARIABLES:
            return None
        cutter = _Cutter()
        cutter.keep(first.behind)
        variables = [_variable(cutter, body, each) for each in others]
        trap_oid = decode_oid(value)
    except (IndexError, ValueError, DecodeError):
        return None
    return Layout(trap_oid, variables, mask=bytes(cutter.mask), sample=body, cut=cutter.cut)


class _Element(NamedTuple):
    """Start of a variable, start and end of its OID, and the end of the variable."""

    start: int
    name: int
    stop: int
    behind: int


def _elements(body: bytes) -> Iterator[_Element]:
    """Split variables with short lengths.

    Raises:
        ValueError: A variable has another layout.
        IndexError: The bytes end within one.
    """
    pos = 0
    while pos < len(body):
        stop, behind = pos + 4 + body[pos + 3], pos + 2 + body[pos + 1]
        if not (
            body[pos] == SEQUENCE
            and body[pos + 2] == OID
            and body[pos + 1] | body[pos + 3] <= SHORT
            and behind <= len(body)
            and stop + 2 + body[stop + 1] == behind
            and body[stop] & STRANGE != STRANGE
        ):
            raise ValueError(f"no simple variable at {pos}")
        yield _Element(pos, pos + 4, stop, behind)
        pos = behind


def _variable(cutter: _Cutter, body: bytes, at: _Element) -> LaidVariable:
    """Add a variable; the arc of a scalar (0) and an arc that may be too large count as fixed.

    Raises:
        ValueError: It is about the notification itself.
        DecodeError: Its OID cannot be read.
    """
    oid = decode_oid(body[at.name : at.stop])
    if oid in APART:
        raise ValueError(f"{oid} is about the notification itself")
    begin = at.stop - 1
    while begin > at.name and body[begin - 1] >= MORE_FOLLOWS:
        begin -= 1
    is_open = begin > at.name and body[at.stop - 1] != 0 and at.stop - begin <= LONGEST_ARC
    arc = None
    if is_open:
        cutter.keep(begin - at.start)
        arc = cutter.cut_out(at.stop - begin, b"\x80")
        cutter.keep(2)
        oid = oid.rpartition(".")[0]
    else:
        cutter.keep(at.stop + 2 - at.start)
    size = at.behind - at.stop - 2
    return LaidVariable(oid, arc, body[at.stop], cutter.cut_out(size), size)


@lru_cache(maxsize=CACHED_ARCS)
def arc_text(content: bytes) -> str:
    """Return the last arc of an OID, as encoded in `Parts`, as decimal text."""
    arc = 0
    for byte in content:
        arc = arc << 7 | byte & 0x7F
    return str(arc)
