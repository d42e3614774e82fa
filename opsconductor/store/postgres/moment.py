"""Codec for times (`timestamptz`): decoded times always have a zone and are finite.

asyncpg itself reads `infinity` and `-infinity` as the first and last time of Python without a zone, and
writes those two as infinite: one such value cannot be compared with any other time.
"""

from datetime import UTC, datetime, timedelta
from struct import Struct

EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
"""The epoch from which PostgreSQL counts microseconds."""
MICROSECOND = timedelta(microseconds=1)
FIRST = datetime.min.replace(tzinfo=UTC) + timedelta(days=2)
LAST = datetime.max.replace(tzinfo=UTC) - timedelta(days=2)
"""Limits of times that can be shown in every time zone; used for `-infinity`, `infinity` and beyond."""

_number = Struct("!q")


def encode(moment: datetime) -> bytes:
    """Encode a time; it is always finite.

    Raises:
        TypeError: It has no zone.
    """
    return _number.pack((moment - EPOCH) // MICROSECOND)


def decode(content: bytes) -> datetime:
    """Decode a time; never fails."""
    (microseconds,) = _number.unpack(content)
    try:
        found = EPOCH + timedelta(0, 0, microseconds)
    except OverflowError:
        return FIRST if microseconds < 0 else LAST
    return found if FIRST <= found <= LAST else min(max(found, FIRST), LAST)
