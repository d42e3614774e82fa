"""Object identifiers as text: dotted decimal, without leading dot; parsing, checks, and their bytes."""

from opsconductor.snmp.message.tlv import MAX_ARC, MAX_ARCS, MORE_FOLLOWS

MIN_ARCS = 2


def encode_oid(text: str) -> bytes:
    """Encode dotted text as the content bytes of an OBJECT IDENTIFIER.

    Raises:
        ValueError: The text is not an OID; the message explains why.
    """
    arcs = parse_oid(text)
    content = bytearray()
    for arc in (arcs[0] * 40 + arcs[1], *arcs[2:]):
        groups = [arc & 0x7F]
        while arc := arc >> 7:
            groups.append(arc & 0x7F | MORE_FOLLOWS)
        content += bytes(reversed(groups))
    return bytes(content)


def parse_oid(text: str) -> tuple[int, ...]:
    """Parse an OID with or without leading dot into its arcs.

    Raises:
        ValueError: The text is not an OID; the message explains why.
    """
    fault = oid_fault(text)
    if fault:
        raise ValueError(fault)
    return tuple(int(arc) for arc in text.removeprefix(".").split("."))


def oid_fault(text: str) -> str | None:
    """Return what is wrong with an OID as typed, or None if it is valid."""
    arcs = text.removeprefix(".").split(".")
    for arc in arcs:
        if not (arc.isascii() and arc.isdecimal()):
            return f"{arc!r} is not a number"
        if arc.startswith("0") and arc != "0":
            return f"{arc!r} has a leading zero"
        if len(arc) > len(str(MAX_ARC)) or int(arc) > MAX_ARC:
            return f"{arc[:40]} is above {MAX_ARC}"
    if not MIN_ARCS <= len(arcs) <= MAX_ARCS:
        return f"it has {len(arcs)} arcs, expected {MIN_ARCS} to {MAX_ARCS}"
    return _root_fault(int(arcs[0]), int(arcs[1]))


def _root_fault(first: int, second: int) -> str | None:
    if first > 2:  # noqa: PLR2004 - itu, iso, joint: there is no fourth root
        return f"it begins with {first}, expected 0 to 2"
    if second > 39 and first < 2:  # noqa: PLR2004 - X.660 section 6
        return f"the second arc is {second}, expected 0 to 39 below {first}"
    return None


def pattern_fault(text: str) -> str | None:
    """Return what is wrong with an OID pattern (`1.3.6.1.4.1.9.*`) as typed, or None if it is valid."""
    if text.startswith("."):
        return "it begins with a dot"
    stem = text.removesuffix(".*")
    if "*" in stem:
        return "the wildcard is allowed at the end only, as .*"
    return oid_fault(stem)


def is_below(oid: str, prefix: str) -> bool:
    """Return True if the OID is the prefix itself or below it, arc by arc."""
    return oid.startswith(prefix) and (len(oid) == len(prefix) or oid[len(prefix)] == ".")
