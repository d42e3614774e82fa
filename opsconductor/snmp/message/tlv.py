"""Reader of single BER elements (tag, length, content), without recursion and without copies.

Most functions take all bytes, a position and the end of the enclosing element; reading past the last byte
raises IndexError, which `ber` maps to the reason `truncated`. An OID is decoded from its content.
"""

from opsconductor.errors import DecodeError

INTEGER, OCTET_STRING, NULL, OID, SEQUENCE = 0x02, 0x04, 0x05, 0x06, 0x30
IP_ADDRESS, COUNTER32, GAUGE32, TIME_TICKS, OPAQUE, COUNTER64 = 0x40, 0x41, 0x42, 0x43, 0x44, 0x46
NO_SUCH_OBJECT, NO_SUCH_INSTANCE, END_OF_MIB_VIEW = 0x80, 0x81, 0x82

SHORT = 0x7F
LONGEST_LENGTH = 8
_LONG_FORMS = {0x81: 1, 0x82: 2}
LONGEST_INTEGER = 16

MAX_ARCS = 128
MAX_ARC = 0xFFFF_FFFF
MAX_BYTES = MAX_ARCS * 5
MORE_FOLLOWS = 0x80
CACHED_BYTES = 64
CACHED_OIDS = 16_384

_known: dict[bytes, str] = {}
_stems: dict[bytes, str] = {}


def enter(data: bytes, pos: int, end: int, tag: int) -> tuple[int, int]:
    """Return start and end of the content of the element at `pos`, which must have the tag.

    Raises:
        DecodeError: `bad_tag`, `bad_length`, or `truncated` when it extends past `end`.
    """
    if data[pos] != tag:
        raise DecodeError("bad_tag", f"0x{data[pos]:02x} instead of 0x{tag:02x}", pos)
    length = data[pos + 1]
    start = pos + 2
    if length > SHORT:
        start, length = long_length(data, start)
    stop = start + length
    if stop > end:
        raise DecodeError("truncated", f"{length} bytes announced, {max(0, end - start)} left", pos)
    return start, stop


def content_to_end(data: bytes, pos: int, tag: int, end: int) -> int:
    """Return the start of the content of an element that reaches exactly to the end; 0: it does not.

    Unlike `enter` it raises nothing and knows no length above 65,535: for messages that are only compared.
    """
    if data[pos] != tag:
        return 0
    size = data[pos + 1]
    if size <= SHORT:
        return pos + 2 if pos + 2 + size == end else 0
    start = pos + 2 + _LONG_FORMS.get(size, 0)
    is_whole = start > pos + 2 and start + int.from_bytes(data[pos + 2 : start], "big") == end
    return start if is_whole else 0


def long_length(data: bytes, pos: int) -> tuple[int, int]:
    """Return start of content and length for a long-form length whose first byte precedes `pos`.

    Raises:
        DecodeError: `bad_length`: indefinite, or of more than eight bytes.
    """
    size = data[pos - 1] & SHORT
    if not 0 < size <= LONGEST_LENGTH:
        raise DecodeError("bad_length", f"0x{data[pos - 1]:02x}", pos - 1)
    return pos + size, int.from_bytes(data[pos : pos + size], "big")


def integer(data: bytes, pos: int, end: int) -> tuple[int, int]:
    """Return the INTEGER at `pos` and the start of the next element.

    Raises:
        DecodeError: As `enter`; `bad_value` when it is empty or longer than 16 bytes.
    """
    start, stop = enter(data, pos, end, INTEGER)
    if not 0 < stop - start <= LONGEST_INTEGER:
        raise DecodeError("bad_value", f"integer of {stop - start} bytes", pos)
    return int.from_bytes(data[start:stop], "big", signed=True), stop


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
