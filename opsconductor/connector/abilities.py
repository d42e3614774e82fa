"""Optional abilities of connectors, and the functions by which a type declares them.

The protocols of those that listen, keep samples or have templates stand here, the others in `interface.py`
and `post.py`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, runtime_checkable

from opsconductor.connector.interface import Acknowledger, FileSender, Poller, Verifier, Worker
from opsconductor.connector.post import PromptReceiver, Receiver, Validator
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


@dataclass(frozen=True, slots=True)
class Ability:
    """An optional ability of a connector.

    Attributes:
        name: Of the function that declares it.
        protocol: Protocol that the connector must implement.
        connector: The class that implements it.
    """

    name: str
    protocol: type[object]
    connector: type[object]


def receives_posts(connector: type[Receiver]) -> Ability:
    """Declare that it accepts posts."""
    return Ability("receives_posts", Receiver, connector)


def receives_at_once(connector: type[PromptReceiver]) -> Ability:
    """Declare that it takes most posts without waiting for anything."""
    return Ability("receives_at_once", PromptReceiver, connector)


def validates_senders(connector: type[Validator]) -> Ability:
    """Declare that it answers validation requests of senders (OPTIONS)."""
    return Ability("validates_senders", Validator, connector)


def acknowledges(connector: type[Acknowledger]) -> Ability:
    """Declare that its system accepts acknowledgements."""
    return Ability("acknowledges", Acknowledger, connector)


def verifies(connector: type[Verifier]) -> Ability:
    """Declare that it can verify alerts of other connectors by polling the device."""
    return Ability("verifies", Verifier, connector)


def works(connector: type[Worker]) -> Ability:
    """Declare that it is a channel with work of its own beside sending."""
    return Ability("works", Worker, connector)


def sends_files(connector: type[FileSender]) -> Ability:
    """Declare that it is a channel that sends files."""
    return Ability("sends_files", FileSender, connector)


def previews(connector: type[Previewer]) -> Ability:
    """Declare that it is a channel with templates of its own."""
    return Ability("previews", Previewer, connector)


def abandons_scopes(connector: type[Poller]) -> Ability:
    """Declare that it has a scope for each target or rule, and can report removed ones."""
    return Ability("abandons_scopes", Poller, connector)


def listens(connector: type[Listener]) -> Ability:
    """Declare that it listens on ports of its own."""
    return Ability("listens", Listener, connector)


def keeps_samples(connector: type[SampleKeeper]) -> Ability:
    """Declare that it keeps the first bytes of messages that it could not decode."""
    return Ability("keeps_samples", SampleKeeper, connector)
