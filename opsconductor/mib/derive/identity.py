"""Which objects of a notification identify what is affected."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile

from opsconductor.mib.derive.lemmas import words
from opsconductor.mib.derive.subjects import Subject
from opsconductor.mib.derive.tokens import pieces_of
from opsconductor.mib.facts import IndexPart, ObjectFact

MOST = 5
"""Objects of one resource expression."""

_SYSTEM = "1.3.6.1.2.1.1."
_TRAP = ("1.3.6.1.6.3.1.1.4.", "1.3.6.1.6.3.18.")
_MEASURED = frozenset({"Counter32", "Counter64", "TimeTicks", "Opaque", "BITS"})
_TIMES = frozenset({"DateAndTime", "TimeStamp", "TimeInterval", "TimeFilter"})
_STATES = frozenset({"TruthValue", "RowStatus", "StorageType", "ItuPerceivedSeverity"})

IDENTIFYING = words("""index id ids idx name names number num no slot port unit address addr
    mac ip ipaddr ipaddress macaddr bssid ssid guid uuid key label tag instance peer neighbor nbr
    vrid vlan identifier oid fqdd wwn wwpn wwnn bay location position entity interface if domain
    fcid fec lun volume vserver node member phys physical device host hostname target resource
    sensor channel group zone object ref pointer outlet card shelf rack ring tunnel session vsi
    vpn instanceid imsi bank phase probe module chassis frame subrack area component handle
    circuit service vcid vci vpi dlci policy fan psu ifindex""")
"""Last words of object names that identify a thing."""

NOT_IDENTIFYING = words("""status state severity level value time date timestamp count counter
    counts total rate percent usage utilization threshold limit reason cause message msg text
    description descr desc detail details info information summary string args arg event log
    history sequence seq seqno serial version type mode speed size duration age code result error
    errors current previous last max min average temperature voltage reading data url comment
    action user username severitylevel priority alarm trap notification class model vendor
    hardware capacity power change changes changed remaining interval url path advice contact clli
    latitude longitude gps coordinates note notes title content criticality probable additional
    recommendation timet stamp uptime owner password config operation""")
"""Words of object names for manner, time or reason."""

PLACES = words("""unit module slot port channel sensor bank phase group device outlet
    fan psu probe side""")
"""Last words of enumeration names that identify a thing."""

_CERTAIN = words("index id ifindex address addr mac ip oid fqdd")
_OF_REPORTS = words("""log event alarm history sequence seq error reason cause type status
    severity code last message trap notification""")
"""Words before `Id` and the like in names of objects that identify or explain a report."""

_OF_DEVICE = words("sys system global product hostname sysname")
"""Words in names of objects outside of tables that describe the device itself."""

_SEQUENTIAL = words("log event history hist sequence seq record counter sel")
"""Words of index names that number records, so that an index never refers to the same thing again."""


@dataclass(frozen=True, slots=True)
class Reference:
    """A part of a resource expression.

    Attributes:
        key: What it identifies by: names of the parts of an index, or the name of the object.
    """

    name: str
    key: tuple[str, ...]
    is_instance: bool = False

    def __str__(self) -> str:
        return f"{self.name}(index)" if self.is_instance else self.name


def references_of(subject: Subject) -> tuple[Reference, ...]:
    """Return the objects that identify the affected thing; empty: the device.

    Instances of rows come first: a row is identified by its index, whatever columns are sent. If the index
    of a row is a part of the index of another row, the other is enough. Besides rows, objects count that are
    sent in notifications only; without rows, all objects with the name of an identifier.
    """
    rows = _rows(subject)
    plain = _plain_names(subject.objects)
    others = [
        Reference(fact.name, (fact.name,))
        for fact in subject.objects
        if (not rows or (fact.is_accessible_for_notify_only and not fact.index))
        and not any(part.name == fact.name and _is_counting(part) for part in fact.index)
        and _is_identifier(fact, plain[fact.name])
    ]
    return tuple({reference.key: reference for reference in (*rows, *others)}.values())[:MOST]


def _rows(subject: Subject) -> list[Reference]:
    columns: dict[tuple[str, ...], ObjectFact] = {}
    for fact in subject.objects:
        if fact.index and not is_ignored(fact) and not _is_sequential(fact):
            columns.setdefault(_key(fact), fact)
    largest = [key for key in columns if not any(set(key) < set(other) for other in columns)]
    sent = {fact.name for fact in subject.objects}
    found: list[Reference] = []
    for key in _different(largest, sent):
        if all(name in sent for name in key):
            found.extend(Reference(name, (name,)) for name in key)
        else:
            found.append(Reference(columns[key].name, key, is_instance=True))
    return found


def _key(fact: ObjectFact) -> tuple[str, ...]:
    return tuple(part.name or f"{fact.name}.{number}" for number, part in enumerate(fact.index))


def _different(keys: Sequence[tuple[str, ...]], sent: set[str]) -> list[tuple[str, ...]]:
    """Keep one of several indexes that are the same under two names, such as ifIndex of two tables."""
    kept: dict[tuple[str, ...], tuple[str, ...]] = {}
    for key in sorted(keys, key=lambda key: not all(name in sent for name in key)):
        ends = tuple("".join(pieces_of(name)[-2:]).lower() for name in key)
        kept.setdefault(ends if all(len(pieces_of(name)) > 1 for name in key) else key, key)
    return [key for key in keys if key in kept.values()]


def _is_sequential(fact: ObjectFact) -> bool:
    """Return True for a row of a log or a list of active alarms, whose index does not identify the thing."""
    return any(_is_counting(part) for part in fact.index)


def _is_counting(part: IndexPart) -> bool:
    """Check for a part of an index that is a time, or the number of a record."""
    words = _lower(part.name)
    if part.convention in _TIMES or not _SEQUENTIAL.isdisjoint(words):
        return True
    return "alarm" in words and (words[-1] == "id" or not {"curr", "current", "active"}.isdisjoint(words))


def is_ignored(fact: ObjectFact) -> bool:
    """Check for objects of every device: system group, and those that notifications of SNMPv2 add."""
    return f"{fact.oid}.".startswith((_SYSTEM, *_TRAP))


def _plain_names(facts: Sequence[ObjectFact]) -> Mapping[str, list[str]]:
    """Return the words of each name without the prefix that all sibling objects share."""
    groups: dict[str, list[list[str]]] = {}
    for fact in facts:
        groups.setdefault(fact.oid.rpartition(".")[0], []).append(_lower(fact.name))
    found = {}
    for fact in facts:
        beside = groups[fact.oid.rpartition(".")[0]]
        mine = _lower(fact.name)
        common = common_length(beside) if len(beside) > 1 else 0
        found[fact.name] = mine[min(common, len(mine) - 1) :]
    return found


def common_length(names: Sequence[Sequence[str]]) -> int:
    """Return the number of words that all names begin with."""
    same = takewhile(lambda column: len(set(column)) == 1, zip(*names, strict=False))
    return sum(1 for _ in same)


def _lower(name: str) -> list[str]:
    return [piece.lower() for piece in pieces_of(name)]


def _is_identifier(fact: ObjectFact, own: list[str]) -> bool:
    """Return True if the words of an object's name, and its syntax, identify a thing."""
    if not own or _is_other(fact):
        return False
    while len(own) > 1 and own[-1].isdigit():
        own = own[:-1]
    last = own[-1]
    if fact.enumeration:
        return last in PLACES
    if fact.syntax in ("IpAddress", "OBJECT IDENTIFIER") or fact.convention.endswith("Address"):
        return last not in NOT_IDENTIFYING
    misleading = _OF_REPORTS if last in _CERTAIN else NOT_IDENTIFYING
    return last in IDENTIFYING and misleading.isdisjoint(own[-3:-1])


def _is_other(fact: ObjectFact) -> bool:
    """Check for what is measured, when it was, how bad it is, and what describes the device itself."""
    return (
        is_ignored(fact)
        or fact.syntax in _MEASURED
        or bool(fact.units)
        or fact.convention in _TIMES | _STATES
        or re.search(r"(?i)(date|time|severity)$", fact.convention) is not None
        or (not fact.index and not _OF_DEVICE.isdisjoint(_lower(fact.name)[-3:]))
    )
