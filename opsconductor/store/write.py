"""The statements that write changes; the transaction is the caller's.

Measured with `tests/benchmarks/bench_commit.py`: COPY costs the daemon and PostgreSQL two thirds of
what INSERT from arrays costs, and an array of the table's own row type less than forty arrays.
"""

from collections.abc import Iterator, Sequence
from typing import TypeVar

import asyncpg

from opsconductor.errors import StoreRejected
from opsconductor.model.alert import Alert
from opsconductor.model.changes import Changes
from opsconductor.store import rows
from opsconductor.store.queries import load

SQL = load("commit")
SLICE = 500
"""Rows of one statement: about 10 ms of work."""

Item = TypeVar("Item")


async def write(connection: asyncpg.Connection, changes: Changes) -> None:
    """Write changes within the transaction that is open.

    Alerts that end go before those that begin, since only one of a fingerprint may be open.

    Raises:
        asyncpg.PostgresError: As PostgreSQL says; created alerts and history must not be there yet.
        StoreRejected: A value does not fit into its column.
    """
    await _update(connection, changes, [alert for alert in changes.updated if not alert.status.is_open])
    await _update(connection, changes, [alert for alert in changes.updated if alert.status.is_open])
    await _create(connection, changes)
    for alerts in _slices(changes.repeated):
        columns = rows.repeat_columns(alerts, changes.raw_data)
        await connection.execute(SQL["repeat_alerts"], *columns)
    await _add_history(connection, changes)
    for events in _slices(changes.archive):
        await _copy(connection, "raw_events", rows.ARCHIVE_COLUMNS, [rows.archive_row(e) for e in events])
    if changes.notifications:
        await connection.execute(SQL["add_notifications"], *rows.notification_columns(changes.notifications))
    if changes.triggered_rules:
        fired = changes.triggered_rules
        await connection.execute(SQL["trigger_rules"], list(fired), list(fired.values()))


async def _update(connection: asyncpg.Connection, changes: Changes, alerts: Sequence[Alert]) -> None:
    if alerts:
        values = [
            rows.alert_row(alert, rows.made(changes.raw_data.get(alert.id))) + rows.TIMES_OF_THE_ROW
            for alert in alerts
        ]
        await connection.execute(SQL["update_alerts"], values)


async def _create(connection: asyncpg.Connection, changes: Changes) -> None:
    for alerts in _slices(changes.created):
        values = [rows.alert_row(alert, rows.made(changes.raw_data.get(alert.id)) or {}) for alert in alerts]
        await _copy(connection, "alerts", rows.ALERT_COLUMNS, values)


async def _add_history(connection: asyncpg.Connection, changes: Changes) -> None:
    for entries in _slices(changes.history):
        await _copy(connection, "alert_history", rows.HISTORY_COLUMNS, [rows.history_row(e) for e in entries])


async def _copy(
    connection: asyncpg.Connection, table: str, columns: Sequence[str], values: Sequence[rows.Row]
) -> None:
    try:
        await connection.copy_records_to_table(table, columns=columns, records=values)
    except (OverflowError, TypeError, ValueError) as error:
        # unlike its statements, asyncpg's COPY lets the errors of its encoders through as they are
        raise StoreRejected(f"{table}: {error}") from error


def _slices(items: Sequence[Item]) -> Iterator[Sequence[Item]]:
    """Divide what is to be written, so that making and encoding rows never holds the event loop long."""
    return (items[start : start + SLICE] for start in range(0, len(items), SLICE))
