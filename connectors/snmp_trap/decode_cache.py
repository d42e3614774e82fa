"""Remembers what was sent lately: a device in trouble sends the same trap again and again.

Two v2c traps that differ only in request ID and uptime say the same, so the second is neither decoded
nor judged anew. Whatever is not plainly of that kind is left to the decoder.
"""

from typing import NamedTuple

from connectors.snmp_trap.plan import PlannedTrap
from connectors.snmp_trap.sender import TrapSender
from opsconductor.limits import BoundedMap
from opsconductor.model.mapping_table import MappingTable
from opsconductor.model.normalized import NormalizedAlert
from opsconductor.snmp.message.encode import TRAP_V2
from opsconductor.snmp.message.tlv import INTEGER, LONGEST_INTEGER, SEQUENCE, SHORT
from opsconductor.snmp.message.trap import Trap
from opsconductor.snmp.message.trap_fields import unsigned_of

MOST = 8_192
LONGEST_BYTES = 1_472
"""What fits into one Ethernet frame: memory stays below 50 MB whoever sends."""

Key = tuple[str, bytes, bytes]
"""Sender, community with its PDU tag, and all variables behind sysUpTime.0, as they were sent."""

_VERSION_2C = b"\x02\x01\x01\x04"
_NO_ERROR = b"\x02\x01\x00\x02\x01\x00"
_UPTIME = b"\x06\x08\x2b\x06\x01\x02\x01\x01\x03\x00\x43"
_LONG_FORMS = {0x81: 1, 0x82: 2}


class Said(NamedTuple):
    """What a trap was judged to say; holds while the mappings and the vendor of its device are the same."""

    alerts: tuple[NormalizedAlert, ...]
    sender: TrapSender
    vendor: str | None
    mappings: MappingTable


class Remembered:
    """A trap that was let in, and what it was judged to say under one mapping table.

    Attributes:
        trap: The first of its kind: its request ID and uptime are its own.
        said: What it says, None as long as nobody has judged it.
    """

    __slots__ = ("said", "trap")

    def __init__(self, trap: Trap | PlannedTrap) -> None:
        self.trap = trap
        self.said: Said | None = None


class DecodeCache:
    """What was let in lately, by key; when full, the oldest makes room: to empty it all takes 30 ms."""

    def __init__(self) -> None:
        self._known: BoundedMap[Key, Remembered] = BoundedMap(MOST)
        self.find = self._known.get

    def remember(self, key: Key, trap: Trap | PlannedTrap) -> None:
        """Keep a trap that was let in."""
        self._known[key] = Remembered(trap)


def key_of_repeat(peer: str, payload: bytes) -> Key | None:
    """Cut out what makes a v2c trap the same as another; None: it is not plainly a v2c trap.

    Plainly: every length that encloses something reaches exactly to the end of the datagram, and
    sysUpTime.0 stands first. Then nothing but the parts in the key, the request ID and the uptime can
    make a difference.
    """
    end = len(payload)
    if end > LONGEST_BYTES:
        return None
    try:
        is_plain = (
            (version := _inside(payload, 0, SEQUENCE, end))
            and payload.startswith(_VERSION_2C, version)
            and payload[name := version + 4] <= SHORT
            and (request := _inside(payload, pdu := name + 1 + payload[name], TRAP_V2, end))
            and payload[request] == INTEGER
            and payload[request + 1] <= LONGEST_INTEGER
            and payload.startswith(_NO_ERROR, status := request + 2 + payload[request + 1])
            and (uptime := _inside(payload, status + 6, SEQUENCE, end))
            and payload[uptime] == SEQUENCE
            and payload.startswith(_UPTIME, uptime + 2)
            and payload[uptime + 13] <= LONGEST_INTEGER
            and payload[uptime + 1] == len(_UPTIME) + 1 + payload[uptime + 13]
            and (behind := uptime + 2 + payload[uptime + 1]) <= end
        )
    except IndexError:
        return None
    return (peer, payload[name : pdu + 1], payload[behind:]) if is_plain else None


def community_of(key: Key) -> bytes:
    """Return the community of a message by its key."""
    return key[1][1:-1]


def uptime_of(payload: bytes, behind: int) -> int | None:
    """Read sysUpTime.0 of a message that has a key.

    Args:
        behind: Where the variables behind it begin.
    """
    for size in range(LONGEST_INTEGER, -1, -1):
        start = behind - size
        if payload[start - 1] == size and payload.startswith(_UPTIME, start - 1 - len(_UPTIME)):
            return unsigned_of(payload[start:behind])
    return None


def _inside(payload: bytes, pos: int, tag: int, end: int) -> int:
    """Find where the content of an element begins that reaches exactly to the end; 0: it does not."""
    if payload[pos] != tag:
        return 0
    size = payload[pos + 1]
    if size <= SHORT:
        return pos + 2 if pos + 2 + size == end else 0
    start = pos + 2 + _LONG_FORMS.get(size, 0)
    is_whole = start > pos + 2 and start + int.from_bytes(payload[pos + 2 : start], "big") == end
    return start if is_whole else 0
