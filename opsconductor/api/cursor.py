"""Cursor of a list: the place after which the next page begins, as text."""

import base64
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from opsconductor.errors import CursorMismatch
from opsconductor.model.enums import Category, Priority, Severity, Status
from opsconductor.store.alerts.order import NULLABLE, ListPlace


def written(place: ListPlace, order: Sequence[str]) -> str:
    """Return the cursor of a place in a list of this order."""
    values = [value.isoformat() if isinstance(value, datetime) else value for value in place.values]
    document = json.dumps([list(order), values, place.id.hex], separators=(",", ":"))
    return base64.urlsafe_b64encode(document.encode()).decode().rstrip("=")


def read(cursor: str, order: Sequence[str]) -> ListPlace:
    """Return the place of a cursor.

    Raises:
        CursorMismatch: It is of a list of another order, or none of ours.
    """
    try:
        document = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        given, values, text = json.loads(document)
        if given != list(order) or len(values) != len(order):
            raise CursorMismatch("the cursor is of a list of another order; begin without it")
        names = [key.removeprefix("-") for key in order]
        read_values = tuple(_value(name, value) for name, value in zip(names, values, strict=True))
        return ListPlace(values=read_values, id=UUID(text))
    except (ValueError, TypeError, AttributeError, OverflowError, RecursionError) as error:
        raise CursorMismatch("the cursor does not belong to this list; begin without it") from error


def _value(name: str, value: Any) -> Any:
    if value is None and name in NULLABLE:
        return None
    reader = _READERS.get(name)
    return _text(value) if reader is None else reader(value)


def _text(value: Any) -> str:
    if not isinstance(value, str) or "\0" in value:
        raise ValueError("no text")
    value.encode()
    return value


def _number(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 2**31:
        raise ValueError("no number")
    return value


def _time(value: Any) -> datetime:
    at = datetime.fromisoformat(value)
    if at.tzinfo is None:
        raise ValueError("no time with a zone")
    return at.astimezone(UTC)


_READERS: Mapping[str, Callable[[Any], Any]] = {
    "severity": Severity,
    "category": Category,
    "priority": Priority,
    "status": Status,
    "occurrence_count": _number,
    "impacted": _number,
    **dict.fromkeys(
        ("occurred_at", "received_at", "last_occurrence_at", "acknowledged_at", "resolved_at"), _time
    ),
}
