"""First bytes of undecodable messages, kept for diagnosis."""

import re
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

KEPT_PER_REASON = 5
KEPT_BYTES = 256
"""Enough for the header and the first variables."""


_HEADER = re.compile(
    rb"\x30(?:[\x00-\x7f]|\x81.|\x82..|\x83...|\x84....)\x02\x01[\x00\x01]\x04([\x00-\x7f])", re.DOTALL
)
_TEXT = re.compile(rb"[\x20-\x7e]{3,}")
_MASK = b"*"


@dataclass(frozen=True, slots=True, kw_only=True)
class UndecodedSample:
    """First bytes, time and sender of one undecodable message.

    Attributes:
        first_bytes: Text that may be a community or another secret is masked.
    """

    received_at: datetime
    peer: str
    first_bytes: bytes


class Samples:
    """The latest undecodable messages by reason; bounded, because the reasons are a closed set."""

    def __init__(self) -> None:
        self._by_reason: dict[str, deque[UndecodedSample]] = {}

    def keep(self, reason: str, peer: str, payload: bytes) -> None:
        """Store the beginning of a message; the oldest of its reason is evicted."""
        latest = self._by_reason.setdefault(reason, deque(maxlen=KEPT_PER_REASON))
        first_bytes = masked(payload[:KEPT_BYTES])
        latest.append(UndecodedSample(received_at=datetime.now(UTC), peer=peer, first_bytes=first_bytes))

    def by_reason(self) -> Mapping[str, Sequence[UndecodedSample]]:
        """Return the samples, oldest first."""
        return {reason: tuple(samples) for reason, samples in self._by_reason.items()}


def masked(first_bytes: bytes) -> bytes:
    """Overwrite every text: in a malformed message the community may be anywhere."""
    header = _HEADER.match(first_bytes)
    if header is not None:
        start = header.end()
        length = len(first_bytes[start : start + header[1][0]])
        first_bytes = first_bytes[:start] + _MASK * length + first_bytes[start + length :]
    return _TEXT.sub(lambda text: _MASK * len(text[0]), first_bytes)
