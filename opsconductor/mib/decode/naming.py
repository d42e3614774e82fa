"""The name of a variable or notification by its OID, and the values of the index in it.

Source:
    RFC 2578 section 7.7; RFC 4001 for addresses with a type before them.
"""

from collections.abc import Sequence
from ipaddress import ip_address

from opsconductor.mib.facts import IndexPart, ObjectFact
from opsconductor.mib.lookup import MibFacts, shared_arcs
from opsconductor.model.text import printable

LEAST_SHARED = 8
"""Arcs that an OID must share with an object to be named after its module: `1.3.6.1.4.1.N` and one more."""

BETWEEN = "::"
ELLIPSIS = "\N{HORIZONTAL ELLIPSIS}"

LARGEST_OCTET = 255
PHYSICAL = frozenset({"PhysAddress", "MacAddress", "IEEE8021BridgeId", "BridgeId"})
INET_ADDRESS = "InetAddress"
_IPV4, _IPV6, _IPV4_ZONE, _IPV6_ZONE = 4, 16, 8, 20
_INTEGERS = frozenset({"INTEGER", "Gauge32", "Counter32", "TimeTicks", "Counter64"})

Value = int | str | bytes
"""Of one part: a number, an IP address or OID as text, octets."""


def name_of(facts: MibFacts, oid: str) -> str | None:
    """Return the name of a variable with its instance, `ifDescr.7`, or of a notification, `linkDown`.

    An OID below a known node that is no object is named after it, `RADIO-BRIDGE-MIB::rfEntry.17.3`, and one
    beside known objects after their module, `RADIO-BRIDGE-MIB::….17.3`.

    Returns:
        None when nothing near it is known.
    """
    fact = facts.object_above(oid)
    if fact is not None and (fact.syntax or fact.oid == oid):
        instance = oid[len(fact.oid) + 1 :]
        return f"{fact.name}.{instance_text(fact.index, instance)}" if instance else fact.name
    notification = facts.notification(oid)
    if notification is not None:
        return notification.name
    return _ancestor(facts, oid, fact)


def notification_name(facts: MibFacts, oid: str) -> str | None:
    """Return the name of a notification; None: it is not known."""
    found = facts.notification(oid)
    return None if found is None else found.name


def label_of(facts: MibFacts, column: str) -> str | None:
    """Return what the names of all variables of a column begin with, as `name_of` gives them; None: no name.

    Args:
        column: For which `is_even` holds.
    """
    name = name_of(facts, f"{column}.1")
    return name and name[:-1]


def is_even(facts: MibFacts, column: str) -> bool:
    """Check that the names of all OIDs with one more arc than a column differ in that arc alone."""
    if not facts.is_leaf(column):
        return False
    fact = facts.object_above(column)
    return fact is None or not needs_reading(fact.index)


def _ancestor(facts: MibFacts, oid: str, above: ObjectFact | None) -> str | None:
    if above is not None and above.oid.count(".") >= LEAST_SHARED - 2:
        return f"{above.module}{BETWEEN}{above.name}{oid[len(above.oid) :]}"
    near = facts.neighbour(oid.rpartition(".")[0])
    shared = shared_arcs(near.oid, oid) if near else 0
    if near is None or shared < LEAST_SHARED:
        return None
    rest = ".".join(oid.split(".")[shared:])
    return f"{near.module}{BETWEEN}{ELLIPSIS}.{rest}"


def index_values(parts: Sequence[IndexPart], arcs: Sequence[int]) -> tuple[Value, ...] | None:
    """Return the value of each part; None: the arcs are no index of these parts.

    Args:
        arcs: All that stands behind the OID of the column.
    """
    values: list[Value] = []
    position = 0
    for part in parts:
        size = _size(part, arcs, position)
        if size is None:
            return None
        begin = position + (1 if _has_length(part) else 0)
        position = begin + size
        taken = arcs[begin:position]
        if len(taken) != size:
            return None
        value = _value(part, taken)
        if value is None:
            return None
        values.append(value)
    return tuple(values) if position == len(arcs) and parts else None


