"""Interface to the running connectors."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from opsconductor.connector.channel_traits import ChannelTraits
from opsconductor.connector.context import Count
from opsconductor.connector.interface import CheckResult, Emit
from opsconductor.connector.known_type import KnownType
from opsconductor.connector.post import PromptReceiver, Receiver, Validator
from opsconductor.connector.rejection import Reject, Rejection
from opsconductor.model.enums import ConnectorStatus, NotificationKind
from opsconductor.model.event import RawEvent
from opsconductor.notify.preview import MessagePreview


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectorState:
    """Status of a connector.

    Attributes:
        role: `source`, `channel` or `inventory`; None: its type is not installed.
        takes_posts: It implements `receive`.
        rejected: What it has recently rejected or could not decode, repeated ones first.
        alerts_received: From its row, None while the database is away; the times likewise.
        unmatched_recoveries: Recoveries without an open alert since the daemon's start.
        traits: Abilities and limits of a running channel.
    """

    name: str
    type: str
    role: str | None
    enabled: bool
    status: ConnectorStatus
    error_message: str | None
    takes_posts: bool
    last_poll_at: datetime | None
    last_success_at: datetime | None
    alerts_received: int | None
    alerts_today: int | None
    rejected: Sequence[Rejection] = ()
    unmatched_recoveries: int = 0
    traits: ChannelTraits | None = None


class ConnectorsView(Protocol):
    """The running connectors."""

    @property
    def emit(self) -> Emit:
        """The queue for incoming events."""

    def emit_at_once(self, events: Sequence[RawEvent], /) -> bool:
        """Add events to the queue; False: it is full, and none is added."""

    def now(self) -> datetime:
        """Return the current time for stamping incoming events."""

    def receiver(self, name: str, /) -> Receiver | None:
        """Return the connector of this name that accepts posts, or None."""

    def prompt_receiver(self, name: str, /) -> PromptReceiver | None:
        """Return the connector of this name that takes most posts at once, or None."""

    def validator(self, name: str, /) -> Validator | None:
        """Return the connector of this name that answers CloudEvents validation requests, or None."""

    def count(self, name: str, /) -> Count:
        """Return the loss ledger of a connector."""

    def rejected(self, name: str, /) -> Reject:
        """Return the function that records rejected posts to a connector."""

    async def states(self) -> Sequence[ConnectorState]:
        """Return the status of every connector, by name."""

    def types(self) -> Sequence[KnownType]:
        """Return the installed types by name, without schema and sample."""

    def type_of(self, name: str, /) -> KnownType | None:
        """Return a type, or None; blocks while it is imported for the first time."""

    async def check_declared(self, row: Mapping[str, Any], /) -> CheckResult:
        """Run the check of a connector that is not saved, declared like this."""

    async def check(self, name: str, /) -> CheckResult | None:
        """Run a connector's check; None: there is no connector of that name."""

    async def send_test(self, name: str, recipient: str, by: str, /) -> CheckResult | None:
        """Send a test message; None: no channel of that name runs."""

    def preview(
        self, name: str, kind: NotificationKind, facts: Mapping[str, object] | None, /
    ) -> MessagePreview | None:
        """Return what a channel would send; None: no channel of that name runs."""
