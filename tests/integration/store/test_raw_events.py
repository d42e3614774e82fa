"""Raw events are in PostgreSQL with their changes, or not at all; by day, and in order."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import asyncpg
import pytest

from opsconductor.config.sections.retention import RetentionSettings
from opsconductor.errors import StoreUnavailable
from opsconductor.model.changes import Changes
from opsconductor.model.event import ArchivedEvent
from opsconductor.store import raw_events
from opsconductor.store.commit.commit import commit
from opsconductor.store.raw_events import Span, archive_reach, read_events, reading
from opsconductor.store.retention.old_rows import make_partitions, prune
from opsconductor.store.spool.queue import open_spool
from tests.support.store.stored import NOW, a_creation, an_alert

EVERYTHING = Span(begin=NOW - timedelta(days=9000), end=NOW + timedelta(days=9000))


def an_event(number: int, *, after_s: float = 0, connector: str = "traps") -> ArchivedEvent:
    """Make an event as the archive has it."""
    return ArchivedEvent(
        id=UUID(int=number),
        connector=connector,
        received_at=NOW + timedelta(seconds=after_s),
        peer="10.1.2.3",
        local="0.0.0.0:162",
        payload=b"\x30\x00\xff" + bytes((number % 256,)),
        sampled_count=number % 3,
    )


async def stored(pool: asyncpg.Pool, span: Span = EVERYTHING) -> list[ArchivedEvent]:
    """Read a span of the archive."""
    return [event async for events in read_events(pool, span) for event in events]


async def test_events_are_read_back_as_they_were(pool: asyncpg.Pool) -> None:
    """Every field survives, and rows without payload are counts."""
    number = ArchivedEvent(id=UUID(int=2), connector="traps", received_at=NOW, sampled_count=12_431)
    await commit(pool, Changes(archive=(an_event(1), number)))
    assert await stored(pool) == [an_event(1), number]


async def test_order_is_that_of_reception(pool: asyncpg.Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many pages it takes, events come once, by time and then in the order they were taken."""
    monkeypatch.setattr(raw_events, "PAGE", 3)
    events = [an_event(number, after_s=number // 4) for number in range(13)]
    await commit(pool, Changes(archive=tuple(reversed(events))))
    assert await stored(pool) == events
    part = Span(begin=NOW + timedelta(seconds=1), end=NOW + timedelta(seconds=3))
    assert await stored(pool, part) == events[4:12]


async def test_a_span_can_be_narrowed_to_connectors(pool: asyncpg.Pool) -> None:
    """Only the events of the connectors that are named are read."""
    mine, other = an_event(1), an_event(2, connector="mqtt")
    await commit(pool, Changes(archive=(mine, other)))
    assert await stored(pool, replace(EVERYTHING, connectors=("mqtt",))) == [other]


async def test_a_failed_commit_archives_nothing(pool: asyncpg.Pool) -> None:
    """Event and alert are one transaction: neither is there without the other."""
    await pool.execute("ALTER TABLE alert_history RENAME TO elsewhere")
    changes = replace(a_creation(an_alert()), archive=(an_event(1),))
    with pytest.raises(StoreUnavailable):
        await commit(pool, changes)
    assert await stored(pool) == []
    await pool.execute("ALTER TABLE elsewhere RENAME TO alert_history")
    await commit(pool, changes)
    assert await stored(pool) == [an_event(1)]
    assert await pool.fetchval("SELECT count(*) FROM alerts") == 1


async def test_a_refused_raw_event_costs_no_alert(pool: asyncpg.Pool) -> None:
    """One event that PostgreSQL refuses costs neither its alert nor the other events."""
    refused = replace(an_event(2), payload=None, sampled_count=0)
    await commit(pool, replace(a_creation(an_alert()), archive=(an_event(1), refused, an_event(3))))
    assert await stored(pool) == [an_event(1), an_event(3)]
    assert await pool.fetchval("SELECT count(*) FROM alerts") == 1


async def test_a_commit_whose_answer_was_lost_is_repeated(pool: asyncpg.Pool) -> None:
    """Writing the same twice is writing it once, also when more has come along."""
    changes = replace(a_creation(an_alert()), archive=(an_event(1), an_event(2)))
    await commit(pool, changes)
    await commit(pool, changes.then(Changes(archive=(an_event(3),))))
    assert await stored(pool) == [an_event(number) for number in (1, 2, 3)]


async def test_the_spool_keeps_events_too(tmp_path: Path) -> None:
    """Events accepted while PostgreSQL is away are archived later: a batch without alert as well."""
    assert not Changes(archive=(an_event(1),)).is_empty
    async with open_spool(tmp_path) as spool:
        await spool.append(Changes(archive=(an_event(1), an_event(2))))
        (entry,) = await spool.oldest(10)
        assert entry.changes().archive == (an_event(1), an_event(2))
        assert entry.weight == 2


async def test_days_are_made_and_dropped(pool: asyncpg.Pool) -> None:
    """Each day (UTC) has its partition; those older than the settings allow go whole, strays as well."""
    settings = RetentionSettings(raw_events_days=2)
    for days in (4, 3, 2, 0):
        await make_partitions(pool, NOW - timedelta(days=days))
    old = [an_event(number, after_s=-86_400 * number) for number in (1000, 4, 3, 2, 1, 0)]
    await commit(pool, Changes(archive=tuple(old)))
    deleted = await prune(pool, settings, NOW)
    assert (deleted["raw_events"], deleted["raw_events_default"]) == (2, 1)
    assert await stored(pool) == old[3:]
    where = await pool.fetch("SELECT DISTINCT tableoid::regclass::text AS name FROM raw_events ORDER BY 1")
    days_kept = [f"raw_events_y{NOW - timedelta(days=days):%Ym%md%d}" for days in (2, 1, 0)]
    assert [row["name"] for row in where] == days_kept


async def test_early_events_move_into_their_day(pool: asyncpg.Pool) -> None:
    """A day whose partition comes late has all its events in it."""
    await commit(pool, Changes(archive=(an_event(1),)))
    await make_partitions(pool, NOW)
    assert await pool.fetchval("SELECT tableoid::regclass::text FROM raw_events") == "raw_events_y2026m03d04"


async def test_reading_can_change_nothing(pool: asyncpg.Pool) -> None:
    """A replay's connection to the database refuses to write."""
    await commit(pool, Changes(archive=(an_event(1), an_event(2, after_s=9))))
    async with reading(pool) as connection:
        assert await archive_reach(connection) == (NOW, NOW + timedelta(seconds=9))
    with pytest.raises(StoreUnavailable, match="read-only transaction"):
        async with reading(pool) as connection:
            await connection.execute("DELETE FROM raw_events")


async def test_an_empty_archive_says_so(pool: asyncpg.Pool) -> None:
    """Without events there is no reach."""
    async with reading(pool) as connection:
        assert await archive_reach(connection) is None
    assert await stored(pool, Span(begin=datetime(1, 1, 1, tzinfo=UTC), end=NOW)) == []
