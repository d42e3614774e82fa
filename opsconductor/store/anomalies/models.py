"""Versions of the detector: rows of `ml_models`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

import asyncpg

from opsconductor.errors import ModelConflict
from opsconductor.store.access.audit import AuditEntry, Author, record
from opsconductor.store.postgres.connection import translated
from opsconductor.store.queries import load

SQL = load("anomalies/models")
Row = Mapping[str, Any]
IDLE: Final = ("registered", "deprecated")
"""Statuses of a version that neither runs nor is evaluated."""


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


async def get_model(pool: asyncpg.Pool, model_id: UUID) -> Row | None:
    """Return one version, or None."""
    with translated():
        row: Row | None = await pool.fetchrow(SQL["model"], model_id)
    return row


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


async def register(pool: asyncpg.Pool, model: NewModel, by: Author | None = None) -> UUID:
    """Add a version; return its id.

    Args:
        by: Who it is, for the audit log; None: the daemon itself.
    """
    with translated():
        async with pool.acquire() as connection, connection.transaction():
            row = await connection.fetchrow(
                SQL["register"],
                model.algorithm,
                model.hyperparameters,
                model.metrics,
                model.training_data_info,
                model.artifact_path,
                model.artifact_sha256,
                model.status,
            )
            if by is not None:
                details = {"version": row["version"], "after": model.hyperparameters}
                await record(connection, _entry("register", row["id"], details), by)
    found: UUID = row["id"]
    return found


class Promoted(NamedTuple):
    """Numbers of the version in production, and of the one before; None: there was none."""

    version: int
    before: int | None


async def promote(
    pool: asyncpg.Pool,
    model_id: UUID,
    by: Author,
    *,
    instead_of: UUID | None = None,
    figures: Mapping[str, object] | None = None,
) -> Promoted:
    """Put a version into production, and deprecate the one that was.

    Args:
        instead_of: The version that must be in production now; None: any.
        figures: Why it may, for the audit log.

    Raises:
        ModelConflict: It is not idle any more, or another version is in production now.
    """
    with translated():
        async with pool.acquire() as connection, connection.transaction():
            before = await connection.fetchrow(SQL["retire"], model_id)
            if instead_of is not None and (before is None or before["id"] != instead_of):
                raise ModelConflict("another version was put into production meanwhile: look again")
            version = await connection.fetchval(SQL["promote"], model_id, by.name, list(IDLE))
            if version is None:
                raise ModelConflict("the status of the version has changed meanwhile: look again")
            number = before["version"] if before else None
            details = {"version": version, "before": number, **(figures or {})}
            await record(connection, _entry("promote", model_id, details), by)
    return Promoted(version, number)


async def begin_evaluation(
    pool: asyncpg.Pool, model_id: UUID, by: Author, details: Mapping[str, object]
) -> bool:
    """Note that a version is evaluated; return False if it is not idle."""
    return await _set_status(pool, model_id, "evaluating", by, details)


async def retire(pool: asyncpg.Pool, model_id: UUID, by: Author) -> bool:
    """Deprecate a version; return False if it is not idle."""
    return await _set_status(pool, model_id, "deprecated", by, {})


async def end_evaluation(
    pool: asyncpg.Pool, model_id: UUID, metrics: Mapping[str, object], info: Mapping[str, object]
) -> None:
    """Store the figures of an evaluation, and the data that they are based on."""
    with translated():
        await pool.execute(SQL["evaluated"], model_id, metrics, info)


async def fail_evaluations(pool: asyncpg.Pool, model_id: UUID | None, why: str) -> Sequence[int]:
    """Note why a version has no new figures; return the numbers of those that had been evaluated.

    Args:
        model_id: None: all that an earlier run of the daemon has not ended.
    """
    with translated():
        rows = await pool.fetch(SQL["failed"], model_id, why)
    return [row["version"] for row in rows]


async def labels_since(pool: asyncpg.Pool, since: datetime) -> Sequence[Row]:
    """Return what people have said of anomalies of series since a time."""
    with translated():
        rows: Sequence[Row] = await pool.fetch(SQL["labels"], since)
    return rows


async def _set_status(
    pool: asyncpg.Pool, model_id: UUID, status: str, by: Author, details: Mapping[str, object]
) -> bool:
    verb = "evaluate" if status == "evaluating" else "retire"
    with translated():
        async with pool.acquire() as connection, connection.transaction():
            version = await connection.fetchval(SQL["set_status"], model_id, status, list(IDLE))
            if version is None:
                return False
            await record(connection, _entry(verb, model_id, {"version": version, **details}), by)
    return True


def _entry(verb: str, model_id: UUID, details: Mapping[str, object]) -> AuditEntry:
    return AuditEntry(action=f"model.{verb}", subject=str(model_id), details=details)
