"""Single read of an inventory system, and the changes that would result."""

import asyncio
from dataclasses import dataclass
from typing import Any

from opsconductor.app.configuring.loading import read_inventory
from opsconductor.app.connectors.specs import PlanError, plan_of
from opsconductor.app.connectors.types import installed_types
from opsconductor.app.inventories import bounds_of
from opsconductor.config.settings import Settings
from opsconductor.config.vault import find_key
from opsconductor.connector.checking.conformance import build_connector
from opsconductor.connector.context import ConnectorContext
from opsconductor.connector.interface import InventorySource, Role
from opsconductor.errors import ConnectorError, Rejected, Unreachable
from opsconductor.guard import guarded
from opsconductor.inventory.enforce import preview
from opsconductor.model.aside import reason_of
from opsconductor.model.inventory.listed import Inventory, InventoryChanges
from opsconductor.model.masking import known_secrets
from opsconductor.store.access.credentials import open_vault
from opsconductor.store.configuration import ConnectorRow, load_connectors
from opsconductor.store.inventory.devices import InventoryPlan
from opsconductor.store.postgres.connection import Pool


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What a connector has found, and the changes that would result."""

    connector: str
    plan: InventoryPlan


async def preview_connector(pool: Pool, settings: Settings, name: str | None) -> Preview:
    """Run an inventory until it has published once; nothing is written.

    Args:
        name: Of the connector, enabled or not; None: the only inventory there is.

    Raises:
        ConnectorError: There is no such inventory, or it does not answer.
        SecretError: The vault cannot be opened.
        StoreUnavailable: The database is away.
    """
    row = _chosen(await load_connectors(pool), name)
    vault = await open_vault(pool, await asyncio.to_thread(find_key, settings.secrets, settings.data_dir))
    try:
        plan = plan_of(row, vault.open)
    except PlanError as error:
        raise Rejected(f"{row.name} cannot run: {error}") from None
    snapshot = await read_inventory(pool)
    answer: asyncio.Future[Inventory] = asyncio.get_running_loop().create_future()

    def fails(error: Exception) -> None:
        if not answer.done():
            answer.set_exception(_foreseen(row.name, error))

    context = ConnectorContext(
        name=row.name,
        data_dir=settings.data_dir,
        destinations=settings.outgoing.destinations,
        vendor_of=snapshot.vendor_of,
        report_down=fails,
        devices=lambda: snapshot.devices,
    )
    with guarded() as building:
        source = build_connector(plan.connector_type, plan.config, context).inventory
    if building.error is not None:
        raise Rejected(f"{row.name} cannot be built: {reason_of(building.error)}")
    assert source is not None
    found = await _first_of(source, answer, row.name)
    return Preview(
        connector=row.name, plan=await preview(pool, row.name, found, bounds_of(settings, is_accepted=True))
    )


async def _first_of(source: InventorySource, answer: asyncio.Future[Inventory], name: str) -> Inventory:
    """Run an inventory source until it publishes, fails or ends."""

    async def publish(inventory: Inventory) -> InventoryChanges:
        if not answer.done():
            answer.set_result(inventory)
        await asyncio.Event().wait()
        return InventoryChanges()

    running = asyncio.ensure_future(source.run(publish))
    ends: list[asyncio.Future[Any]] = [running, answer]
    await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
    if not answer.done():
        error = running.exception() or RuntimeError("it ended without publishing anything")
        raise _foreseen(name, error) from error
    running.cancel()
    await asyncio.wait({running})
    return answer.result()


def _chosen(rows: list[ConnectorRow], name: str | None) -> ConnectorRow:
    known = installed_types().known
    inventories = {
        row.name: row for row in rows if row.type in known and known[row.type].role is Role.INVENTORY
    }
    if name is None and len(inventories) == 1:
        return next(iter(inventories.values()))
    if name in inventories:
        return inventories[name]
    if not inventories:
        raise Rejected("there is no inventory connector; declare one in a file of `provision`")
    wanted = "there are several inventories" if name is None else f"{name} is not an inventory"
    raise Rejected(f"{wanted}; give one of {', '.join(sorted(inventories))}")


def _foreseen(name: str, error: BaseException) -> ConnectorError:
    """Return why an inventory does not answer, whatever it raised."""
    if isinstance(error, ConnectorError):
        return error
    return Unreachable(f"{name}: {known_secrets.hide(str(error)) or type(error).__name__}")
