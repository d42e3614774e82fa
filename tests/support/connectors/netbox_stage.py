"""A stage for the NetBox inventory: what it makes of an estate, with and without a server between."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from connectors.netbox import TYPE
from connectors.netbox.assembly import Assembled, assemble
from connectors.netbox.config import NetboxConfig
from connectors.netbox.dependencies.ranks import Ranking
from connectors.netbox.inventory import NetboxInventory
from connectors.netbox.tables import Holdings, tables
from opsconductor.connector.context import ConnectorContext
from opsconductor.model.enums import DependencyType
from opsconductor.model.inventory.listed import FoundDependency, Inventory, InventoryChanges
from opsconductor.model.mappings.table import MappingTable
from tests.fakes.netbox.estate import START, Estate
from tests.fakes.netbox.server import V2, FakeNetbox
from tests.fakes.netbox.shapes import Shown

LONGEST_S = 20.0


def holdings_of(estate: Estate) -> Holdings:
    """Read an estate as the connector does, without a server between."""
    shown = Shown(estate, "https://netbox.example.net")
    read = {}
    for name, table in tables("ifindex").items():
        rows = (
            shown.row(table.kind, row, fields=table.fields.split(","))
            for row in estate.of(table.kind).values()
        )
        parsed = ((row["id"], table.parse(row)) for row in rows)
        read[name] = {key: found for key, found in parsed if found is not None}
    return Holdings(**read)


def assembled(estate: Estate, *roots: str, ranks: Mapping[str, int] | None = None) -> Assembled:
    """Make the inventory of an estate."""
    return assemble(holdings_of(estate), Ranking(ranks or {}), roots, START)


def needed(estate: Estate, *roots: str, **options: Any) -> dict[str, list[str]]:
    """Return by names which device needs which, of any type of dependency."""
    found = assembled(estate, *roots, **options).inventory
    names = {device.key: device.name for device in found.devices}
    needs: dict[str, list[str]] = {}
    for each in found.dependencies:
        needs.setdefault(names[each.device_ip], []).append(names[each.depends_on_ip])
    return {name: sorted(providers) for name, providers in needs.items()}


def dependency(found: Inventory, device: str, provider: str, kind: str = "network") -> FoundDependency:
    """Find the dependency of one device on another, by names."""
    addresses = {each.name: each.ip_address for each in found.devices}
    [only] = [
        each
        for each in found.dependencies
        if (each.device_ip, each.depends_on_ip) == (addresses[device], addresses[provider])
        and each.dependency_type is DependencyType(kind)
    ]
    return only


@dataclass(slots=True)
class Seen:
    """Records what the daemon gets of an inventory.

    Attributes:
        published: Everything that was put into force, in its order.
        reported: `works`, `degraded: ` with what is missing, or why it does not work, in their order.
        refuse: Raised instead of putting the next ones into force.
    """

    published: asyncio.Queue[Inventory] = field(default_factory=asyncio.Queue)
    reported: asyncio.Queue[str] = field(default_factory=asyncio.Queue)
    refuse: list[Exception] = field(default_factory=list)

    async def publish(self, found: Inventory) -> InventoryChanges:
        """Put an inventory into force."""
        if self.refuse:
            raise self.refuse.pop(0)
        await self.published.put(found)
        return InventoryChanges(devices_added=len(found.devices))

    async def next(self) -> Inventory:
        """Wait for the next inventory."""
        return await asyncio.wait_for(self.published.get(), LONGEST_S)

    async def stands(self) -> str:
        """Wait for the result of the next sync."""
        return await asyncio.wait_for(self.reported.get(), LONGEST_S)


def inventory(fake: FakeNetbox, seen: Seen, **config: Any) -> NetboxInventory:
    """Make the inventory of a fake NetBox."""
    settings = NetboxConfig.model_validate({"url": fake.url, "token": V2, **config})
    context = ConnectorContext(
        name="netbox",
        data_dir=Path("/nonexistent"),
        mappings=MappingTable,
        vendor_of=lambda _: None,
        count=lambda *_, **__: None,
        report_up=lambda: seen.reported.put_nowait("works"),
        degraded=lambda lacks: seen.reported.put_nowait(f"degraded: {lacks}"),
        report_down=lambda error: seen.reported.put_nowait(str(error)),
    )
    made = TYPE.build(settings, context)
    assert isinstance(made, NetboxInventory)
    return made


@asynccontextmanager
async def synced(fake: FakeNetbox, **config: Any) -> AsyncIterator[tuple[NetboxInventory, Seen]]:
    """Run the inventory of a fake NetBox."""
    seen = Seen()
    made = inventory(fake, seen, **config)
    running = asyncio.create_task(made.run(seen.publish))
    try:
        yield made, seen
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running
