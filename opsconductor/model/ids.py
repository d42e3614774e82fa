"""Identifiers that sort by time, so that new rows land together in every index."""

import os
from collections.abc import Callable
from datetime import datetime
from uuid import UUID

NewId = Callable[[datetime], UUID]


def time_ordered_id(now: datetime) -> UUID:
    """Make a UUID version 7: 48 bits of Unix milliseconds, then random bits.

    Source:
        RFC 9562 section 5.7.
    """
    milliseconds = int(now.timestamp() * 1000) & 0xFFFF_FFFF_FFFF
    random = int.from_bytes(os.urandom(10))
    high = (milliseconds << 16) | 0x7000 | (random >> 68)
    low = (0b10 << 62) | (random & 0x3FFF_FFFF_FFFF_FFFF)
    return UUID(int=(high << 64) | low)
