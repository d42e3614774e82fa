"""Reads the alerts that the engine needs when it starts."""

import gc
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg

from opsconductor.guard import guarded_data
from opsconductor.model.alert import NO_FIELDS, Alert, NotifiedRecipient
from opsconductor.model.aside import AsideKind, SetAside, reason_of, set_aside
from opsconductor.model.enums import Category, Level, Priority, Severity, Status
from opsconductor.store.aside import keep_aside
from opsconductor.store.postgres.connection import translated
from opsconductor.store.queries import load

SQL = load("load")

# A dictionary finds the enum of a word five times faster than calling the enum.
WORDS: Mapping[str, Mapping[str, object]] = {
    "category": {str(word): word for word in Category},
    "severity": {str(word): word for word in Severity},
    "status": {str(word): word for word in Status},
    "impact": {str(word): word for word in Level},
    "urgency": {str(word): word for word in Level},
    "priority": {str(word): word for word in Priority},
}


async def load_alerts(pool: asyncpg.Pool, *, resolved_since: datetime) -> list[Alert]:
    """Read every open alert, and those that were resolved or expired since a time.

    A row that cannot be read is set aside and stops none of the others.

    Raises:
        StoreUnavailable: PostgreSQL is away.
    """
    alerts: list[Alert] = []
    unreadable: list[SetAside] = []
    with translated(), _no_garbage():
        rows = await pool.fetch(SQL["alerts"], resolved_since)
        names = tuple(rows[0].keys()) if rows else ()
        for row in rows:
            with guarded_data() as reading:
                alerts.append(alert_of(dict(zip(names, row, strict=True))))
            if reading.error is not None:
                unreadable.append(_unreadable(row, reading.error))
    await keep_aside(pool, unreadable)
    return alerts


def _unreadable(row: asyncpg.Record, error: Exception) -> SetAside:
    return set_aside(
        AsideKind.ALERT,
        origin=row["source_system"],
        subject=str(row["id"]),
        reason=reason_of(error),
        content=repr(dict(row)).encode(errors="backslashreplace"),
        at=datetime.now(UTC),
    )


def alert_of(fields: dict[str, Any]) -> Alert:
    """Make the alert of a row as the query `alerts` gives it; the dictionary is used up."""
    for name, words in WORDS.items():
        fields[name] = words[fields[name]]
    lasts_s = fields.pop("expires_after_s")
    fields["expires_after"] = None if lasts_s is None else timedelta(seconds=lasts_s)
    fields["notified"] = told_of(fields["notified"] or ())
    fields["transitions"] = tuple(fields["transitions"] or ())
    fields["tags"] = tuple(fields["tags"] or ())
    fields["custom_fields"] = fields["custom_fields"] or NO_FIELDS
    return Alert(**fields)


def told_of(entries: Iterable[Mapping[str, str]]) -> tuple[NotifiedRecipient, ...]:
    """Read `alerts.notified`: who was told of the problem."""
    return tuple(
        NotifiedRecipient(
            rule_id=UUID(entry["rule_id"]),
            rule_name=entry["rule_name"],
            channel=entry["channel"],
            recipient=entry["recipient"],
        )
        for entry in entries
    )


@contextmanager
def _no_garbage() -> Iterator[None]:
    """Keep the collector from walking through 100,000 new alerts again and again."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
