"""From measured values to alerts: a rule is broken, worse and over; a cause suppresses its alert."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from opsconductor.app.configuring.reload import reload
from opsconductor.app.detecting.checkpoint import read_checkpoint
from opsconductor.model.alert import Alert
from opsconductor.model.enums import Severity, Status
from opsconductor.model.measured.measurement import Measurement
from opsconductor.store.declared.machine_configurations import read_machine_use
from tests.support.daemons.live_daemon import LiveDaemon, live_daemon

DEVICES = "INSERT INTO devices (ip_address, name, device_type) VALUES ($1, $2, 'ups')"
RULE = """
INSERT INTO alert_rules (name, metric, scope, warning, critical, samples)
VALUES ('battery hot', 'battery_temperature', '{"device_type": ["UPS"]}', 40, 50, 2)
"""
MACHINE = "INSERT INTO machine_configurations (baselines, thresholds, machine_type) VALUES ($1, $2, $3)"
LEFT_OVER = """
INSERT INTO anomalies (id, detected_at, subject, anomaly_type, severity)
VALUES (gen_random_uuid(), $1, $2, 'power_anomaly', 'low')
"""
UPS, CORE = "10.0.0.1", "10.0.0.254"


@asynccontextmanager
async def measuring(pool: asyncpg.Pool, folder: Path, **settings: Any) -> AsyncIterator[LiveDaemon]:
    """Run the daemon's parts with series and detector."""
    async with live_daemon(pool, folder, **settings) as daemon:
        tasks = [
            asyncio.create_task(each)
            for each in (daemon.parts.series.run(), daemon.parts.detection.task.run())
        ]
        yield daemon
        await daemon.parts.series.finish()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def until(condition: Callable[[], Awaitable[Any]], within_s: float = 20) -> Any:
    """Wait until something is there, and return it."""
    async with asyncio.timeout(within_s):
        while not (found := await condition()):
            await asyncio.sleep(0.05)
    return found


def give(daemon: LiveDaemon, begin: datetime, values: list[float]) -> None:
    """Measure values one a minute."""
    daemon.parts.series.measure(
        "snmp_poll",
        [
            Measurement("battery_temperature", value, begin + timedelta(minutes=nth), UPS, unit="Cel")
            for nth, value in enumerate(values)
        ],
    )


async def alert_when(daemon: LiveDaemon, holds: Callable[[Alert], bool]) -> Alert:
    """Wait until the alert of the UPS is as wanted."""

    async def found() -> Alert | None:
        alert = daemon.open_alerts().get(UPS)
        return alert if alert is not None and holds(alert) else None

    alert: Alert = await until(found)
    return alert


async def test_a_rule_alerts_worsens_and_clears(pool: asyncpg.Pool, tmp_path: Path) -> None:
    """Two values beyond the limit are an alert with device and explanation, over a restart, until its end.

    Under an outage of the device that it needs it is suppressed.
    """
    await pool.execute(DEVICES, UPS, "ups-1")
    await pool.execute(DEVICES, CORE, "core")
    await pool.execute("INSERT INTO dependencies (device_ip, depends_on_ip) VALUES ($1, $2)", UPS, CORE)
    await pool.execute(RULE)
    begin = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=1)
    async with measuring(pool, tmp_path) as daemon:
        give(daemon, begin, [30, 41, 30, 41, 42])
        alert = await alert_when(daemon, lambda _: True)
        assert (alert.alert_type, alert.severity, alert.resource) == (
            "power_battery_hot",
            Severity.WARNING,
            "",
        )
        assert "42 °C, limit 40 °C" in alert.title
        assert "the rule 'battery hot'" in alert.message
        row = await until(lambda: pool.fetchrow("SELECT * FROM anomalies WHERE alert_id IS NOT NULL"))
        assert alert.custom_fields["anomaly_id"] == str(row["id"])
        assert (row["alert_id"], row["severity"], row["algorithm_used"]) == (alert.id, "medium", "threshold")
        assert row["detected_at"] == begin + timedelta(minutes=4)
    assert read_checkpoint(tmp_path) is not None
    async with measuring(pool, tmp_path) as daemon:
        give(daemon, begin + timedelta(minutes=10), [55, 56])
        await alert_when(daemon, lambda alert: alert.severity is Severity.CRITICAL)
        give(daemon, begin + timedelta(minutes=20), [20, 20])
        await until(lambda: pool.fetchrow("SELECT id FROM anomalies WHERE alert_state = 'cleared'"))
        assert UPS not in daemon.open_alerts()
        rows = await pool.fetch("SELECT status, ended_at FROM anomalies")
        assert [tuple(each) for each in rows] == [("resolved", begin + timedelta(minutes=21))]
        await daemon.source.reports(CORE)
        give(daemon, begin + timedelta(minutes=30), [60, 60])
        alert = await alert_when(daemon, lambda _: True)
        assert alert.status is Status.SUPPRESSED


