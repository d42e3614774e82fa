"""Access to values in REST API rows; an unexpected value counts as missing."""

from collections.abc import Mapping, Sequence
from ipaddress import ip_interface
from typing import Any

from opsconductor.model.address import canonical_address
from opsconductor.model.text import folded

LONGEST_TEXT = 255
LONGEST_VALUE = 2_000
HIGHEST_ID = 2**62
DEEPEST = 6
MOST_ENTRIES = 200


def at(row: object, *path: str) -> Any:
    """Return the value at nested keys; None if one is missing."""
    for key in path:
        if not isinstance(row, Mapping):
            return None
        row = row.get(key)
    return row


def text_at(row: object, *path: str) -> str | None:
    """Return a text as one clean line; None if it is empty or not a text."""
    found = at(row, *path)
    return clean(found) or None if isinstance(found, str) else None


def id_at(row: object, *path: str) -> int | None:
    """Return an id."""
    found = at(row, *path)
    is_id = isinstance(found, int) and not isinstance(found, bool) and 0 < found < HIGHEST_ID
    return found if is_id else None


def rows_at(row: object, *path: str) -> Sequence[Any]:
    """Return a list; empty if there is none."""
    found = at(row, *path)
    return found if isinstance(found, list) else ()


def clean(text: str, longest: int = LONGEST_TEXT) -> str:
    """Return a text as one printable, storable line."""
    return folded(text, longest)


def clean_value(value: object, depth: int = 0) -> Any:
    """Return a copy of a JSON value with cleaned texts, limited in depth and number of entries."""
    if isinstance(value, str):
        return clean(value, LONGEST_VALUE)
    if isinstance(value, Mapping):
        inside = list(value.items())[:MOST_ENTRIES] if depth < DEEPEST else []
        return {clean(str(key)): clean_value(entry, depth + 1) for key, entry in inside}
    if isinstance(value, list):
        return [clean_value(entry, depth + 1) for entry in value[:MOST_ENTRIES]] if depth < DEEPEST else []
    return value if isinstance(value, bool | int | float) else None


def address_at(row: object, *path: str) -> str | None:
    """Return an IP address without its prefix length."""
    found = at(row, *path)
    if not isinstance(found, str):
        return None
    try:
        address = ip_interface(found).ip
    except ValueError:
        return None
    return canonical_address(str(address))
