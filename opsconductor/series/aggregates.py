"""Aggregates of points by slots of time: number, lowest, highest, mean and last value."""

import struct
import zlib
from enum import StrEnum
from typing import Final, NamedTuple

import numpy as np

from opsconductor.errors import DecodeError
from opsconductor.series.packing.integers import (
    PackedReader,
    expanded,
    pack_unsigned,
    planes,
    squeezed,
    unpack_unsigned,
    unplanes,
)
from opsconductor.series.points import Floats, Millis, Points

VERSION: Final = 1
HEAD = struct.Struct("<BIqI")
LENGTH = struct.Struct("<I")
CRC = struct.Struct("<I")
DAY_MS: Final = 86_400_000
FIVE_MINUTES_MS: Final = 300_000
HOUR_MS: Final = 3_600_000
LARGEST: Final = float(np.finfo(np.float32).max)
MOST_SLOTS: Final = 100_000


class Aggregate(StrEnum):
    """What a slot of time shows of its points."""

    MEAN = "mean"
    MIN = "min"
    MAX = "max"
    LAST = "last"
    SUM = "sum"
    COUNT = "count"


class TimeSlots(NamedTuple):
    """Points of one series by slots of time, in order; slots without points are left out.

    Attributes:
        times: Beginnings, ms.
    """

    times: Millis
    amounts: Millis
    low: Floats
    high: Floats
    mean: Floats
    last: Floats


def no_slots() -> TimeSlots:
    """Return no slots."""
    floats = np.empty(0, np.float64)
    return TimeSlots(np.empty(0, np.int64), np.empty(0, np.int64), floats, floats, floats, floats)


def slots_of(points: Points) -> TimeSlots:
    """Return each point as a slot of its own."""
    values = points.values
    return TimeSlots(points.times, np.ones(len(values), np.int64), values, values, values, values)


def joined(parts: list[TimeSlots]) -> TimeSlots:
    """Return the slots of several parts, which follow one another."""
    if not parts:
        return no_slots()
    if len(parts) == 1:
        return parts[0]
    return TimeSlots(
        np.concatenate([part.times for part in parts]),
        np.concatenate([part.amounts for part in parts]),
        np.concatenate([part.low for part in parts]),
        np.concatenate([part.high for part in parts]),
        np.concatenate([part.mean for part in parts]),
        np.concatenate([part.last for part in parts]),
    )


def grouped(slots: TimeSlots, step: int) -> TimeSlots:
    """Return slots joined to slots of a length (ms), which begin at multiples of it."""
    if not len(slots.times):
        return slots
    starts = slots.times // step * step
    begins = np.flatnonzero(np.append(True, starts[1:] != starts[:-1]))
    ends = np.append(begins[1:], len(starts)) - 1
    count = np.add.reduceat(slots.amounts, begins)
    return TimeSlots(
        times=starts[begins],
        amounts=count,
        low=np.minimum.reduceat(slots.low, begins),
        high=np.maximum.reduceat(slots.high, begins),
        mean=np.add.reduceat(slots.mean * slots.amounts, begins) / count,
        last=slots.last[ends],
    )


def shown(slots: TimeSlots, aggregate: Aggregate) -> Points:
    """Return one aggregate of the slots."""
    values = {
        Aggregate.MEAN: slots.mean,
        Aggregate.MIN: slots.low,
        Aggregate.MAX: slots.high,
        Aggregate.LAST: slots.last,
        Aggregate.SUM: slots.mean * slots.amounts,
        Aggregate.COUNT: slots.amounts.astype(np.float64),
    }
    return Points(slots.times, values[aggregate])


def cut(slots: TimeSlots, first: int, behind: int) -> TimeSlots:
    """Return the slots that begin from one time up to before another."""
    begin, end = np.searchsorted(slots.times, (first, behind)).tolist()
    part = slice(begin, end)
    return TimeSlots(
        slots.times[part],
        slots.amounts[part],
        slots.low[part],
        slots.high[part],
        slots.mean[part],
        slots.last[part],
    )


def pack_slots(slots: TimeSlots, start: int, step: int) -> bytes:
    """Return the slots of a day packed; values in float32, which has 7 digits.

    Args:
        start: Beginning of the day (ms).
        step: Length of the slots (ms).
    """
    numbers = ((slots.times - start) // step).astype(np.uint64)
    columns = np.stack((slots.low, slots.high, slots.mean, slots.last))
    floats = np.clip(columns, -LARGEST, LARGEST).astype("<f4")
    bits = floats.view(np.uint32)
    bits[:, 1:] ^= bits[:, :-1].copy()
    packed = squeezed(planes(bits.reshape(-1).view(np.uint8), 4))
    head = HEAD.pack(VERSION, len(numbers), start, step)
    body = head + pack_unsigned(numbers) + pack_unsigned(slots.amounts.astype(np.uint64))
    body += LENGTH.pack(len(packed)) + packed
    return body + CRC.pack(zlib.crc32(body))


def unpack_slots(packed: bytes) -> TimeSlots:
    """Return the slots that `pack_slots` has packed.

    Raises:
        DecodeError: `truncated`, `corrupt` or `unknown_version`.
    """
    if len(packed) < HEAD.size + CRC.size:
        raise DecodeError("truncated", "shorter than a head")
    body, (checksum,) = packed[: -CRC.size], CRC.unpack(packed[-CRC.size :])
    if zlib.crc32(body) != checksum:
        raise DecodeError("corrupt", "the checksum differs")
    reader = PackedReader(body)
    version, amount, start, step = reader.unpack(HEAD)
    if version != VERSION:
        raise DecodeError("unknown_version", str(version))
    if amount > MOST_SLOTS:
        raise DecodeError("corrupt", f"{amount} slots")
    times = unpack_unsigned(reader, amount).view(np.int64) * step + start
    count = unpack_unsigned(reader, amount).view(np.int64)
    (length,) = reader.unpack(LENGTH)
    raw = unplanes(expanded(reader.take(length), 16 * amount), 4)
    bits = np.bitwise_xor.accumulate(raw.view("<u4").reshape(4, amount), axis=1)
    low, high, mean, last = bits.view("<f4").astype(np.float64)
    return TimeSlots(times, count, low, high, mean, last)
