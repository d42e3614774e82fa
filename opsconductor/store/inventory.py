"""Devices and dependencies as inventory systems write them: read whole, changed in one transaction."""

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg

from opsconductor.model.alert import NO_FIELDS
from opsconductor.model.device import DeviceFacts
from opsconductor.model.inventory import InventoryChanges, InventoryLoss
from opsconductor.store.postgres.connection import translated
from opsconductor.store.queries import load

SQL = load("inventory")

ROWS_AT_ONCE = 1_000
"""Rows of one statement: writing them as JSON holds the event loop for some ten milliseconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownDevice(DeviceFacts):
    """A row of `devices` as far as inventories write it.

    Attributes:
        auto_discovered: The row is the inventory's; otherwise people wrote it.
        found: What the inventory knows of a device that people wrote.
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
        is_mine: The connector whose inventory comes into force has found it.
        is_declared: A file says so; it is left as it is there.
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
        """What makes it the same dependency."""
        return self.device_ip, self.depends_on_ip, self.dependency_type


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownInventory:
    """Everything that is in the database, retired devices as well.

    Attributes:
        rules: Those of the connector's inventory that is in force; None: there is none yet.
    """

    devices: tuple[KnownDevice, ...] = ()
    addresses: tuple[KnownAddress, ...] = ()
    dependencies: tuple[KnownDependency, ...] = ()
    rules: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceStep:
    """What becomes of one device; `before` is None for a new one, `after` is as it will be."""

    before: KnownDevice | None
    after: KnownDevice


@dataclass(frozen=True, slots=True, kw_only=True)
class DependencyStep:
    """What becomes of one dependency; `before` is None for a new one, `after` is None when it goes."""

    before: KnownDependency | None
    after: KnownDependency | None


@dataclass(frozen=True, slots=True, kw_only=True)
class InventoryPlan:
    """What must be written to put an inventory into force.

    Attributes:
        devices: Those that are new, different or retired.
        addresses: Further addresses that are new or different; `lost_addresses` go.
        conflicts: One line for each address that two devices want.
        sizes: How many devices and dependencies the inventory has.
        names: Names of all devices that there are or were, by key.
        rules: By what the inventory has worked out its dependencies.
        large_loss: What is too much to go at once without confirmation; None: nothing.
        is_withheld: That loss waits, and is not in the plan.
        unread: Lists that the inventory system refuses to show.
        remarks: What people should know of the inventory.
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
        """True when everything is in force already."""
        return not (self.devices or self.addresses or self.lost_addresses or self.dependencies)


Decide = Callable[[KnownInventory], InventoryPlan]


async def change_inventory(pool: asyncpg.Pool, connector: str, decide: Decide) -> InventoryPlan:
    """Read what is known, have it decided what must change, and write that; all or nothing.

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
    """Work out what `change_inventory` would do, and change nothing."""
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
    """Write a plan; what lets go of an address comes before what takes it."""
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
