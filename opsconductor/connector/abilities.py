"""Optional abilities: of sources that listen and read bytes, of channels that have templates."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol, runtime_checkable

from opsconductor.connector.settings.address import ListenAddress
from opsconductor.model.notifications.notification import Notification


@runtime_checkable
class Listener(Protocol):
    """Optional: a source that listens on ports of its own.

    Attributes:
        listening: Addresses it listens on now; empty: none.
    """

    @property
    def listening(self) -> Sequence[ListenAddress]:
        """Return the addresses it listens on now; empty: none."""


class SampleOfMessage(Protocol):
    """First bytes of a message that could not be decoded; possible secrets are masked."""

    @property
    def received_at(self) -> datetime:
        """Time of reception."""

    @property
    def peer(self) -> str:
        """Address of the sender."""

    @property
    def first_bytes(self) -> bytes:
        """Stored beginning of the message."""


class SamplesByReason(Protocol):
    """The latest messages that could not be decoded."""

    def by_reason(self) -> Mapping[str, Sequence[SampleOfMessage]]:
        """Return the stored messages by reason, oldest first."""


@runtime_checkable
class SampleKeeper(Protocol):
    """Optional: a source that keeps the first bytes of messages that it could not decode."""

    @property
    def samples(self) -> SamplesByReason:
        """Return what is stored."""


@runtime_checkable
class Previewer(Protocol):
    """Optional: a channel that has templates of its own."""

    def preview(self, notification: Notification) -> Mapping[str, str]:
        """Return the texts that would be sent, by part; raises ValueError if a template fails."""
