"""Idempotency keys, which recognize a message when its sender repeats it.

They are committed with the changes that the message led to, in the same transaction or spool record, so
that what is acknowledged is recognized after any crash.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b

KEY_BYTES = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class AcknowledgedKeys:
    """Keys of messages of one connector that were committed together.

    Attributes:
        keys: Concatenated, `KEY_BYTES` each.
    """

    connector: str
    keys: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportedKey:
    """A key that a reporter chose for something reported (`POST /api/v1/events`).

    Attributes:
        reporter: Name of the API key of the reporter.
        digest: SHA-256 of what was reported under it.
    """

    reporter: str
    key: str
    digest: bytes
    at: datetime


def key_of(*parts: bytes) -> bytes:
    """Return a key of what identifies a message; the division into parts matters."""
    digest = blake2b(digest_size=KEY_BYTES)
    for part in parts:
        digest.update(len(part).to_bytes(4, "big"))
        digest.update(part)
    return digest.digest()


def split(keys: bytes) -> Sequence[bytes]:
    """Split concatenated keys."""
    return [keys[start : start + KEY_BYTES] for start in range(0, len(keys), KEY_BYTES)]
