"""Optional abilities of sources that have ports of their own and read bytes."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol, runtime_checkable

from opsconductor.connector.address import ListenAddress


@runtime_checkable
class Listener(Protocol):
    """What a source is beside that when it listens on ports of its own.

    Attributes:
        listening: Where it listens now; empty: it does not.
    """

    @property
    def listening(self) -> Sequence[ListenAddress]:
        """Return where it listens now; empty: it does not."""


class SampleOfMessage(Protocol):
    """The first bytes of a message that could not be decoded; what may be a secret is masked."""

    @property
    def received_at(self) -> datetime:
        """When it came in."""

    @property
    def peer(self) -> str:
        """Who sent it."""

    @property
    def first_bytes(self) -> bytes:
        """What is kept of it."""


class SamplesByReason(Protocol):
    """The latest messages that could not be decoded."""

    def by_reason(self) -> Mapping[str, Sequence[SampleOfMessage]]:
        """Return what is kept by reason, oldest first."""


@runtime_checkable
class SampleKeeper(Protocol):
    """What a source is beside that when it keeps the first bytes of messages that it could not decode."""

    @property
    def samples(self) -> SamplesByReason:
        """Return what is kept."""
