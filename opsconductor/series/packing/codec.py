"""Packing of the points of one series for a row of `data_points`.

    version 1 byte | coding 1 byte | amount 4 | first time 8 (ms) | usual interval 4 (ms)
    deviations from the interval | values | CRC-32 of all before, 4 bytes

Values with up to four decimals, the usual case, become integers: their differences from the lowest, or from
one to the next, are packed into bits. Others are XORed with the one before and compressed byte by byte.
Regular times need no byte at all.
"""

import struct
import zlib
from typing import Final

import numpy as np

from opsconductor.errors import DecodeError
from opsconductor.series.packing.integers import (
    PackedReader,
    Unsigned,
    expanded,
    pack_unsigned,
    planes,
    squeezed,
    unpack_unsigned,
    unplanes,
    unzigzag,
    width_of,
    zigzag,
)
from opsconductor.series.points import Floats, Millis, Points, empty_points

VERSION: Final = 1
HEAD = struct.Struct("<BBIqI")
BASE = struct.Struct("<q")
LENGTH = struct.Struct("<I")
CRC = struct.Struct("<I")
XOR: Final = 255
FROM_LOWEST: Final = 0x10
"""Set in the coding: integers are packed as differences from the lowest, not from the one before."""
MOST_DECIMALS: Final = 4
EXACT: Final = 2.0**52
"""Larger numbers are not scaled: not all integers beyond are floats."""
MOST_POINTS: Final = 4_000_000
"""More than one a millisecond within an hour."""
LONGEST_INTERVAL_MS: Final = 2**32 - 1


def pack(points: Points) -> bytes:
    """Return points packed.

    Args:
        points: At least one; sorted, no time twice.
    """
    times, values = points
    steps = np.diff(times)
    usual = min(int(np.median(steps)), LONGEST_INTERVAL_MS) if len(steps) else 0
    coding, packed = _packed_values(values)
    head = HEAD.pack(VERSION, coding, len(times), int(times[0]), usual)
    body = head + pack_unsigned(zigzag(steps - usual)) + packed
    return body + CRC.pack(zlib.crc32(body))


def unpack(packed: bytes) -> Points:
    """Return the points that `pack` has packed.

    Raises:
        DecodeError: `truncated`, `corrupt` (the checksum differs) or `unknown_version`.
    """
    if len(packed) < HEAD.size + CRC.size:
        raise DecodeError("truncated", "shorter than a head")
    body, (checksum,) = packed[: -CRC.size], CRC.unpack(packed[-CRC.size :])
    if zlib.crc32(body) != checksum:
        raise DecodeError("corrupt", "the checksum differs")
    reader = PackedReader(body)
    version, coding, amount, first, usual = reader.unpack(HEAD)
    if version != VERSION:
        raise DecodeError("unknown_version", str(version))
    if amount > MOST_POINTS:
        raise DecodeError("corrupt", f"{amount} points")
    if amount == 0:
        return empty_points()
    times = np.empty(amount, np.int64)
    times[0] = first
    np.cumsum(unzigzag(unpack_unsigned(reader, amount - 1)) + usual, out=times[1:])
    times[1:] += first
    return Points(times, _unpacked_values(reader, coding, amount))


def _packed_values(values: Floats) -> tuple[int, bytes]:
    largest = float(np.abs(values).max())
    # the sign of -0.0 would be lost in an integer
    may_be_integers = not np.signbit(values[values == 0]).any()
    for decimals in range(MOST_DECIMALS + 1 if may_be_integers else 0):
        if largest >= EXACT / 10.0**decimals:
            break
        factor = 10.0**decimals
        scaled = np.rint(values * factor)
        if bool((scaled / factor == values).all()):
            coding, packed = _packed_integers(scaled.astype(np.int64))
            return coding | decimals, packed
    bits = values.view(np.uint64)
    changed = bits.copy()
    changed[1:] ^= bits[:-1]
    packed = squeezed(planes(changed.view(np.uint8), 8))
    return XOR, LENGTH.pack(len(packed)) + packed


def _packed_integers(values: Millis) -> tuple[int, bytes]:
    lowest = int(values.min())
    above: Unsigned = (values - lowest).view(np.uint64)
    steps = zigzag(np.diff(values))
    if width_of(above) < width_of(steps):
        return FROM_LOWEST, BASE.pack(lowest) + pack_unsigned(above)
    return 0, BASE.pack(int(values[0])) + pack_unsigned(steps)


def _unpacked_values(reader: PackedReader, coding: int, amount: int) -> Floats:
    if coding == XOR:
        (length,) = reader.unpack(LENGTH)
        raw = unplanes(expanded(reader.take(length), 8 * amount), 8)
        changed = raw.view("<u8").astype(np.uint64, copy=False)
        return np.bitwise_xor.accumulate(changed).view(np.float64)
    decimals = coding & 0x0F
    if decimals > MOST_DECIMALS or coding & ~(0x0F | FROM_LOWEST):
        raise DecodeError("corrupt", f"coding {coding}")
    (base,) = reader.unpack(BASE)
    integers = np.empty(amount, np.int64)
    if coding & FROM_LOWEST:
        integers[:] = unpack_unsigned(reader, amount).view(np.int64)
    else:
        integers[0] = 0
        np.cumsum(unzigzag(unpack_unsigned(reader, amount - 1)), out=integers[1:])
    return (integers + base) / 10.0**decimals
