"""Devices and dependencies from inventory systems: read completely, changed in one transaction."""

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg

from opsconductor.model.alert import NO_FIELDS
from opsconductor.model.inventory.device import DeviceFacts
from opsconductor.model.inventory.listed import InventoryChanges, InventoryLoss
from opsconductor.store.postgres.connection import translated
from opsconductor.store.queries import load

SQL = load("inventory/inventory")

ROWS_AT_ONCE = 1_000
"""Maximum number of rows per statement: encoding them as JSON blocks the event loop for about ten
milliseconds.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownDevice(DeviceFacts):
    """A row of `devices`, with the columns that inventories write.

    Attributes:
        auto_discovered: The row belongs to the inventory; otherwise it was created manually.
        found: What the inventory knows of a manually created device.
    """

    id: UUID
    auto_discovered: bool
    found_by: str | None = None
    external_id: int | None = None
    url: str | None = None
    found: Mapping[str, object] = field(default_factory=lambda: NO_FIELDS)
    retired_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownAddress:
    """A row of `device_addresses`."""

    address: str
    device_id: UUID
    auto_discovered: bool = True
    missing_since: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownDependency:
    """A row of `dependencies`.

    Attributes:
        is_mine: It was found by the connector whose inventory is applied.
        is_declared: It comes from a file and is not changed.
    """

    id: UUID
    device_ip: str
    depends_on_ip: str
    dependency_type: str
    via_resources: tuple[str, ...] = ()
    description: str | None = None
    confidence: float = 1.0
    auto_discovered: bool = True
    created_by: str | None = None
    is_mine: bool = True
    is_declared: bool = False
    missing_since: datetime | None = None

    @property
    def key(self) -> tuple[str, str, str]:
        """The columns that identify the dependency."""
        return self.device_ip, self.depends_on_ip, self.dependency_type


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownInventory:
    """All rows in the database, retired devices included.

    Attributes:
        rules: Those of the connector's inventory in force; None: there is none yet.
    """

    devices: tuple[KnownDevice, ...] = ()
    addresses: tuple[KnownAddress, ...] = ()
    dependencies: tuple[KnownDependency, ...] = ()
    rules: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceStep:
    """Change of one device; `before` is None for a new one, `after` is the new state."""

    before: KnownDevice | None
    after: KnownDevice


@dataclass(frozen=True, slots=True, kw_only=True)
class DependencyStep:
    """Change of one dependency; `before` is None for a new one, `after` is None if it is deleted."""

    before: KnownDependency | None
    after: KnownDependency | None


@dataclass(frozen=True, slots=True, kw_only=True)
class InventoryPlan:
    """What must be written to apply an inventory.

    Attributes:
        devices: Those that are new, changed or retired.
        addresses: Further addresses that are new or changed; `lost_addresses` are deleted.
        conflicts: One line for each address claimed by two devices.
        sizes: Number of devices and dependencies of the inventory.
        names: Names of all present and former devices, by key.
        rules: Rules by which the inventory has derived its dependencies.
        large_loss: What is too much to retire at once without confirmation; None: nothing.
        is_withheld: That loss waits, and is not in the plan.
        unread: Lists that the inventory system does not show to its user.
        remarks: Remarks of the inventory for operators.
    """

    taken_at: datetime
    devices: tuple[DeviceStep, ...]
    addresses: tuple[KnownAddress, ...]
    lost_addresses: tuple[KnownAddress, ...]
    dependencies: tuple[DependencyStep, ...]
    changes: InventoryChanges
    conflicts: tuple[str, ...]
    sizes: tuple[int, int]
    names: Mapping[str, str]
    rules: str = ""
    large_loss: InventoryLoss | None = None
    is_withheld: bool = False
    unread: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        """True if the inventory is already in force."""
        return not (self.devices or self.addresses or self.lost_addresses or self.dependencies)


Decide = Callable[[KnownInventory], InventoryPlan]


async def change_inventory(pool: asyncpg.Pool, connector: str, decide: Decide) -> InventoryPlan:
    """Read the present rows, call `decide` for the changes, and write them; all or nothing.

    Args:
        decide: Pure; called in a thread.

    Raises:
        StoreUnavailable: PostgreSQL is away; try again later.
    """
    with translated():
        async with pool.acquire() as connection, connection.transaction():
            await connection.execute(SQL["lock"])
            plan = await _plan(connection, connector, decide)
            await _write(connection, plan)
            changed = None if plan.is_empty else asdict(plan.changes)
            sizes, conflicts = plan.sizes, list(plan.conflicts)
            waiting = asdict(plan.large_loss) if plan.large_loss and plan.is_withheld else None
            noted = (changed, conflicts, plan.rules, waiting, list(plan.unread), list(plan.remarks))
            await connection.execute(SQL["note_sync"], connector, plan.taken_at, *sizes, *noted)
            if changed is not None:
                await connection.execute(SQL["audit"], connector, changed)
    return plan


async def preview_inventory(pool: asyncpg.Pool, connector: str, decide: Decide) -> InventoryPlan:
    """Return what `change_inventory` would do, without changing anything."""
    with translated():
        async with (
            pool.acquire() as connection,
            connection.transaction(isolation="repeatable_read", readonly=True),
        ):
            return await _plan(connection, connector, decide)


async def _plan(connection: asyncpg.Connection, connector: str, decide: Decide) -> InventoryPlan:
    devices = await connection.fetch(SQL["devices"], connector)
    addresses = await connection.fetch(SQL["addresses"])
    dependencies = await connection.fetch(SQL["dependencies"], connector)
    rules: str | None = await connection.fetchval(SQL["rules"], connector)
    return await asyncio.to_thread(
        lambda: decide(replace(_known(devices, addresses, dependencies), rules=rules))
    )


def _known(
    devices: Sequence[Mapping[str, Any]],
    addresses: Sequence[Mapping[str, Any]],
    dependencies: Sequence[Mapping[str, Any]],
) -> KnownInventory:
    return KnownInventory(
        devices=tuple(
            KnownDevice(
                **{
                    **row,
                    "tags": tuple(row["tags"]),
                    "names": tuple(row["names"]),
                    "custom_fields": row["custom_fields"] or NO_FIELDS,
                    "found": row["found"] or NO_FIELDS,
                }
            )
            for row in devices
        ),
        addresses=tuple(KnownAddress(**row) for row in addresses),
        dependencies=tuple(
            KnownDependency(**{**row, "via_resources": tuple(row["via_resources"])}) for row in dependencies
        ),
    )


async def _write(connection: asyncpg.Connection, plan: InventoryPlan) -> None:
    """Write a plan; rows that release an address come before rows that take it."""
    retired = [
        (step.after.id, step.after.external_id) for step in plan.devices if step.after.retired_at is not None
    ]
    moved = [
        step.after.id
        for step in plan.devices
        if step.before is not None and step.before.key != step.after.key
    ]
    staying = [step.after for step in plan.devices if step.after.retired_at is None]
    if retired:
        await connection.execute(SQL["retire_devices"], *zip(*retired, strict=True), plan.taken_at)
    if moved:
        await connection.execute(SQL["park_devices"], moved)
    for rows in _parts(staying):
        await connection.execute(SQL["write_devices"], [_columns(row) for row in rows], plan.taken_at)
    if plan.lost_addresses:
        await connection.execute(SQL["delete_addresses"], [each.address for each in plan.lost_addresses])
    for addresses in _parts(plan.addresses):
        columns = zip(*((row.address, row.device_id, row.missing_since) for row in addresses), strict=True)
        await connection.execute(SQL["write_addresses"], *columns)
    await _write_dependencies(connection, plan.dependencies)


async def _write_dependencies(connection: asyncpg.Connection, steps: Sequence[DependencyStep]) -> None:
    gone = [step.before.id for step in steps if step.before is not None and step.after is None]
    if gone:
        await connection.execute(SQL["delete_dependencies"], gone)
    moved = [
        step.before.id
        for step in steps
        if step.before is not None and step.after is not None and step.before.key != step.after.key
    ]
    if moved:
        await connection.execute(SQL["park_dependencies"], moved)
    for rows in _parts([step.after for step in steps if step.after is not None]):
        await connection.execute(SQL["write_dependencies"], [_columns(row) for row in rows])


def _columns(row: KnownDevice | KnownDependency) -> dict[str, object]:
    return {each.name: getattr(row, each.name) for each in fields(row)}


def _parts(rows: Sequence[Any]) -> Iterator[Sequence[Any]]:
    return (rows[begin : begin + ROWS_AT_ONCE] for begin in range(0, len(rows), ROWS_AT_ONCE))
