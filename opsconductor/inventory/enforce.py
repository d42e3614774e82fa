"""Application of an inventory: the plan is computed purely, then written in one transaction."""

from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial

from opsconductor.inventory.merge_dependencies import DependencyMerge, Moves
from opsconductor.inventory.merge_devices import DeviceMerge
from opsconductor.model.address import canonical_address
from opsconductor.model.inventory.listed import (
    NO_LIMITS,
    Inventory,
    InventoryChanges,
    InventoryLoss,
    LossLimits,
    Part,
)
from opsconductor.store.inventory.devices import (
    InventoryPlan,
    KnownInventory,
    change_inventory,
    preview_inventory,
)
from opsconductor.store.postgres.connection import Pool

NAMES_SHOWN = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """Limits on retiring when an inventory is applied.

    Attributes:
        keep: How long missing dependencies and further addresses are kept.
        limits: More than that at once is withheld.
        is_accepted: Nothing is withheld: an operator has confirmed it.
    """

    keep: timedelta
    limits: LossLimits = NO_LIMITS
    is_accepted: bool = False


async def enforce(pool: Pool, connector: str, inventory: Inventory, bounds: Bounds) -> InventoryPlan:
    """Apply an inventory to the database, and return what was changed.

    Raises:
        StoreUnavailable: PostgreSQL is away; nothing was changed.
    """
    return await change_inventory(pool, connector, partial(merge, inventory, connector, bounds))


async def preview(pool: Pool, connector: str, inventory: Inventory, bounds: Bounds) -> InventoryPlan:
    """Return what `enforce` would change, without changing anything."""
    return await preview_inventory(pool, connector, partial(merge, inventory, connector, bounds))


def merge(inventory: Inventory, connector: str, bounds: Bounds, known: KnownInventory) -> InventoryPlan:
    """Compute the changes that apply an inventory; pure but for new ids.

    If too much would be retired at once, everything else is applied and the retirements wait.
    """
    whole, loss = _merged(inventory, connector, bounds.keep, known)
    excess = bounds.limits.excess(loss)
    if not excess:
        return whole
    if bounds.is_accepted:
        return replace(whole, large_loss=loss)
    withheld = replace(inventory, incomplete=inventory.incomplete | excess)
    plan, _ = _merged(withheld, connector, bounds.keep, known)
    return replace(plan, large_loss=loss, is_withheld=True)


def _merged(
    inventory: Inventory, connector: str, keep: timedelta, known: KnownInventory
) -> tuple[InventoryPlan, InventoryLoss]:
    """Compute the changes, and how much of what is present would be retired."""
    devices = DeviceMerge(
        known=known,
        connector=connector,
        taken_at=inventory.taken_at,
        keep=keep,
        incomplete=inventory.incomplete,
    )
    devices.merge(inventory)
    dependencies = DependencyMerge(
        connector=connector,
        taken_at=inventory.taken_at,
        keep=keep,
        moves=_moves(devices),
        is_incomplete=Part.DEPENDENCIES in inventory.incomplete,
        are_rules_new=known.rules not in (None, inventory.rules),
    )
    dependencies.merge(known.dependencies, inventory.dependencies)
    plan = InventoryPlan(
        taken_at=inventory.taken_at,
        devices=tuple(devices.steps),
        addresses=tuple(devices.addresses),
        lost_addresses=tuple(devices.lost_addresses),
        dependencies=tuple(dependencies.steps),
        changes=_counted(devices, dependencies),
        conflicts=tuple(devices.conflicts),
        sizes=(len(inventory.devices), len(inventory.dependencies)),
        names={row.key: row.name for row in (*known.devices, *devices.after.values())},
        rules=inventory.rules,
        unread=inventory.unread,
        remarks=inventory.remarks,
    )
    return plan, _loss(inventory, devices, dependencies)


def _loss(inventory: Inventory, devices: DeviceMerge, dependencies: DependencyMerge) -> InventoryLoss:
    """Count what would be retired; of an incomplete part nothing is."""
    known, connector = devices.known, devices.connector
    are_devices_whole = Part.DEVICES not in inventory.incomplete
    lost = devices.lost if are_devices_whole else []
    here = [row for row in known.devices if row.found_by == connector and row.retired_at is None]
    mine = [row for row in known.dependencies if row.is_mine and row.missing_since is None]
    return InventoryLoss(
        devices=len(lost),
        known_devices=len(here),
        dependencies=0 if dependencies.is_incomplete else dependencies.lost,
        known_dependencies=len(mine),
        names=tuple(row.name for row in lost[:NAMES_SHOWN]),
    )


def _moves(devices: DeviceMerge) -> Moves:
    mains = {row.id: row.key for row in devices.known.devices if row.retired_at is None}
    mains |= {row.id: row.key for row in devices.after.values()}
    by_address = {address: mains[owner] for address, owner in devices.owners.items()}

    def key_of(address: str) -> str:
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
        main = devices.given_up.get(before.id, after.key)
        if main != before.key:
            renamed[before.key] = main
        elif after.retired_at is not None:
            gone.add(before.key)
    gone -= {row.key for row in devices.after.values()}
    return Moves(key_of=key_of, renamed=renamed, gone=gone)


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
