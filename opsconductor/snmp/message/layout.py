"""The layout of notifications of one kind: where in their bytes the parts stand that differ.

A device sends the same trap for each of its ports. Two such messages have the same bytes but for the last
arcs of their OIDs and the contents of their variables, as long as those have the same lengths. The first one
is decoded; the others are compared with it under a mask and cut up, at a fifth of the cost.
"""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from struct import Struct
from typing import NamedTuple

from opsconductor.errors import DecodeError
from opsconductor.snmp.message.oid import MORE_FOLLOWS, decode_oid
from opsconductor.snmp.message.tlv import OID, SEQUENCE, SHORT
from opsconductor.snmp.message.varbinds import APART, SNMP_TRAP_OID, STRANGE

MOST_VARIABLES = 64
LONGEST_ARC = 4
"""Bytes of an arc that is never above 32 bits."""

ARCS_REMEMBERED = 16_384

Parts = tuple[bytes, ...]
"""What differs: of each variable the last arc, if it may differ, and the content."""


class LaidVariable(NamedTuple):
    """A variable of a layout.

    Attributes:
        column: Its OID without the last arc if that differs, else the whole.
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
    """How the variables behind sysUpTime.0 stand in the bytes of notifications of one kind.

    Attributes:
        trap_oid: Value of snmpTrapOID.0, which is the same in all.
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
        """Cut up variables as long as those of the layout; None: they are laid out in another way."""
        return self._unpack(body) if int.from_bytes(body, "big") & self._mask == self._fixed else None


class _Cutter:
    """Collects what of a sample is fixed (mask 0xff) and what is free (0; 0x80 keeps the lengths of arcs)."""

    def __init__(self) -> None:
        self.mask = bytearray()
        self.cut = "="
        self.parts = 0

    def keep(self, size: int) -> None:
        """Note bytes that are the same in all messages."""
        self.mask += b"\xff" * size
        self.cut += f"{size}x"

    def cut_out(self, size: int, mask: bytes = b"\0") -> int:
        """Note bytes that differ; returns their position in `Parts`."""
        self.mask += mask * size
        self.cut += f"{size}s"
        self.parts += 1
        return self.parts - 1


def layout_of(body: bytes) -> Layout | None:
    """Find the layout of variables that stand behind sysUpTime.0; None: they are not plainly laid out.

    Plainly: only short lengths that add up, snmpTrapOID.0 first, nothing else that speaks about the
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
    """Where a variable begins, where its OID begins and stops, and what stands behind its value."""

    start: int
    name: int
    stop: int
    behind: int


def _elements(body: bytes) -> Iterator[_Element]:
    """Split variables of short lengths.

    Raises:
        ValueError: One is laid out in another way.
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
            raise ValueError(f"no plain variable at {pos}")
        yield _Element(pos, pos + 4, stop, behind)
        pos = behind


def _variable(cutter: _Cutter, body: bytes, at: _Element) -> LaidVariable:
    """Note a variable; the arc of a scalar (0) and an arc that may be too large stay as they are.

    Raises:
        ValueError: It speaks about the notification itself.
        DecodeError: Its OID cannot be read.
    """
    oid = decode_oid(body[at.name : at.stop])
    if oid in APART:
        raise ValueError(f"{oid} is no variable of the trap")
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


@lru_cache(maxsize=ARCS_REMEMBERED)
def arc_text(content: bytes) -> str:
    """Write the last arc of an OID, as `Parts` holds it."""
    arc = 0
    for byte in content:
        arc = arc << 7 | byte & 0x7F
    return str(arc)
