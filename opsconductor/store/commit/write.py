"""Statements that write changes; the caller opens the transaction.

Measured with `tests/benchmarks/store/bench_commit.py`: COPY costs the daemon and PostgreSQL two thirds of
what INSERT from arrays costs, and an array of the table's own row type less than forty arrays.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from time import perf_counter
from typing import TypeVar

import asyncpg

from opsconductor.errors import StoreRejected
from opsconductor.guard import guarded_data
from opsconductor.model.alert import Alert
from opsconductor.model.aside import reason_of
from opsconductor.model.changes import Changes, EngineDocument
from opsconductor.model.keys import ReportedKey
from opsconductor.model.notifications.delivery import AttemptStatus, DeliveryAttempt
from opsconductor.model.text import fitted
from opsconductor.store.alerts.columns import COLUMNS
from opsconductor.store.commit import rows
from opsconductor.store.commit.copy_rows import HEADER, TRAILER, CopyRows
from opsconductor.store.notifications.outcomes import outcome_of_attempt, store_outcomes
from opsconductor.store.queries import load

SQL = load("commit")
UPDATE_ALERTS = SQL["update_alerts"].format(
    fields=", ".join(f"{column.name} = n.{column.name}" for column in COLUMNS if column.name != "id")
)
SLICE, SLICE_S = 500, 0.005
"""Maximum number of rows per statement, and of seconds to create them; encoding takes as long again."""

Item = TypeVar("Item")
Row = TypeVar("Row")


async def write(connection: asyncpg.Connection, changes: Changes) -> None:
    """Write changes within the open transaction.

    Alerts that end are written before those that begin, since only one per fingerprint may be open.

    Raises:
        asyncpg.PostgresError: As PostgreSQL reports; created alerts and history must not exist yet.
        StoreRejected: A value does not fit into its column.
    """
    await _update(connection, changes, [alert for alert in changes.updated if not alert.status.is_open])
    await _update(connection, changes, [alert for alert in changes.updated if alert.status.is_open])
    await _create(connection, changes)
    for repeats in _slices(changes.repeated, lambda alert: rows.repeat_row(alert, changes.raw_data)):
        await connection.execute(SQL["repeat_alerts"], *zip(*repeats, strict=True))
    await _add_history(connection, changes)
    for events in _slices(changes.archive, CopyRows().archive):
        await _copy(connection, "raw_events", rows.ARCHIVE_COLUMNS, events)
    for intents in _slices(changes.notifications, rows.notification_row):
        await connection.execute(SQL["add_notifications"], *zip(*intents, strict=True))
    await _add_attempts(connection, changes.attempts)
    await _put_documents(connection, changes.documents)
    for asides in _slices(changes.aside, rows.aside_row):
        await connection.execute(SQL["add_aside"], *zip(*asides, strict=True))
    await _add_keys(connection, changes)
    if changes.triggered_rules:
        fired = changes.triggered_rules
        await connection.execute(SQL["trigger_rules"], list(fired), list(fired.values()))


async def _update(connection: asyncpg.Connection, changes: Changes, alerts: Sequence[Alert]) -> None:
    def row(alert: Alert) -> rows.Row:
        return rows.updated_row(alert, rows.made(changes.raw_data.get(alert.id)))

    for values in _slices(alerts, row):
        await connection.execute(UPDATE_ALERTS, values)


async def _create(connection: asyncpg.Connection, changes: Changes) -> None:
    encode = CopyRows().alert

    def row(new: tuple[Alert, Mapping[str, object]]) -> bytes:
        return encode(*new)

    for values in _slices(rows.with_raw_data(changes.created, changes.raw_data), row):
        await _copy(connection, "alerts", rows.CREATED_COLUMNS, values)


async def _add_history(connection: asyncpg.Connection, changes: Changes) -> None:
    for values in _slices(changes.history, CopyRows().history):
        await _copy(connection, "alert_history", rows.HISTORY_COLUMNS, values)


async def _add_keys(connection: asyncpg.Connection, changes: Changes) -> None:
    for keys in _slices(changes.keys, rows.keys_row):
        await connection.execute(SQL["add_keys"], *zip(*keys, strict=True))
    for reported in _slices(last_of_each(changes.reported), rows.reported_row):
        await connection.execute(SQL["add_reported_keys"], *zip(*reported, strict=True))


async def _add_attempts(connection: asyncpg.Connection, attempts: Sequence[DeliveryAttempt]) -> None:
    if attempts:
        last = {each.id: each for each in attempts}
        numbers = [each.attempt for each in last.values()]
        await connection.execute(SQL["note_attempts"], list(last), numbers)
        ended = [each for each in last.values() if each.status is not AttemptStatus.BEGUN]
        await store_outcomes(connection, [outcome_of_attempt(each) for each in ended])


async def _put_documents(connection: asyncpg.Connection, documents: Sequence[EngineDocument]) -> None:
    present = [each for each in documents if each.document is not None]
    for values in _slices(present, rows.document_row):
        await connection.execute(SQL["put_documents"], *zip(*values, strict=True))
    gone = [each for each in documents if each.document is None]
    if gone:
        kinds, keys = [each.kind for each in gone], [fitted(each.key) for each in gone]
        await connection.execute(SQL["delete_documents"], kinds, keys)


def last_of_each(reported: Iterable[ReportedKey]) -> Iterable[ReportedKey]:
    """Return the last use of each key: a statement may write each row once."""
    return {(each.reporter, each.key): each for each in reported}.values()


async def _copy(
    connection: asyncpg.Connection, table: str, columns: Sequence[str], values: Iterable[bytes]
) -> None:
    source = bytearray().join((HEADER, *values, TRAILER))  # asyncpg takes bytes for the name of a file
    await connection.copy_to_table(table, columns=columns, source=source, format="binary")


def _slices(items: Iterable[Item], make: Callable[[Item], Row]) -> Iterator[list[Row]]:
    """Yield rows in portions, so that creating and encoding them never blocks the event loop for long.

    A portion holds many rows, or few if much raw data belongs to each.

    Raises:
        StoreRejected: A value is not of its column's type.
    """
    made: list[Row] = []
    since_s, left = perf_counter(), iter(items)
    while True:
        with guarded_data() as making:  # one guard for many rows: entering it costs as much as a short row
            for item in left:
                made.append(make(item))
                if len(made) >= SLICE or perf_counter() - since_s >= SLICE_S:
                    break
        if making.error is not None:
            raise StoreRejected(reason_of(making.error)) from making.error
        if not made:
            return
        yield made
        made, since_s = [], perf_counter()
