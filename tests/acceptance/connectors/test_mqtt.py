"""MQTT to the committed alert, with kill -9 of the daemon in the middle."""

import asyncio
import signal
from pathlib import Path

import asyncpg

from tests.support.connectors.mqtt_broker import OFFLINE, Broker, broker
from tests.support.daemons.daemon import Daemon

DEVICES = 1_000
ROWS = "SELECT device_name, occurrence_count FROM alerts WHERE alert_type = 'network_device_offline'"

STAGES = "SELECT stage FROM loss_ledger WHERE connector = 'plant' AND amount <> 0"


def declare(daemon: Daemon, mosquitto: Broker, database_url: str) -> None:
    """Make the daemon listen to the broker."""
    config = {"host": "127.0.0.1", "port": mosquitto.port, "topics": [OFFLINE], "max_inflight": 200}
    daemon.write_settings({"database": {"url": database_url}})
    daemon.declare("mqtt", connectors=[{"name": "plant", "type": "mqtt", "config": config}])


async def counts(database_url: str) -> dict[str, int]:
    """Read how often each device was reported."""
    connection = await asyncpg.connect(database_url)
    try:
        return {row["device_name"]: row["occurrence_count"] for row in await connection.fetch(ROWS)}
    finally:
        await connection.close()


async def stages(database_url: str) -> set[str]:
    """List the stages of the loss ledger at which messages of the broker were counted."""
    connection = await asyncpg.connect(database_url)
    try:
        return {row["stage"] for row in await connection.fetch(STAGES)}
    finally:
        await connection.close()


async def counts_when(database_url: str, amount: int) -> dict[str, int]:
    """Read them until there are so many."""
    found: dict[str, int] = {}
    async with asyncio.timeout(30):
        while len(found := await counts(database_url)) < amount:
            await asyncio.sleep(0.1)
    return found


async def test_a_killed_daemon_loses_nothing_and_counts_nothing_twice(
    tmp_path: Path, daemon: Daemon, database_url: str
) -> None:
    """It dies with hundreds of messages between arrival and acknowledgement, and continues after a restart.

    What the broker keeps is the state right after the start: `a` is down still, and no new occurrence; `b`
    has come back meanwhile.
    """
    folder = tmp_path / "broker"
    folder.mkdir()
    async with broker(folder, "max_queued_messages 0") as mosquitto:
        declare(daemon, mosquitto, database_url)
        await mosquitto.publish("site/a/state", "offline", "-r")
        await mosquitto.publish("site/b/state", "offline", "-r")
        await daemon.start()
        await counts_when(database_url, 2)
        publishing = asyncio.create_task(
            mosquitto.publish_all((f"site/d{number}/state", b"offline") for number in range(DEVICES))
        )
        await counts_when(database_url, 3)
        await daemon.stop(signal.SIGKILL)
        await publishing
        await mosquitto.publish("site/b/state", "online", "-r")
        assert len(await counts(database_url)) < DEVICES
        await daemon.start()
        found = await counts_when(database_url, DEVICES + 2)
        assert found == dict.fromkeys([*"ab", *(f"d{number}" for number in range(DEVICES))], 1)
        (over,) = await daemon.alerts_when(bool, "status=resolved")
        assert over["device_name"] == "b"
        await daemon.stop()
        assert await stages(database_url) >= {"received", "taken", "committed"}
        assert "gap" not in await stages(database_url)
