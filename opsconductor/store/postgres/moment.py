"""Times as PostgreSQL keeps them (`timestamptz`): what is read always has a zone and is finite.

asyncpg itself reads `infinity` and `-infinity` as the first and last time of Python without a zone, and
writes those two as infinite: one such value cannot be compared with any other time.
"""

from datetime import UTC, datetime, timedelta
from struct import Struct

EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
"""From which PostgreSQL counts microseconds."""
MICROSECOND = timedelta(microseconds=1)
FIRST = datetime.min.replace(tzinfo=UTC) + timedelta(days=2)
LAST = datetime.max.replace(tzinfo=UTC) - timedelta(days=2)
"""The limits of what can be shown in every time zone; `-infinity`, `infinity` and what lies beyond."""

_number = Struct("!q")


def encode(moment: datetime) -> bytes:
    """Write a time in binary form; it is always finite.

    Raises:
        TypeError: It has no zone.
    """
    return _number.pack((moment - EPOCH) // MICROSECOND)


def decode(content: bytes) -> datetime:
    """Read a time in binary form; never fails."""
    (microseconds,) = _number.unpack(content)
    try:
        found = EPOCH + timedelta(0, 0, microseconds)
    except OverflowError:
        return FIRST if microseconds < 0 else LAST
    return found if FIRST <= found <= LAST else min(max(found, FIRST), LAST)
