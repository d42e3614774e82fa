"""JSON documents as PostgreSQL keeps them (`jsonb`): whatever comes from the network fits in.

PostgreSQL refuses NUL characters, lone surrogates, NaN and endless nesting. One such value must
never cost anyone else's alert, so they are replaced by something readable.
"""

import json
import re
from collections.abc import Mapping
from math import isfinite
from types import MappingProxyType

# The first byte of jsonb on the wire is its version; see jsonb_recv in PostgreSQL.
VERSION = b"\x01"
# Most documents of an alert are empty.
EMPTY: Mapping[type, bytes] = {
    dict: VERSION + b"{}",
    MappingProxyType: VERSION + b"{}",
    list: VERSION + b"[]",
    tuple: VERSION + b"[]",
}

DEEPEST = 64
# PostgreSQL's numeric ends at 131,072 digits, Python's conversion to text at 4,300.
LARGEST_BITS = 4096
LONGEST_NUMBER = 1234
"""Digits of a number of `LARGEST_BITS`."""

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
LONE_SURROGATE = re.compile("[\ud800-\udfff]")
NUL_PICTURE = "\N{SYMBOL FOR NULL}"


def encode(value: object) -> bytes:
    """Write a JSON document as binary `jsonb`; never fails.

    Args:
        value: Mappings, sequences, text, numbers, booleans, None; anything else becomes its text.
    """
    if not value and type(value) in EMPTY:
        return EMPTY[type(value)]
    try:
        text = _write(value)
        if "\\u0000" not in text:
            return VERSION + text.encode()
    except (ValueError, TypeError, RecursionError):
        pass  # the long way round
    return VERSION + _write(cleaned(value)).encode()


def decode(document: bytes) -> object:
    """Read binary `jsonb`; never fails.

    Numbers of more digits than Python converts, and what is nested deeper than its stack, are replaced:
    others may have written them, and one document must not make a list of alerts fail.
    """
    text = document[1:]
    try:
        return json.loads(text)
    except ValueError:
        return json.loads(text, parse_int=_number)
    except RecursionError:
        return {"not_readable": "(nested too deeply)"}


def _number(digits: str) -> int | str:
    return int(digits) if len(digits) <= LONGEST_NUMBER else "(number too large)"


def clean_text(text: str) -> str:
    """Replace what PostgreSQL's `text` cannot hold: NUL and lone surrogates."""
    if "\0" in text:
        text = text.replace("\0", NUL_PICTURE)
    return text if text.isascii() else LONE_SURROGATE.sub(REPLACEMENT, text)


def fit(text: str, longest: int | None = None) -> str:
    """Make a text fit into a column of `longest` characters."""
    if not text.isascii() or "\0" in text:
        text = clean_text(text)
    return text[:longest]


def cleaned(value: object, depth: int = 0) -> object:
    """Copy a document with everything replaced that `jsonb` cannot hold."""
    if isinstance(value, (Mapping, tuple, list)) and depth > DEEPEST:
        return "(nested too deeply)"
    if isinstance(value, Mapping):
        return {clean_text(str(key)): cleaned(item, depth + 1) for key, item in value.items()}
    if isinstance(value, (tuple, list)):
        return [cleaned(item, depth + 1) for item in value]
    return _cleaned_scalar(value)


def _cleaned_scalar(value: object) -> object:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        return int(value) if value.bit_length() <= LARGEST_BITS else "(number too large)"
    if isinstance(value, float) and isfinite(value):
        return value
    return clean_text(str(value))


def _plain(value: object) -> object:
    return dict(value) if isinstance(value, Mapping) else str(value)


_write = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False, default=_plain).encode
