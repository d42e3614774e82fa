"""Checkpoints of the tests of devices: version, CRC and all arrays, so that findings continue bit-equal.

Layout, little-endian: magic, version, length of the header, CRC of the header, header (JSON: times, sizes,
CRC of what follows), devices by series, then all arrays of each class one after another.
"""

import json
import struct
import zlib
from typing import Any

import numpy as np

from opsconductor.detect.config import DetectorConfig
from opsconductor.detect.device_class import DeviceClass
from opsconductor.detect.devices import DeviceTests
from opsconductor.errors import DecodeError

MAGIC = b"OCDEVICE"
VERSION = 1
HEAD = struct.Struct("<8sIII")
WHAT = "Checkpoint of the tests of devices"


def save_devices(tests: DeviceTests, config: DetectorConfig) -> bytes:
    """Return the state of the tests."""
    arrays = [tests.device_of, *(array for each in tests.classes for array in each.arrays())]
    body = b"".join(np.ascontiguousarray(array).tobytes() for array in arrays)
    header = json.dumps(
        {
            "block_s": config.block_s,
            "last": tests.last.hex() if np.isfinite(tests.last) else None,
            "series": len(tests.device_of),
            "classes": [each.members.shape[::-1] for each in tests.classes],
            "crc": zlib.crc32(body),
        }
    ).encode()
    return HEAD.pack(MAGIC, VERSION, len(header), zlib.crc32(header)) + header + body


def load_devices(data: bytes, config: DetectorConfig) -> DeviceTests:
    """Return the tests of a checkpoint.

    Raises:
        DecodeError: It is not a checkpoint, is damaged or of another version, or has learnt by other blocks.
    """
    view = memoryview(data)
    header, at = _header(view)
    if zlib.crc32(view[at:]) != header["crc"]:
        raise DecodeError(f"{WHAT}: it is damaged (CRC)")
    if header["block_s"] != config.block_s:
        raise DecodeError(f"{WHAT}: block_s was {header['block_s']}, it is {config.block_s} now")
    device_of = np.frombuffer(view, np.int32, header["series"], at).copy()
    at += device_of.nbytes
    classes = []
    for width, count in header["classes"]:
        each = DeviceClass.empty(width, count)
        for array in each.arrays():
            array[...] = np.frombuffer(view, array.dtype, array.size, at).reshape(array.shape)
            at += array.nbytes
        classes.append(each)
    tests = DeviceTests(config)
    last = header["last"]
    tests.restore(device_of, classes, -np.inf if last is None else float.fromhex(last))
    return tests


def _header(view: memoryview) -> tuple[dict[str, Any], int]:
    """Return the header and where the arrays begin."""
    if len(view) < HEAD.size:
        raise DecodeError(f"{WHAT}: too short for a header")
    magic, version, length, crc = HEAD.unpack(view[: HEAD.size])
    if magic != MAGIC or version != VERSION:
        raise DecodeError(f"{WHAT}: found version {version}, expected {VERSION}")
    raw = bytes(view[HEAD.size : HEAD.size + length])
    if zlib.crc32(raw) != crc:
        raise DecodeError(f"{WHAT}: the header is damaged (CRC)")
    return json.loads(raw), HEAD.size + length
