"""Packing of the points of one flush for a row of `metric_batches`.

version 1 byte | amount 4 | first time 8 (ms) | zstd: ids, times after the first, values | CRC-32 4 bytes
"""

import struct
import zlib
from typing import Final

import numpy as np

from opsconductor.errors import DecodeError
from opsconductor.series.packing.integers import expanded, planes, squeezed, unplanes
from opsconductor.series.points import Columns

VERSION: Final = 1
HEAD = struct.Struct("<BIq")
CRC = struct.Struct("<I")
BYTES_A_POINT: Final = 4 + 8 + 8
MOST_POINTS: Final = 10_000_000
LEVEL: Final = 1
"""The log is kept for two hours: speed counts more than size."""


def pack_batch(columns: Columns) -> bytes:
    """Return the points of a flush packed."""
    series, times, values = columns
    first = int(times.min()) if len(times) else 0
    raw = (
        planes(series.astype("<i4").view(np.uint8), 4)
        + planes((times - first).astype("<i8").view(np.uint8), 8)
        + planes(values.astype("<f8").view(np.uint8), 8)
    )
    body = HEAD.pack(VERSION, len(series), first) + squeezed(raw, LEVEL)
    return body + CRC.pack(zlib.crc32(body))


def unpack_batch(packed: bytes) -> Columns:
    """Return the points that `pack_batch` has packed.

    Raises:
        DecodeError: `truncated`, `corrupt` or `unknown_version`.
    """
    if len(packed) < HEAD.size + CRC.size:
        raise DecodeError("truncated", "shorter than a head")
    body, (checksum,) = packed[: -CRC.size], CRC.unpack(packed[-CRC.size :])
    if zlib.crc32(body) != checksum:
        raise DecodeError("corrupt", "the checksum differs")
    version, amount, first = HEAD.unpack_from(body)
    if version != VERSION:
        raise DecodeError("unknown_version", str(version))
    if amount > MOST_POINTS:
        raise DecodeError("corrupt", f"{amount} points")
    raw = expanded(body[HEAD.size :], BYTES_A_POINT * amount)
    return Columns(
        unplanes(raw[: 4 * amount], 4).view("<i4").astype(np.int32, copy=False),
        unplanes(raw[4 * amount : 12 * amount], 8).view("<i8").astype(np.int64, copy=False) + first,
        unplanes(raw[12 * amount :], 8).view("<f8").astype(np.float64, copy=False),
    )
