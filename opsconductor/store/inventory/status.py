"""Queries for the status of inventories: the latest sync of each connector, and what is in force."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import asyncpg

from opsconductor.model.inventory.listed import InventoryLoss
from opsconductor.store.inventory.devices import SQL
from opsconductor.store.postgres.connection import translated

LISTS = ("conflicts", "unread", "remarks")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sync:
    """The latest inventory of a connector.

    Attributes:
        taken_at: Time of the sync.
        devices: Number of devices; `dependencies` likewise.
        changes: Fields of `InventoryChanges`, of the latest one that changed something, at `changed_at`.
        conflicts: One line for each address claimed by two devices.
        waiting: Loss that awaits confirmation, the fields of `InventoryLoss`; None: none.
        unread: Lists that the system does not show to its user.
        remarks: Remarks for operators.
    """

    connector: str
    taken_at: datetime
    synced_at: datetime
    devices: int
    dependencies: int
    changes: Mapping[str, int]
    changed_at: datetime | None
    conflicts: tuple[str, ...]
    waiting: Mapping[str, Any] | None
    unread: tuple[str, ...]
    remarks: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceCount:
    """Devices by origin; `found_by` is None: created manually only."""

    found_by: str | None
    active: int
    retired: int
    of_people: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DependencyCount:
    """Dependencies by origin; `found_by` is None: created manually.

    Attributes:
        missing: Number no longer found, the first of them since `missing_since`.
    """

    found_by: str | None
    dependency_type: str
    confidence: float
    amount: int
    oldest_at: datetime
    newest_at: datetime
    missing: int
    missing_since: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class InventoryStatus:
    """Status of all inventories."""

    syncs: tuple[Sync, ...]
    devices: tuple[DeviceCount, ...]
    dependencies: tuple[DependencyCount, ...]


async def read_inventory_status(pool: asyncpg.Pool) -> InventoryStatus:
    """Return the status from one snapshot of the database.

    Raises:
        StoreUnavailable: PostgreSQL is away.
    """
    with translated():
        async with (
            pool.acquire() as connection,
            connection.transaction(isolation="repeatable_read", readonly=True),
        ):
            return InventoryStatus(
                syncs=tuple(
                    Sync(**{**row, **{name: tuple(row[name]) for name in LISTS}})
                    for row in await connection.fetch(SQL["syncs"])
                ),
                devices=tuple(DeviceCount(**row) for row in await connection.fetch(SQL["device_counts"])),
                dependencies=tuple(
                    DependencyCount(**row) for row in await connection.fetch(SQL["dependency_counts"])
                ),
            )


async def read_waiting(pool: asyncpg.Pool) -> dict[str, InventoryLoss]:
    """Return the losses that await confirmation, by connector, as stored by the latest syncs.

    Raises:
        StoreUnavailable: PostgreSQL is away.
    """
    status = await read_inventory_status(pool)
    return {sync.connector: loss_of(sync.waiting) for sync in status.syncs if sync.waiting is not None}


def loss_of(document: Mapping[str, Any]) -> InventoryLoss:
    """Convert a stored loss."""
    return InventoryLoss(**{**document, "names": tuple(document["names"])})
