"""The daemon's own parts in this process, with connectors that the test controls."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import asyncpg
from pydantic import BaseModel

from opsconductor.app.backups import Backups
from opsconductor.app.connectors.running import ConnectorSpec
from opsconductor.app.parts import OpenedStores, Parts, build
from opsconductor.app.periodic import open_retention
from opsconductor.app.stores import stores_of
from opsconductor.config.settings import Settings
from opsconductor.connector.connector_type import ConnectorType, inventory_type, source_type
from opsconductor.connector.context import ConnectorContext
from opsconductor.connector.interface import CheckResult, Emit, Publish
from opsconductor.model.alert import Alert
from opsconductor.model.enums import Category, Severity
from opsconductor.model.event import RawEvent
from opsconductor.model.inventory.listed import Inventory, InventoryChanges
from opsconductor.model.normalized import NormalizedAlert
from opsconductor.store.spool.queue import SpoolLimits, open_spool


class Nothing(BaseModel):
    """A configuration without keys."""


class ToyInventory:
    """An inventory system whose content and time of publication the test chooses."""

    def __init__(self, context: ConnectorContext) -> None:
        self._context = context
        self._publish: asyncio.Future[Publish] = asyncio.get_running_loop().create_future()

    async def run(self, publish: Publish) -> None:
        """Work, and leave the rest to the test."""
        self._context.report_up()
        self._publish.set_result(publish)
        await asyncio.Event().wait()

    async def has(self, inventory: Inventory) -> InventoryChanges:
        """Publish an inventory."""
        publish = await self._publish
        return await publish(inventory)

    async def check(self) -> CheckResult:
        """Succeed."""
        return CheckResult(ok=True, message="a toy")


class ToySource:
    """A source whose reports the test chooses."""

    def __init__(self, context: ConnectorContext) -> None:
        self._context = context
        self._emit: asyncio.Future[Emit] = asyncio.get_running_loop().create_future()

    async def run(self, emit: Emit) -> None:
        """Work, and leave the rest to the test."""
        self._context.report_up()
        self._emit.set_result(emit)
        await asyncio.Event().wait()

    async def reports(self, device_ip: str, severity: str = "major", **names: object) -> None:
        """Report that a device is not reachable; returns after the commit."""
        done = asyncio.Event()
        body = {"device_ip": device_ip, "severity": severity, **names}
        event = RawEvent(
            connector=self._context.name,
            payload=json.dumps(body).encode(),
            received_at=datetime.now(UTC),
            on_commit=done.set,
        )
        await (await self._emit)([event])
        await done.wait()

    def normalize(self, raw: RawEvent) -> Sequence[NormalizedAlert]:
        """Read one report."""
        body = json.loads(raw.payload)
        return [
            NormalizedAlert(
                source_system=raw.connector,
                alert_type="network_unreachable",
                category=Category.NETWORK,
                title="unreachable",
                occurred_at=raw.received_at,
                received_at=raw.received_at,
                is_cutting=True,
                is_clear=body["severity"] == "clear",
                severity=Severity(body.pop("severity")),
                **body,
            )
        ]

    def redacted(self, raw: RawEvent) -> bytes:
        """Keep everything."""
        return raw.payload

    async def check(self) -> CheckResult:
        """Succeed."""
        return CheckResult(ok=True, message="a toy")


@dataclass
class LiveDaemon:
    """Everything of the daemon but its API."""

    parts: Parts
    inventory: ToyInventory
    source: ToySource

    def open_alerts(self) -> dict[str, Alert]:
        """Show the open alerts by device address or name."""
        alerts = self.parts.worker.stages.engine.open_alerts()
        return {alert.device_ip or alert.device_name or "": alert for alert in alerts}


def toy(connector_type: ConnectorType) -> ConnectorSpec:
    """Plan a connector of the test's own."""
    return ConnectorSpec(name=connector_type.name, connector_type=connector_type, config=Nothing())


@asynccontextmanager
async def live_daemon(pool: asyncpg.Pool, folder: Path, **given: Any) -> AsyncIterator[LiveDaemon]:
    """Run the parts while the context lasts, and stop them as the daemon does.

    Args:
        given: Settings beside the data directory.
    """
    settings = Settings(data_dir=folder, **given)
    async with open_spool(folder, SpoolLimits(bytes=1_000_000)) as spool, asyncio.TaskGroup() as tasks:
        retention = await open_retention(pool, settings.retention)
        opened = OpenedStores(
            pool=pool,
            stores=stores_of(pool, spool, settings),
            retention=retention,
            backups=Backups(settings),
        )
        parts = await build(settings, opened, (), tasks)
        working = tasks.create_task(parts.worker.run())
        plans = [
            toy(inventory_type("netbox", Nothing, lambda _, context: ToyInventory(context))),
            toy(source_type("reports", Nothing, lambda _, context: ToySource(context))),
        ]
        connectors = parts.connectors
        await connectors.change_to({plan.name: plan for plan in plans})
        built = connectors.registry.built
        inventory, source = built["netbox"].part, built["reports"].part
        assert isinstance(inventory, ToyInventory)
        assert isinstance(source, ToySource)
        yield LiveDaemon(parts=parts, inventory=inventory, source=source)
        await connectors.stop_sources()
        await parts.inventories.finish()
        parts.worker.finish()
        await working
