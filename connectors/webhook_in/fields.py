"""Access to parts of untrusted documents."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, tzinfo
from ipaddress import ip_address
from urllib.parse import urlsplit

from opsconductor.connector.remember import remembered
from opsconductor.errors import NormalizeError
from opsconductor.model.normalized import EARLIEST

Document = Mapping[str, object]

EMPTY: Document = {}
LONGEST_WORD = 255
MILLISECONDS_FROM = 100_000_000_000
"""Seconds since 1970 reach this number in the year 5138: larger numbers are milliseconds."""
HOST_AND_PORT = re.compile(r"\[?(?P<host>[^\]]+?)\]?:[0-9]{1,5}", re.ASCII)


def as_document(value: object) -> Document:
    """Return an object.

    Raises:
        NormalizeError: `no_object`: it is not an object.
    """
    if not isinstance(value, dict):
        raise NormalizeError("no_object", type(value).__name__)
    return value


def part(document: Document, key: str) -> Document:
    """Return the object below a key; empty when there is none."""
    value = document.get(key)
    return value if isinstance(value, dict) else EMPTY


def text(value: object) -> str:
    """Return a simple value as text; empty for null, objects and lists."""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, (int, float)) else ""


def first(document: Document, *keys: str) -> str:
    """Return the first text among several keys."""
    for key in keys:
        if found := text(document.get(key)):
            return found
    return ""


def lines(*texts: str) -> str:
    """Join texts as lines, without duplicates and empty ones."""
    return "\n".join(dict.fromkeys(each for each in texts if each))


def moment(value: object, zone: tzinfo | None) -> datetime | None:
    """Return a time: ISO 8601, or seconds or milliseconds since 1970.

    Args:
        zone: Of times without one; None: such times are ignored.

    Returns:
        None when there is none, Go's zero time included.
    """
    found = _of_number(value) if isinstance(value, int | float) else _of_text(text(value), zone)
    return found if found is not None and found >= EARLIEST else None


def _of_text(value: str, zone: tzinfo | None) -> datetime | None:
    if not value or len(value) > LONGEST_WORD:
        return None
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        return _of_number(value)
    if found.tzinfo is None:
        if zone is None:
            return None if not value.isdecimal() else _of_number(value)
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
def host_of(value: str) -> str:
    """Return the host of `host`, `host:port`, `[address]:port` or a URL."""
    if "://" in value or value.startswith("//"):
        try:
            return urlsplit(value).hostname or value
        except ValueError:
            return value
    match = HOST_AND_PORT.fullmatch(value)
    if match is None or (":" in match["host"] and not value.startswith("[")):
        return value
    return match["host"]


@remembered(20_000)
def is_address(value: str) -> bool:
    """Return True if a text is an IP address."""
    try:
        ip_address(value)
    except ValueError:
        return False
    return True
