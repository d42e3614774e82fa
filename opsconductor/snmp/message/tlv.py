"""Reads single elements of BER: tag, length, content; no recursion, no copies but of integers.

Every function takes the whole bytes, a position and the end of what holds the element; reading
behind the last byte raises IndexError, which `ber` turns into the reason `truncated`.
"""

from opsconductor.errors import DecodeError

INTEGER, OCTET_STRING, NULL, OID, SEQUENCE = 0x02, 0x04, 0x05, 0x06, 0x30
IP_ADDRESS, COUNTER32, GAUGE32, TIME_TICKS, OPAQUE, COUNTER64 = 0x40, 0x41, 0x42, 0x43, 0x44, 0x46
NO_SUCH_OBJECT, NO_SUCH_INSTANCE, END_OF_MIB_VIEW = 0x80, 0x81, 0x82

SHORT = 0x7F
LONGEST_LENGTH = 8
LONGEST_INTEGER = 16


def enter(data: bytes, pos: int, end: int, tag: int) -> tuple[int, int]:
    """Open the element at `pos`, which must have the tag: where its content begins and ends.

    Raises:
        DecodeError: `bad_tag`, `bad_length`, or `truncated` when it does not fit in front of `end`.
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


def long_length(data: bytes, pos: int) -> tuple[int, int]:
    """Read a length of the long form whose first byte stands before `pos`: content's start, length.

    Raises:
        DecodeError: `bad_length`: indefinite, or of more than eight bytes.
    """
    size = data[pos - 1] & SHORT
    if not 0 < size <= LONGEST_LENGTH:
        raise DecodeError("bad_length", f"0x{data[pos - 1]:02x}", pos - 1)
    return pos + size, int.from_bytes(data[pos : pos + size], "big")


def integer(data: bytes, pos: int, end: int) -> tuple[int, int]:
    """Read the INTEGER at `pos`: its value, and where the next element begins.

    Raises:
        DecodeError: As `enter`; `bad_value` when it is empty or longer than 16 bytes.
    """
    start, stop = enter(data, pos, end, INTEGER)
    if not 0 < stop - start <= LONGEST_INTEGER:
        raise DecodeError("bad_value", f"integer of {stop - start} bytes", pos)
    return int.from_bytes(data[start:stop], "big", signed=True), stop
