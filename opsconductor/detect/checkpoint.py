"""Checkpoints: the state in blocks with version and CRC, so that scores continue bit-equal after a crash.

Layout, little-endian: magic, version, length of the header, CRC of the header, header (JSON: configuration,
number of series, times, sizes of blocks), then each block: CRC, bytes. The first block holds the pooled
histograms, each further one all arrays of BLOCK series one after another.
"""

import json
import struct
import zlib
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from opsconductor.detect.calendar import Calendar, by_weekday
from opsconductor.detect.config import DetectorConfig
from opsconductor.detect.detector import Detector
from opsconductor.errors import DecodeError

MAGIC = b"OCDETECT"
VERSION = 4
BLOCK = 4_096
HEAD = struct.Struct("<8sIII")
CRC = struct.Struct("<I")
LONGEST_HEADER = 1_000_000
SHAPING = ("zone", "block_s")
"""Hyperparameters that give what was learnt its meaning: with others the detector begins anew."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """A detector from a checkpoint.

    Attributes:
        detector: Ready to continue.
        damaged: First and last series of each block that was refused; these series start anew.
        pooled_damaged: Whether the calibration over all series starts anew.
    """

    detector: Detector
    damaged: tuple[tuple[int, int], ...]
    pooled_damaged: bool

    def is_damaged(self, series: int) -> bool:
        """Return True if a series starts anew."""
        return any(first <= series <= last for first, last in self.damaged)


def save(detector: Detector) -> Iterator[bytes]:
    """Yield the checkpoint in parts, to be written one after another."""
    feed, fitted = detector.times
    header = json.dumps(
        {
            "config": asdict(detector.config),
            "series": detector.size,
            "block": BLOCK,
            "feed": feed.hex(),
            "fitted": fitted.hex(),
        }
    ).encode()
    yield HEAD.pack(MAGIC, VERSION, len(header), zlib.crc32(header))
    yield header
    pooled = np.concatenate([detector.pooled.counts.ravel(), detector.pooled.lines().ravel()]).tobytes()
    yield CRC.pack(zlib.crc32(pooled))
    yield pooled
    for start in range(0, detector.size, BLOCK):
        stop = min(start + BLOCK, detector.size)
        parts = [array.tobytes() for array in detector.state.matrices(start, stop)]
        body = b"".join(parts)
        yield CRC.pack(zlib.crc32(body))
        yield body


def load(data: bytes, calendar: Calendar = by_weekday, *, config: DetectorConfig | None = None) -> Restored:
    """Return the detector of a checkpoint.

    Args:
        data: The whole checkpoint.
        calendar: As the detector had it; functions are not part of a checkpoint.
        config: Hyperparameters to continue with; None: those of the checkpoint.

    Raises:
        DecodeError: It is no checkpoint, of another version, its header is damaged, or what it has learnt
            does not fit `config`: start with a new detector.
    """
    view = memoryview(data)
    header, at = _header(view)
    detector = Detector(_config(header["config"], config), calendar)
    size, block = int(header["series"]), int(header["block"])
    detector.grow(size)
    pooled = detector.pooled
    length = (pooled.counts.size + pooled.lines().size) * 8
    body, at = _body(view, at, length)
    if body is not None:
        pooled.restore(np.frombuffer(body, dtype=np.float64))
    detector.restore_times(float.fromhex(header["feed"]), float.fromhex(header["fitted"]))
    damaged = []
    width = detector.state.bytes_per_series()
    for start in range(0, size, block):
        stop = min(start + block, size)
        part, at = _body(view, at, (stop - start) * width)
        if part is None:
            damaged.append((start, stop - 1))
        else:
            _fill(detector, start, stop, part)
    return Restored(detector=detector, damaged=tuple(damaged), pooled_damaged=body is None)


def _config(stored: dict[str, Any], wanted: DetectorConfig | None) -> DetectorConfig:
    """Return the hyperparameters to continue with."""
    if wanted is None:
        return DetectorConfig(**stored)
    for name in SHAPING:
        if stored.get(name) != getattr(wanted, name):
            values = f"{stored.get(name)!r}, now {getattr(wanted, name)!r}"
            raise DecodeError(f"Checkpoint of the detector: it has learnt with {name} = {values}")
    return wanted


def _header(view: memoryview) -> tuple[dict[str, Any], int]:
    """Return the header, and where the blocks begin."""
    if len(view) < HEAD.size:
        raise DecodeError("Checkpoint of the detector: too short for a header")
    magic, version, length, crc = HEAD.unpack(view[: HEAD.size])
    if magic != MAGIC or version != VERSION:
        raise DecodeError(f"Checkpoint of the detector: found version {version}, expected {VERSION}")
    raw = bytes(view[HEAD.size : HEAD.size + min(length, LONGEST_HEADER)])
    if zlib.crc32(raw) != crc:
        raise DecodeError("Checkpoint of the detector: the header is damaged (CRC)")
    return json.loads(raw), HEAD.size + length


def _body(view: memoryview, at: int, length: int) -> tuple[memoryview | None, int]:
    """Return one block, None if it is short or its CRC is wrong, and where the next begins."""
    body = view[at + CRC.size : at + CRC.size + length]
    end = at + CRC.size + length
    if len(body) < length or CRC.unpack(view[at : at + CRC.size])[0] != zlib.crc32(body):
        return None, end
    return body, end


def _fill(detector: Detector, start: int, stop: int, body: memoryview) -> None:
    """Copy one block into the arrays."""
    at = 0
    for array in detector.state.matrices(start, stop):
        length = array.size * array.dtype.itemsize
        values = np.frombuffer(body[at : at + length], dtype=array.dtype)
        array[...] = values.reshape(array.shape)
        at += length
