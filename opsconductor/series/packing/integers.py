"""Packing of integers into the bits that the largest needs, or with zstd where that is shorter."""

import struct
from typing import Final

import cramjam
import numpy as np
from numpy.typing import NDArray

from opsconductor.errors import DecodeError

Integers = NDArray[np.int64]
Unsigned = NDArray[np.uint64]

BITS: Final = 64
ZSTD: Final = 255
"""Width that marks bytes compressed with zstd."""
TRY_ZSTD_BYTES: Final = 48
"""Shorter packings are not worth an attempt."""
LEVEL: Final = 3
HEAD = struct.Struct("<B")
LENGTH = struct.Struct("<I")


class PackedReader:
    """Reads packed bytes from the front; every read is checked."""

    __slots__ = ("_at", "_data")

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def take(self, amount: int) -> bytes:
        """Return the next bytes.

        Raises:
            DecodeError: `truncated`.
        """
        end = self._at + amount
        if amount < 0 or end > len(self._data):
            raise DecodeError("truncated", "fewer bytes than announced", self._at)
        part = self._data[self._at : end]
        self._at = end
        return part

    def unpack(self, layout: struct.Struct) -> tuple[int, ...]:
        """Return the next numbers."""
        return layout.unpack(self.take(layout.size))


def zigzag(values: Integers) -> Unsigned:
    """Map small numbers of either sign to small unsigned ones."""
    mapped: Unsigned = ((values << 1) ^ (values >> 63)).view(np.uint64)
    return mapped


def unzigzag(values: Unsigned) -> Integers:
    """Undo `zigzag`."""
    one = np.uint64(1)
    found: Integers = (values >> one).view(np.int64) ^ -((values & one).view(np.int64))
    return found


def width_of(values: Unsigned) -> int:
    """Return the number of bits that the largest needs."""
    return int(values.max()).bit_length() if len(values) else 0


def pack_unsigned(values: Unsigned) -> bytes:
    """Return unsigned integers packed; `unpack_unsigned` needs their number."""
    width = width_of(values)
    packed = bits(values, width)
    if len(packed) > TRY_ZSTD_BYTES:
        shorter = squeezed(planes(values.view(np.uint8), 8))
        if len(shorter) + LENGTH.size < len(packed):
            return HEAD.pack(ZSTD) + LENGTH.pack(len(shorter)) + shorter
    return HEAD.pack(width) + packed


def unpack_unsigned(reader: PackedReader, amount: int) -> Unsigned:
    """Return unsigned integers packed by `pack_unsigned`.

    Raises:
        DecodeError: `truncated` or `corrupt`.
    """
    (width,) = reader.unpack(HEAD)
    if width == ZSTD:
        (length,) = reader.unpack(LENGTH)
        raw = expanded(reader.take(length), 8 * amount)
        return unplanes(raw, 8).view("<u8").astype(np.uint64, copy=False)
    if width > BITS:
        raise DecodeError("corrupt", f"width {width}")
    return unbits(reader.take((amount * width + 7) // 8), width, amount)


def bits(values: Unsigned, width: int) -> bytes:
    """Return the lowest bits of each value, one after another."""
    if width == 0:
        return b""
    rows = np.unpackbits(values.astype(">u8").view(np.uint8).reshape(-1, 8), axis=1)
    return np.packbits(rows[:, BITS - width :]).tobytes()


def unbits(packed: bytes, width: int, amount: int) -> Unsigned:
    """Undo `bits`."""
    if width == 0:
        return np.zeros(amount, np.uint64)
    rows = np.zeros((amount, BITS), np.uint8)
    read = np.unpackbits(np.frombuffer(packed, np.uint8), count=amount * width)
    rows[:, BITS - width :] = read.reshape(amount, width)
    return np.packbits(rows, axis=1).reshape(-1).view(">u8").astype(np.uint64)


def planes(raw: NDArray[np.uint8], size: int) -> bytes:
    """Return the first bytes of all values, then the second ones, and so on: they compress better."""
    return np.ascontiguousarray(raw.reshape(-1, size).T).tobytes()


def unplanes(raw: bytes, size: int) -> NDArray[np.uint8]:
    """Undo `planes`."""
    return np.ascontiguousarray(np.frombuffer(raw, np.uint8).reshape(size, -1).T).reshape(-1)


def squeezed(raw: bytes, level: int = LEVEL) -> bytes:
    """Compress with zstd."""
    return bytes(cramjam.zstd.compress(raw, level=level))


def expanded(packed: bytes, size: int) -> bytes:
    """Expand what `squeezed` has compressed to a known size.

    Raises:
        DecodeError: `corrupt`: it is something else, or of another size.
    """
    target = bytearray(size)
    try:
        found = cramjam.zstd.decompress_into(packed, target)
    except cramjam.DecompressionError as error:
        raise DecodeError("corrupt", "zstd cannot expand it") from error
    if found != size:
        raise DecodeError("corrupt", f"{found} bytes, expected {size}")
    return bytes(target)
