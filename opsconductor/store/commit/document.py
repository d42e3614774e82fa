"""Codec for JSON documents (`json`, `jsonb`) that accepts whatever comes from the network.

PostgreSQL rejects NUL characters, lone surrogates, NaN and excessive nesting. One such value must
never cost another alert, so they are replaced by something readable.
"""

import json
from collections.abc import Mapping
from types import MappingProxyType

from opsconductor.model.normalized import JsonDocument
from opsconductor.model.text import TOO_DEEP, TOO_LARGE, storable

# the first byte of jsonb on the wire is its version; see jsonb_recv in PostgreSQL
VERSION = b"\x01"
# most documents of an alert are empty
EMPTY: Mapping[type, bytes] = {dict: b"{}", MappingProxyType: b"{}", list: b"[]", tuple: b"[]"}

LONGEST_NUMBER = 1234
"""Number of digits of a number of `LARGEST_BITS`."""


def encode(value: object) -> bytes:
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


def decode(document: bytes) -> object:
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
        return json.loads(text, parse_int=_number)
    except RecursionError:
        return {"not_readable": TOO_DEEP}


def _number(digits: str) -> int | str:
    return int(digits) if len(digits) <= LONGEST_NUMBER else TOO_LARGE


_write = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False, default=storable).encode
