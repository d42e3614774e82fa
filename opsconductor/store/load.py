"""Loading of the alerts that the engine needs at its start."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import asyncpg

from opsconductor.guard import guarded_data
from opsconductor.model.alert import Alert
from opsconductor.model.aside import AsideKind, SetAside, reason_of, set_aside
from opsconductor.model.changes import EngineDocument
from opsconductor.store.alerts.columns import LOADED, alert_of
from opsconductor.store.aside import keep_aside
from opsconductor.store.postgres.connection import translated
from opsconductor.store.queries import load

SQL = load("load")
ALERTS = SQL["alerts"].format(columns=LOADED)
DOCUMENTS = SQL["documents"]


async def load_alerts(pool: asyncpg.Pool, *, resolved_since: datetime) -> list[Alert]:
    """Return every open alert, and those that were resolved or expired since a time.

    A row that cannot be read is set aside; the others are loaded.

    Raises:
        StoreUnavailable: PostgreSQL is away.
    """
    alerts: list[Alert] = []
    unreadable: list[SetAside] = []
    with translated(), _no_garbage():
        rows = await pool.fetch(ALERTS, resolved_since)
        names = tuple(rows[0].keys()) if rows else ()
        for row in rows:
            with guarded_data() as reading:
                alerts.append(alert_of(dict(zip(names, row, strict=True))))
            if reading.error is not None:
                unreadable.append(_unreadable(row, reading.error))
    await keep_aside(pool, unreadable)
    return alerts


async def load_documents(pool: asyncpg.Pool) -> list[EngineDocument]:
    """Return the state of the engine that belongs to no single alert.

    Raises:
        StoreUnavailable: PostgreSQL is away.
    """
    with translated():
        rows = await pool.fetch(DOCUMENTS)
    return [EngineDocument(kind=row["kind"], key=row["key"], document=row["document"]) for row in rows]


def _unreadable(row: asyncpg.Record, error: Exception) -> SetAside:
    return set_aside(
        AsideKind.ALERT,
        origin=row["source_system"],
        subject=str(row["id"]),
        reason=reason_of(error),
        content=repr(dict(row)).encode(errors="backslashreplace"),
        at=datetime.now(UTC),
    )


@contextmanager
def _no_garbage() -> Iterator[None]:
    """Keep the garbage collector from traversing 100,000 new alerts repeatedly."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
