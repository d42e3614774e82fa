"""Queries for the report on the health of mappings; never writes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import asyncpg

from opsconductor.store.queries import load

SQL = load("mapping_health")

MOST_OF_A_DEVICE = 40
"""Alerts of one device that are read to find out why its clears ended nothing."""


LEAST_SPLIT = 200
"""Resources of one device and type from which it is looked at, if no clear has ended them."""
MOST_SPLIT = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class NearAlert:
    """An alert of a device whose clears ended nothing.

    Attributes:
        device: Address, or name if it has none.
        resolved_by: Its status: `resolved` or `expired` when it has ended.
    """

    device: str
    alert_type: str
    resource: str
    is_open: bool
    occurred_at: datetime
    resolved_at: datetime | None
    resolved_by: str
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LastingAlert:
    """An alert that has been open for long.

    Attributes:
        trap_oid: Of its latest message; None: it is no trap.
    """

    device: str
    alert_type: str
    resource: str
    severity: str
    title: str
    occurred_at: datetime
    last_occurrence_at: datetime
    occurrence_count: int
    trap_oid: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitSum:
    """Alerts of one device and type that hardly ever came again."""

    device: str
    alert_type: str
    alerts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class UnmappedSum:
    """Traps of one OID that no mapping knew when they came."""

    trap_oid: str
    amount: int
    devices: int
    some_devices: tuple[str, ...]
    last_at: datetime
    title: str


async def read_alerts_of(
    connection: asyncpg.Connection, devices: Sequence[str], since: datetime
) -> list[NearAlert]:
    """Return the open alerts of devices, and those that have ended lately."""
    rows = await connection.fetch(SQL["alerts_of"], list(devices), since, MOST_OF_A_DEVICE)
    return [NearAlert(**row) for row in rows]


async def read_lasting(
    connection: asyncpg.Connection, connectors: Sequence[str], before: datetime, most: int
) -> list[LastingAlert]:
    """Return the open alerts that began before a time, oldest first."""
    rows = await connection.fetch(SQL["lasting"], list(connectors), before, most)
    return [LastingAlert(**row) for row in rows]


async def read_split(connection: asyncpg.Connection, since: datetime) -> list[SplitSum]:
    """Return the devices and alert types whose resources hardly ever came again, most alerts first."""
    rows = await connection.fetch(SQL["split"], since, LEAST_SPLIT, MOST_SPLIT)
    return [SplitSum(**row) for row in rows]


async def read_unmapped_sums(
    connection: asyncpg.Connection, connectors: Sequence[str], since: datetime, most: int
) -> list[UnmappedSum]:
    """Return the traps without a mapping, most frequent first."""
    rows = await connection.fetch(SQL["unmapped"], since, list(connectors), most)
    return [UnmappedSum(**{**row, "some_devices": tuple(row["some_devices"])}) for row in rows]
