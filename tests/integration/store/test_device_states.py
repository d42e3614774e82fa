"""Alerts that were open on a device at a time in the past: from history, and before that from snapshots."""

from datetime import UTC, datetime, timedelta

import asyncpg

from opsconductor.store.reports.states import prune_reports, read_state, record_states
from tests.support.api.api_stage import Stage, problem

pytest_plugins = ["tests.integration.api_fixtures"]

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
DEVICE = "10.9.0.1"


async def test_the_state_at_a_time_is_that_of_its_history(stage: Stage, pool: asyncpg.Pool) -> None:
    """An alert is there with status and severity of that time: new, worse, acknowledged, over."""
    before = datetime.now(UTC)
    (alert,) = await stage.report(problem("link", device_ip=DEVICE))
    opened = datetime.now(UTC)
    await pool.execute("UPDATE alerts SET status = 'acknowledged' WHERE id = $1", alert.id)
    await pool.execute(
        "INSERT INTO alert_history (alert_id, action, old_status, new_status, changes, created_at) VALUES "
        "($1, 'acknowledged', 'active', 'acknowledged', '{}', now()), "
        '($1, \'updated\', NULL, NULL, \'{"severity": ["minor", "critical"]}\', now())',
        alert.id,
    )
    acknowledged = datetime.now(UTC)
    for at, expected in ((before, []), (opened, [("active", "minor")])):
        state = await read_state(pool, [DEVICE], at, LONG_AGO)
        assert [(each["status"], each["severity"]) for each in state.alerts] == expected
        assert state.source == "history"
    state = await read_state(pool, [DEVICE], acknowledged, LONG_AGO)
    assert [each["status"] for each in state.alerts] == ["acknowledged"]


async def test_before_the_history_the_last_snapshot_counts(stage: Stage, pool: asyncpg.Pool) -> None:
    """A state is stored only when it has changed, and the last one is kept whatever its age."""
    await record_states(pool)
    await stage.report(problem("link", device_ip=DEVICE))
    await record_states(pool)
    await record_states(pool)
    assert await pool.fetchval("SELECT count(*) FROM state_snapshots") == 1
    later = datetime.now(UTC) + timedelta(days=1)
    state = await read_state(pool, [DEVICE], later, later + timedelta(days=1))
    assert (state.source, len(state.alerts)) == ("snapshot", 1)
    assert (await read_state(pool, ["10.9.9.9"], later, later + timedelta(days=1))).source == "none"
    await pool.execute("UPDATE alerts SET status = 'resolved', resolved_at = now()")
    await record_states(pool)
    await prune_reports(pool, later, later)
    assert [row["state_data"] for row in await pool.fetch("SELECT state_data FROM state_snapshots")] == [
        {"alerts": []}
    ]
