"""Conversion of alerts, history and notifications to rows for asyncpg.

Text from the network is made to fit here, once: PostgreSQL rejects NUL, lone surrogates and text that
is longer than its column, and one invalid text must never cost another alert.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from uuid import UUID

from opsconductor.guard import guarded_data
from opsconductor.model.alert import NO_FIELDS, Alert
from opsconductor.model.aside import SetAside, reason_of
from opsconductor.model.changes import EngineDocument, HistoryEntry, NotificationIntent
from opsconductor.model.event import ArchivedEvent
from opsconductor.model.keys import AcknowledgedKeys, ReportedKey
from opsconductor.model.normalized import RawData
from opsconductor.model.text import fitted
from opsconductor.store.alerts.columns import COLUMNS, AlertColumn

Row = tuple[object, ...]
MakeRow = Callable[[Alert, Mapping[str, object] | None], Row]

ROW_TIMES = ("created_at", "updated_at")
"""Columns filled by the database."""
OTHERS_AFTER: Mapping[str, tuple[str, ...]] = {"custom_fields": ("raw_data",), "impacted": ROW_TIMES}
"""Columns that are no fields of `Alert`, by the column that precedes them in the table."""
TABLE_COLUMNS = tuple(
    name for column in COLUMNS for name in (column.name, *OTHERS_AFTER.get(column.name, ()))
)
"""In the order of the table, so that a row is also a value of the table's own type."""
CREATED_COLUMNS = tuple(name for name in TABLE_COLUMNS if name not in ROW_TIMES)

HISTORY_COLUMNS = (
    "id",
    "alert_id",
    "action",
    "old_status",
    "new_status",
    "user_id",
    "user_name",
    "notes",
    "changes",
    "rule",
    "created_at",
)


ARCHIVE_COLUMNS = ("id", "connector", "received_at", "peer", "local", "payload", "sampled_count")


def row_maker(columns: Sequence[str], known: Sequence[AlertColumn] = COLUMNS) -> MakeRow:
    """Return the function that converts an alert to these columns.

    Its second argument is the raw data; None: keep the present ones. As in `dataclasses`, the function is
    compiled from the declaration: calling a converter for each of 40 values takes half as long again.
    """
    by_name = {column.name: column for column in known}
    names: dict[str, object] = {"fitted": fitted}
    parts = []
    for name in columns:
        if name in by_name:
            names[f"write_{name}"] = by_name[name].write
            parts.append(_expression(by_name[name]))
        else:
            parts.append("None" if name in ROW_TIMES else name)
    make: MakeRow = eval(f"lambda alert, raw_data: ({', '.join(parts)},)", names)  # noqa: S307 - of the declaration only
    return make


def _expression(column: AlertColumn) -> str:
    """Return the Python expression of a column's value."""
    value = f"alert.{column.field}"
    if column.is_text:
        return f"None if {value} is None else fitted({value}, {column.longest})"
    if column.write is not None:
        is_there = value if column.nothing else f"{value} is not None"
        return f"write_{column.name}({value}) if {is_there} else {value}"
    return value


updated_row = row_maker(TABLE_COLUMNS)


def repeat_row(alert: Alert, raw_data: Mapping[UUID, RawData]) -> Row:
    """Return the row of a repeat: see `repeat_alerts` in `commit.sql`."""
    return (
        alert.id,
        alert.occurrence_count,
        alert.last_occurrence_at,
        alert.expires_at,
        fitted(alert.message),
        made(raw_data.get(alert.id)),
    )


def history_row(entry: HistoryEntry) -> Row:
    """Return the row of an entry, as `HISTORY_COLUMNS`, which are those of the table's own type."""
    return (
        entry.id,
        entry.alert_id,
        entry.action,
        entry.old_status,
        entry.new_status,
        entry.user_id,
        None if entry.user_name is None else fitted(entry.user_name, 100),
        None if entry.notes is None else fitted(entry.notes),
        entry.changes,
        fitted(entry.rule, 100),
        entry.created_at,
    )


def archive_row(event: ArchivedEvent) -> Row:
    """Return the row of an archived event: see `add_archive` in `commit.sql`."""
    return (
        event.id,
        fitted(event.connector, 50),
        event.received_at,
        fitted(event.peer, 45),
        fitted(event.local),
        event.payload,
        event.sampled_count,
    )


def aside_row(aside: SetAside) -> Row:
    """Return the row of something set aside: see `add_aside` in `commit.sql`."""
    return (
        aside.id,
        aside.kind,
        fitted(aside.origin, 50),
        fitted(aside.subject, 255),
        fitted(aside.reason),
        aside.content,
        aside.size,
        aside.at,
    )


def keys_row(keys: AcknowledgedKeys) -> Row:
    """Return the row of keys that were committed together: connector and keys."""
    return (fitted(keys.connector, 50), keys.keys)


def reported_row(reported: ReportedKey) -> Row:
    """Return the row of a reporter's key: reporter, key, digest and time."""
    return (fitted(reported.reporter, 100), fitted(reported.key), reported.digest, reported.at)


def notification_row(intent: NotificationIntent) -> Row:
    """Return the row of a notification: see `add_notifications` in `commit.sql`."""
    return (
        intent.id,
        intent.alert_id,
        intent.rule_id,
        fitted(intent.rule_name, 100),
        fitted(intent.channel, 50),
        fitted(intent.recipient, 255),
        intent.kind,
        intent.created_at,
        intent.facts,
    )


def document_row(document: EngineDocument) -> Row:
    """Return the row of `engine_state` of a document that is not deleted."""
    return (document.kind, fitted(document.key), document.document)


def _not_stored(error: Exception) -> Mapping[str, object]:
    return {"not_stored": reason_of(error)}


def made(raw_data: RawData | None) -> Mapping[str, object] | None:
    """Call the function that creates the raw data, if there is one; the alert is stored even if it fails."""
    if raw_data is None:
        return None
    with guarded_data() as making:
        return raw_data()
    assert making.error is not None
    return _not_stored(making.error)


def with_raw_data(
    alerts: Iterable[Alert], raw_data: Mapping[UUID, RawData]
) -> Iterator[tuple[Alert, Mapping[str, object]]]:
    """Yield new alerts with their raw data, as `made_or_empty` returns them.

    One guard for many alerts: to enter it costs as much as half of the data.
    """
    left, alert = iter(alerts), None
    while True:
        with guarded_data() as making:
            for alert in left:
                make = raw_data.get(alert.id)
                yield alert, NO_FIELDS if make is None else make()
        if making.error is None or alert is None:
            return
        yield alert, _not_stored(making.error)


def made_or_empty(raw_data: RawData | None) -> Mapping[str, object]:
    """Return the raw data of a new alert, which has an empty document if it has none."""
    found = made(raw_data)
    return NO_FIELDS if found is None else found  # its truth is not asked: that would parse it
