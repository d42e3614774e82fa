"""The queue of jobs that read and analyse."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import asyncpg

from opsconductor.store.datasets.records import AnalysisConfig, BatchJob
from opsconductor.store.postgres.connection import transaction, translated
from opsconductor.store.queries import load

SQL = load("datasets")


async def queue_reading(database: asyncpg.Pool, dataset_id: UUID, path: str) -> None:
    """Queue a job that reads the files of a dataset, unless one waits already.

    Args:
        path: Name of the folder that it will write.
    """
    with translated():
        await database.execute(SQL["queue_reading"], dataset_id, path)


async def restart_jobs(database: asyncpg.Pool) -> int:
    """Queue again the jobs that an earlier run of the daemon has not ended; return how many."""
    with translated():
        status: str = await database.execute(SQL["restart"])
    return int(status.removeprefix("UPDATE "))


async def take_job(database: asyncpg.Pool) -> BatchJob | None:
    """Take the oldest job that waits; None: there is none."""
    with translated():
        async with transaction(database) as connection:
            row = await connection.fetchrow(SQL["take"])
            if row is None:
                return None
            if row["analysis_id"] is not None:
                await connection.execute(SQL["begin_analysis"], row["analysis_id"])
    return BatchJob(**row)


async def config_of(database: asyncpg.Pool, analysis_id: UUID) -> AnalysisConfig | None:
    """Return the settings of an analysis."""
    with translated():
        row = await database.fetchrow(SQL["config"], analysis_id)
    if row is None:
        return None
    lists = {name: tuple(row[name]) for name in ("features", "excluded")}
    return AnalysisConfig(**{**row, **lists})


async def matrix_path(database: asyncpg.Pool, dataset_id: UUID) -> str | None:
    """Return the folder of the matrix of a dataset; None: nothing is read yet."""
    with translated():
        path: str | None = await database.fetchval(SQL["matrix"], dataset_id)
    return path


async def note_progress(database: asyncpg.Pool, job_id: UUID, share: float, step: str) -> None:
    """Note how far a job is, 0 to 1."""
    with translated():
        await database.execute(SQL["note_progress"], job_id, share, step)


async def is_wanted(database: asyncpg.Pool, job_id: UUID) -> bool:
    """Return whether a job that was taken is not cancelled."""
    with translated():
        return bool(await database.fetchval(SQL["running"], job_id))


async def fail_job(database: asyncpg.Pool, job: BatchJob, reason: str) -> None:
    """End a job without result; what it was for has the reason."""
    with translated():
        async with transaction(database) as connection:
            if await connection.fetchval(SQL["end_job"], job.id, "failed", reason) is None:
                return
            if job.analysis_id is not None:
                await connection.execute(SQL["end_analysis"], job.analysis_id, "failed", reason)
            else:
                await connection.execute(SQL["note_files"], job.dataset_id, reason)


async def cancel_analysis(database: asyncpg.Pool, analysis_id: UUID) -> Sequence[UUID]:
    """Cancel the job of an analysis; return its id, nothing if it has ended."""
    with translated():
        async with transaction(database) as connection:
            rows = await connection.fetch(SQL["cancel_jobs"], analysis_id)
            if rows:
                await connection.execute(SQL["end_analysis"], analysis_id, "cancelled", None)
    return [row["id"] for row in rows]


async def complete_reading(
    database: asyncpg.Pool,
    job: BatchJob,
    index: Mapping[str, Any],
    metadata: Mapping[str, Any],
    uploads: Sequence[UUID],
) -> bool:
    """Put a matrix that was read in the place of the former one; return False if the job was cancelled.

    Args:
        index: That of the matrix, JSON-ready.
        metadata: `faults`, `fault_total` and `remarks`.
        uploads: The files that were read, in their order.
    """
    with translated():
        async with transaction(database) as connection:
            if await connection.fetchval(SQL["end_job"], job.id, "completed", None) is None:
                return False
            kept = {name: index[name] for name in ("has_times", "in_order")}
            matrix_id = await connection.fetchval(
                SQL["put_matrix"], job.dataset_id, job.file_path, index["rows"], index["columns"], kept
            )
            await connection.execute(SQL["clear_merged"], matrix_id)
            for at, (upload, file) in enumerate(zip(uploads, index["files"], strict=True), start=1):
                await connection.execute(
                    SQL["add_merged"], matrix_id, upload, at, file["first_row"], file["rows"]
                )
            await connection.execute(SQL["note_reading"], job.dataset_id, metadata)
            await connection.execute(SQL["note_files"], job.dataset_id, None)
    return True
