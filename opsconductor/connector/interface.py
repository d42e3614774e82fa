"""Protocols that connectors implement.

There is nothing to inherit. A connector package exports, in its `__init__.py`, one `TYPE`
(`connector_type.py`): its configuration model, the function that builds a connector, and its optional
abilities. What the daemon provides to a connector is in `context.py`.
"""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol, runtime_checkable

from opsconductor.model.alert import Alert
from opsconductor.model.event import RawEvent
from opsconductor.model.inventory.listed import Inventory, InventoryChanges
from opsconductor.model.normalized import NormalizedAlert, Snapshot
from opsconductor.model.notifications.notification import AttachedFile, Notification, Receipt

Emit = Callable[[Sequence[RawEvent]], Awaitable[None]]
"""Submit raw events to the intake; awaiting it is the back-pressure. Returns before the commit."""

Publish = Callable[[Inventory], Awaitable[InventoryChanges]]
"""Apply the contents of an inventory system; returns once they are in the database and the engine.

Raises StoreUnavailable while the database is away; publish again later."""


class Role(StrEnum):
    """Role of a connector type."""

    SOURCE = "source"
    CHANNEL = "channel"
    INVENTORY = "inventory"


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckResult:
    """Outcome of "Test connection"."""

    ok: bool
    message: str
    details: Mapping[str, object] = field(default_factory=dict)


class Source(Protocol):
    """Receives raw events."""

    async def run(self, emit: Emit) -> None:
        """Listen or poll until cancelled; returning is a fault."""

    def normalize(self, raw: RawEvent) -> Sequence[NormalizedAlert] | Snapshot:
        """Return the reports of one raw event; pure; raises DecodeError or NormalizeError."""

    def redacted(self, raw: RawEvent) -> bytes:
        """Return the payload for the archive: without secrets, and `normalize` reads the same from it.

        `normalize` gets it back as `payload`, with `parsed` None. Raises DecodeError when it cannot determine
        what is secret: then the event is only counted.
        """

    async def check(self) -> CheckResult:
        """Check whether the source would work, without changing anything."""


class Channel(Protocol):
    """Sends notifications."""

    async def send(self, notification: Notification) -> Receipt:
        """Send once; raises Unreachable (retry) or Rejected (do not)."""

    async def check(self) -> CheckResult:
        """Check whether the channel would work, without sending a notification."""

    async def close(self) -> None:
        """Close all connections."""


class InventorySource(Protocol):
    """Lists devices and their dependencies."""

    async def run(self, publish: Publish) -> None:
        """Publish the system's contents on each change, until cancelled; returning is a fault."""

    async def check(self) -> CheckResult:
        """Check whether the inventory would work, without changing anything."""


@runtime_checkable
class FileSender(Protocol):
    """Optional: a channel that sends a notification with a file."""

    async def send_file(self, notification: Notification, file: AttachedFile) -> Receipt:
        """Send once; raises as `Channel.send`."""


@runtime_checkable
class Worker(Protocol):
    """Optional: a channel with work of its own beside sending: a lasting connection, answers to fetch."""

    async def work(self) -> None:
        """Work until cancelled; returning is a fault. What it raises is logged once, and it is run again."""


@runtime_checkable
class Poller(Protocol):
    """Optional: a source whose snapshots are scoped per target."""

    def abandoned(self, scopes: Collection[str]) -> Collection[str]:
        """Return the scopes for which no snapshot will come with the present configuration.

        Args:
            scopes: Scopes of this connector in which alerts are open. Those returned are closed as expired.
        """


@runtime_checkable
class Acknowledger(Protocol):
    """Optional: a source whose system accepts acknowledgements."""

    async def acknowledge(self, alert: Alert, by: str, note: str) -> None:
        """Send an acknowledgement once; raises Unreachable (retry) or Rejected (do not)."""


class VerifyState(StrEnum):
    """State of a fault as the device shows it."""

    STANDS = "stands"
    OVER = "over"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyResult:
    """Outcome of a verification.

    Attributes:
        finding: The value read and its meaning, for the alert's history (`ifOperStatus.7 is down(2)`).
    """

    answer: VerifyState
    finding: str


@runtime_checkable
class Verifier(Protocol):
    """Optional: a source that can verify alerts of any connector by polling the device."""

    def can_verify(self, alert: Alert) -> bool:
        """Return True if `verify` can poll for this alert, without using the network."""

    async def verify(self, alert: Alert) -> VerifyResult:
        """Poll the device once; does not raise if it does not answer."""
