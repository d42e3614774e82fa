"""An SNMP poller under test: its device, a stand-in for the engine, and its reports."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from connectors.snmp_poll.config import SnmpPollConfig
from connectors.snmp_poll.device import DevicePoll
from connectors.snmp_poll.report import PollReport
from connectors.snmp_poll.source import SnmpPollSource
from opsconductor.connector.context import ConnectorContext
from opsconductor.model.enums import Severity
from opsconductor.model.event import RawEvent
from opsconductor.model.inventory.device import Device
from opsconductor.model.mappings.table import MappingTable
from opsconductor.model.normalized import NormalizedAlert, Snapshot
from tests.support.snmp import snmp_agent

UP_TIME = "1.3.6.1.2.1.1.3.0"
ADMIN = "1.3.6.1.2.1.2.2.1.7"
OPER = "1.3.6.1.2.1.2.2.1.8"
NAME = "1.3.6.1.2.1.31.1.1.1.1"
DESCRIPTION = "1.3.6.1.2.1.2.2.1.2"
ALIAS = "1.3.6.1.2.1.31.1.1.1.18"
UP, DOWN = 1, 2
NOW = datetime(2026, 1, 2, tzinfo=UTC)


def ports(*states: int) -> dict[str, snmp_agent.Typed]:
    """Make a switch whose ports, all switched on, are in these states."""
    values = {UP_TIME: snmp_agent.ticks(50_000)}
    for index, state in enumerate(states, start=1):
        values[f"{ADMIN}.{index}"] = snmp_agent.integer(UP)
        values[f"{OPER}.{index}"] = snmp_agent.integer(state)
        values[f"{NAME}.{index}"] = snmp_agent.text(f"Gi1/0/{index}")
    return values


class Engine:
    """A stand-in for the daemon: knows which alerts are open, from snapshots, events and clears."""

    def __init__(self, devices: Sequence[Device] = ()) -> None:
        self.open: dict[tuple[str, str], Severity] = {}
        self.scopes: dict[str, set[tuple[str, str]]] = {}
        self.happened: list[NormalizedAlert] = []
        self.failures: list[str] = []
        self.ports: dict[str, dict[str, str]] = {}
        self.devices = devices
        self.changed = asyncio.Event()

    def context(self, data_dir: Path = Path("/nowhere")) -> ConnectorContext:
        """Return the context of a poller."""
        return ConnectorContext(
            name="poll",
            data_dir=data_dir,
            mappings=lambda: MappingTable([]),
            vendor_of=lambda _: None,
            count=lambda *_, **__: None,
            now=lambda: NOW,
            report_down=lambda error: self.failures.append(str(error)),
            devices=lambda: self.devices,
            learn_ports=lambda device, names: self.ports.setdefault(device, {}).update(names),
            severity_of=lambda _, alert_type, resource: self.open.get((alert_type, resource)),
        )

    def take(self, findings: Snapshot | Sequence[NormalizedAlert]) -> None:
        """Process findings as the real engine does."""
        alerts = findings.alerts if isinstance(findings, Snapshot) else findings
        for alert in alerts:
            identity = alert.alert_type, alert.resource
            if alert.is_clear:
                self.open.pop(identity, None)
            else:
                self.open[identity] = alert.severity
                self.happened.append(alert)
        if isinstance(findings, Snapshot):
            listed = {(alert.alert_type, alert.resource) for alert in alerts}
            for gone in self.scopes.get(findings.scope, set()) - listed:
                self.open.pop(gone, None)
            self.scopes[findings.scope] = listed
        self.changed.set()

    async def until(self, alert_type: str, resource: str = "", *, is_open: bool = True) -> None:
        """Wait until an alert is open, or is no more."""
        while ((alert_type, resource) in self.open) is not is_open:
            self.changed.clear()
            await self.changed.wait()


class Polled:
    """One device, polled by hand through `DevicePoll`, with the engine that gets the results."""

    def __init__(self, port: int, **keys: Any) -> None:
        self.engine = Engine()
        target = {"addresses": ["127.0.0.1"], "port": port, **keys}
        self.config = SnmpPollConfig.model_validate(
            {"targets": [target], "timeout": 0.2, "retries": 0, "misses": 2}
        )
        self.source = SnmpPollSource(self.config, self.engine.context())
        self.device: DevicePoll = self.source._device("127.0.0.1", None, self.config.targets[0])

    async def poll(self) -> Sequence[PollReport]:
        """Visit once with every check, and pass the result to the engine."""
        reports = await self.device.poll(self.config.checks_of(self.config.targets[0]))
        for report in reports:
            self.engine.take(self.source.normalize(self.source._event(report)))
        return reports

    @property
    def open(self) -> Mapping[tuple[str, str], Severity]:
        """Return the open alerts."""
        return dict(self.engine.open)


def event_of(source: SnmpPollSource, report: PollReport) -> RawEvent:
    """Make the raw event of a report."""
    return source._event(report)
