"""The loss ledger in PostgreSQL: every minute once, every run, and the time without counting."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest

from opsconductor.config.settings import Settings
from opsconductor.errors import StoreUnavailable
from opsconductor.ledger.equations import LedgerEntry, balance
from opsconductor.ledger.ledger import Key, Ledger
from opsconductor.model.changes import UnmatchedClear
from opsconductor.selfcheck.doctor.database import examine_database
from opsconductor.selfcheck.watch.bookkeeper import Bookkeeper
from opsconductor.selfcheck.watch.ledger_rest import FILE, LedgerRest, read_rest, write_rest
from opsconductor.store.ledger import LedgerRow, Run, Sum, open_run, read_sums, save
from opsconductor.store.unmatched import UnmatchedTotal, read_unmatched_clears, read_unmatched_total
from tests.conftest import Cluster
from tests.support.outage import Outage
from tests.support.store.ledger_runs import read_run, read_runs

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def a_run(started_at: datetime = NOON) -> Run:
    """Make a run that has just begun."""
    return Run(
        id=uuid4(), host="noc-1", version="1.0", started_at=started_at, seen_at=started_at, stopped_at=None
    )


async def test_a_minute_that_is_written_twice_counts_once(pool: asyncpg.Pool) -> None:
    """Whole minutes replace what is there, so an answer that was lost does no harm."""
    run = a_run()
    await open_run(pool, run, kept_sockets=False)
    for amount in (3, 5):
        row = LedgerRow(NOON, "traps", "received", "", amount)
        await save(pool, run.id, [row], seen_at=NOON + MINUTE)
    assert await read_sums(pool, NOON) == [Sum("traps", "received", "", 5)]


async def test_opening_a_run_twice_is_opening_it_once(pool: asyncpg.Pool) -> None:
    """The same holds for the run itself, and for the span before it."""
    before = a_run(NOON - MINUTE)
    await open_run(pool, before, kept_sockets=False)
    run = a_run()
    spans = [await open_run(pool, run, kept_sockets=False) for _ in range(2)]
    assert spans[0] == spans[1] is not None
    assert [each.id for each in await read_runs(pool, 5)] == [run.id, before.id]


@pytest.mark.parametrize(
    ("is_last", "kept_sockets", "expected"),
    [
        (False, False, Sum("", "unknown", "ended_without_a_word", 90)),
        (False, True, Sum("", "unknown", "ended_without_a_word", 90)),
        (True, False, Sum("", "down", "stopped", 90)),
        (True, True, None),
    ],
)
async def test_the_time_between_two_runs_is_known(
    pool: asyncpg.Pool, *, is_last: bool, kept_sockets: bool, expected: Sum | None
) -> None:
    """A crash leaves unknown time, a stop time without listening, unless systemd held the ports."""
    first = a_run()
    assert await open_run(pool, first, kept_sockets=False) is None
    await save(pool, first.id, [], seen_at=NOON + MINUTE, is_last=is_last)
    second = a_run(NOON + MINUTE + timedelta(seconds=89.2))
    span = await open_run(pool, second, kept_sockets=kept_sockets)
    assert await read_sums(pool, NOON) == ([] if expected is None else [expected])
    assert (span is None) is (expected is None)


async def test_a_clock_that_was_set_back_does_not_make_time_negative(pool: asyncpg.Pool) -> None:
    """A run that starts before the one before it has ended leaves one second."""
    await open_run(pool, a_run(), kept_sockets=False)
    span = await open_run(pool, a_run(NOON - MINUTE), kept_sockets=False)
    assert span is not None
    assert span.amount == 1


async def test_levels_of_a_run_are_the_last_not_the_sum(pool: asyncpg.Pool) -> None:
    """A run in the database adds up like the one in memory."""
    run = a_run()
    await open_run(pool, run, kept_sockets=False)
    rows = [
        LedgerRow(NOON, "traps", "taken", "", 10),
        LedgerRow(NOON, "traps", "waiting", "", 10),
        LedgerRow(NOON + MINUTE, "traps", "taken", "", 5),
        LedgerRow(NOON + MINUTE, "traps", "failed", "ValueError", 12),
        LedgerRow(NOON + MINUTE, "traps", "waiting", "", 3),
    ]
    await save(pool, run.id, rows, seen_at=NOON + 2 * MINUTE)
    sums = await read_run(pool, run.id)
    assert Sum("traps", "waiting", "", 3) in sums
    assert balance(LedgerEntry(*each) for each in sums) == []
    assert "waiting" not in {each.stage for each in await read_sums(pool, NOON)}


async def test_hostile_names_fit(pool: asyncpg.Pool) -> None:
    """Reasons come from third-party connectors too: any text is stored."""
    run = a_run()
    await open_run(pool, run, kept_sockets=False)
    await save(pool, run.id, [LedgerRow(NOON, "x" * 99, "failed", "\0" * 300, 1)], seen_at=NOON)
    (found,) = await read_sums(pool, NOON)
    assert (len(found.connector), len(found.reason)) == (50, 100)


def bookkeeper(pool: asyncpg.Pool, clock: Callable[[], float], data_dir: Path) -> tuple[Bookkeeper, Ledger]:
    """Make a bookkeeper of a ledger with a given time."""
    ledger = Ledger(clock)
    books = Bookkeeper(pool, ledger, Counter, host="noc-1", kept_sockets=False, data_dir=data_dir)
    return books, ledger


async def test_counts_during_an_outage_are_written_afterwards(
    pool: asyncpg.Pool, postgres: Cluster, database_url: str, tmp_path: Path
) -> None:
    """Every minute of an outage is in the ledger afterwards, and nothing of it twice."""
    now_s = datetime.now(UTC).timestamp() - 600
    books, ledger = bookkeeper(pool, lambda: now_s, tmp_path)
    ledger.count("traps", "received")
    await books.write()
    outage = Outage(postgres, database_url)
    outage.begin()
    for minute in range(1, 4):
        now_s += 60
        ledger.count("traps", "received", amount=minute)
        with pytest.raises(StoreUnavailable):
            await books.write()
    assert books.error
    outage.end()
    await books.write()
    await books.write()
    assert not books.error
    rows = await pool.fetch("SELECT amount FROM loss_ledger WHERE stage = 'received' ORDER BY minute")
    assert [row["amount"] for row in rows] == [1, 1, 2, 3]
    assert len(ledger.minutes) == 0


async def test_an_orderly_end_is_noted(pool: asyncpg.Pool, tmp_path: Path) -> None:
    """The last counts and the stop are written; the next run knows that the former one ended in order."""
    books, ledger = bookkeeper(pool, lambda: datetime.now(UTC).timestamp(), tmp_path)
    await books.write()
    ledger.count("traps", "failed", "ValueError")
    ledger.count("traps", "taken")
    await books.finish()
    (run,) = await read_runs(pool, 1)
    assert run.stopped_at is not None
    assert balance(LedgerEntry(*each) for each in await read_run(pool, run.id)) == []
    later, _ = bookkeeper(pool, lambda: 0.0, tmp_path)
    later.run = replace(later.run, started_at=run.stopped_at + MINUTE)
    await later.write()
    assert later.unclean == 0
    assert later.span is not None
    assert (later.span.stage, later.span.amount) == ("down", 60)


async def test_doctor_reads_the_ledger_and_judges_the_database(pool: asyncpg.Pool, tmp_path: Path) -> None:
    """A healthy database with a loss in its ledger: one warning, and a rule is missing."""
    books, ledger = bookkeeper(pool, lambda: datetime.now(UTC).timestamp(), tmp_path)
    ledger.add(
        {Key("traps", "received"): 5, Key("traps", "kernel_drop"): 3, Key("traps", "refused", "network"): 5}
    )
    await books.write()
    examined = await examine_database(pool, Settings(), None)
    assert examined.ledger is not None
    (page,) = examined.ledger.connectors
    assert (page.lost, page.turned_away, page.gap) == (3, 5, 0)
    areas = {(finding.area, str(finding.verdict)) for finding in examined.findings}
    assert areas == {
        *(("database", "ok"), ("backups", "ok"), ("mappings", "ok"), ("maintenance", "ok")),
        *(("ledger", "warning"), ("configuration", "warning")),
    }


async def test_doctor_reports_an_old_schema(pool: asyncpg.Pool) -> None:
    """Nothing else is read from a database that is of another version."""
    await pool.execute("UPDATE alembic_version SET version_num = '0001'")
    examined = await examine_database(pool, Settings(), None)
    assert [str(finding.verdict) for finding in examined.findings] == ["ok", "bad"]
    assert examined.ledger is None
    await pool.execute("DROP TABLE alembic_version")
    examined = await examine_database(pool, Settings(), None)
    assert "no schema" in examined.findings[1].text


async def test_doctor_finds_no_database(pool: asyncpg.Pool, postgres: Cluster, database_url: str) -> None:
    """An unreachable database is a finding, not a failure."""
    outage = Outage(postgres, database_url)
    outage.begin()
    (finding,) = (await examine_database(pool, Settings(), None)).findings
    assert (finding.area, str(finding.verdict)) == ("database", "bad")
    assert finding.remedy
    outage.end()


async def test_unmatched_clears_are_added_up_by_day(pool: asyncpg.Pool, tmp_path: Path) -> None:
    """The object of a clear is stored with its number, whatever it contains; nothing is stored twice."""
    now_s = NOON.timestamp()
    books, ledger = bookkeeper(pool, lambda: now_s, tmp_path)
    clear = UnmatchedClear(
        source_system="traps",
        source_alert_id="",
        device="10.0.0.1",
        alert_type="network_link_down",
        resource="ifIndex=7",
    )
    ledger.add_unmatched([clear, clear, replace(clear, resource="\0" + "x" * 300)])
    await books.write()
    await books.write()
    now_s += 60
    ledger.add_unmatched([clear])
    await books.write()
    (found,) = await read_unmatched_clears(pool, NOON, most=10, most_resources=2)
    assert (found.amount, found.resources, found.last_at) == (4, 2, NOON + timedelta(minutes=1))
    assert "ifIndex=7" in found.some_resources
    assert await read_unmatched_total(pool, NOON) == UnmatchedTotal(amount=4, devices=1, alert_types=1)
    assert ledger.total("traps", "unmatched") == 4


async def test_an_orderly_end_without_database_is_stored_by_the_next_run(
    pool: asyncpg.Pool, postgres: Cluster, database_url: str, tmp_path: Path
) -> None:
    """Neither the stop nor the counts are missing; the file is gone afterwards."""
    books, ledger = bookkeeper(pool, lambda: datetime.now(UTC).timestamp(), tmp_path)
    await books.write()
    ledger.count("traps", "received", amount=7)
    outage = Outage(postgres, database_url)
    outage.begin()
    await books.finish()
    outage.end()
    later, _ = bookkeeper(pool, lambda: datetime.now(UTC).timestamp(), tmp_path)
    await later.write()
    assert later.unclean == 0
    assert Sum("traps", "received", "", 7) in await read_run(pool, books.run.id)
    assert [run.stopped_at is None for run in await read_runs(pool, 2)] == [True, False]
    assert read_rest(tmp_path / FILE) is None


async def test_the_end_of_a_run_of_another_database_is_dropped(pool: asyncpg.Pool, tmp_path: Path) -> None:
    """A ledger that does not know the run is written all the same."""
    row = LedgerRow(NOON, "traps", "received", "", 1)
    write_rest(tmp_path / FILE, LedgerRest(uuid4(), NOON, [row]))
    books, _ = bookkeeper(pool, lambda: 0.0, tmp_path)
    await books.write()
    assert (books.unclean, read_rest(tmp_path / FILE)) == (0, None)
