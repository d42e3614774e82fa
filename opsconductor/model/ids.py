"""Identifiers that sort by time, so that new rows are adjacent in every index."""

from collections.abc import Callable
from datetime import datetime
from functools import lru_cache
from random import getrandbits
from uuid import UUID, SafeUUID

NewId = Callable[[datetime], UUID]

VERSION_AND_VARIANT = 0x7000_8000_0000_0000_0000
MOST_TIMES = 64
RANDOM_BITS = 0x0FFF_3FFF_FFFF_FFFF_FFFF
_set_int = UUID.__dict__["int"].__set__
_set_is_safe = UUID.__dict__["is_safe"].__set__
_unknown = SafeUUID.unknown
"""Looked up once: that of this enumeration takes as long as the rest of an id."""


@lru_cache(maxsize=MOST_TIMES)
def _time_part(now: datetime) -> int:
    """Return the bits of an id that are not random; many alerts begin at one time."""
    milliseconds = int(now.timestamp() * 1000) & 0xFFFF_FFFF_FFFF
    return (milliseconds << 80) | VERSION_AND_VARIANT


def time_ordered_id(now: datetime) -> UUID:
    """Return a UUID version 7: 48 bits of Unix milliseconds, then random bits.

    The bits are random enough for uniqueness, not for secrecy, which ids do not need.

    Source:
        RFC 9562 section 5.7.
    """
    return uuid_of(_time_part(now) | getrandbits(80) & RANDOM_BITS)


def uuid_of(number: int) -> UUID:
    """Return the UUID of a number of at most 128 bits; not checked, since every row needs an id."""
    new = object.__new__(UUID)
    _set_int(new, number)
    _set_is_safe(new, _unknown)
    return new
