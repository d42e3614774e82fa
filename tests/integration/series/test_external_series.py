"""A real Prometheus has the measured values as well, and they are read back from it."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from aiohttp import ClientSession

from opsconductor.app.detecting.progress import DetectorFacts
from opsconductor.app.measuring.health import with_measurements
from opsconductor.config.sections.retention import RetentionSettings
from opsconductor.config.sections.series import ExternalSettings, SeriesSettings
from opsconductor.connector.destinations import Destinations
from opsconductor.selfcheck.doctor.series import judge_series
from opsconductor.series.external.store import ExternalStore
from opsconductor.series.series_store import SeriesStore
from tests.support.api.api_stage import Caller, Stage, caller, serving
from tests.support.ports import free_port
from tests.support.series.prometheus import prometheus

pytest_plugins = ["tests.integration.api_fixtures"]

NOW = datetime.now(UTC).replace(microsecond=0)


async def opened(stage: Stage, port: int) -> SeriesStore:
    """Open series with an external store."""
    url = f"http://127.0.0.1:{port}/api/v1"
    settings = ExternalSettings.model_validate(
        {"write_url": f"{url}/write", "read_url": f"{url}/query_range"}
    )
    external = ExternalStore(settings, Destinations())
    store = SeriesStore(
        stage.pool,
        stage.database,
        lambda: stage.inventory,
        SeriesSettings(external=settings),
        RetentionSettings(),
        external,
    )
    await store.load()
    return store


async def until(is_so: Callable[[], bool]) -> None:
    """Wait for a condition."""
    async with asyncio.timeout(30):
        while not is_so():
            await asyncio.sleep(0.02)


async def send(admin: Caller, minutes: range) -> None:
    """Send a gauge and a counter, one point a minute."""
    points = [
        {
            "device": "192.0.2.1",
            "metric": metric,
            "resource": 'port="1"\\x',
            "kind": kind,
            "value": value,
            "at": (NOW + timedelta(minutes=minute)).isoformat(),
        }
        for minute in minutes
        for metric, kind, value in (
            ("room.temperature", "gauge", 20.1 + minute),
            ("octets", "counter", 6000 + 60 * minute),
        )
    ]
    assert (await admin.post("/metrics", points)).data["accepted"] == len(points)


async def both(admin: Caller, series: int, **more: str) -> tuple[object, object]:
    """Return the points of a series here and from the external store."""
    wanted = {"start": (NOW - timedelta(hours=1)).isoformat(), "step": "60", **more}
    found = []
    for source in ("own", "external"):
        answer = await admin.get(f"/series/{series}/points", params={**wanted, "source": source})
        assert answer.status == 200, answer.body
        found.append(answer.data["points"])
    return found[0], found[1]


async def test_values_arrive_survive_a_restart_and_are_read_back(
    stage: Stage, http: ClientSession, tmp_path: Path
) -> None:
    """Gauges and rates of counters are the same there; its absence is reported, and caught up later."""
    port = free_port()
    store = await opened(stage, port)
    external = store.external
    assert external is not None
    async with serving(stage, series=store) as url:
        sending = asyncio.create_task(external.run(store.feed, store.registry.describe))
        admin = await caller(stage, http, url, "admin")
        async with prometheus(tmp_path, port):
            await send(admin, range(-20, -10))
            await until(lambda: external.facts().outcomes.get("written", 0) == 19)
            for series in (1, 2):
                own, there = await both(admin, series)
                assert own == there
                assert len(own) in {9, 10}  # type: ignore[arg-type]
            highest = await both(admin, 1, step="300", aggregate="max")
            assert highest[0] == highest[1]

        await send(admin, range(-10, -5))
        await until(lambda: external.facts().error != "")
        (finding,) = judge_series(store.facts())
        assert "external store does not take values" in finding.text
        assert "series.external" in finding.remedy
        health = with_measurements(lambda: {"status": "ok"}, store.facts, DetectorFacts)()
        assert health["status"] == "degraded"
        refused = await admin.get("/series/1/points", params={"source": "external"})
        assert refused.status == 502
        assert "cannot be connected" in refused.body["error"]["message"]

        async with prometheus(tmp_path, port):
            await until(lambda: external.facts().outcomes["written"] == 29)
            own, there = await both(admin, 1)
            assert own == there
            assert len(own) in {14, 15}  # type: ignore[arg-type]
            assert external.facts().error == ""
        sending.cancel()


async def test_an_unanswerable_query_is_refused(stage: Stage, http: ClientSession) -> None:
    """Counts, and too many slots, are refused with the remedy; without a store, that none is configured."""
    store = await opened(stage, free_port())
    async with serving(stage, series=store) as url:
        admin = await caller(stage, http, url, "admin")
        await send(admin, range(-3, 0))
        for given, message in (
            ({"counts": "true"}, "leave out counts"),
            ({"step": "1"}, "choose a step of 8 s"),
        ):
            answer = await admin.get("/series/1/points", params={"source": "external", **given})
            assert answer.status == 422
            assert message in answer.body["error"]["message"]
    async with serving(stage) as url:
        admin = Caller(http, url, admin.key)
        answer = await admin.get("/series/1/points", params={"source": "external"})
        assert answer.status == 422
        assert "series.external.read_url" in answer.body["error"]["message"]
