"""Polled values become explained alerts: an operator's view, over weeks of simulated time."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import asyncpg
import pytest

from opsconductor.app.detecting import task
from opsconductor.config.sections.retention import RetentionSettings
from opsconductor.model.alert import Alert
from opsconductor.model.enums import Status
from opsconductor.series import series_store
from opsconductor.store.access.audit import DAEMON
from opsconductor.store.anomalies.judging import Judgement, judge
from opsconductor.store.anomalies.listing import find_anomaly
from tests.integration.series.test_measured_alerts import measuring, until
from tests.support.daemons.live_daemon import LiveDaemon
from tests.support.snmp.polled_site import ADDRESSES, COOLED, PORT, UPSES, PolledSite
from tests.support.snmp.snmpsim import Snmpsim, snmpsim

CORE = "10.0.0.254"
HOUR, DAY, WEEK = timedelta(hours=1), timedelta(days=1), timedelta(weeks=1)
WEEKS = 6


@pytest.fixture(scope="module")
def agent(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Snmpsim]:
    """Run one simulator at all addresses."""
    folder = tmp_path_factory.mktemp("snmpsim")
    with snmpsim(folder, {}, addresses=tuple(ADDRESSES.values()), communities=tuple(ADDRESSES)) as running:
        yield running


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Check more often for new values: time passes quickly here."""
    monkeypatch.setattr(task, "RULES_EVERY_S", 0.05)
    monkeypatch.setattr(series_store, "FLUSH_EVERY_S", 0.05)


async def settle(daemon: LiveDaemon) -> None:
    """Wait until everything measured is judged and reported."""

    async def is_settled() -> bool:
        waiting = daemon.parts.series.facts().waiting + daemon.parts.detection.task.facts().waiting
        return not waiting

    await until(is_settled, 60)
    await until(is_settled, 60)


async def reported(daemon: LiveDaemon, pool: asyncpg.Pool) -> list[Alert]:
    """Return the open alerts about measured values, once all anomalies are reported."""
    await settle(daemon)

    async def is_reported() -> bool:
        states = "SELECT count(*) FROM anomalies WHERE alert_state IN ('raise', 'clear')"
        return not await pool.fetchval(states)

    await asyncio.sleep(0.2)  # the first check after the last batch decides about waiting ones
    await until(is_reported)
    found = daemon.parts.worker.stages.engine.open_alerts()
    return [each for each in found if each.source_system == "measurements"]


async def inventory(pool: asyncpg.Pool) -> None:
    """Store the devices, all of which need one router."""
    names = [(address, name, "ups" if name in UPSES else "switch") for name, address in ADDRESSES.items()]
    await pool.executemany("INSERT INTO devices (ip_address, name, device_type) VALUES ($1, $2, $3)", names)
    await pool.execute("INSERT INTO devices (ip_address, name) VALUES ($1, 'core')", CORE)
    needs = [(address, CORE) for address in ADDRESSES.values()]
    await pool.executemany("INSERT INTO dependencies (device_ip, depends_on_ip) VALUES ($1, $2)", needs)


async def say_false(daemon: LiveDaemon, pool: asyncpg.Pool, device: str) -> None:
    """Mark the alert of a device as a false alarm, as the button does."""
    anomaly = await pool.fetchval(
        "SELECT id FROM anomalies WHERE device_name = $1 AND is_admitted ORDER BY detected_at DESC LIMIT 1",
        device,
    )
    row = await find_anomaly(pool, anomaly)
    assert row is not None
    async with pool.acquire() as connection:
        await judge(connection, row, Judgement(is_true=False, notes="", device_type="switch"), DAEMON)
    await daemon.parts.detection.live.judge(row, is_true=False)


def facts(found: list[Alert]) -> dict[str, str]:
    """Return the titles of alerts by device."""
    return {str(each.device_name): each.title for each in found}


@pytest.mark.usefixtures("hurried")
async def test_polled_values_become_explained_alerts(
    pool: asyncpg.Pool, tmp_path: Path, agent: Snmpsim
) -> None:
    """Creeping, stopped, common to all: one explained alert each; a false alarm stays quiet next week.

    The same under an outage of the uplink is suppressed.
    """
    await inventory(pool)
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    monday = today - timedelta(days=today.weekday()) - WEEKS * WEEK
    async with measuring(pool, tmp_path, retention=RetentionSettings(points_days=60)) as daemon:
        site = PolledSite(agent, monday, daemon.parts.series.measure)
        await site.go_on(4 * WEEK)
        assert await reported(daemon, pool) == []

        await site.go_on(36 * HOUR, ups_1=lambda since: site.battery() + since / DAY * 4)
        (creeping,) = await reported(daemon, pool)
        assert facts([creeping]) == {"ups-1": "Battery temperature has shifted up"}
        await site.go_on(21 * HOUR)

        await site.go_on(4 * HOUR, sw_1=lambda _: site.sensor())  # Wednesday, 9:00
        stopped = next(each for each in await reported(daemon, pool) if each.device_name == "sw-1")
        assert (stopped.title, stopped.resource) == ("In traffic unusually low", PORT)
        assert "The value is 0 bit/s" in stopped.message
        assert "once in" in stopped.message
        await site.go_on(3 * DAY)

        async def is_over() -> bool:
            return await reported(daemon, pool) == []

        await until(is_over, 60)
        shift = {name.replace("-", "_"): lambda _: site.battery() + 6 for name in UPSES}
        await site.go_on(5 * HOUR, **shift)
        (common,) = await reported(daemon, pool)
        assert "devices" in common.title
        await site.go_on(4 * DAY - 9 * HOUR)

        await say_false(daemon, pool, "sw-1")
        await site.go_on(4 * HOUR, sw_1=lambda _: site.sensor(), sw_3=lambda _: site.sensor())
        assert facts(await reported(daemon, pool)) == {"sw-3": "In traffic unusually low"}
        await site.go_on(20 * HOUR)
        await daemon.source.reports(CORE)
        await site.go_on(4 * HOUR, sw_2=lambda _: site.sensor())
        assert {each.status for each in await reported(daemon, pool)} == {Status.SUPPRESSED}
        assert site.polled > 100


@pytest.mark.usefixtures("hurried")
async def test_a_flat_lined_sensor_is_reported(pool: asyncpg.Pool, tmp_path: Path, agent: Snmpsim) -> None:
    """A sensor of a cooled room, which only has noise, repeats one value for 18 hours: one alert."""
    await inventory(pool)
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    begin = today - 18 * DAY
    async with measuring(pool, tmp_path, retention=RetentionSettings(points_days=60)) as daemon:
        site = PolledSite(agent, begin, daemon.parts.series.measure, step=timedelta(minutes=5))
        await site.go_on(17 * DAY)
        assert await reported(daemon, pool) == []
        await site.go_on(18 * HOUR, ups_4=lambda _: 25.0)
        (stuck,) = await reported(daemon, pool)
        assert facts([stuck]) == {COOLED: "Battery temperature does not change"}
        assert "The value has been 25 °C for longer than ever before." in stuck.message
        assert site.polled > 100
