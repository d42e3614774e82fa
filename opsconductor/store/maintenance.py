"""Maintenance windows: their rows, and changes of them by operators."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from opsconductor.config.provision.declared.recurrence import checked_rule, occurs
from opsconductor.connector.settings.duration import parse_duration
from opsconductor.model.notifications.maintenance import MaintenanceWindow, MuteMode, Recurrence
from opsconductor.model.notifications.rule import Conditions
from opsconductor.store.access.audit import AuditEntry, Author, record
from opsconductor.store.declared.rules import channels_of, conditions_of
from opsconductor.store.postgres.connection import Pool, translated
from opsconductor.store.queries import load

SQL = load("maintenance")
KEPT = timedelta(days=31)
"""How long windows that are over are listed, and known to a replay."""

Row = Mapping[str, Any]


async def load_windows(pool: Pool) -> list[MaintenanceWindow]:
    """Return the maintenance windows that are not long over."""
    return [window_of(row) for row in await read_windows(pool)]


async def read_windows(pool: Pool) -> list[Row]:
    """Return the rows of the maintenance windows that are not long over, by their start."""
    with translated():
        rows: list[Row] = await pool.fetch(SQL["windows"], KEPT)
    return rows


@dataclass(frozen=True, slots=True, kw_only=True)
class MutedNow:
    """Numbers of open alerts that are muted.

    Attributes:
        held: Those with a notification that waits for the end.
        critical: Those of them that are critical.
    """

    alerts: int
    held: int
    critical: int


async def read_muted(pool: Pool) -> MutedNow:
    """Return the numbers of open alerts that are muted."""
    with translated():
        row = await pool.fetchrow(SQL["muted"])
    return MutedNow(**row)


async def read_window(pool: Pool, window_id: UUID) -> Row | None:
    """Return the row of one window, or None."""
    with translated():
        row: Row | None = await pool.fetchrow(SQL["window"], window_id)
    return row


async def find_window(pool: Pool, name: str) -> Row | None:
    """Return the row of the window of a name, or None."""
    with translated():
        row: Row | None = await pool.fetchrow(SQL["named_window"], name)
    return row


async def cut_window(pool: Pool, window: Row, at: datetime, by: Author) -> None:
    """End a window, of one that recurs the present occurrence."""
    subject = f"maintenance_window {window['name']}"
    entry = AuditEntry(action="maintenance.end", subject=subject, details=_cut(window, at))
    with translated():
        async with pool.acquire() as connection, connection.transaction():
            await connection.execute(SQL["cut_window"], window["id"], at)
            await record(connection, entry, by)


def _cut(window: Row, at: datetime) -> Mapping[str, object]:
    """Return what the audit log keeps of a window that is ended."""
    before = None if window["cut_at"] is None else window["cut_at"].isoformat()
    return {"before": {"cut_at": before}, "after": {"cut_at": at.isoformat()}}


async def resume_window(pool: Pool, window_id: UUID) -> None:
    """Restore a window that was ended, until its planned end."""
    with translated():
        await pool.execute(SQL["cut_window"], window_id, None)


def window_of(row: Row) -> MaintenanceWindow:
    """Convert a row of `maintenance_windows`; one that cannot be read mutes nothing.

    To ignore a condition would mute too much.
    """
    fault, conditions, recurrence, start_at = "", Conditions(), None, _time(row["start_at"])
    try:
        conditions, recurrence = conditions_of(row["conditions"]), _recurrence(row["recurring"], start_at)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        fault = f"it cannot be read: {error}"
    return MaintenanceWindow(
        id=row["id"],
        name=row["name"],
        reason=row["reason"] or "",
        conditions=conditions,
        behind=row["behind"] or "",
        mode=MuteMode(row["mode"]),
        start_at=start_at,
        end_at=row["end_at"] and _time(row["end_at"]),
        created_by=row.get("created_by") or "",
        recurrence=recurrence,
        cut_at=row.get("cut_at"),
        announce=channels_of(row["announce"] or ()),
        fault=fault,
    )


def _recurrence(document: Row | None, start_at: datetime) -> Recurrence | None:
    if not document:
        return None
    rule, zone = checked_rule(document["rule"]), document["zone"]
    if not occurs(rule, zone, start_at):
        raise ValueError(f"{rule} has no occurrence within ten years")
    return Recurrence(rule=rule, zone=zone, duration=parse_duration(document["duration"]))


def _time(value: datetime | str) -> datetime:
    """Return a time of the database, or of a declared row."""
    return datetime.fromisoformat(value) if isinstance(value, str) else value
