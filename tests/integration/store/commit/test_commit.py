"""Decisions of the engine reach PostgreSQL complete, once, and with any text."""

import asyncio
import logging
from dataclasses import replace
from datetime import timedelta

import asyncpg
import pytest
from hypothesis import HealthCheck, given, settings

from opsconductor.errors import StoreUnavailable
from opsconductor.model.changes import Changes, EngineDocument
from opsconductor.model.enums import HistoryAction, Severity, Status
from opsconductor.store.alerts.columns import COLUMNS
from opsconductor.store.commit.commit import commit
from opsconductor.store.commit.rows import TABLE_COLUMNS
from opsconductor.store.load import load_alerts, load_documents
from opsconductor.store.postgres.connection import close_pool, open_pool
from tests.support.engine.changes_strategies import any_changes
from tests.support.store.stored import (
    NOW,
    RAW,
    a_creation,
    a_full_alert,
    add_rule,
    an_alert,
    an_entry,
    an_intent,
    content,
    raw_data,
)


async def test_a_created_alert_is_read_back_as_it_was(pool: asyncpg.Pool) -> None:
    """Every field of an alert is stored and read back unchanged."""
    plain, full = an_alert(), a_full_alert()
    cause = a_full_alert(status=Status.ACTIVE, correlated_to_id=plain.id)
    await commit(pool, a_creation(cause, full, plain))
    read = await load_alerts(pool, resolved_since=NOW)
    assert {alert.id: alert for alert in read} == {alert.id: alert for alert in (plain, full, cause)}
    assert await pool.fetchval("SELECT raw_data FROM alerts WHERE id = $1", plain.id) == RAW


async def test_state_of_the_engine_is_written_replaced_and_deleted(pool: asyncpg.Pool) -> None:
    """Documents are read back as they were, whatever text they hold; writing again changes nothing."""
    kept = EngineDocument(kind="batch", key="a", document={"text": "caf\u00e9 \x00 \ud800", "n": 1})
    gone = EngineDocument(kind="batch", key="b", document={"n": 2})
    await commit(pool, Changes(documents=(kept, gone)))
    assert len(await load_documents(pool)) == 2
    for _ in range(2):
        await commit(
            pool, Changes(documents=(replace(kept, document={"n": 3}), replace(gone, document=None)))
        )
    assert await load_documents(pool) == [replace(kept, document={"n": 3})]


async def test_an_update_writes_every_field(pool: asyncpg.Pool) -> None:
    """After an update the row is as if it had been created so; raw data stay unless new ones come."""
    before = an_alert()
    after = replace(a_full_alert(), id=before.id)
    await commit(pool, a_creation(before))
    await commit(pool, Changes(updated=(after,)))
    assert await load_alerts(pool, resolved_since=NOW) == [after]
    assert await pool.fetchval("SELECT raw_data FROM alerts") == RAW
    await commit(pool, Changes(updated=(after,), raw_data={after.id: lambda: {"new": 1}}))
    assert await pool.fetchval("SELECT raw_data FROM alerts") == {"new": 1}


async def test_a_repeat_changes_what_it_may_and_no_index(pool: asyncpg.Pool) -> None:
    """Repeats are heap-only updates: that is what makes a storm cheap."""
    alerts = [an_alert() for _ in range(50)]
    await commit(pool, a_creation(*alerts))
    for times in range(2, 6):
        repeated = tuple(
            replace(
                alert,
                occurrence_count=times,
                last_occurrence_at=NOW + timedelta(seconds=times),
                expires_at=NOW + timedelta(hours=times),
                message=f"the {times}th",
            )
            for alert in alerts
        )
        raw = {alert.id: raw_data for alert in alerts}
        await commit(pool, Changes(repeated=repeated, raw_data=raw))
    read = await load_alerts(pool, resolved_since=NOW)
    assert {alert.id: alert for alert in read} == {alert.id: alert for alert in repeated}
    await pool.expire_connections()  # statistics are written when a session ends, if not before
    async with asyncio.timeout(10):
        while (found := await _updates(pool))["n_tup_upd"] < 200:
            await asyncio.sleep(0.01)
    assert found["n_tup_hot_upd"] >= 190  # a page may be full until its dead rows are pruned


async def _updates(pool: asyncpg.Pool) -> asyncpg.Record:
    async with pool.acquire() as connection:
        await connection.execute("SELECT pg_stat_force_next_flush()")
    return await pool.fetchrow(
        "SELECT n_tup_upd, n_tup_hot_upd FROM pg_stat_user_tables WHERE relname = 'alerts_open'"
    )


