"""The protocols of connectors and what the daemon hands to one when it builds it.

A connector package exports, in its `__init__.py`, one `Kind`: its configuration model and the
function that builds it. There is nothing to inherit.
"""

import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from pydantic import BaseModel

from opsconductor.model.device import Dependency, Device
from opsconductor.model.event import ArchivedEvent, RawEvent
from opsconductor.model.mapping_table import MappingTable
from opsconductor.model.normalized import NormalizedAlert, Snapshot
from opsconductor.model.notification import Notification, Receipt

Emit = Callable[[Sequence[RawEvent]], Awaitable[None]]
"""Hand raw events to the intake; awaiting it is the back-pressure. Returns before the commit."""


class Count(Protocol):
    """Add to the loss ledger of a connector."""

    def __call__(self, stage: str, reason: str = "", amount: int = 1) -> None:
        """Count `amount` messages at `stage` (`received`, `refused`, `undecodable`, `kernel_drop`)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
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

    async def check(self) -> Check:
        """Try whether it would work, without changing anything."""


class Channel(Protocol):
    """Takes notifications out."""

    async def send(self, notification: Notification) -> Receipt:
        """Send once; raises Unreachable (try again) or Rejected (do not)."""

    async def check(self) -> Check:
        """Try whether it would work, without sending anything to people."""

    async def close(self) -> None:
        """Let go of connections."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Inventory:
    """Devices and dependencies as an inventory system has them."""

    devices: tuple[Device, ...]
    dependencies: tuple[Dependency, ...]


class InventorySource(Protocol):
    """Knows devices and their dependencies."""

    async def fetch(self) -> Inventory:
        """Read everything; raises Unreachable or Rejected."""

    async def check(self) -> Check:
        """Try whether it would work, without changing anything."""


def _nobody_asks() -> None:
    """Stand for a daemon that does not want to know whether a source works."""


async def _nothing_recent() -> AsyncIterator[Sequence[ArchivedEvent]]:
    """Stand for a daemon that remembers nothing."""
    return
    yield


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What the daemon gives to a connector beside its own configuration.

    Attributes:
        name: The connector's name, unique; stands as `source_system` on its alerts.
        data_dir: The daemon's data directory, for what must outlive a restart (engine boots).
        mappings: The present mapping table; ask each time, it is replaced on reload.
        vendor_of: Vendor of the device with an address, lower case, as inventory knows it.
        count: The connector's loss ledger.
        works: A source calls it when it listens, is connected or has polled: from then on it counts
            as connected, until `run` fails.
        sockets: Datagram sockets that systemd has opened for listeners.
        recent: Reads what this connector received in the last minutes, in this life or the one before,
            as far as it was committed and `record` of it was kept; the oldest first, many at a time.
        legacy: What the connector of this name before it left in this process, for the new one to take
            over: open sockets, what it has answered. Each has a `close`, which is called when the
            connector is removed.
    """

    name: str
    data_dir: Path
    mappings: Callable[[], MappingTable]
    vendor_of: Callable[[str], str | None]
    count: Count
    works: Callable[[], None] = _nobody_asks
    sockets: Sequence[socket.socket] = ()
    recent: Callable[[], AsyncIterator[Sequence[ArchivedEvent]]] = _nothing_recent
    legacy: MutableMapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A type of connector: what its `config` must be, and how one is built from it.

    Attributes:
        name: The word in `connectors.type`.
        config: Pydantic model (`extra="forbid"`, frozen), checked without the network. Secrets
            are `SecretStr` and are given with their references already resolved.
        build: Makes the connector from its checked configuration; does not connect.
        is_channel: It takes notifications out.
    """

    name: str
    config: type[BaseModel]
    build: Callable[[Any, Surroundings], Any]
    is_channel: bool = False
