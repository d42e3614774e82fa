"""The protocols of connectors and what the daemon hands to one when it builds it.

There is nothing to inherit. A connector package exports, in its `__init__.py`, one `TYPE`
(`connector_type.py`): its configuration model, the function that builds one, and what it can do beside.
"""

import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from opsconductor.connector.rejection import Reject
from opsconductor.model.alert import Alert
from opsconductor.model.device import Device
from opsconductor.model.enums import Severity
from opsconductor.model.event import RawEvent
from opsconductor.model.inventory import Inventory, InventoryChanges
from opsconductor.model.mapping_table import MappingTable
from opsconductor.model.normalized import NormalizedAlert, Snapshot
from opsconductor.model.notification import Notification, Receipt

Emit = Callable[[Sequence[RawEvent]], Awaitable[None]]
"""Hand raw events to the intake; awaiting it is the back-pressure. Returns before the commit."""

Publish = Callable[[Inventory], Awaitable[InventoryChanges]]
"""Put what an inventory system has into force; returns once it is in the database and in the engine.

Raises StoreUnavailable while the database is away; publish again later.
"""


class Count(Protocol):
    """Add to the loss ledger of a connector."""

    def __call__(self, stage: str, reason: str = "", amount: int = 1) -> None:
        """Count `amount` messages at `stage` (`received`, `refused`, `undecodable`, `kernel_drop`)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckResult:
    """What "Test connection" shows."""

    ok: bool
    message: str
    details: Mapping[str, object] = field(default_factory=dict)


class Source(Protocol):
    """Brings raw events in."""

    async def run(self, emit: Emit) -> None:
        """Listen or poll until cancelled; returning is a fault."""

    def normalize(self, raw: RawEvent) -> Sequence[NormalizedAlert] | Snapshot:
        """Turn one raw event into the standard form; pure; raises DecodeError or NormalizeError."""

    def record(self, raw: RawEvent) -> bytes:
        """Write what the archive may keep of an event: no secret, and `normalize` reads the same from it.

        `normalize` gets it back as `payload`, with `parsed` None. Raises DecodeError when it cannot tell
        what is secret: then the event is only counted.
        """

    async def check(self) -> CheckResult:
        """Try whether it would work, without changing anything."""


@runtime_checkable
class Poller(Protocol):
    """What a source is beside that when its snapshots have a scope for each of its targets."""

    def abandoned(self, scopes: Collection[str]) -> Collection[str]:
        """Pick the scopes of this connector for which, as it is configured now, no snapshot will come.

        Asked now and then with those in which something is open; what is picked is closed as expired.
        """


@runtime_checkable
class Acknowledger(Protocol):
    """What a source is beside that when its system can be told that people take care of an alert."""

    async def acknowledge(self, alert: Alert, by: str, note: str) -> None:
        """Tell the system once; raises Unreachable (try again) or Rejected (do not)."""


class VerifyState(StrEnum):
    """What a look at a device says about an alert."""

    STANDS = "stands"
    OVER = "over"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyResult:
    """Outcome of a look.

    Attributes:
        told: What was looked at and found, for the alert's history (`ifOperStatus.7 is down(2)`).
    """

    answer: VerifyState
    told: str


@runtime_checkable
class Verifier(Protocol):
    """What a source is beside that when it can look at a device for others."""

    def can_verify(self, alert: Alert) -> bool:
        """Tell without the network whether `verify` knows where to look."""

    async def verify(self, alert: Alert) -> VerifyResult:
        """Look once whether the fault is still there; never raises for a device that does not answer."""


class Channel(Protocol):
    """Takes notifications out."""

    async def send(self, notification: Notification) -> Receipt:
        """Send once; raises Unreachable (try again) or Rejected (do not)."""

    async def check(self) -> CheckResult:
        """Try whether it would work, without sending anything to people."""

    async def close(self) -> None:
        """Let go of connections."""


class InventorySource(Protocol):
    """Knows devices and their dependencies."""

    async def run(self, publish: Publish) -> None:
        """Keep what is in force in line with the system until cancelled; returning is a fault."""

    async def check(self) -> CheckResult:
        """Try whether it would work, without changing anything."""


def _nobody_asks() -> None:
    """Default: do nothing."""


def _no_rejections(
    sender: str,
    reason: str,
    *,
    explanation: str,
    remedy: str,
    amount: int = 1,
    first_bytes: bytes = b"",
) -> None:
    """Keep nothing: the default where no daemon is around (previews, tests)."""


async def _nothing_acknowledged() -> AsyncIterator[Sequence[bytes]]:
    """Default: nothing was acknowledged before."""
    return
    yield


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectorContext:
    """What the daemon gives to a connector beside its own configuration.

    Attributes:
        name: The connector's name, unique; stands as `source_system` on its alerts.
        data_dir: The daemon's data directory, for what must outlive a restart (engine boots).
        mappings: The present mapping table; ask each time, it is replaced on reload.
        vendor_of: Vendor of the device with an address, lower case, as inventory knows it.
        count: The connector's loss ledger.
        rejected: Notes whose messages are refused or cannot be decoded, why, and the remedy, beside `count`.
        now: The engine's own time, aware, UTC: stamp with it whatever comes in.
        report_up: Called when it listens, is connected or has polled: it counts as connected until it fails.
        report_down: Called with the reason when it does not work but goes on trying by itself. A source
            raises an alert on its system itself; for an inventory the daemon does.
        degraded: Called in place of `report_up` when it works in part only, with what is missing, and the
            remedy.
        report_polling: A poller calls it when it begins to ask.
        devices: The devices of the present inventory; ask each time.
        severity_of: Severity of the open alert of a device (address or name), alert type and resource; None:
            none is open. It tells a poller on which side of a hysteresis it is, after a restart too.
        open_alert: Finds the open alert of this connector by the source's own id of the problem.
        sockets: Datagram sockets that systemd has opened for listeners.
        acknowledged: Reads the keys (`RawEvent.keys`) of what this connector committed last, before a restart
            too: the latest first, many at a time. What is accepted before all are known may count twice.
        handover: Open sockets, answers and the like of the connector of this name before it, to take over.
            Each has a `close`, called when the connector is removed.
    """

    name: str
    data_dir: Path
    mappings: Callable[[], MappingTable]
    vendor_of: Callable[[str], str | None]
    count: Count
    rejected: Reject = _no_rejections
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    report_up: Callable[[], None] = _nobody_asks
    report_down: Callable[[Exception], None] = lambda _: None
    degraded: Callable[[str], None] = lambda _: None
    report_polling: Callable[[], None] = _nobody_asks
    devices: Callable[[], Sequence[Device]] = tuple
    severity_of: Callable[[str, str, str], Severity | None] = lambda *_: None
    open_alert: Callable[[str], Alert | None] = lambda _: None
    sockets: Sequence[socket.socket] = ()
    acknowledged: Callable[[], AsyncIterator[Sequence[bytes]]] = _nothing_acknowledged
    handover: MutableMapping[str, Any] = field(default_factory=dict)


class Role(StrEnum):
    """What a type of connector does."""

    SOURCE = "source"
    CHANNEL = "channel"
    INVENTORY = "inventory"