async def test_committing_twice_is_committing_once(pool: asyncpg.Pool) -> None:
    """A commit whose answer was lost may be repeated: no row twice, no state changed."""
    rule = await add_rule(pool)
    seen, new = an_alert(), an_alert()
    await commit(pool, a_creation(seen))
    changes = Changes(
        created=(new,),
        updated=(replace(seen, severity=Severity.CRITICAL, occurrence_count=2),),
        history=(an_entry(new), an_entry(seen, action=HistoryAction.UPDATED)),
        notifications=(an_intent(new, rule_id=rule), an_intent(seen, rule_id=rule)),
        triggered_rules={rule: NOW},
        raw_data={new.id: raw_data},
    )
    await commit(pool, changes)
    once = await content(pool)
    await commit(pool, changes)
    assert await content(pool) == once
    assert len(once["notification_outbox"]) == 2


async def test_a_delivered_notification_does_not_come_back(pool: asyncpg.Pool) -> None:
    """When the changes are repeated after the message went out, it is not sent again."""
    alert = an_alert()
    intent = an_intent(alert)
    changes = replace(a_creation(alert), notifications=(intent,))
    await commit(pool, changes)
    await pool.execute("DELETE FROM notification_outbox")
    await pool.execute(
        "INSERT INTO notification_log (id, channel, status) VALUES ($1, 'noc-hook', 'sent')", intent.id
    )
    await commit(pool, changes)
    assert (await content(pool))["notification_outbox"] == []


async def test_notifications_keep_their_order_and_outlive_their_rule(pool: asyncpg.Pool) -> None:
    """The outbox is in the order in which the engine decided; a deleted rule stops no notification."""
    alert = an_alert()
    rule = await add_rule(pool)
    intents = [an_intent(alert, recipient=f"r{number}") for number in range(20)]
    intents[7] = replace(intents[7], rule_id=rule)
    await commit(pool, replace(a_creation(alert), notifications=tuple(intents)))
    rows = await pool.fetch("SELECT recipient, rule_id FROM notification_outbox ORDER BY position")
    assert [row["recipient"] for row in rows] == [intent.recipient for intent in intents]
    assert [row["rule_id"] for row in rows if row["rule_id"]] == [rule]


async def test_a_rule_fired_last_at_the_latest_time(pool: asyncpg.Pool) -> None:
    """`last_triggered_at` never goes back, also when older changes are repeated."""
    rule = await add_rule(pool)
    alert = an_alert()
    for minutes in (5, 1):
        at = NOW + timedelta(minutes=minutes)
        await commit(pool, Changes(updated=(alert,), triggered_rules={rule: at}))
    found = await pool.fetchval("SELECT last_triggered_at FROM notification_rules")
    assert found == NOW + timedelta(minutes=5)


async def test_an_alert_ends_before_the_next_of_its_fingerprint_begins(pool: asyncpg.Pool) -> None:
    """The end and the next beginning in one batch do not collide in the index of open alerts."""
    old, older = an_alert(), an_alert(status=Status.RESOLVED, resolved_at=NOW)
    older = replace(older, fingerprint=old.fingerprint)
    await commit(pool, a_creation(old, older))
    new = replace(an_alert(), fingerprint=old.fingerprint)
    ended = replace(old, status=Status.RESOLVED, resolved_at=NOW)
    await commit(pool, replace(a_creation(new), updated=(ended,)))
    again = replace(older, status=Status.ACTIVE, resolved_at=None)
    await commit(pool, Changes(updated=(again, replace(new, status=Status.EXPIRED, resolved_at=NOW))))
    assert await _open_ids(pool) == {older.id}


async def _open_ids(pool: asyncpg.Pool) -> set[object]:
    return {alert.id for alert in await load_alerts(pool, resolved_since=NOW) if alert.status.is_open}


async def test_a_commit_that_breaks_off_writes_nothing(pool: asyncpg.Pool, database_url: str) -> None:
    """When the server ends the session midway, not one of the rows stays."""
    blocker = await asyncpg.connect(database_url)
    transaction = blocker.transaction()
    await transaction.start()
    await blocker.execute("LOCK TABLE alert_history IN ACCESS EXCLUSIVE MODE")
    committing = asyncio.create_task(commit(pool, a_creation(an_alert())))
    try:
        async with asyncio.timeout(10):
            while not (waiting := await _waiting(blocker)):
                await asyncio.sleep(0.01)
        await blocker.execute("SELECT pg_terminate_backend($1)", waiting)
        with pytest.raises(StoreUnavailable):
            await committing
    finally:
        await transaction.rollback()
        await blocker.close()
    assert not any((await content(pool)).values())


