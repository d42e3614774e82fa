"""Records of the spool as bytes: each has a number and a checksum, so that damage is found and counted.

A segment file begins with a head of `HEAD_BYTES`, followed by records. Every record begins with eight
random bytes that are part of its segment file's name: behind a damaged record they locate the next one,
and nothing that a device sends can look like a record.
"""

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

VERSION = 1
HEAD = b"OCSPOOL"
HEAD_BYTES = len(HEAD) + 1
SALT_BYTES = 8

FIELDS = struct.Struct("<QQIqII")
"""Number, reports before it, reports in it, microseconds since 1970, weight, length of the body."""
CHECKSUM = struct.Struct("<I")
RECORD_HEAD_BYTES = SALT_BYTES + CHECKSUM.size + FIELDS.size


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One entry of the spool with its metadata.

    Attributes:
        number: Rises by one with every entry.
        before: Number of reports in all entries before it.
        reports: Number of reports in these changes.
        at_us: Microseconds since 1970, UTC.
        weight: Number of rows of the changes in PostgreSQL.
    """

    number: int
    before: int
    reports: int
    at_us: int
    weight: int
    body: bytes


class FoundRecord(NamedTuple):
    """A record and its start and end in its segment."""

    record: Record
    start: int
    end: int


def head() -> bytes:
    """Encode the head of a segment."""
    return HEAD + b"%d" % VERSION


def version_of(data: bytes) -> int | None:
    """Return the version that wrote a segment, or None if its head is damaged."""
    version = data[len(HEAD) : HEAD_BYTES]
    return int(version) if data.startswith(HEAD) and version.isdigit() else None


def write(record: Record, salt: bytes) -> bytes:
    """Encode a record."""
    fields = FIELDS.pack(
        record.number, record.before, record.reports, record.at_us, record.weight, len(record.body)
    )
    return b"".join((salt, CHECKSUM.pack(_checksum(salt, fields, record.body)), fields, record.body))


def read(data: bytes, start: int, salt: bytes) -> FoundRecord | None:
    """Decode the record at a position; return None if there is none or it is damaged."""
    fields_at = start + SALT_BYTES + CHECKSUM.size
    body_at = start + RECORD_HEAD_BYTES
    if not data.startswith(salt, start) or len(data) < body_at:
        return None
    (checksum,) = CHECKSUM.unpack_from(data, start + SALT_BYTES)
    number, before, reports, at_us, weight, length = FIELDS.unpack_from(data, fields_at)
    body = data[body_at : body_at + length]
    if len(body) < length or checksum != _checksum(salt, data[fields_at:body_at], body):
        return None
    record = Record(number=number, before=before, reports=reports, at_us=at_us, weight=weight, body=body)
    return FoundRecord(record, start, body_at + length)


def scan(data: bytes, salt: bytes) -> Iterator[FoundRecord]:
    """Yield all intact records of a segment, skipping damaged parts."""
    position = HEAD_BYTES
    while True:
        found = read(data, position, salt)
        if found is not None:
            yield found
            position = found.end
            continue
        position = data.find(salt, position + 1)
        if position < 0:
            return


def _checksum(salt: bytes, fields: bytes, body: bytes) -> int:
    return zlib.crc32(body, zlib.crc32(fields, zlib.crc32(salt)))
