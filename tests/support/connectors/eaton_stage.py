"""The UPS poller on a stage: with an engine, so that its findings become alerts."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

from connectors import eaton
from connectors.eaton.source import EatonSource
from opsconductor.connector.context import ConnectorContext
from opsconductor.model.enums import OPEN_STATUSES, Severity
from opsconductor.model.event import RawEvent
from opsconductor.model.mappings.table import MappingTable
from opsconductor.model.normalized import Snapshot
from opsconductor.snmp.client.client import SnmpClient
from opsconductor.snmp.security.access import SnmpAccess
from tests.support.engine.pipeline_scene import Scene
from tests.support.snmp.snmpsim import Snmpsim

HERE = "127.0.0.1"
UNREACHABLE = "127.0.0.9"
LOOK = "1.3.6.1.2.1.1.6.0"
"""sysLocation, which no test reads."""
LOOKS = count(1)


@dataclass
class Stage:
    """A poller with its engine: its findings become alerts.

    Attributes:
        states: The states that the poller reports: `works`, or why it fails.
    """

    source: EatonSource
    scene: Scene
    states: list[str]
    events: asyncio.Queue[RawEvent] = field(default_factory=asyncio.Queue)

    async def emit(self, events: Sequence[RawEvent]) -> None:
        """Take the findings of the poller."""
        for event in events:
            self.events.put_nowait(event)

    async def until(self, is_so: Callable[[Mapping[str, str]], bool]) -> Mapping[str, str]:
        """Process polls until the open alerts are as wanted; fails after a while."""
        async with asyncio.timeout(15):
            while not is_so(self.open()):
                self.take(await self.events.get())
        return self.open()

    def take(self, event: RawEvent) -> Snapshot:
        """Make the engine process one event, as emitted and as archived."""
        snapshot = self.source.normalize(event)
        kept = self.source.normalize(event._replace(payload=self.source.redacted(event)))
        assert [alert._replace(raw_data=None) for alert in snapshot.alerts] == [
            alert._replace(raw_data=None) for alert in kept.alerts
        ]
        self.scene.wait(1)
        self.scene.poll(snapshot.scope, *snapshot.alerts)
        return snapshot

    def open(self) -> dict[str, str]:
        """List the open alerts: severity by type, and resource if there is one."""
        return {
            f"{row.alert_type} {row.resource}".strip(): row.severity.value
            for row in self.scene.rows()
            if row.status in OPEN_STATUSES
        }


@asynccontextmanager
async def polling(*targets: Mapping[str, Any], **config: Any) -> AsyncIterator[Stage]:
    """Run the poller for as long as the test lasts."""
    stage = stage_of(*targets, **config)
    task = asyncio.create_task(stage.source.run(stage.emit))
    try:
        yield stage
    finally:
        task.cancel()
        async with asyncio.timeout(5):
            await asyncio.gather(task, return_exceptions=True)
        assert task.cancelled()


def stage_of(*targets: Mapping[str, Any], **config: Any) -> Stage:
    """Build a poller that does not run."""
    scene, states = Scene(), list[str]()
    timeouts = {"timeout": 1, "retries": 1}
    model = eaton.TYPE.config.model_validate(
        {"poll_interval": 0.05, "targets": [{**timeouts, **target} for target in targets], **config}
    )

    def severity_of(device: str, alert_type: str, resource: str) -> Severity | None:
        found = [
            row.severity
            for row in scene.rows()
            if (row.alert_type, row.resource) == (alert_type, resource)
            and row.device_ip in (device, None)  # a loopback address is dropped where a name is known
            and row.status in OPEN_STATUSES
        ]
        return found[0] if found else None

    context = ConnectorContext(
        name="ups",
        data_dir=Path("/nonexistent"),
        mappings=lambda: MappingTable([]),
        vendor_of=lambda _: None,
        count=lambda *_, **__: None,
        report_up=lambda: states.append("works"),
        report_down=lambda error: states.append(str(error)),
        severity_of=severity_of,
    )
    return Stage(eaton.TYPE.build(model, context), scene, states)


def at(device: Snmpsim, **more: Any) -> Mapping[str, Any]:
    """Configure the simulated device as target."""
    return {"ip": HERE, "port": device.port, "name": "ups-1", **more}


async def becomes(device: Snmpsim, records: Mapping[str, str]) -> None:
    """Change the values of the simulated device, and wait until it answers with them.

    snmpsim misses a change that comes while it still reads the one before.
    """
    look = f"look {next(LOOKS)}"
    whole = {**records, LOOK: f"4|{look}"}
    device.change(whole, without=[oid for oid in device.records if oid not in whole])
    async with SnmpClient(HERE, device.port, SnmpAccess()) as client:
        assert await client.get([LOOK]) == {LOOK: look.encode()}


async def first(stage: Stage) -> Snapshot:
    """Take the next finding."""
    async with asyncio.timeout(15):
        return stage.take(await stage.events.get())