def _has_length(part: IndexPart) -> bool:
    is_variable = part.syntax in ("OCTET STRING", "OBJECT IDENTIFIER", "BITS", "Opaque")
    return is_variable and part.size is None and not part.is_implied


def _size(part: IndexPart, arcs: Sequence[int], position: int) -> int | None:
    """Return how many arcs the value of a part takes, without the one that is its length."""
    if part.syntax in _INTEGERS:
        return 1
    if part.syntax == "IpAddress":
        return _IPV4
    if part.is_implied:
        return len(arcs) - position
    if part.size is not None:
        return part.size
    return arcs[position] if _has_length(part) and position < len(arcs) else None


def _value(part: IndexPart, taken: Sequence[int]) -> Value | None:
    if part.syntax in _INTEGERS:
        return taken[0]
    if part.syntax == "OBJECT IDENTIFIER":
        return ".".join(map(str, taken))
    if any(arc > LARGEST_OCTET for arc in taken):
        return None
    return ".".join(map(str, taken)) if part.syntax == "IpAddress" else bytes(taken)


def value_text(part: IndexPart, value: Value) -> str:
    """Return the value of a part for people: addresses in their form, text as it is, other octets as hex."""
    if not isinstance(value, bytes):
        return str(value)
    if part.convention in PHYSICAL or part.syntax == "BITS":
        return value.hex(":")
    if part.convention.startswith(INET_ADDRESS):
        return address_text(value)
    try:
        text = value.decode("utf-8")
    except UnicodeDecodeError:
        return value.hex(":")
    return text if text.isprintable() else value.hex(":") if "\0" in text else printable(text)


def address_text(content: bytes) -> str:
    """Return an InetAddress by its length; a zone stands behind `%`. What is no address is hex digits.

    Source:
        RFC 4001, InetAddressIPv4, InetAddressIPv6, InetAddressIPv4z, InetAddressIPv6z.
    """
    if len(content) in (_IPV4, _IPV6):
        return str(ip_address(content))
    if len(content) in (_IPV4_ZONE, _IPV6_ZONE):
        zone = int.from_bytes(content[-4:], "big")
        return f"{ip_address(content[:-4])}%{zone}"
    return content.hex(":")


def instance_text(parts: Sequence[IndexPart], instance: str) -> str:
    """Return an instance with its strings and addresses readable: `7."private"`, as net-snmp writes it.

    An instance that does not fit its index, or whose parts are all numbers, stays as it is. So does not the
    address of a device that leaves out type and length before it.

    Args:
        instance: Arcs behind the OID of the column, without leading dot.
    """
    if not needs_reading(parts):
        return instance
    arcs = [int(arc) for arc in instance.split(".")] if instance else []
    values = index_values(parts, arcs) if instance else None
    if values is None:
        return _bare_address(parts, arcs) or instance
    return ".".join(
        f'"{value_text(part, value)}"' if isinstance(value, bytes) else str(value)
        for part, value in zip(parts, values, strict=True)
    )


def _bare_address(parts: Sequence[IndexPart], arcs: Sequence[int]) -> str:
    """Return the address if arcs are nothing but one, of an index that has one; empty: they are not."""
    has_address = any(part.convention == INET_ADDRESS for part in parts)
    is_one = has_address and len(arcs) in (_IPV4, _IPV6) and max(arcs) <= LARGEST_OCTET
    return str(ip_address(bytes(arcs))) if is_one else ""


def needs_reading(parts: Sequence[IndexPart]) -> bool:
    """Check whether an index holds more than numbers, IP addresses and OIDs that end it."""
    return any(part.syntax in ("OCTET STRING", "BITS", "Opaque") for part in parts)


def part_text(parts: Sequence[IndexPart], instance: str, number: int) -> str | None:
    """Return one part of an instance, counted from 1; None: there is none.

    Without facts about the index each arc is a part.
    """
    arcs = instance.split(".") if instance else []
    values = index_values(parts, [int(arc) for arc in arcs]) if parts and arcs else None
    if values is None:
        return arcs[number - 1] if 0 < number <= len(arcs) else None
    return value_text(parts[number - 1], values[number - 1]) if 0 < number <= len(values) else None
