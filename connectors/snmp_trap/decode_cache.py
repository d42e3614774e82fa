"""Caches of recent traps: their content, and how their bytes are laid out.

A device with a fault sends the same trap repeatedly. Two v2c traps that differ only in request ID and uptime
have the same content: from the third on they are neither decoded nor evaluated again. One that has the same
layout as earlier ones is read by a plan. Any other message is left to the decoder.
"""

from collections.abc import Callable, Mapping
from typing import NamedTuple, TypeVar

from connectors.snmp_trap.plan import PlannedTrap, TrapPlan, plan_of
from connectors.snmp_trap.sender import TrapSender
from opsconductor.limits import BoundedMap
from opsconductor.mib.lookup import MibFacts
from opsconductor.model.mappings.table import MappingTable
from opsconductor.model.normalized import NormalizedAlert
from opsconductor.snmp.message.encode import TRAP_V2
from opsconductor.snmp.message.tlv import INTEGER, LONGEST_INTEGER, SEQUENCE, SHORT, content_to_end
from opsconductor.snmp.message.trap import Trap
from opsconductor.snmp.message.varbinds import unsigned_of

MOST = 8_192
ONCE = 16_384
"""Hashes of traps that came once; a later one takes the place of an earlier one."""
LONGEST_BYTES = 1_472
"""The payload of one Ethernet frame; keeps memory below 50 MB for any sender."""

Key = tuple[str, bytes, bytes]
"""Sender, community with PDU tag, and all variables after sysUpTime.0, as sent."""

_VERSION_2C = b"\x02\x01\x01\x04"
_NO_ERROR = b"\x02\x01\x00\x02\x01\x00"
_UPTIME_SIZES = (4, 3, 5, 2, 1, 0)
"""The most frequent first; at most `LONGEST_INTEGER`."""
_UPTIME = b"\x06\x08\x2b\x06\x01\x02\x01\x01\x03\x00\x43"


class Evaluated(NamedTuple):
    """The evaluated content of a trap; valid while mappings, facts and vendor are the same."""

    alerts: tuple[NormalizedAlert, ...]
    sender: TrapSender
    vendor: str | None
    mappings: MappingTable
    facts: MibFacts


class CachedTrap:
    """An accepted trap and its evaluated content under one mapping table.

    Attributes:
        trap: The first of its kind, with its own request ID and uptime.
        evaluated: The evaluated content; None until it is evaluated.
        document: Returns the document of a message with this content, by its payload, sender and forwarder.
    """

    __slots__ = ("document", "evaluated", "trap")

    def __init__(self, trap: Trap | PlannedTrap) -> None:
        self.trap = trap
        self.evaluated: Evaluated | None = None
        self.document: Callable[[bytes, str, str], Mapping[str, object]] | None = None


TrapT = TypeVar("TrapT", Trap, PlannedTrap)


class DecodeCache:
    """Recently accepted traps that came twice; when full, the oldest is evicted: clearing it takes 30 ms.

    Of a trap that came once only the hash is kept: in a flood of different traps twenty objects for each of
    them would be stored, and examined by the garbage collector, for nothing.
    """

    def __init__(self) -> None:
        self._known: BoundedMap[Key, CachedTrap] = BoundedMap(MOST)
        self._once = [0] * ONCE
        self.find = self._known.get

    def remember(self, key: Key, trap: TrapT) -> TrapT | CachedTrap:
        """Store an accepted trap if it has come before; return what the event is to carry."""
        number = hash(key)
        place = number % ONCE
        if self._once[place] != number:
            self._once[place] = number
            return trap
        known = self._known[key] = CachedTrap(trap)
        return known


class TrapHead(NamedTuple):
    """What precedes the variables of a simple v2c trap; messages of its length with the same are simple, too.

    Attributes:
        head: Everything before the content of the request ID.
        status: Start of what follows it.
        middle: Everything from there to the content of sysUpTime.0.
        behind: Start of the variables after sysUpTime.0.
    """

    head: bytes
    status: int
    middle: bytes
    behind: int
    community: bytes


class TrapHeads:
    """Returns the keys that equal v2c traps share, by the latest head of their length.

    Two comparisons take a quarter of reading every length, and most traps differ only in what follows.
    """

    def __init__(self) -> None:
        self._known: dict[int, TrapHead] = {}

    def key(self, peer: str, payload: bytes) -> Key | None:
        """Return the key of a message, or None if it is not a simple v2c trap."""
        known = self._known.get(len(payload))
        if known is None or not (
            payload.startswith(known.head) and payload.startswith(known.middle, known.status)
        ):
            known = head_of(payload)
            if known is None:
                return None
            self._known[len(payload)] = known
        return peer, known.community, payload[known.behind :]


