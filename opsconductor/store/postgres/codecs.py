"""Codecs of JSON documents (`json`, `jsonb`) and of times (`timestamptz`) in PostgreSQL's binary formats.

A document may hold whatever comes from the network. PostgreSQL rejects NUL characters, lone surrogates, NaN
and excessive nesting. One such value must never cost another alert, so it is replaced by something readable.

A decoded time always has a zone and is finite. asyncpg itself reads `infinity` and `-infinity` as the first
and last time of Python without a zone, and writes those two as infinite: one such value cannot be compared
with any other time.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from struct import Struct
from types import MappingProxyType

from opsconductor.model.normalized import JsonDocument
from opsconductor.model.text import TOO_DEEP, TOO_LARGE, storable

# the first byte of jsonb on the wire is its version; see jsonb_recv in PostgreSQL
VERSION = b"\x01"
# most documents of an alert are empty
EMPTY: Mapping[type, bytes] = {dict: b"{}", MappingProxyType: b"{}", list: b"[]", tuple: b"[]"}

LONGEST_NUMBER = 1234
"""Number of digits of a number of `LARGEST_BITS`."""

EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
"""The epoch from which PostgreSQL counts microseconds."""
MICROSECOND = timedelta(microseconds=1)
FIRST = datetime.min.replace(tzinfo=UTC) + timedelta(days=2)
LAST = datetime.max.replace(tzinfo=UTC) - timedelta(days=2)
"""Limits of times that can be shown in every time zone; used for `-infinity`, `infinity` and beyond."""

_count = Struct("!q")


def encode_jsonb(value: object) -> bytes:
    """Encode a JSON document as binary `jsonb`, as `encode_json` does."""
    return VERSION + encode_json(value)


def encode_json(value: object) -> bytes:
    """Encode a JSON document as `json` that is valid as `jsonb` too; never fails.

    Args:
        value: Mappings, sequences, text, numbers, booleans, None; anything else becomes its text.
    """
    if type(value) in EMPTY and not value:
        return EMPTY[type(value)]
    try:
        text = value.text if type(value) is JsonDocument else _write(value)  # `isinstance` asks an ABC: slow
        if "\\u0000" not in text:
            return text.encode()
    except (ValueError, TypeError, RecursionError):
        pass  # the long way round
    return _write(storable(value)).encode()


def decode_jsonb(document: bytes) -> object:
    """Decode binary `jsonb`, as `decode_json` does."""
    return decode_json(document[1:])


def decode_json(text: bytes) -> object:
    """Decode `json`; never fails.

    Numbers of more digits than Python converts, and values nested deeper than its stack, are replaced:
    other programs may have written them, and one document must not make a list of alerts fail.
    """
    try:
        return json.loads(text)
    except ValueError:
        return json.loads(text, parse_int=_whole_number)
    except RecursionError:
        return {"not_readable": TOO_DEEP}


def _whole_number(digits: str) -> int | str:
    return int(digits) if len(digits) <= LONGEST_NUMBER else TOO_LARGE


_write = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False, default=storable).encode


def encode_time(moment: datetime) -> bytes:
    """Encode a time; it is always finite.

    Raises:
        TypeError: It has no zone.
    """
    return _count.pack((moment - EPOCH) // MICROSECOND)


def decode_time(content: bytes) -> datetime:
    """Decode a time; never fails."""
    (microseconds,) = _count.unpack(content)
    try:
        found = EPOCH + timedelta(0, 0, microseconds)
    except OverflowError:
        return FIRST if microseconds < 0 else LAST
    return found if FIRST <= found <= LAST else min(max(found, FIRST), LAST)
