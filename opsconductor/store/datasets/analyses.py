"""Analyses: their settings, results, rows and pictures."""

from collections.abc import Mapping, Sequence
from dataclasses import astuple
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import asyncpg

from opsconductor.store.datasets.records import AnalysisConfig, AnalysisRecord, DatasetViewer
from opsconductor.store.postgres.connection import transaction, translated
from opsconductor.store.queries import load

SQL = load("datasets")
MOST_LISTED = 500

ROW_COLUMNS = (
    "analysis_id",
    "row_number",
    "place",
    "file",
    "line",
    "occurred_at",
    "level",
    "severity",
    "t2",
    "spe",
    "distance",
    "statistic",
    "threshold",
    "features",
)


async def add_analysis(
    database: asyncpg.Pool,
    viewer: DatasetViewer,
    dataset_id: UUID,
    config: AnalysisConfig,
    *,
    path: str,
    rerun_of: UUID | None = None,
) -> UUID:
    """Store an analysis and queue its job.

    Args:
        path: Name of the folder that the job will write.
    """
    values = [list(value) if isinstance(value, tuple) else value for value in astuple(config)]
    with translated():
        async with transaction(database) as connection:
            config_id = await connection.fetchval(SQL["add_config"], *values)
            owner = (viewer.user_id, viewer.key_id, viewer.name)
            added: UUID = await connection.fetchval(
                SQL["add_analysis"], dataset_id, config_id, rerun_of, *owner
            )
            await connection.execute(SQL["queue_analysis"], dataset_id, added, path)
    return added


async def waiting_analyses(database: asyncpg.Pool, viewer: DatasetViewer) -> int:
    """Return how many analyses of an owner are not completed."""
    with translated():
        amount: int = await database.fetchval(SQL["count_waiting"], viewer.user_id, viewer.key_id)
    return amount


async def list_analyses(
    database: asyncpg.Pool, viewer: DatasetViewer, dataset_id: UUID | None = None
) -> Sequence[AnalysisRecord]:
    """Return the analyses that a user may see, the newest first."""
    with translated():
        rows = await database.fetch(SQL["analyses"], *viewer.ids, None, dataset_id, MOST_LISTED)
    return [AnalysisRecord(**row) for row in rows]


async def find_analysis(
    database: asyncpg.Pool, viewer: DatasetViewer, analysis_id: UUID
) -> AnalysisRecord | None:
    """Return an analysis; None: there is none that the viewer may see."""
    with translated():
        row = await database.fetchrow(SQL["analyses"], *viewer.ids, analysis_id, None, 1)
    return None if row is None else AnalysisRecord(**row)


async def analysis_rows(
    database: asyncpg.Pool, analysis_id: UUID, *, levels: Sequence[str], limit: int, offset: int = 0
) -> tuple[Sequence[Mapping[str, Any]], int]:
    """Return rows that are out of the ordinary, the farthest first, and how many there are."""
    with translated():
        rows = await database.fetch(SQL["rows"], analysis_id, list(levels), limit, offset)
        total: int = await database.fetchval(SQL["count_rows"], analysis_id, list(levels))
    return [dict(row) for row in rows], total


async def read_projection(database: asyncpg.Pool, analysis_id: UUID) -> Mapping[str, Sequence[Any]] | None:
    """Return the columns of a picture, as `analysis.points` makes them; None: there is none."""
    with translated():
        row = await database.fetchrow(SQL["projection"], analysis_id)
    if row is None:
        return None
    return {
        "row": row["process_order"],
        "x": row["x_values"],
        "y": row["y_values"],
        "level": row["levels"],
        "part": row["parts"],
    }


async def complete_analysis(
    database: asyncpg.Pool, job_id: UUID, analysis_id: UUID, *, path: str, outcome: Mapping[str, Any]
) -> bool:
    """Store what a job has found, in one transaction; return False if the job was cancelled meanwhile.

    Args:
        outcome: `summary`, `rows`, `points` and `anomalies` of `AnalysisOutcome.document`.
    """
    rows = [_record(analysis_id, place, row) for place, row in enumerate(outcome["rows"], start=1)]
    points = outcome["points"]
    picture = (points["x"], points["y"], points["row"], points["level"], points["part"])
    with translated():
        async with transaction(database) as connection:
            if await connection.fetchval(SQL["end_job"], job_id, "completed", None) is None:
                return False
            dataset_id = await connection.fetchval(
                SQL["complete_analysis"], analysis_id, outcome["summary"], path
            )
            await connection.execute(SQL["clear_rows"], analysis_id)
            await connection.copy_records_to_table("analysis_rows", records=rows, columns=ROW_COLUMNS)
            await connection.execute(SQL["add_projection"], analysis_id, *picture)
            await connection.execute(SQL["clear_anomalies"], analysis_id)
            await connection.execute(SQL["add_anomalies"], analysis_id, outcome["anomalies"])
            await connection.execute(SQL["note_analysed"], dataset_id)
    return True


async def delete_analysis(database: asyncpg.Pool, analysis_id: UUID) -> None:
    """Delete an analysis with its rows, picture and job."""
    with translated():
        async with transaction(database) as connection:
            await connection.execute(SQL["delete_analysis"], analysis_id)
            await connection.execute(SQL["delete_configs"])


async def archive_analyses(database: asyncpg.Pool, before: datetime, most: int) -> int:
    """Archive analyses completed before a time: their results stay, rows and pictures go; return how many."""
    with translated():
        status: str = await database.execute(SQL["archive"], before, most)
    return int(status.removeprefix("UPDATE "))


def _record(analysis_id: UUID, place: int, row: Mapping[str, Any]) -> tuple[Any, ...]:
    at = None if row["at"] is None else datetime.fromtimestamp(row["at"], UTC)
    names = ("level", "severity", "t2", "spe", "distance", "statistic", "threshold", "features")
    first = (analysis_id, row["row"], place, row["file"][:255], row["line"], at)
    return (*first, *(row[name] for name in names))
