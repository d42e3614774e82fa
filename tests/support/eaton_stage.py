"""The UPS poller on a stage: with an engine, so that what it finds becomes alerts."""

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
from tests.support.pipeline_scene import Scene
from tests.support.snmpsim import Snmpsim

HERE = "127.0.0.1"
NOBODY = "127.0.0.9"
LOOK = "1.3.6.1.2.1.1.6.0"
"""sysLocation, which nobody reads here."""
LOOKS = count(1)


@dataclass
class Stage:
    """A poller with its engine: what it finds becomes alerts.

    Attributes:
        told: What the poller says of itself: `works`, or why it fails.
    """

    source: EatonSource
    scene: Scene
    told: list[str]
    events: asyncio.Queue[RawEvent] = field(default_factory=asyncio.Queue)

    async def emit(self, events: Sequence[RawEvent]) -> None:
        """Take what the poller has found."""
        for event in events:
            self.events.put_nowait(event)

    async def until(self, is_so: Callable[[Mapping[str, str]], bool]) -> Mapping[str, str]:
        """Take in polls until the open alerts are as wanted; fails after a while."""
        async with asyncio.timeout(15):
            while not is_so(self.open()):
                self.take(await self.events.get())
        return self.open()

    def take(self, event: RawEvent) -> Snapshot:
        """Let the engine have one event, as it is and as the archive keeps it."""
        said = self.source.normalize(event)
        kept = self.source.normalize(event._replace(payload=self.source.redacted(event)))
        assert [alert._replace(raw_data=None) for alert in said.alerts] == [
            alert._replace(raw_data=None) for alert in kept.alerts
        ]
        self.scene.wait(1)
        self.scene.poll(said.scope, *said.alerts)
        return said

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
    scene, told = Scene(), list[str]()
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
        report_up=lambda: told.append("works"),
        report_down=lambda error: told.append(str(error)),
        severity_of=severity_of,
    )
    return Stage(eaton.TYPE.build(model, context), scene, told)


def at(device: Snmpsim, **more: Any) -> Mapping[str, Any]:
    """Configure the simulated device as target."""
    return {"ip": HERE, "port": device.port, "name": "ups-1", **more}


async def becomes(device: Snmpsim, records: Mapping[str, str]) -> None:
    """Make the simulated device another one, and see to it that it is.

    snmpsim misses a change that comes while it still reads the one before.
    """
    look = f"look {next(LOOKS)}"
    whole = {**records, LOOK: f"4|{look}"}
    device.change(whole, without=[oid for oid in device.records if oid not in whole])
    async with SnmpClient(HERE, device.port, SnmpAccess()) as client:
        assert await client.get([LOOK]) == {LOOK: look.encode()}


async def first(stage: Stage) -> Snapshot:
    """Take in the next finding."""
    async with asyncio.timeout(15):
        return stage.take(await stage.events.get())
