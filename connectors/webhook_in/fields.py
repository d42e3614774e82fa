"""Reads parts of documents whose shape nobody vouches for."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, tzinfo
from ipaddress import ip_address
from urllib.parse import urlsplit

from opsconductor.connector.remember import remembered
from opsconductor.errors import NormalizeError
from opsconductor.model.times import EARLIEST

Document = Mapping[str, object]

EMPTY: Document = {}
LONGEST_WORD = 255
MILLISECONDS_FROM = 100_000_000_000
"""Seconds since 1970 reach this number in the year 5138: whatever is larger counts milliseconds."""
HOST_AND_PORT = re.compile(r"\[?(?P<host>[^\]]+?)\]?:[0-9]{1,5}", re.ASCII)


def as_document(value: object) -> Document:
    """Take an object.

    Raises:
        NormalizeError: `no_object`: it is something else.
    """
    if not isinstance(value, dict):
        raise NormalizeError("no_object", type(value).__name__)
    return value


def part(document: Document, key: str) -> Document:
    """Take the object below a key; empty when there is none."""
    value = document.get(key)
    return value if isinstance(value, dict) else EMPTY


def text(value: object) -> str:
    """Write a simple value as text; empty for nothing, objects and lists."""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, (int, float)) else ""


def first(document: Document, *keys: str) -> str:
    """Take the first of several keys that holds a text."""
    for key in keys:
        if found := text(document.get(key)):
            return found
    return ""


def lines(*texts: str) -> str:
    """Put texts under each other, each once, without the empty ones."""
    return "\n".join(dict.fromkeys(each for each in texts if each))


def moment(value: object, zone: tzinfo | None) -> datetime | None:
    """Read a time: ISO 8601, or seconds or milliseconds since 1970.

    Args:
        zone: Of times that come without one; None: these count as no time.

    Returns:
        None when there is none, Go's zero time included.
    """
    found = _of_number(value) if isinstance(value, int | float) else _of_text(text(value), zone)
    return found if found is not None and found >= EARLIEST else None


def _of_text(told: str, zone: tzinfo | None) -> datetime | None:
    if not told or len(told) > LONGEST_WORD:
        return None
    try:
        found = datetime.fromisoformat(told)
    except ValueError:
        return _of_number(told)
    if found.tzinfo is None:
        if zone is None:
            return None if not told.isdecimal() else _of_number(told)
        found = found.replace(tzinfo=zone)
    try:
        return found.astimezone(UTC)
    except OverflowError:
        return None


def _of_number(value: float | str) -> datetime | None:
    try:
        seconds = float(value)
        return datetime.fromtimestamp(seconds / 1000 if seconds >= MILLISECONDS_FROM else seconds, UTC)
    except (ValueError, OverflowError, OSError):
        return None


@remembered(20_000)
def host_of(told: str) -> str:
    """Take the host out of `host`, `host:port`, `[address]:port` or a URL."""
    if "://" in told or told.startswith("//"):
        try:
            return urlsplit(told).hostname or told
        except ValueError:
            return told
    match = HOST_AND_PORT.fullmatch(told)
    if match is None or (":" in match["host"] and not told.startswith("[")):
        return told
    return match["host"]


@remembered(20_000)
def is_address(told: str) -> bool:
    """Tell whether a text is an IP address."""
    try:
        ip_address(told)
    except ValueError:
        return False
    return True
