"""What the API needs from the rest of the daemon."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime
from ipaddress import ip_network
from typing import Protocol
from uuid import UUID

from opsconductor.api.http.clients import Network
from opsconductor.api.http.connections import ClientLimits
from opsconductor.connector.context import Count
from opsconductor.connector.interface import CheckResult, Emit
from opsconductor.connector.post import Receiver, Validator
from opsconductor.connector.rejection import Reject, Rejection
from opsconductor.model.alert import Alert
from opsconductor.model.command import Command
from opsconductor.model.enums import ConnectorStatus
from opsconductor.model.inventory import InventoryChanges, InventoryLoss
from opsconductor.store.aside import AsideContent, AsideRow
from opsconductor.store.missing import MissingDependency
from opsconductor.store.postgres.request_pool import RequestDatabase

BODY_BYTES = 4 * 1024 * 1024
LOOPBACK: tuple[Network, ...] = (ip_network("127.0.0.0/8"), ip_network("::1/128"))


class Pipeline(Protocol):
    """Carries out what operators ask; the engine behind it is the only writer of alerts."""

    async def command(self, command: Command, /) -> Alert:
        """Return the alert once the change is committed; raises CommandError or StoreError."""


class LiveAlerts(Protocol):
    """What the engine knows of alerts without asking anyone."""

    def open_alerts(self) -> Sequence[Alert]:
        """List the open alerts; the list is the caller's."""

    def known_alerts(self) -> Sequence[Alert]:
        """List the open alerts and those closed a short while ago; the list is the caller's."""

    def get(self, alert_id: UUID, /) -> Alert | None:
        """Find one of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectorState:
    """How a connector is.

    Attributes:
        role: `source`, `channel` or `inventory`; None: its type is not installed.
        takes_posts: It has a `receive`.
        rejected: What it has refused or could not decode lately, what is repeated first.
        alerts_received: What its row says, None while the database is away; as the times.
        unmatched_recoveries: Since the daemon's start, how many recoveries met no open alert.
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


class ConnectorsView(Protocol):
    """The connectors that run now."""

    @property
    def emit(self) -> Emit:
        """The way into the intake."""

    def now(self) -> datetime:
        """Tell the time with which to stamp what comes in."""

    def receiver(self, name: str, /) -> Receiver | None:
        """Find the connector that takes posts under a name."""

    def validator(self, name: str, /) -> Validator | None:
        """Find the connector that is asked under a name whether one may post."""

    def count(self, name: str, /) -> Count:
        """Give the loss ledger of a connector."""

    def rejected(self, name: str, /) -> Reject:
        """Return the function that notes posts to a connector that are not taken."""

    async def states(self) -> Sequence[ConnectorState]:
        """Tell how every connector is, in the order of their names."""

    async def check(self, name: str, /) -> CheckResult | None:
        """Let a connector try whether it would work; None: there is none of that name."""


class LiveInventories(Protocol):
    """What inventories have told, as far as people decide about it."""

    def present_waiting(self) -> Mapping[str, InventoryLoss]:
        """Return what would go and waits for confirmation, by connector."""

    async def accept(self, connector: str, expected: tuple[int, int], by: str) -> InventoryChanges:
        """Accept the loss; raises InventoryConflict or StoreUnavailable."""

    async def missing(self, connector: str | None) -> Sequence[MissingDependency]:
        """List the dependencies that are missing from their inventories."""

    async def forget(self, connector: str | None, by: str) -> Sequence[MissingDependency]:
        """Remove them; returns what is gone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RetriedAside:
    """What came of trying again what was set aside.

    Attributes:
        refusal: Why it was not tried; empty: it was.
        reason: Why it cannot be handled now; empty too: it was handled, and its row is removed.
    """

    refusal: str = ""
    reason: str = ""


class SetAsides(Protocol):
    """What could not be handled and was set aside; all raise StoreUnavailable."""

    async def list(self, *, kind: str, origin: str, part: str, most: int) -> Sequence[AsideRow]:
        """List it, the latest first; empty arguments choose any."""

    async def find(self, aside_id: UUID, /) -> AsideContent | None:
        """Read one with its content."""

    async def forget(self, aside_id: UUID, by: str) -> bool:
        """Remove one; False: there is none."""

    async def retry(self, row: AsideContent, by: str) -> RetriedAside:
        """Put one through the intake again."""


class LiveFeed(Protocol):
    """Hands out what has just been committed."""

    def subscribe(self) -> AbstractAsyncContextManager[asyncio.Queue[tuple[Alert, ...]]]:
        """Open a bounded queue of committed alerts, oldest first.

        An empty tuple in it means: some were left out, read everything anew.
        """


def _no_key() -> None:
    """Stand for a daemon that leaves no key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dependencies:
    """Arguments of `build_api`.

    Attributes:
        database: Where alerts, their history and keys are; it may be away.
        engine: Gives the engine that is at work now.
        health: The state of the daemon, JSON-ready; under `status` one of `ok`, `degraded`
            (it works, someone should look) and `failing` (answered with HTTP 503).
        connectors: Those that run.
        inventories: What they have told of devices and dependencies.
        asides: What was set aside.
        doctor: Examines the daemon and all it stands on; JSON-ready, see `DoctorView`.
        reload: Takes on the configuration, and returns what came of it; see `ReloadView`.
        local_key: The key that lies in the data directory for the command line; it lets in also while
            the database is away. None: there is none.
        body_bytes: The longest request body that is read.
        limits: What clients may take of us.
        trusted_proxies: Proxies whose `X-Forwarded-For` names the client.
        metrics_networks: Who may read `/metrics` without a key.
    """

    database: RequestDatabase
    engine: Callable[[], LiveAlerts]
    pipeline: Pipeline
    feed: LiveFeed
    health: Callable[[], Mapping[str, object]]
    connectors: ConnectorsView
    inventories: LiveInventories
    asides: SetAsides
    doctor: Callable[[], Awaitable[Mapping[str, object]]]
    reload: Callable[[], Awaitable[Mapping[str, object]]]
    local_key: Callable[[], str | None] = _no_key
    body_bytes: int = BODY_BYTES
    limits: ClientLimits = field(default_factory=ClientLimits)
    trusted_proxies: tuple[Network, ...] = ()
    metrics_networks: tuple[Network, ...] = LOOPBACK
