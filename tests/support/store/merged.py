"""The content of a database after plans, computed without one; it checks the constraints as well."""

from collections.abc import Mapping
from dataclasses import replace
from uuid import UUID

from opsconductor.store.inventory.devices import InventoryPlan, KnownDependency, KnownDevice, KnownInventory


def applied(known: KnownInventory, plan: InventoryPlan) -> KnownInventory:
    """Carry out a plan, as `store.inventory` writes it."""
    devices = {row.id: row for row in known.devices} | {step.after.id: step.after for step in plan.devices}
    retired = {step.after.id for step in plan.devices if step.after.retired_at is not None}
    addresses = {row.address: row for row in known.addresses if row.device_id not in retired}
    for row in plan.lost_addresses:
        addresses.pop(row.address, None)
    addresses |= {row.address: row for row in plan.addresses}
    dependencies = {row.id: row for row in known.dependencies}
    for step in plan.dependencies:
        if step.before is not None:
            del dependencies[step.before.id]
        if step.after is not None:
            dependencies[step.after.id] = step.after
    after = KnownInventory(
        devices=tuple(devices.values()),
        addresses=tuple(addresses.values()),
        dependencies=tuple(dependencies.values()),
    )
    _check_constraints(after)
    return after


def active(known: KnownInventory) -> dict[str, KnownDevice]:
    """List the devices that are not retired by key."""
    return {row.key: row for row in known.devices if row.retired_at is None}


def further(known: KnownInventory) -> dict[str, set[str]]:
    """List the further addresses of active devices by key."""
    names = {row.id: row.key for row in known.devices}
    found: dict[str, set[str]] = {address: set() for address in active(known)}
    for row in known.addresses:
        found[names[row.device_id]].add(row.address)
    return found


def ways(known: KnownInventory) -> dict[tuple[str, str, str], KnownDependency]:
    """List dependencies by their key."""
    return {row.key: row for row in known.dependencies}


def without_ids(rows: Mapping[str, KnownDevice]) -> dict[str, KnownDevice]:
    """Make devices comparable that were added at different times."""
    return {address: replace(row, id=UUID(int=0)) for address, row in rows.items()}


def _check_constraints(known: KnownInventory) -> None:
    mains = [row.key for row in known.devices if row.retired_at is None]
    assert len(set(mains)) == len(mains), "two active devices have one key"
    links = [(row.found_by, row.external_id) for row in known.devices if row.external_id is not None]
    assert len(set(links)) == len(links), "two devices are one in the inventory"
    assert not {row.address for row in known.addresses} & set(mains), "a main address is a further one too"
    assert len(ways(known)) == len(known.dependencies), "one dependency is defined twice"
    assert all(row.device_ip != row.depends_on_ip for row in known.dependencies), "a device needs itself"
