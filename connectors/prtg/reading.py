"""Values in PRTG's formats: numbers as text, days since 1899, texts with HTML."""

import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from html import unescape

OLE_EPOCH = datetime(1899, 12, 30, tzinfo=UTC)
"""`*_raw` dates are days since then, in UTC; the texts next to them are in the API user's time zone."""
LAST_OLE_DAY = 2_958_465
"""31 December 9999."""
LONGEST_TEXT = 8_192
MOST_DIGITS = 18

_TAG = re.compile(r"</?[a-z!][^<>]*>", re.IGNORECASE)


def text_of(value: object) -> str:
    """Return a text of any type without HTML, entities and extra space."""
    if not isinstance(value, str | int | float) or isinstance(value, bool):
        return ""
    text = str(value)[:LONGEST_TEXT]
    if "<" in text:
        text = _TAG.sub(" ", text)
    if "&" in text:
        text = unescape(text)
    return " ".join(text.split())


def int_of(value: object) -> int | None:
    """Return an integer that may be written as text with leading zeros; None: it is not one."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value if abs(value) < 10**MOST_DIGITS else None
    if isinstance(value, float):
        return int(value) if math.isfinite(value) and value.is_integer() and abs(value) < 2**53 else None
    text = value.strip() if isinstance(value, str) else ""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS else None


def ole_of(value: object) -> datetime | None:
    """Return a date from days since 30 December 1899 UTC; None: it is empty, which means never."""
    try:
        days = float(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else 0.0
    except (ValueError, OverflowError):
        return None
    if not 0 < days < LAST_OLE_DAY:  # also false for what is not a number
        return None
    return OLE_EPOCH + timedelta(seconds=round(days * 86_400))


def iso_of(value: object) -> datetime | None:
    """Return a date of API v2; None: it is not a date, or has no time zone."""
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else None
        return moment.astimezone(UTC) if moment is not None and moment.tzinfo is not None else None
    except (ValueError, OverflowError):
        return None


def first_text(row: Mapping[str, object], *names: str) -> str:
    """Return the first text among some columns."""
    return next((text for name in names if (text := text_of(row.get(name)))), "")
