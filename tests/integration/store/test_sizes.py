"""Sizes of tables are stored by day, and their growth follows from the samples."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import asyncpg

from opsconductor.config.settings import Settings
from opsconductor.model.enums import Status
from opsconductor.selfcheck.doctor.retention import examine_retention
from opsconductor.store.commit.commit import commit
from opsconductor.store.retention.old_rows import make_partitions
from opsconductor.store.retention.sizes import read_sizes, record_sizes
from tests.support.store.stored import a_creation, an_alert, an_entry

NOW = datetime(2026, 3, 4, 5, tzinfo=UTC)


async def test_growth_follows_from_the_samples(pool: asyncpg.Pool) -> None:
    """Partitions count for their table; two samples a day are one; growth is by day."""
    await make_partitions(pool, NOW)
    await record_sizes(pool, NOW - timedelta(days=4))
    await record_sizes(pool, NOW - timedelta(days=4, hours=1))
    await pool.execute("UPDATE table_sizes SET bytes = bytes - 4000 WHERE table_name = 'alert_history'")
    sizes = {each.table: each for each in await read_sizes(pool, NOW)}
    assert sizes["alert_history"].bytes_a_day == 1000
    assert sizes["alerts"].bytes_a_day == 0
    assert not {name for name in sizes if name.startswith("alert_history_") or name == "alerts_open"}


async def test_a_first_day_has_no_growth(pool: asyncpg.Pool) -> None:
    """Before a whole day has passed no growth is shown."""
    await record_sizes(pool, NOW)
    assert {each.bytes_a_day for each in await read_sizes(pool, NOW)} == {None}


async def test_kept_data_is_shown_with_setting_oldest_row_and_size(pool: asyncpg.Pool) -> None:
    """Every kind of data has a row, partitioned ones too; two years of the audit log are kept by default."""
    old = NOW - timedelta(days=40)
    alert = an_alert(status=Status.RESOLVED, resolved_at=old, occurred_at=old)
    await make_partitions(pool, NOW)
    await commit(pool, replace(a_creation(alert), history=(an_entry(alert, created_at=NOW),)))
    kept = {each.name: each for each in await examine_retention(pool, Settings(), NOW)}
    assert (kept["audit log"].setting, kept["audit log"].length) == ("retention.audit_days", "730 days")
    assert kept["closed alerts"].oldest_at == old
    assert kept["history of alerts"].oldest_at == NOW
    assert (kept["raw events"].oldest_at, kept["raw events"].is_known) == (None, True)
    assert all(each.bytes > 0 for each in kept.values())
    written = {str(name) for name in Settings().retention.model_dump()}
    assert written == {each.setting.split(".")[1] for each in kept.values()} - {"keep_days", "snapshots_days"}
