"""The values of an index, read from the arcs behind the OID of a column.

Source:
    RFC 2578 section 7.7; RFC 4001 for addresses with a type before them.
"""

from collections.abc import Sequence
from ipaddress import ip_address

from opsconductor.mib.facts import IndexPart
from opsconductor.model.text import printable

LARGEST_OCTET = 255
PHYSICAL = frozenset({"PhysAddress", "MacAddress", "IEEE8021BridgeId", "BridgeId"})
INET_ADDRESS = "InetAddress"
_IPV4, _IPV6, _IPV4_ZONE, _IPV6_ZONE = 4, 16, 8, 20
_INTEGERS = frozenset({"INTEGER", "Gauge32", "Counter32", "TimeTicks", "Counter64"})

Value = int | str | bytes
"""Of one part: a number, an IP address or OID as text, octets."""


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