async def _waiting(connection: asyncpg.Connection) -> int | None:
    found: int | None = await connection.fetchval(
        "SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    )
    return found


async def test_hostile_text_is_made_to_fit(pool: asyncpg.Pool, caplog: pytest.LogCaptureFixture) -> None:
    """NUL, lone surrogates and endless text cost no alert, and no second attempt."""
    caplog.set_level(logging.WARNING)
    bad = "a\0b\ud800"
    alert = an_alert(
        title="t" * 10_000,
        message=bad,
        device_name=bad * 200,
        resource=bad,
        source_alert_id="x" * 300,
        tags=(bad,),
        custom_fields={bad: [bad, float("nan"), float("inf"), 10**5000]},
    )
    nested: object = "end"
    for _ in range(5_000):
        nested = [nested]
    changes = Changes(
        created=(alert,),
        history=(an_entry(alert, notes=bad, user_name=bad, changes={"nested": nested}),),
        notifications=(an_intent(alert, recipient=bad, facts={bad: b"\xff"}),),
        raw_data={alert.id: lambda: {bad: float("-inf")}},
    )
    await commit(pool, changes)
    row = await pool.fetchrow("SELECT * FROM alerts")
    assert (row["message"], row["title"]) == ("a\\x00b\\ud800", "t" * 254 + "…")
    assert row["raw_data"] == {"a\\x00b\\ud800": "-inf"}
    assert row["custom_fields"]["a\\x00b\\ud800"][3] == "(number too large)"
    assert await pool.fetchval("SELECT count(*) FROM notification_outbox") == 1
    assert caplog.records == []


async def test_a_refused_alert_takes_no_other_with_it(
    pool: asyncpg.Pool, caplog: pytest.LogCaptureFixture
) -> None:
    """A row that PostgreSQL refuses is written in a plainer form, the others unchanged."""
    alerts = [an_alert() for _ in range(40)]
    alerts[11] = replace(alerts[11], impacted=2**40)
    await commit(pool, a_creation(*alerts))
    read = {alert.id: alert for alert in await load_alerts(pool, resolved_since=NOW)}
    assert read == {
        alert.id: alert for alert in [*alerts[:11], replace(alerts[11], impacted=0), *alerts[12:]]
    }
    plain = await pool.fetch("SELECT id FROM alerts WHERE raw_data->>'not_stored' <> ''")
    assert [row["id"] for row in plain] == [alerts[11].id]
    assert await pool.fetchval("SELECT count(*) FROM alert_history") == 40
    assert "PostgreSQL rejects changes, writing them separately" in caplog.text


async def test_a_permanent_refusal_is_logged(pool: asyncpg.Pool, caplog: pytest.LogCaptureFixture) -> None:
    """History with an unknown action cannot be written; it is logged, and the rest is written."""
    alert = an_alert()
    unknown = an_entry(alert, action="unknown-action")
    await commit(pool, replace(a_creation(alert), history=(an_entry(alert), unknown)))
    assert await pool.fetchval("SELECT count(*) FROM alert_history") == 1
    (record,) = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert record.alert_id == str(alert.id)  # type: ignore[attr-defined]


async def test_the_engine_knows_better_which_alert_is_open(pool: asyncpg.Pool) -> None:
    """An open alert that the engine does not know gives way to the one that it knows."""
    stray = an_alert()
    await commit(pool, a_creation(stray))
    alert = replace(an_alert(), fingerprint=stray.fingerprint)
    await commit(pool, a_creation(alert))
    assert await _open_ids(pool) == {alert.id}


async def test_the_row_is_in_the_order_of_the_table(pool: asyncpg.Pool) -> None:
    """Updates pass rows as values of the table's own type, so the order of columns is a contract."""
    rows = await pool.fetch(
        "SELECT attname::text FROM pg_attribute WHERE attrelid = 'alerts'::regclass AND attnum > 0 "
        "ORDER BY attnum"
    )
    assert tuple(row["attname"] for row in rows) == TABLE_COLUMNS


async def test_texts_are_as_long_as_their_columns(pool: asyncpg.Pool) -> None:
    """The lengths in the declaration of an alert are those of the schema."""
    rows = await pool.fetch(
        "SELECT column_name::text AS name, character_maximum_length AS longest "
        "FROM information_schema.columns WHERE table_name = 'alerts' AND table_schema = 'public'"
    )
    longest = {row["name"]: row["longest"] for row in rows}
    texts = [column for column in COLUMNS if column.is_text]
    assert {column.name: column.longest for column in texts} == {
        column.name: longest[column.name] for column in texts
    }


async def test_numbers_are_as_long_as_their_columns(pool: asyncpg.Pool) -> None:
    """The sizes of numbers in the declaration of an alert are those of the schema."""
    rows = await pool.fetch(
        "SELECT attname::text AS name, attlen FROM pg_attribute "
        "WHERE attrelid = 'alerts'::regclass AND atttypid IN ('int4'::regtype, 'int8'::regtype)"
    )
    numbers = {column.name: column.size for column in COLUMNS if column.hint is int}
    assert numbers == {row["name"]: row["attlen"] for row in rows}


def test_no_changes_whatever_make_a_commit_fail(database_url: str) -> None:
    """Any values the types allow, in any combination: a commit ends without an error."""
    with asyncio.Runner() as runner:
        opened = runner.run(open_pool(database_url, 2))

        @settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
        @given(any_changes)
        def check(changes: Changes) -> None:
            runner.run(commit(opened, changes))

        try:
            check()
        finally:
            runner.run(close_pool(opened))
