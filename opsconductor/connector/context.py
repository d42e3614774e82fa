"""What the daemon provides to a connector, beside the connector's own configuration."""

import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol
from uuid import UUID

from opsconductor.connector.acknowledging import AcknowledgeAlert, not_connected
from opsconductor.connector.destinations import EVERYWHERE, Destinations
from opsconductor.connector.outgoing.template_faults import ReportTemplate
from opsconductor.connector.rejection import Reject
from opsconductor.mib.lookup import MibFacts, standard_facts
from opsconductor.model.alert import Alert
from opsconductor.model.enums import Severity
from opsconductor.model.event import ArchivedEvent
from opsconductor.model.inventory.device import Device
from opsconductor.model.mappings.table import MappingTable
from opsconductor.model.measured.measurement import Measurement


class Count(Protocol):
    """Adds to the loss ledger of a connector."""

    def __call__(self, stage: str, reason: str = "", amount: int = 1) -> None:
        """Count `amount` messages at `stage` (`received`, `refused`, `undecodable`, `kernel_drop`)."""


def _ignore() -> None:
    """Do nothing."""


def _ignore_count(stage: str, reason: str = "", amount: int = 1) -> None:
    """Do nothing."""


def _ignore_rejection(
    sender: str,
    reason: str,
    *,
    explanation: str,
    remedy: str,
    amount: int = 1,
    first_bytes: bytes = b"",
) -> None:
    """Do nothing; the default in previews and tests."""


async def _no_original(alert_id: UUID) -> ArchivedEvent | None:
    """Return None: there is no archive."""
    del alert_id
    return None


async def _no_keys() -> AsyncIterator[Sequence[bytes]]:
    """Yield nothing: nothing was acknowledged before."""
    return
    yield


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectorContext:
    """What a connector may use of the daemon. The defaults do nothing: for previews, checks and tests.

    Attributes:
        name: The connector's name, unique; it is the `source_system` of its alerts.
        data_dir: The daemon's data directory, for data that must outlive a restart (engine boots).
        destinations: The addresses that outgoing connections may reach; every client of a connector uses it,
            but for SNMP.
        mappings: Returns the current mapping table; call it each time, a reload replaces the table.
        facts: Returns the known MIB objects and notifications; call it each time.
        vendor_of: Returns the vendor of the device with an address, lower case, from the inventory.
        count: Adds to the connector's loss ledger.
        rejected: Stores whose messages are rejected or cannot be decoded, why, and the remedy, beside
            `count`.
        now: Returns the engine's own time, aware, UTC. Set `received_at` from it.
        report_up: Call when it listens, is connected or has polled. It counts as connected until it fails.
        report_down: Call with the reason when it does not work but retries by itself. A source raises an
            alert on its system itself; for an inventory the daemon does.
        degraded: Call in place of `report_up` when it works only partly, with what is missing and the
            remedy.
        report_polling: Call when a poll begins.
        devices: Returns the devices of the current inventory; call it each time.
        severity_of: Returns the severity of the open alert of a device (address or name), alert type and
            resource; None if none is open. A poller uses it for hysteresis, also after a restart.
        learn_ports: Stores the names of ports of a device (address or name) by resource (`ifIndex=7`), for
            reports of any connector that contain only an ifIndex.
        measure: Stores measured values as points of series within about a second; never waits. Leave out
            unknown and implausible values.
        open_alert: Returns the open alert of this connector with the source's own id of the problem, or None.
        alerts_of: Returns the open alerts of a device (address or name), suppressed ones included.
        original_of: Returns the latest raw event of an alert from the archive, or None; raises StoreError.
        report_template: Call after each message that a template of the configuration rendered, or with the
            reason when it failed and the message was sent without it; that raises an alert.
        acknowledge: Acknowledges an alert in the name of a person who has pressed a button in a message.
        sockets: Datagram sockets that systemd has opened for listeners.
        acknowledged: Yields the keys (`RawEvent.keys`) of what this connector committed last, also before a
            restart: latest first, many at a time. What is accepted before all are known may count twice.
        handover: Open sockets, answers and the like of the previous connector of this name, to take over.
            Each has a `close`, called when the connector is removed.
    """

    name: str
    data_dir: Path
    destinations: Destinations = EVERYWHERE
    mappings: Callable[[], MappingTable] = lambda: MappingTable([])
    facts: Callable[[], MibFacts] = standard_facts
    vendor_of: Callable[[str], str | None] = lambda _: None
    count: Count = _ignore_count
    rejected: Reject = _ignore_rejection
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    report_up: Callable[[], None] = _ignore
    report_down: Callable[[Exception], None] = lambda _: None
    degraded: Callable[[str], None] = lambda _: None
    report_polling: Callable[[], None] = _ignore
    devices: Callable[[], Sequence[Device]] = tuple
    severity_of: Callable[[str, str, str], Severity | None] = lambda *_: None
    learn_ports: Callable[[str, Mapping[str, str]], None] = lambda *_: None
    measure: Callable[[Sequence[Measurement]], None] = lambda _: None
    open_alert: Callable[[str], Alert | None] = lambda _: None
    alerts_of: Callable[[str], Sequence[Alert]] = lambda _: ()
    original_of: Callable[[UUID], Awaitable[ArchivedEvent | None]] = _no_original
    report_template: ReportTemplate = lambda *_: None
    acknowledge: AcknowledgeAlert = not_connected
    sockets: Sequence[socket.socket] = ()
    acknowledged: Callable[[], AsyncIterator[Sequence[bytes]]] = _no_keys
    handover: MutableMapping[str, Any] = field(default_factory=dict)
