"""A few changes are written with one statement, and as a transaction writes them."""

from collections.abc import Sequence
from dataclasses import fields, replace
from datetime import timedelta
from typing import Any

import asyncpg
import pytest

from opsconductor.model.changes import Changes
from opsconductor.model.enums import Status
from opsconductor.model.event import ArchivedEvent
from opsconductor.model.ids import time_ordered_id
from opsconductor.model.keys import AcknowledgedKeys, ReportedKey
from opsconductor.model.notifications.delivery import AttemptStatus, DeliveryAttempt
from opsconductor.store.commit.commit import (
    MOST_ROWS,
    NOT_STORED,
    UNORDERED,
    commit,
    is_small,
    write_small,
)
from tests.support.store.outbox_rows import add_alert, put
from tests.support.store.stored import (
    NOW,
    RAW,
    a_creation,
    a_full_alert,
    an_alert,
    an_entry,
    an_intent,
    raw_data,
)

TABLES = ("alerts", "alert_history", "raw_events", "acknowledged_keys", "reported_keys")
OF_THE_DATABASE = {"position", "written_at", "updated_at", "created_at"}


def _archived(**fields: Any) -> ArchivedEvent:
    event = ArchivedEvent(
        id=time_ordered_id(NOW),
        connector="hook",
        received_at=NOW,
        peer="10.0.0.1",
        local="/api/v1/events",
        payload=b"\0\xff",
    )
    return replace(event, **fields)


def _story() -> Sequence[Changes]:
    """Make changes of every kind that one statement can write."""
    first, full = an_alert(), a_full_alert(expires_after=None)
    new = replace(
        a_creation(first, full),
        archive=(_archived(), _archived(payload=None, sampled_count=3)),
        keys=(AcknowledgedKeys(connector="hook", keys=bytes(16)),),
        reported=(ReportedKey(reporter="cron", key="event 7", digest=bytes(32), at=NOW),),
    )
    again = replace(first, occurrence_count=2, last_occurrence_at=NOW + timedelta(seconds=1), message="again")
    later = replace(again, resource="", occurrence_count=3)
    over = replace(again, status=Status.RESOLVED, resolved_at=NOW)
    noted = an_entry(first, notes="a note", user_name="ann", old_status=Status.ACTIVE)
    return (
        new,
        Changes(repeated=(again,), archive=(_archived(),)),
        Changes(updated=(later,), history=(noted,), raw_data={first.id: lambda: {**RAW, "more": 1}}),
        Changes(updated=(over,), history=(an_entry(first),), raw_data={first.id: raw_data}),
        Changes(reported=(ReportedKey(reporter="cron", key="event 7", digest=bytes(31), at=NOW),)),
    )


async def _rows(pool: asyncpg.Pool) -> dict[str, list[dict[str, object]]]:
    found = {}
    for table in TABLES:
        rows = await pool.fetch(f'SELECT * FROM {table} ORDER BY {table}::text COLLATE "C"')  # noqa: S608
        hidden = OF_THE_DATABASE - ({"created_at"} if table == "alert_history" else set())
        found[table] = [{name: value for name, value in row.items() if name not in hidden} for row in rows]
    return found


async def test_one_statement_writes_what_a_transaction_writes(
    pool: asyncpg.Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """New alerts, repeats, changes, ends, archive and keys: the tables hold the same afterwards."""
    story = _story()
    assert all(map(is_small, story))
    for changes in story:
        await commit(pool, changes)
    written = await _rows(pool)
    assert all(written.values())
    await pool.execute(f"TRUNCATE {', '.join(TABLES)} CASCADE")
    monkeypatch.setattr("opsconductor.store.commit.commit.MOST_ROWS", -1)
    for changes in story:
        await commit(pool, changes)
    assert await _rows(pool) == written


async def test_a_post_with_one_alert_is_one_statement(pool: asyncpg.Pool) -> None:
    """A new alert with its history and its raw event is written in a single round trip."""
    changes = replace(a_creation(an_alert()), archive=(_archived(),))
    await commit(pool, replace(a_creation(an_alert()), archive=(_archived(),)))  # the types are known now
    sent: list[str] = []
    async with pool.acquire() as connection:
        with connection.query_logger(lambda query: sent.append(query.query)):
            await write_small(connection, changes)
    assert len(sent) == 1


@pytest.mark.parametrize(
    "changes",
    [
        Changes(created=(an_alert(),), updated=(an_alert(),)),
        Changes(updated=(an_alert(), an_alert(status=Status.RESOLVED, resolved_at=NOW))),
        replace(a_creation(an_alert()), notifications=(an_intent(an_alert()),)),
        a_creation(*(an_alert() for _ in range(MOST_ROWS + 1))),
    ],
    ids=["new beside changed", "ended beside open", "notifications", "many"],
)
def test_ordered_rows_need_a_transaction(changes: Changes) -> None:
    """An alert may end so that the next of its fingerprint can begin; notifications follow one another."""
    assert not is_small(changes)


async def test_the_end_of_a_delivery_during_an_outage_is_written_alone(pool: asyncpg.Pool) -> None:
    """The attempt comes after its notification, in changes of its own; written twice it is logged once."""
    key = await put(pool, await add_alert(pool))
    begun = DeliveryAttempt(id=key, attempt=1, status=AttemptStatus.BEGUN, at=NOW)
    await commit(pool, Changes(attempts=(begun,)))
    assert await pool.fetchval("SELECT attempts FROM notification_outbox") == 1
    sent = replace(
        begun, status=AttemptStatus.SENT, subject="Down", detail="250 OK", metadata={"thread": "7"}
    )
    for _ in range(2):
        await commit(pool, Changes(attempts=(sent,)))
    assert await pool.fetchval("SELECT count(*) FROM notification_outbox") == 0
    (row,) = await pool.fetch("SELECT id, status, attempts, sent_at, metadata FROM notification_log")
    assert tuple(row) == (key, "sent", 1, NOW, {"thread": "7"})


async def test_a_delivery_that_was_given_up_during_an_outage_is_written_alone(pool: asyncpg.Pool) -> None:
    """Its reason is in the log, and nothing is tried again."""
    key = await put(pool, await add_alert(pool))
    failed = DeliveryAttempt(id=key, attempt=3, status=AttemptStatus.FAILED, at=NOW, error="no such user")
    await commit(pool, Changes(attempts=(failed,)))
    (row,) = await pool.fetch("SELECT id, status, attempts, error_message FROM notification_log")
    assert tuple(row) == (key, "failed", 3, "no such user")
    assert await pool.fetchval("SELECT count(*) FROM notification_outbox") == 0


@pytest.mark.parametrize("name", [each.name for each in fields(Changes)])
def test_every_field_is_written_in_one_of_the_ways(name: str) -> None:
    """One that a statement without order does not write makes the changes need a transaction."""
    if name in ("created", "updated", "repeated"):
        value: object = (an_alert(),)
    else:
        value = ("anything",)
    changes = replace(Changes(), **{name: value})
    assert is_small(changes) is (name in UNORDERED | NOT_STORED)
