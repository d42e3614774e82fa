"""Queries for the configuration, and updates of connector status."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg

from opsconductor.mib.mapping_row import mapping_of
from opsconductor.model.alert import NO_FIELDS
from opsconductor.model.enums import ConnectorStatus, DependencyType
from opsconductor.model.inventory.device import Dependency, Device
from opsconductor.model.mappings.mapping import OidMapping
from opsconductor.model.text import storable_text
from opsconductor.store.postgres.connection import translated
from opsconductor.store.queries import load

SQL = load("configuration")


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectorRow:
    """One row of `connectors`.

    Attributes:
        config: As stored: secrets are references.
    """

    id: UUID
    name: str
    type: str
    enabled: bool
    config: Mapping[str, Any]


async def load_connectors(pool: asyncpg.Pool) -> list[ConnectorRow]:
    """Return every connector, disabled ones included."""
    return [ConnectorRow(**row) for row in await _fetch(pool, "connectors")]


async def load_mappings(pool: asyncpg.Pool) -> list[OidMapping]:
    """Return the trap mappings."""
    rows = await _fetch(pool, "mappings")
    return await asyncio.to_thread(lambda: [mapping_of(row) for row in rows])


async def load_devices(pool: asyncpg.Pool) -> list[Device]:
    """Return every device with its further addresses."""
    rows = await _fetch(pool, "devices")
    return await asyncio.to_thread(lambda: [device_of(row) for row in rows])


async def load_dependencies(pool: asyncpg.Pool) -> list[Dependency]:
    """Return the dependencies."""
    rows = await _fetch(pool, "dependencies")
    return await asyncio.to_thread(lambda: [dependency_of(row) for row in rows])


async def load_connector_rows(pool: asyncpg.Pool) -> list[dict[str, Any]]:
    """Return the last stored status of every connector, by name."""
    return [
        {**row, "status": ConnectorStatus(row["status"])} for row in await _fetch(pool, "connector_states")
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectorNews:
    """Changes of a connector's status since it was last stored.

    Attributes:
        received: Number of alerts received since then; the count of today restarts at midnight UTC.
        polled_at: Start of its last poll; None: not since the daemon's start, or it does not poll.
        succeeded_at: Time of its last success; None: not since the daemon's start.
    """

    status: ConnectorStatus
    error_message: str | None
    received: int
    polled_at: datetime | None
    succeeded_at: datetime | None
    at: datetime


async def save_connector_status(pool: asyncpg.Pool, name: str, news: ConnectorNews) -> None:
    """Store the status of a connector; one that has been deleted meanwhile is ignored.

    Raises:
        StoreUnavailable: PostgreSQL is away.
    """
    error = None if news.error_message is None else storable_text(news.error_message)
    values = (str(news.status), error, news.at, news.received, news.polled_at, news.succeeded_at)
    with translated():
        await pool.execute(SQL["save_connector_status"], name, *values)


def device_of(row: Mapping[str, Any]) -> Device:
    """Convert a row of `devices` with its addresses."""
    fields = dict(row.items())
    for name in ("tags", "addresses", "names"):
        fields[name] = tuple(fields.get(name, ()))
    fields["custom_fields"] = fields["custom_fields"] or NO_FIELDS
    return Device(**fields)


def dependency_of(row: Mapping[str, Any]) -> Dependency:
    """Convert a row of `dependencies`."""
    return Dependency(
        device_ip=row["device_ip"],
        depends_on_ip=row["depends_on_ip"],
        dependency_type=DependencyType(row["dependency_type"]),
        via_resources=tuple(row["via_resources"]),
        confidence=float(row.get("confidence", 1.0)),
        missing_since=row.get("missing_since"),
    )


async def _fetch(pool: asyncpg.Pool, query: str) -> list[Mapping[str, Any]]:
    with translated():
        rows: list[Mapping[str, Any]] = await pool.fetch(SQL[query])
    return rows
