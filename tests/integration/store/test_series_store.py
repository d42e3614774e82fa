"""Measured values survive: in the log, in chunks, in aggregates, and are found by queries."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import asyncpg
import pytest

from opsconductor.app.measuring.opening import source_config
from opsconductor.config.sections.series import SeriesSettings
from opsconductor.errors import StoreUnavailable
from opsconductor.inventory.snapshot import InventorySnapshot
from opsconductor.model.inventory.device import Device
from opsconductor.model.measured.measurement import SeriesKind
from opsconductor.series.aggregates import Aggregate
from opsconductor.series.buckets import HOUR_MS
from opsconductor.series.points import PointBatch
from opsconductor.series.query import WantedPoints
from opsconductor.series.series_store import SeriesStore
from opsconductor.store.configuration import ConnectorRow
from opsconductor.store.series.log import write_entry
from tests.support.series.measured import every_minute, id_of, measured, millis, open_store

NOW = datetime.now(UTC).replace(microsecond=0)
DAY = timedelta(days=1)


@asynccontextmanager
async def running(store: SeriesStore) -> AsyncIterator[SeriesStore]:
    """Run a store while the context lasts."""
    async with asyncio.timeout(60), asyncio.TaskGroup() as tasks:
        task = tasks.create_task(store.run())
        yield store
        task.cancel()


async def found(
    store: SeriesStore, series: int, first: datetime, last: datetime, **more: object
) -> list[tuple[int, float]]:
    """Return the points of a series from one time up to before another."""
    wanted = WantedPoints(start=millis(first), end=millis(last), **more)  # type: ignore[arg-type]
    points = (await store.points([series], wanted))[series]
    return list(zip(points.times.tolist(), points.values.tolist(), strict=True))


async def seal_all(store: SeriesStore, now: datetime) -> None:
    """Seal every bucket as if it were a later time."""
    for mark in list(store._buckets.due(now)):
        await store._buckets.seal(mark, now, store._writer.sequence)


POLLER = ConnectorRow(id=uuid4(), name="poll", type="snmp_poll", enabled=True, config={"secret": "x"})


async def test_points_are_found_before_and_after_a_restart(pool: asyncpg.Pool) -> None:
    """From memory, from the log after a crash, and from chunks; each once, the last of one time counts."""
    first = NOW - timedelta(minutes=30)
    rows = every_minute(first, [float(n) for n in range(30)])
    expected = [(millis(at), value) for at, value in rows]
    async with running(await open_store(pool)) as store:
        outcome = await store.intake.write([measured(value, at) for at, value in rows], "api:test")
        await store.intake.write([measured(99, rows[7][0])], "api:test")
        expected[7] = (expected[7][0], 99)
        assert outcome.accepted == 30
        series = id_of(store)
        assert await found(store, series, first, NOW) == expected
    async with running(await open_store(pool)) as again:  # as after kill -9: only the log has the points
        assert await found(again, id_of(again), first, NOW) == expected
        await seal_all(again, NOW + timedelta(hours=2))
        assert again.facts().open == 0
        assert await found(again, series, first, NOW) == expected
    async with running(await open_store(pool)) as third:  # the log still has them, the chunks as well
        assert await found(third, series, first, NOW) == expected
        assert third.facts().open == 0


async def test_points_that_come_late_join_their_chunk(pool: asyncpg.Pool) -> None:
    """A point of an hour that is packed already, and one that corrects another."""
    first = NOW - timedelta(hours=5)
    rows = every_minute(first, [1.0] * 60)
    async with running(await open_store(pool)) as store:
        await store.intake.write([measured(value, at) for at, value in rows[:50]], "api:test")
        await seal_all(store, NOW + timedelta(hours=2))
        await store.intake.write([measured(2.0, at) for at, _ in rows[45:]], "api:test")
        await seal_all(store, NOW + timedelta(hours=4))
        values = [value for _, value in await found(store, id_of(store), first, NOW)]
        assert values == [1.0] * 45 + [2.0] * 15
        assert await pool.fetchval("SELECT sum(amount) FROM data_points") == 60


async def test_days_are_aggregated_and_late_points_correct_them(pool: asyncpg.Pool) -> None:
    """Slots of 5 minutes and of an hour, also where the chunks are deleted by then."""
    day = (NOW - 2 * DAY).replace(hour=0, minute=0, second=0)
    rows = every_minute(day, [float(n % 60) for n in range(1440)])
    async with running(await open_store(pool)) as store:
        await store.intake.write([measured(value, at) for at, value in rows], "api:test")
        series = id_of(store)
        await seal_all(store, NOW + timedelta(hours=2))
        assert await pool.fetchval("SELECT count(*) FROM data_points_1h WHERE series_id = $1", series) == 1
        await pool.execute("DELETE FROM data_points")
        hours = await found(store, series, day, day + DAY, step=HOUR_MS)
        assert [value for _, value in hours] == [29.5] * 24
        highest = await found(store, series, day, day + DAY, step=300_000, aggregate=Aggregate.MAX)
        assert [value for _, value in highest][:3] == [4, 9, 14]
        assert len(highest) == 288


async def test_today_and_yesterday_are_aggregated_alike(pool: asyncpg.Pool) -> None:
    """A step across midnight shows the same whether a day is aggregated or not."""
    first = (NOW - DAY).replace(hour=12, minute=0, second=0)
    rows = [row for row in every_minute(first, [float(n % 7) for n in range(2000)]) if row[0] < NOW]
    async with running(await open_store(pool)) as store:
        await store.intake.write([measured(value, at) for at, value in rows], "api:test")
        series = id_of(store)
        before = await found(store, series, first, NOW, step=HOUR_MS)
        await seal_all(store, NOW + timedelta(hours=2))
        assert [at for at, _ in await found(store, series, first, NOW, step=HOUR_MS)] == [
            at for at, _ in before
        ]


async def test_counters_are_rates_and_the_feed_has_the_same(pool: asyncpg.Pool) -> None:
    """Live and again from the log; counts on request."""
    first = NOW - timedelta(minutes=20)
    rows = every_minute(first, [1000.0 + 600 * n for n in range(20)])
    async with running(await open_store(pool)) as store:
        live: list[PointBatch] = []

        async def listen() -> None:
            async for batch in store.feed.follow(0):
                live.append(batch)  # noqa: PERF401 - a comprehension would be empty until the end

        listening = asyncio.create_task(listen())
        for at, value in rows:
            point = measured(value, at, metric="octets", kind=SeriesKind.COUNTER)
            await store.intake.write([point], "api:test")
        series = id_of(store, "octets")
        assert [value for _, value in await found(store, series, first, NOW)] == [10.0] * 19
        counts = await found(store, series, first, NOW, counts=True)
        assert [value for _, value in counts] == [value for _, value in rows]
        again = [batch async for batch in store.feed.read_batches(live[4].sequence)]
        listening.cancel()
        assert [batch.values.tolist() for batch in live if len(batch.values)] == [[10.0]] * 19
        assert [batch.sequence for batch in again] == [batch.sequence for batch in live][5:]
        assert [batch.values.tolist() for batch in again] == [batch.values.tolist() for batch in live][5:]


async def test_an_id_is_counted_once(pool: asyncpg.Pool) -> None:
    """Of a point and of a batch, also by the next process; another source may use the same id."""
    at = NOW - timedelta(minutes=1)
    points = [measured(1, at), measured(2, at, metric="load")]
    async with running(await open_store(pool)) as store:
        first = await store.intake.write(points, "api:one", ids=["a", "b"])
        again = await store.intake.write(points, "api:one", ids=["b", "c"])
        assert (first.accepted, first.repeated) == (2, 0)
        assert (again.accepted, again.repeated) == (1, 1)
        assert (await store.intake.write(points, "api:one", batch_id="x")).accepted == 2
    async with running(await open_store(pool)) as store:
        assert (await store.intake.write(points, "api:one", batch_id="x")).repeated == 2
        assert (await store.intake.write(points, "api:two", batch_id="x")).accepted == 2
        both = [store.intake.write(points, "api:two", ids=["p", "q"]) for _ in range(2)]
        assert sum(each.accepted for each in await asyncio.gather(*both)) == 2


async def test_an_invalid_point_is_refused_with_its_reason(pool: asyncpg.Pool) -> None:
    """By position; the others are stored, and each reason is counted."""
    points = [
        measured(1, NOW),
        measured(float("nan"), NOW),
        measured(1, NOW + timedelta(hours=1)),
        measured(1, NOW - timedelta(days=30)),
        measured(1, NOW, metric="no metric"),
        measured(1, NOW, device=""),
    ]
    async with running(await open_store(pool)) as store:
        outcome = await store.intake.write(points, "api:test")
        reasons = ["not_a_number", "future", "too_old", "bad_metric", "no_device"]
        assert outcome.accepted == 1
        assert outcome.refused == dict(enumerate(reasons, 1))
        assert {name: store.facts().outcomes[name] for name in reasons} == dict.fromkeys(reasons, 1)


async def test_too_many_series_are_refused(pool: asyncpg.Pool) -> None:
    """Beyond the bound of a source; what exists goes on, other sources too."""
    settings = SeriesSettings(most_series=100, most_series_per_source=10)
    flood = [measured(1, NOW, resource=f"session={n}") for n in range(50)]
    async with running(await open_store(pool, settings=settings)) as store:
        outcome = await store.intake.write(flood, "api:noisy")
        assert outcome.accepted == 10
        assert set(outcome.refused.values()) == {"too_many_series"}
        assert store.facts().limited == {"api:noisy": 40}
        assert (await store.intake.write(flood[:10], "api:noisy")).accepted == 10
        assert (await store.intake.write([measured(1, NOW)], "api:other")).accepted == 1
        status = await pool.fetchval("SELECT status FROM data_sources WHERE name = 'api:noisy'")
        assert status == "limited"
        store.registry.describe_by(lambda name: source_config(name, {"poll": POLLER}))
        store.measure("poll", [measured(1, NOW, metric="polled")])
        await store.intake.write([measured(1, NOW)], "api:other")
        await store.registry.describe_sources()
    found = await pool.fetch("SELECT name, config FROM data_sources ORDER BY name")
    assert {row["name"]: row["config"] for row in found} == {
        "api:noisy": {"api": "noisy"},
        "api:other": {"api": "other"},
        "poll": {"connector_id": str(POLLER.id), "connector_type": "snmp_poll"},
    }


async def test_series_follow_a_device_with_another_address(pool: asyncpg.Pool) -> None:
    """Renamed or re-addressed in the inventory, its series are continued."""
    device_id = await pool.fetchval(
        "INSERT INTO devices (ip_address, name) VALUES ('192.0.2.1', 'ups-1') RETURNING id"
    )
    old = InventorySnapshot([Device(id=device_id, ip_address="192.0.2.1", name="ups-1")])
    new = InventorySnapshot([Device(id=device_id, ip_address="192.0.2.99", name="ups-one")])
    async with running(await open_store(pool, old)) as store:
        await store.intake.write([measured(1, NOW - timedelta(minutes=2))], "eaton")
        series = id_of(store)
    async with running(await open_store(pool, new)) as store:
        await store.intake.write([measured(2, NOW, device="192.0.2.99")], "eaton")
        assert id_of(store, device="192.0.2.99") == series
        description = store.registry.describe(series)
        assert description is not None
        assert (description.device_name, description.device_id) == ("ups-one", device_id)
        assert len(await found(store, series, NOW - DAY, NOW + DAY)) == 2


async def test_deleted_series_are_gone(pool: asyncpg.Pool) -> None:
    """With points in memory and in chunks; the same quantity begins anew under another id."""
    async with running(await open_store(pool)) as store:
        await store.intake.write([measured(1, NOW - timedelta(hours=3))], "api:test")
        await seal_all(store, NOW + timedelta(hours=2))
        await store.intake.write([measured(1, NOW)], "api:test")
        series = id_of(store)
        assert await store.delete([series, 12345]) == 1
        assert await pool.fetchval("SELECT count(*) FROM data_points") == 0
        await store.intake.write([measured(5, NOW)], "api:test")
        assert id_of(store) != series
        await seal_all(store, NOW + timedelta(hours=4))
        assert await found(store, id_of(store), NOW - DAY, NOW + DAY) == [(millis(NOW), 5.0)]


async def test_while_the_database_is_away_posts_fail_and_others_wait(
    pool: asyncpg.Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The queue is bounded: the oldest are dropped and counted; what is left is written afterwards."""
    place = "opsconductor.series.writer.write_entry"

    async def away(*_: object) -> None:
        raise StoreUnavailable("away")

    monkeypatch.setattr(place, away)
    settings = SeriesSettings(queue_points=1_000)
    async with running(await open_store(pool, settings=settings)) as store:
        with pytest.raises(StoreUnavailable):
            await store.intake.write([measured(1, NOW)], "api:test")
        for second in range(1_500):
            store.intake.put([measured(second, NOW - timedelta(seconds=second))], "poller")
        assert store.facts().waiting == 1_000
        assert store.facts().outcomes["dropped"] == 500
        monkeypatch.setattr(place, write_entry)
        async with asyncio.timeout(20):
            while store.facts().error or store.facts().outcomes.get("stored", 0) < 1_000:
                await asyncio.sleep(0.05)
        assert store.facts().waiting == 0


async def test_many_series_at_once(pool: asyncpg.Pool) -> None:
    """A first poll of many devices: every point has its own series."""
    prefix = uuid4().hex[:6]
    points = [measured(n, NOW, device=f"host-{prefix}-{n}", metric="load") for n in range(5_000)]
    async with running(await open_store(pool)) as store:
        assert (await store.intake.write(points, "api:test")).accepted == 5_000
        assert len(store.registry) == 5_000
