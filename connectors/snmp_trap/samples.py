"""Keeps the beginnings of messages that could not be decoded, for whoever has to find out why."""

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

KEPT_PER_REASON = 5
KEPT_BYTES = 256
"""Enough for the header and the first variables."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """The first bytes of one message that could not be decoded, when, and from whom."""

    received_at: datetime
    peer: str
    first_bytes: bytes


class Samples:
    """The latest undecodable messages by reason; bounded, since the reasons are a closed set."""

    def __init__(self) -> None:
        self._by_reason: dict[str, deque[Sample]] = {}

    def keep(self, reason: str, peer: str, payload: bytes) -> None:
        """Remember the beginning of a message; the oldest of its reason makes room."""
        latest = self._by_reason.setdefault(reason, deque(maxlen=KEPT_PER_REASON))
        latest.append(Sample(received_at=datetime.now(UTC), peer=peer, first_bytes=payload[:KEPT_BYTES]))

    def by_reason(self) -> Mapping[str, Sequence[Sample]]:
        """Give what is kept, oldest first."""
        return {reason: tuple(samples) for reason, samples in self._by_reason.items()}
