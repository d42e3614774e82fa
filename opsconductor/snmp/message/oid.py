"""Object identifiers: dotted decimal text without leading dot, and their bytes in BER."""

from opsconductor.errors import DecodeError

MIN_ARCS = 2
MAX_ARCS = 128
MAX_ARC = 0xFFFF_FFFF
MAX_BYTES = MAX_ARCS * 5
MORE_FOLLOWS = 0x80
CACHED_BYTES = 64
CACHED_OIDS = 16_384

_known: dict[bytes, str] = {}
_stems: dict[bytes, str] = {}


def decode_oid(content: bytes) -> str:
    """Decode the content bytes of an OBJECT IDENTIFIER to dotted text.

    An empty content is 0.0, as in net-snmp. Results are cached: devices send the
    same few OIDs repeatedly, and those of a table differ only in their last arc. A full
    cache is cleared, which costs less than keeping an order.

    Raises:
        DecodeError: `bad_oid`: it ends within an arc, an arc exceeds 32 bits, or it has more than
            128 arcs.

    Source:
        X.690 section 8.19; RFC 2578 section 3.5 for the limits.
    """
    text = _known.get(content)
    if text is not None:
        return text
    if not 1 < len(content) <= CACHED_BYTES:
        return _decoded(content)
    return _remember(_known, content, _joined(content))


def _joined(content: bytes) -> str:
    """Decode the last arc and take the rest from the cache."""
    start = len(content) - 1
    while start and content[start - 1] >= MORE_FOLLOWS:
        start -= 1
    stem = content[:start]
    if not start or content[-1] >= MORE_FOLLOWS:
        return _decoded(content)
    arc = 0
    for byte in content[start:]:
        arc = arc << 7 | byte & 0x7F
    if arc > MAX_ARC:
        raise DecodeError("bad_oid", f"an arc of {arc}")
    return f"{_stems.get(stem) or _remember(_stems, stem, _decoded(stem))}.{arc}"


def _remember(memory: dict[bytes, str], content: bytes, text: str) -> str:
    if len(memory) >= CACHED_OIDS:
        memory.clear()
    memory[content] = text
    return text


def _decoded(content: bytes) -> str:
    if not content:
        return "0.0"
    if len(content) > MAX_BYTES or content[-1] & MORE_FOLLOWS:
        raise DecodeError("bad_oid", f"{len(content)} bytes that are no object identifier")
    arcs = [0]
    arc = 0
    for byte in content:
        arc = arc << 7 | byte & 0x7F
        if byte < MORE_FOLLOWS:
            arcs.append(arc)
            arc = 0
    first = min(arcs[1] // 40, 2)
    arcs[0], arcs[1] = first, arcs[1] - 40 * first
    if len(arcs) > MAX_ARCS or max(arcs) > MAX_ARC:
        raise DecodeError("bad_oid", f"{len(arcs)} arcs, the greatest is {max(arcs)}")
    return ".".join(map(str, arcs))


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
