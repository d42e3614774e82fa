"""Prometheus remote write 1.0: the message, encoded and decoded.

Source: https://prometheus.io/docs/specs/prw/remote_write_spec/ and prometheus/prompb/{remote,types}.proto:
WriteRequest {timeseries = 1}, TimeSeries {labels = 1, samples = 2}, Label {name = 1, value = 2},
Sample {value = 1 (double), timestamp = 2 (ms)}; the body is compressed with snappy's block format.
"""

import struct
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import cramjam

from opsconductor.errors import DecodeError

MOST_BYTES: Final = 32 * 1024 * 1024
"""Of a body after it is expanded."""
VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5
"""Wire types of protobuf."""
MOST_VARINT_BITS: Final = 63
DOUBLE = struct.Struct("<d")

Sample = tuple[int, float]
"""Time in ms and value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelledSamples:
    """Samples of one series, which its labels identify."""

    labels: Sequence[tuple[str, str]]
    samples: Sequence[Sample]


def compressed(message: bytes) -> bytes:
    """Compress a message with snappy's block format."""
    return bytes(cramjam.snappy.compress_raw(message))


def expanded(body: bytes, most_bytes: int = MOST_BYTES) -> bytes:
    """Expand a body of snappy's block format.

    Raises:
        DecodeError: `not_snappy`, or `too_large`: it would be longer than allowed.
    """
    size, _ = _varint(body, 0)
    if size > most_bytes:
        raise DecodeError("too_large", f"{size} bytes after it is expanded, at most {most_bytes}")
    target = bytearray(size)
    try:
        found = cramjam.snappy.decompress_raw_into(body, target)
    except cramjam.DecompressionError as error:
        raise DecodeError("not_snappy", "the body is not compressed with snappy") from error
    if found != size:
        raise DecodeError("not_snappy", f"{found} bytes, {size} announced")
    return bytes(target)


def encode(series: Iterable[LabelledSamples]) -> bytes:
    """Return a WriteRequest; labels are sorted, as the specification demands."""
    request = bytearray()
    for each in series:
        body = bytearray()
        for name, value in sorted(each.labels):
            body += _field(1, _field(1, name.encode()) + _field(2, value.encode()))
        for at, number in each.samples:
            body += _field(2, b"\x09" + DOUBLE.pack(number) + b"\x10" + _written(at))
        request += _field(1, bytes(body))
    return bytes(request)


def decode(message: bytes) -> list[LabelledSamples]:
    """Return the series of a WriteRequest; other fields (exemplars, histograms, metadata) are skipped.

    Raises:
        DecodeError: `truncated` or `not_protobuf`.
    """
    return [_series(value) for number, value in _fields(message) if number == 1 and isinstance(value, bytes)]


def _series(message: bytes) -> LabelledSamples:
    labels: list[tuple[str, str]] = []
    samples: list[Sample] = []
    for number, value in _fields(message):
        if not isinstance(value, bytes):
            continue
        if number == 1:
            labels.append(_label(value))
        elif number == 2:  # noqa: PLR2004 - the number of the field in types.proto
            samples.append(_sample(value))
    return LabelledSamples(labels=labels, samples=samples)


def _label(message: bytes) -> tuple[str, str]:
    texts = {
        number: value.decode(errors="replace")
        for number, value in _fields(message)
        if isinstance(value, bytes)
    }
    return texts.get(1, ""), texts.get(2, "")


def _sample(message: bytes) -> Sample:
    at, number = 0, 0.0
    for field, value in _fields(message):
        if field == 1 and isinstance(value, float):
            number = value
        elif field == 2 and isinstance(value, int):  # noqa: PLR2004 - as above
            at = value - (1 << 64) if value >> 63 else value
    return at, number


def _fields(message: bytes) -> Iterator[tuple[int, int | float | bytes]]:
    """Yield number and value of each field of a message."""
    at, end = 0, len(message)
    while at < end:
        tag, at = _varint(message, at)
        wire = tag & 7
        if wire == VARINT:
            value, at = _varint(message, at)
            yield tag >> 3, value
            continue
        if wire == BYTES:
            size, at = _varint(message, at)
        elif wire in (FIXED64, FIXED32):
            size = 8 if wire == FIXED64 else 4
        else:
            raise DecodeError("not_protobuf", f"wire type {wire}", at)
        if at + size > end:
            raise DecodeError("truncated", "a field is longer than its message", at)
        part = message[at : at + size]
        at += size
        yield tag >> 3, DOUBLE.unpack(part)[0] if wire == FIXED64 else part


def _varint(message: bytes, at: int) -> tuple[int, int]:
    value, shift = 0, 0
    while at < len(message):
        byte = message[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:  # noqa: PLR2004 - the bit that says that more follow
            return value, at
        shift += 7
        if shift > MOST_VARINT_BITS:
            raise DecodeError("not_protobuf", "a number longer than 64 bits", at)
    raise DecodeError("truncated", "a number is incomplete", at)


def _field(number: int, content: bytes) -> bytes:
    return bytes([number << 3 | BYTES]) + _written(len(content)) + content


def _written(value: int) -> bytes:
    value &= (1 << 64) - 1
    written = bytearray()
    while value > 0x7F:  # noqa: PLR2004 - as above
        written.append(value & 0x7F | 0x80)
        value >>= 7
    written.append(value)
    return bytes(written)
