"""DateAndTime of RFC 2579 as text."""

import struct
from datetime import UTC, datetime

LENGTHS = (8, 11)
"""Octets of a DateAndTime without and with a time zone."""

YEARS = range(1970, 2200)
_ZONE_HOURS = range(15)


def date_text(content: bytes) -> str | None:
    """Return a DateAndTime as `2026-11-29T01:02:03.4+01:00`; None when it is none, or not plausible."""
    if len(content) not in LENGTHS:
        return None
    year, month, day, hour, minute, second, tenths = struct.unpack_from(">H6B", content)
    try:
        at = datetime(year, month, day, hour, minute, min(second, 59), tzinfo=UTC)
    except ValueError:
        return None
    if year not in YEARS or second > 60 or tenths > 9:  # noqa: PLR2004 - a leap second, tenths
        return None
    text = f"{at:%Y-%m-%dT%H:%M}:{second:02}.{tenths}"
    if len(content) == LENGTHS[0]:
        return text
    sign, hours, minutes = content[8:]
    if sign not in b"+-" or hours not in _ZONE_HOURS or minutes > 59:  # noqa: PLR2004 - minutes of an hour
        return None
    return f"{text}{chr(sign)}{hours:02}:{minutes:02}"
