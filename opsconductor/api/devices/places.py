"""Cursor of lists whose places are texts and numbers."""

import base64
import json
from collections.abc import Sequence

from opsconductor.errors import CursorMismatch

Place = tuple[str | int, ...]
"""What entries of a list are ordered by; unique."""


def written(order: str, place: Place) -> str:
    """Return the cursor of a place in a list of this order."""
    document = json.dumps([order, *place], separators=(",", ":"))
    return base64.urlsafe_b64encode(document.encode()).decode().rstrip("=")


def read(cursor: str, order: str, kinds: Sequence[type[str] | type[int]]) -> Place:
    """Return the place of a cursor.

    Args:
        kinds: Types of the parts of a place.

    Raises:
        CursorMismatch: It is of a list of another order, or none of ours.
    """
    try:
        given, *values = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, TypeError, RecursionError) as error:
        raise CursorMismatch("the cursor does not belong to this list; begin without it") from error
    is_place = len(values) == len(kinds) and all(map(_is_of, values, kinds))
    if given != order or not is_place:
        raise CursorMismatch("the cursor is of a list of another order; begin without it")
    return tuple(values)


def _is_of(value: object, kind: type[str] | type[int]) -> bool:
    return isinstance(value, kind) and not isinstance(value, bool)
