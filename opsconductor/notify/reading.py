"""Accessors for single facts of a notification's JSON document, whatever their types."""

from collections.abc import Mapping
from datetime import MAXYEAR, MINYEAR, UTC, datetime, tzinfo

from opsconductor.notify.clean import line_of


def moment(value: object, zone: tzinfo | None) -> str:
    """Format a time in the zone with its offset, and in UTC where that differs."""
    at = time_of(value)
    if at is None:
        return line_of(value) if value else ""
    in_utc = f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
    local = at.astimezone(zone)
    return f"{local:%Y-%m-%d %H:%M:%S %z} ({in_utc})" if local.utcoffset() else in_utc


def time_in(facts: Mapping[str, object], name: str) -> datetime | None:
    """Return a time among the facts, or None."""
    return time_of(facts.get(name))


def time_of(value: object) -> datetime | None:
    """Parse an ISO 8601 time with offset; return None if it is invalid or cannot be shown in all zones."""
    try:
        at = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    is_usable = at is not None and at.tzinfo is not None and MINYEAR < at.year < MAXYEAR
    return at if is_usable else None


def text_in(facts: Mapping[str, object], name: str) -> str:
    """Return a fact as one line; empty if it is missing."""
    value = facts.get(name)
    return "" if value is None else line_of(value)


def count_in(facts: Mapping[str, object], name: str) -> int:
    """Return a number among the facts; 0 if there is none."""
    value = facts.get(name)
    return value if isinstance(value, int) else 0
