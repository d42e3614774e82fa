"""Puts an inventory into force: what must change, worked out purely, then written in one transaction."""

from datetime import timedelta
from functools import partial

from opsconductor.inventory.merge_dependencies import DependencyMerge, Moves
from opsconductor.inventory.merge_devices import DeviceMerge
from opsconductor.model.address import canonical_address
from opsconductor.model.inventory import Inventory, InventoryChanges
from opsconductor.store.connection import Pool
from opsconductor.store.inventory import InventoryPlan, Known, change_inventory, preview_inventory


async def enforce(pool: Pool, connector: str, inventory: Inventory, keep: timedelta) -> InventoryPlan:
    """Put an inventory into force in the database, and tell what was changed.

    Args:
        keep: How long what is found no more stays in force: dependencies, further addresses.

    Raises:
        StoreUnavailable: PostgreSQL is away; nothing was changed.
    """
    return await change_inventory(pool, connector, partial(merge, inventory, connector, keep))


async def preview(pool: Pool, connector: str, inventory: Inventory, keep: timedelta) -> InventoryPlan:
    """Work out what `enforce` would change, and change nothing."""
    return await preview_inventory(pool, connector, partial(merge, inventory, connector, keep))


def merge(inventory: Inventory, connector: str, keep: timedelta, known: Known) -> InventoryPlan:
    """Work out what must change so that an inventory is in force; pure but for new ids."""
    devices = DeviceMerge(known=known, connector=connector, taken_at=inventory.taken_at, keep=keep)
    devices.merge(inventory)
    dependencies = DependencyMerge(
        connector=connector, taken_at=inventory.taken_at, keep=keep, moves=_moves(devices)
    )
    dependencies.merge(known.dependencies, inventory.dependencies)
    return InventoryPlan(
        taken_at=inventory.taken_at,
        devices=tuple(devices.steps),
        addresses=tuple(devices.addresses),
        lost_addresses=tuple(devices.lost_addresses),
        dependencies=tuple(dependencies.steps),
        changes=_counted(devices, dependencies),
        conflicts=tuple(devices.conflicts),
        sizes=(len(inventory.devices), len(inventory.dependencies)),
        names={row.ip_address: row.name for row in (*known.devices, *devices.after.values())},
    )


def _moves(devices: DeviceMerge) -> Moves:
    mains = {row.id: row.ip_address for row in devices.known.devices if row.retired_at is None}
    mains |= {row.id: row.ip_address for row in devices.after.values()}
    by_address = {address: mains[owner] for address, owner in devices.owners.items()}

    def main_of(address: str) -> str:
        found = by_address.get(address)
        if found is None:
            text = canonical_address(address) or address
            found = by_address.get(text, text)
        return found

    renamed, gone = {}, set()
    for step in devices.steps:
        before, after = step.before, step.after
        if before is None or before.retired_at is not None:
            continue
        main = devices.given_up.get(before.id, after.ip_address)
        if main != before.ip_address:
            renamed[before.ip_address] = main
        elif after.retired_at is not None:
            gone.add(before.ip_address)
    gone -= {row.ip_address for row in devices.after.values()}
    return Moves(main_of=main_of, renamed=renamed, gone=gone)


def _counted(devices: DeviceMerge, dependencies: DependencyMerge) -> InventoryChanges:
    steps = devices.steps
    retired = sum(step.after.retired_at is not None for step in steps)
    added = sum(
        step.after.retired_at is None and (step.before is None or step.before.retired_at is not None)
        for step in steps
    )
    ways = dependencies.steps
    new, gone = sum(way.before is None for way in ways), sum(way.after is None for way in ways)
    return InventoryChanges(
        devices_added=added,
        devices_changed=len(steps) - added - retired,
        devices_retired=retired,
        dependencies_added=new,
        dependencies_removed=gone,
        dependencies_aged=dependencies.aged,
        dependencies_changed=len(ways) - new - gone - dependencies.aged,
        conflicts=len(devices.conflicts),
    )
