"""Versions of the detector: rows of `ml_models`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

import asyncpg

from opsconductor.store.access.audit import AuditEntry, Author, record
from opsconductor.store.postgres.connection import translated
from opsconductor.store.queries import load

SQL = load("models")
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class NewModel:
    """A version to register.

    Attributes:
        artifact_path: File with the hyperparameters, below the data directory.
    """

    algorithm: str
    hyperparameters: Mapping[str, object]
    artifact_path: str
    artifact_sha256: str
    metrics: Mapping[str, object]
    training_data_info: Mapping[str, object]
    status: str = "registered"


async def list_models(pool: asyncpg.Pool) -> Sequence[Row]:
    """Return the versions, the latest first."""
    with translated():
        rows: Sequence[Row] = await pool.fetch(SQL["models"])
    return rows


async def production_model(pool: asyncpg.Pool) -> Row | None:
    """Return the version in production; None: there is none yet."""
    with translated():
        row: Row | None = await pool.fetchrow(SQL["production"])
    return row


async def known_model(
    pool: asyncpg.Pool, algorithm: str, hyperparameters: Mapping[str, object]
) -> Row | None:
    """Return the version with these hyperparameters, or None."""
    with translated():
        row: Row | None = await pool.fetchrow(SQL["known"], algorithm, hyperparameters)
    return row


async def register(pool: asyncpg.Pool, model: NewModel) -> UUID:
    """Add a version; return its id."""
    with translated():
        row = await pool.fetchrow(
            SQL["register"],
            model.algorithm,
            model.hyperparameters,
            model.metrics,
            model.training_data_info,
            model.artifact_path,
            model.artifact_sha256,
            model.status,
        )
    found: UUID = row["id"]
    return found


class Promoted(NamedTuple):
    """Numbers of the version in production, and of the one before; None: there was none."""

    version: int
    before: int | None


async def promote(pool: asyncpg.Pool, model_id: UUID, by: Author) -> Promoted:
    """Put a version into production, and deprecate the one that was."""
    with translated():
        async with pool.acquire() as connection, connection.transaction():
            before = await connection.fetchval(SQL["retire"], model_id)
            version = await connection.fetchval(SQL["promote"], model_id, by.name)
            details = {"version": version, "before": before}
            entry = AuditEntry(action="model.promote", subject=str(model_id), details=details)
            await record(connection, entry, by)
    return Promoted(version, before)
