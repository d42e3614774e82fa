"""Rows and events that cannot be handled are kept in the database, reported, and stop nothing."""

import asyncio
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import asyncpg
import pytest

from opsconductor.app.status.health import health_of
from opsconductor.app.status.system_info import disk_of
from opsconductor.config.sections.retention import RetentionSettings
from opsconductor.engine.engine import Engine
from opsconductor.limits import Backoff
from opsconductor.model.changes import Changes
from opsconductor.pipeline import failing
from opsconductor.selfcheck.doctor.stores import judge_asides
from opsconductor.selfcheck.watch.stored import asides_of
from opsconductor.store.aside import read_aside
from opsconductor.store.commit.commit import commit
from opsconductor.store.load import load_alerts
from opsconductor.store.notifications.outbox import Room, claim
from opsconductor.store.retention.old_rows import prune
from tests.support.daemons.live_daemon import live_daemon
from tests.support.store.stored import NOW, a_creation, an_alert, an_entry, an_intent

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    "spoiled",
    [
        """notified = '{"rule_id": "x"}'""",
        "notified = '[7]'",
        """notified = '[{"rule_id": "none"}]'""",
        "custom_fields = '[1]'",
        "tags = '{NULL}'",
        "transitions = '{NULL}'",
    ],
)
async def test_a_spoiled_row_does_not_stop_the_start(
    pool: asyncpg.Pool, tmp_path: Path, spoiled: str
) -> None:
    """The others are loaded, new reports are taken, and the row stays for people to look at."""
    bad, good = an_alert(), an_alert()
    await commit(pool, a_creation(bad, good))
    await pool.execute(f"UPDATE alerts SET {spoiled} WHERE id = $1", bad.id)  # noqa: S608 - words of this file
    async with live_daemon(pool, tmp_path) as daemon:
        await daemon.source.reports("192.0.2.1")
        assert {good.device_ip, "192.0.2.1"} <= set(daemon.open_alerts())
        assert daemon.parts.worker.failure == ""
    assert await pool.fetchval("SELECT count(*) FROM alerts WHERE id = $1 AND status = 'active'", bad.id) == 1


async def test_an_unreadable_row_is_kept_once(pool: asyncpg.Pool) -> None:
    """However often the daemon starts; doctor and the watch show it with its reason."""
    alert = an_alert()
    await commit(pool, a_creation(alert))
    await pool.execute("UPDATE alerts SET notified = '[7]'")
    for _ in range(3):
        assert await load_alerts(pool, resolved_since=NOW) == []
    (aside,) = await read_aside(pool, LONG_AGO)
    assert (aside.kind, aside.origin, aside.subject, aside.amount) == ("alert", "traps", str(alert.id), 1)
    assert aside.reason.startswith("TypeError: ")
    watch = asides_of(pool)
    await watch.look()
    assert watch.rows == [aside]
    (finding,) = judge_asides([aside])
    assert finding.verdict == "bad"
    assert f"1 alerts of traps, the latest at {aside.latest_at:%Y-%m-%d}" in finding.text


async def test_a_change_that_is_refused_for_good_is_kept(pool: asyncpg.Pool) -> None:
    """The rest is written; what is refused stands in the table as JSON, with PostgreSQL's reason."""
    alert = an_alert()
    await pool.execute("ALTER TABLE alert_history ADD CHECK (notes <> 'poison')")
    entry = an_entry(alert)
    poison = replace(an_entry(alert), notes="poison")
    await commit(pool, Changes(created=(alert,), history=(entry, poison)))
    assert await pool.fetchval("SELECT count(*) FROM alert_history") == 1
    (aside,) = await read_aside(pool, LONG_AGO)
    assert (aside.kind, aside.subject) == ("change", str(alert.id))
    content = json.loads(await pool.fetchval("SELECT content FROM set_aside"))
    assert "poison" in str(content["history"])


async def test_set_aside_data_is_deleted_after_a_while(pool: asyncpg.Pool) -> None:
    """Ninety days are enough to report it."""
    await commit(pool, a_creation(an_alert()))
    await pool.execute("UPDATE alerts SET notified = '[7]'")
    await load_alerts(pool, resolved_since=NOW)
    now = datetime.now(UTC)
    assert (await prune(pool, RetentionSettings(), now + timedelta(days=89)))["set_aside"] == 0
    assert (await prune(pool, RetentionSettings(), now + timedelta(days=91)))["set_aside"] == 1


async def test_a_notification_that_cannot_be_read_keeps_no_other(pool: asyncpg.Pool) -> None:
    """It is given up and set aside; those behind it are claimed in the same turn."""
    alert = an_alert()
    bad, good = an_intent(alert), an_intent(alert)
    await commit(pool, Changes(created=(alert,), notifications=(bad, replace(good, recipient="other"))))
    await pool.execute("UPDATE notification_outbox SET facts = '[1]' WHERE id = $1", bad.id)
    (claimed,) = await claim(pool, {}, otherwise=Room(slots=5, retries=5), lease=timedelta(minutes=1))
    assert claimed.id == good.id
    assert await pool.fetchval("SELECT status FROM notification_log WHERE id = $1", bad.id) == "failed"
    (aside,) = await read_aside(pool, LONG_AGO)
    assert (aside.kind, aside.subject) == ("notification", str(bad.id))


async def test_health_is_failing_while_the_engine_is(
    pool: asyncpg.Pool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the reason, in health and in the alerts on the daemon; then all is good again."""
    monkeypatch.setattr(failing, "TRY_AGAIN", Backoff(longest=timedelta(milliseconds=10)))
    async with live_daemon(pool, tmp_path) as daemon:
        parts = daemon.parts
        health = health_of(
            parts.live,
            parts.worker,
            intake=parts.intake,
            stores=parts.stores,
            status=parts.status,
            lag=parts.lag,
        )
        sight = parts.watch.watcher.sight
        assert (health()["status"], sight.engine_failure()) == ("ok", "")
        with monkeypatch.context() as broken:
            broken.setattr(Engine, "_step", _fail)
            reporting = asyncio.create_task(daemon.source.reports("192.0.2.7"))
            async with asyncio.timeout(20):
                while health()["status"] != "failing":
                    await asyncio.sleep(0.01)
            engine = health()["engine"]
            assert isinstance(engine, dict)
            assert engine["error"].startswith("RuntimeError: no engine works")
            parts.watch.watcher.look(disk_of(sight.data_dir), 0.0)
            assert "application_engine_failing" in {each.alert_type for each in parts.watch.watcher.troubles}
            assert not reporting.done()
        await reporting
        assert (health()["status"], sight.engine_failure()) == ("ok", "")
        assert await read_aside(pool, LONG_AGO) == []


def _fail(*_: object) -> Changes:
    raise RuntimeError("no engine works")
