"""What people decide about anomalies; each change is in the audit log."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from types import MappingProxyType

import asyncpg

from opsconductor.model.measured.anomaly import AnomalyStatus
from opsconductor.store.access.audit import AuditEntry, Author, record
from opsconductor.store.anomalies.rows import SQL, Row
from opsconductor.store.postgres.connection import translated

NOTHING: Mapping[str, object] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What a person has said of an anomaly."""

    is_true: bool
    notes: str
    device_type: str


async def set_status(
    connection: asyncpg.Connection, row: Row, status: AnomalyStatus, by: Author, notes: str = ""
) -> None:
    """Acknowledge or resolve an anomaly; the alert of one that is resolved is cleared."""
    async with _changing(connection, row, f"anomaly.{_verb(status)}", by, {"notes": notes}):
        await connection.execute(SQL["set_status"], row["id"], row["detected_at"], status.value, by.name)
        await connection.execute(SQL["settle"])


async def assign(connection: asyncpg.Connection, row: Row, to: str, by: Author) -> None:
    """Set the person an anomaly is assigned to; empty: unassigned."""
    async with _changing(connection, row, "anomaly.assign", by, {"to": to}):
        await connection.execute(SQL["assign"], row["id"], row["detected_at"], to)


async def judge(connection: asyncpg.Connection, row: Row, judgement: Judgement, by: Author) -> None:
    """Keep whether an anomaly was one; the alert of a false positive is cleared."""
    details = {"is_true_positive": judgement.is_true, "notes": judgement.notes}
    async with _changing(connection, row, "anomaly.feedback", by, details):
        await connection.execute(
            SQL["add_feedback"],
            row["id"],
            row["series_id"],
            row["device_key"],
            judgement.device_type,
            row["metric"],
            row["channel"],
            row["direction"],
            judgement.is_true,
            judgement.notes,
            by.name,
        )
        await connection.execute(SQL["judge"], row["id"], row["detected_at"], judgement.is_true)
        await connection.execute(SQL["settle"])


async def feedback_of(connection: asyncpg.Connection, row: Row) -> list[Row]:
    """Return what people have said of an anomaly."""
    with translated():
        rows: list[Row] = await connection.fetch(SQL["feedback_of"], row["id"])
    return rows


def _verb(status: AnomalyStatus) -> str:
    return "acknowledge" if status is AnomalyStatus.ACKNOWLEDGED else "resolve"


@asynccontextmanager
async def _changing(
    connection: asyncpg.Connection, row: Row, action: str, by: Author, details: Mapping[str, object] = NOTHING
) -> AsyncIterator[asyncpg.Connection]:
    """Change a row in one transaction with its entry in the audit log."""
    with translated():
        async with connection.transaction():
            yield connection
            await record(connection, AuditEntry(action=action, subject=str(row["id"]), details=details), by)
