"""Rows of `anomalies`: written as they begin, change and end; read for the pipeline."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from opsconductor.model.measured.anomaly import AlertState, Anomaly, AnomalyChange, AnomalyEnd, AnomalyNews
from opsconductor.store.postgres.connection import Pool, translated
from opsconductor.store.queries import load

SQL = load("anomalies/anomalies")
Row = Mapping[str, Any]


class ReportedAnomaly(NamedTuple):
    """A row whose state the pipeline has committed.

    Attributes:
        state: As it was reported: `raise` or `clear`.
        alert_id: None: unknown.
    """

    id: UUID
    detected_at: datetime
    state: AlertState
    alert_id: UUID | None


async def write_news(pool: Pool, news: AnomalyNews) -> None:
    """Store what has begun, changed and ended, in one transaction.

    Raises:
        StoreUnavailable: Nothing is stored; try again.
    """
    with translated():
        async with pool.acquire() as connection, connection.transaction():
            if news.begun:
                await connection.execute(SQL["begin"], [_begun(each) for each in news.begun])
            if news.changed:
                for change in news.changed:  # in order: one may change twice
                    await connection.execute(SQL["change"], [_changed(change)])
            if news.ended:
                await connection.execute(SQL["end"], [_ended(each) for each in news.ended])
            await connection.execute(SQL["settle"])


async def end_lost(pool: Pool, known: Collection[UUID], at: datetime) -> int:
    """End what rules and detector have open, but for what they know; return how many ended.

    Raises:
        StoreUnavailable: Nothing has ended.
    """
    with translated():
        async with pool.acquire() as connection, connection.transaction():
            done = await connection.execute(SQL["end_lost"], list(known), at)
            await connection.execute(SQL["settle"])
    return int(done.removeprefix("UPDATE "))


async def settle(pool: Pool) -> None:
    """Mark the alerts of ended anomalies as to be cleared."""
    with translated():
        await pool.execute(SQL["settle"])


async def rows_to_report(pool: Pool, most: int) -> Sequence[Row]:
    """Return what is to be reported to the pipeline, the oldest first."""
    with translated():
        rows: Sequence[Row] = await pool.fetch(SQL["to_report"], most)
    return rows


async def note_reported(pool: Pool, reported: Sequence[ReportedAnomaly]) -> None:
    """Note what the pipeline has committed; what has changed meanwhile is reported again."""
    rows = [
        {
            "id": str(each.id),
            "detected_at": each.detected_at.isoformat(),
            "alert_state": each.state.value,
            "alert_id": None if each.alert_id is None else str(each.alert_id),
        }
        for each in reported
    ]
    with translated():
        await pool.execute(SQL["reported"], rows)


def _begun(anomaly: Anomaly) -> dict[str, Any]:
    row = asdict(anomaly)
    row.update(row.pop("place"))
    return _plain(row)


def _changed(change: AnomalyChange) -> dict[str, Any]:
    return _plain(asdict(change))


def _ended(end: AnomalyEnd) -> dict[str, Any]:
    return _plain(asdict(end))


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    """Return a row with ids and times as text, as JSON has them."""
    return {
        name: str(value)
        if isinstance(value, UUID)
        else value.isoformat()
        if isinstance(value, datetime)
        else value
        for name, value in row.items()
    }