@pytest.mark.parametrize("left", [b"", b"OCWATCH1 damaged"], ids=["deleted", "damaged"])
async def test_open_anomalies_of_a_lost_checkpoint_end(
    pool: asyncpg.Pool, tmp_path: Path, left: bytes
) -> None:
    """Of rules, series and devices alike; alerts clear; lasting ones are found again. Datasets stay."""
    await pool.execute(DEVICES, UPS, "ups-1")
    await pool.execute(RULE)
    begin = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=1)
    async with measuring(pool, tmp_path) as daemon:
        give(daemon, begin, [41, 41])
        await alert_when(daemon, lambda _: True)
        await until(lambda: pool.fetchrow("SELECT id FROM anomalies WHERE alert_state = 'raised'"))
    for subject in ("series:7", "device:sw-1", "dataset"):
        await pool.execute(LEFT_OVER, begin, subject)
    await pool.execute("DELETE FROM metric_batches")  # all of it is older than what the log goes back to
    checkpoint = tmp_path / "detector" / "checkpoint"
    if left:
        checkpoint.write_bytes(left)
    else:
        checkpoint.unlink()
    async with measuring(pool, tmp_path) as daemon:
        await until(lambda: pool.fetchrow("SELECT id FROM anomalies WHERE alert_state = 'cleared'"))
        assert UPS not in daemon.open_alerts()
        rows = await pool.fetch("SELECT subject FROM anomalies WHERE ended_at IS NULL")
        assert [each["subject"] for each in rows] == ["dataset"]
        give(daemon, datetime.now(UTC), [42, 42])
        await alert_when(daemon, lambda _: True)


async def test_a_lasting_anomaly_keeps_its_alert_after_a_lost_checkpoint(
    pool: asyncpg.Pool, tmp_path: Path
) -> None:
    """The log is judged again: an anomaly with the same id goes on, another takes over the alert."""
    await pool.execute(DEVICES, UPS, "ups-1")
    await pool.execute(RULE)
    begin = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=1)
    async with measuring(pool, tmp_path) as daemon:
        give(daemon, begin, [41, 41])
        await alert_when(daemon, lambda _: True)
        await until(lambda: pool.fetchrow("SELECT id FROM anomalies WHERE alert_state = 'raised'"))
        give(daemon, begin + timedelta(minutes=2), [41, 41])
        await until(lambda: pool.fetchrow("SELECT sequence FROM metric_batches OFFSET 1"))
    checkpoint = tmp_path / "detector" / "checkpoint"
    checkpoint.unlink(missing_ok=True)
    async with measuring(pool, tmp_path) as daemon:
        await until(lambda: has_settled(daemon))
        assert await pool.fetchval("SELECT ended_at FROM anomalies") is None
    checkpoint.unlink(missing_ok=True)
    await pool.execute(
        "DELETE FROM metric_batches WHERE sequence = (SELECT min(sequence) FROM metric_batches)"
    )
    async with measuring(pool, tmp_path) as daemon:
        await until(lambda: has_settled(daemon))
        await until(
            lambda: pool.fetchrow(
                "SELECT id FROM anomalies WHERE ended_at IS NULL AND alert_state = 'raised'"
            )
        )
        rows = await pool.fetch("SELECT ended_at IS NULL, alert_state FROM anomalies ORDER BY detected_at")
        assert [tuple(each) for each in rows] == [(False, "none"), (True, "raised")]
        assert UPS in daemon.open_alerts()


async def has_settled(daemon: LiveDaemon) -> bool:
    """Return True if missing data was searched."""
    return daemon.parts.detection.task.facts().has_settled


async def test_a_type_of_machine_alerts_by_its_limits_and_its_baseline(
    pool: asyncpg.Pool, tmp_path: Path
) -> None:
    """A young series far from the baseline of its type alerts at once; a changed limit applies then.

    The anomalies say what is expected; they end with the configuration. What is about nothing is known.
    """
    await pool.execute(DEVICES, UPS, "ups-1")
    await pool.execute(MACHINE, {"battery_temperature": {"expected": 25, "variation": 2}}, [], "UPS")
    await pool.execute(MACHINE, {"load": {"expected": 1, "variation": 1}}, [], "usp")
    begin = datetime.now(UTC).replace(microsecond=0)
    async with measuring(pool, tmp_path) as daemon:
        give(daemon, begin, [25, 34, 34, 34])
        alert = await alert_when(daemon, lambda _: True)
        assert (alert.alert_type, alert.severity) == (
            "power_ups_battery_temperature_baseline",
            Severity.WARNING,
        )
        assert "25 °C is expected, with a variation of 2 °C" in alert.message
        row = await pool.fetchrow("SELECT * FROM anomalies")
        assert (row["algorithm_used"], row["expected"], row["threshold"]) == ("baseline", 25, 33)
        used = {each.machine_type: each for each in await read_machine_use(pool)}
        assert (used["UPS"].devices, used["UPS"].unmeasured) == (1, [])
        assert (used["usp"].devices, used["usp"].unmeasured) == (0, ["load"])
        await pool.execute(
            "UPDATE machine_configurations SET baselines = '{}', thresholds = $1",
            [{"metric": "battery_temperature", "critical": 30}],
        )
        parts = daemon.parts
        await reload(parts.live, parts.worker, parts.connectors, parts.status)
        await until(lambda: pool.fetchrow("SELECT id FROM anomalies WHERE alert_state = 'cleared'"))
        give(daemon, begin + timedelta(minutes=10), [34])
        alert = await alert_when(daemon, lambda alert: alert.severity is Severity.CRITICAL)
        assert alert.alert_type == "power_ups_battery_temperature"