def head_of(payload: bytes) -> TrapHead | None:
    """Return what precedes the variables of a message, or None if it is not a simple v2c trap.

    Simple: every enclosing length reaches exactly to the end of the datagram, and
    sysUpTime.0 comes first. Then only the parts in the key, the request ID and the uptime can differ.
    """
    end = len(payload)
    if end > LONGEST_BYTES:
        return None
    try:
        is_plain = (
            (version := content_to_end(payload, 0, SEQUENCE, end))
            and payload.startswith(_VERSION_2C, version)
            and payload[name := version + 4] <= SHORT
            and (request := content_to_end(payload, pdu := name + 1 + payload[name], TRAP_V2, end))
            and payload[request] == INTEGER
            and payload[request + 1] <= LONGEST_INTEGER
            and payload.startswith(_NO_ERROR, status := request + 2 + payload[request + 1])
            and (uptime := content_to_end(payload, status + 6, SEQUENCE, end))
            and payload[uptime] == SEQUENCE
            and payload.startswith(_UPTIME, uptime + 2)
            and payload[uptime + 13] <= LONGEST_INTEGER
            and payload[uptime + 1] == len(_UPTIME) + 1 + payload[uptime + 13]
            and (behind := uptime + 2 + payload[uptime + 1]) <= end
        )
    except IndexError:
        return None
    if not is_plain:
        return None
    return TrapHead(
        head=payload[: request + 2],
        status=status,
        middle=payload[status : uptime + 14],
        behind=behind,
        community=payload[name : pdu + 1],
    )


def community_of(key: Key) -> bytes:
    """Return the community of a message by its key."""
    return key[1][1:-1]


def uptime_of(payload: bytes, behind: int) -> int | None:
    """Return sysUpTime.0 of a message that has a key.

    Args:
        behind: Start of the variables after it.
    """
    for size in _UPTIME_SIZES:
        start = behind - size
        if payload[start - 1] == size and payload.startswith(_UPTIME, start - 1 - len(_UPTIME)):
            return unsigned_of(payload[start:behind])
    return None


MOST_KINDS = 2_048
MOST_PLANS = 4
"""Plans per kind: of the same total length, but with other lengths of the variables."""
SEEN_FIRST = 8
"""Traps of a kind that are decoded before a plan is made: a plan costs as much as ten decodings."""

Kind = tuple[int, bytes]
"""Length of the variables, and the first of them: snmpTrapOID.0."""


class TrapKind:
    """Plans of one kind, most recently used first.

    Attributes:
        missed: Traps that none of them could read.
    """

    __slots__ = ("missed", "plans")

    def __init__(self) -> None:
        self.plans: list[TrapPlan] = []
        self.missed = 0


class TrapPlans:
    """Reads traps by existing plans, and makes plans for frequent kinds.

    Attributes:
        facts: From which all plans were made.
    """

    def __init__(self, facts: MibFacts) -> None:
        self.facts = facts
        self._kinds: BoundedMap[Kind, TrapKind] = BoundedMap(MOST_KINDS)

    def read(self, body: bytes) -> PlannedTrap | None:
        """Read the variables after sysUpTime.0 of a simple trap; None: it must be decoded.

        A plan is made after a number of misses, so that ever-changing layouts cost little.
        """
        kind = self._kinds.get((len(body), body[: 2 + body[1]])) if len(body) > 1 else None
        if kind is None:
            self._meet(body)
            return None
        for position, plan in enumerate(kind.plans):
            parts = plan.layout.read(body)
            if parts is not None:
                if position:
                    kind.plans.insert(0, kind.plans.pop(position))
                return PlannedTrap(plan, parts)
        kind.missed += 1
        if kind.missed >= SEEN_FIRST and kind.missed & (kind.missed - 1) == 0:
            made = plan_of(body, self.facts)
            if made is not None:
                kind.plans = [made, *kind.plans[: MOST_PLANS - 1]]
        return None

    def _meet(self, body: bytes) -> None:
        if len(body) > 1 and body[1] <= SHORT:
            self._kinds[len(body), body[: 2 + body[1]]] = TrapKind()
