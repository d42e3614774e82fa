"""Where devices and dependencies are from: which file, inventory or person."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any
from uuid import UUID

from opsconductor.store.postgres.connection import translated
from opsconductor.store.queries import load

SQL = load("inventory/origins")
ROWS_AT_ONCE = 1_000
"""Rows read by one statement."""

Key = tuple[str, str, str]
"""What identifies a dependency: device, provider, type."""
FIRST: Key = ("", "", "")


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceOrigin:
    """Where a device is from.

    Attributes:
        auto_discovered: It belongs to an inventory; else people declared it.
        found_by: The connector whose inventory has it, also if people declared it.
        url: Its page in that inventory system.
        provisioned_from: The file that declares it; None: no file.
    """

    auto_discovered: bool
    found_by: str | None
    url: str | None
    provisioned_from: str | None
    last_synced_at: datetime | None
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DependencyOrigin:
    """Where a dependency is from.

    Attributes:
        created_by: The connector that has found it, else who declared it.
        provisioned_from: The file that declares it; None: no file.
    """

    id: UUID
    description: str | None
    auto_discovered: bool
    created_by: str | None
    provisioned_from: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredDependency:
    """A row of `dependencies` with its origin."""

    device_ip: str
    depends_on_ip: str
    dependency_type: str
    via_resources: tuple[str, ...]
    description: str | None
    confidence: float
    auto_discovered: bool
    created_by: str | None
    provisioned_from: str | None
    missing_since: datetime | None

    @property
    def key(self) -> Key:
        """What identifies it."""
        return self.device_ip, self.depends_on_ip, self.dependency_type


async def read_device_origin(database: Any, device_id: UUID) -> DeviceOrigin | None:
    """Return where a device is from; None: there is no such device any more."""
    with translated():
        row = await database.fetchrow(SQL["device"], device_id)
    return None if row is None else DeviceOrigin(**row)


async def read_last_heard(database: Any, device_ip: str | None, name: str) -> datetime | None:
    """Return when the newest closed alert of a device last occurred; None: it has none."""
    with translated():
        found: datetime | None = await database.fetchval(SQL["last_heard"], device_ip, name)
    return found


async def read_dependency_origins(database: Any, keys: Sequence[Key]) -> Mapping[Key, DependencyOrigin]:
    """Return where dependencies are from, those that exist."""
    if not keys:
        return {}
    with translated():
        rows = await database.fetch(SQL["dependencies"], *zip(*keys, strict=True))
    names = [each.name for each in fields(DependencyOrigin)]
    return {
        (row["device_ip"], row["depends_on_ip"], row["dependency_type"]): DependencyOrigin(
            **{name: row[name] for name in names}
        )
        for row in rows
    }


async def read_dependencies_after(database: Any, key: Key) -> list[StoredDependency]:
    """Return the next dependencies after one in the order of their keys, up to `ROWS_AT_ONCE`."""
    with translated():
        rows = await database.fetch(SQL["export"], *key, ROWS_AT_ONCE)
    return [_stored(row) for row in rows]


async def read_dependencies(database: Any, keys: Sequence[Key]) -> Mapping[Key, StoredDependency]:
    """Return dependencies as they are stored, those that exist."""
    found: dict[Key, StoredDependency] = {}
    for start in range(0, len(keys), ROWS_AT_ONCE):
        columns = zip(*keys[start : start + ROWS_AT_ONCE], strict=True)
        with translated():
            rows = await database.fetch(SQL["present"], *columns)
        found.update((stored.key, stored) for stored in map(_stored, rows))
    return found


def _stored(row: Mapping[str, Any]) -> StoredDependency:
    return StoredDependency(**{**row, "via_resources": tuple(row["via_resources"])})
