"""PRTG and the whole daemon: polled and posted, acknowledged both ways, away and back, over a restart."""

import asyncio
from collections.abc import AsyncIterator, Callable

import aiohttp
import pytest

from tests.fakes.prtg import TOKEN, FakePrtg, notification, page, serving
from tests.support.daemons.daemon import Daemon, running

NAME = "prtg-main"
SECRET = "a secret of the test"
WITHIN_S = 20.0


@pytest.fixture
async def fake(daemon: Daemon) -> AsyncIterator[FakePrtg]:
    """A PRTG server with a device, and a daemon that is to ask it."""
    fake = FakePrtg()
    fake.device("core-sw1", "10.0.0.1")
    async with serving(fake) as port:
        config = {
            "url": f"http://127.0.0.1:{port}",
            "api_token": "${file:" + str(daemon.folder / "token") + "}",
            "poll_interval": 0.2,
            "unreachable_after": 1,
            "webhook_secret": SECRET,
            "acknowledge_back": True,
        }
        (daemon.folder / "token").write_text(TOKEN)
        daemon.declare("prtg", connectors=[{"name": NAME, "type": "prtg", "config": config}])
        daemon.write_settings({"self_watch": {"every": "1s"}})
        yield fake


async def status_when(daemon: Daemon, resource: str, wanted: str) -> dict[str, object]:
    """Wait until the alert of a sensor is as wanted."""

    def one(alerts: list[dict[str, object]]) -> list[dict[str, object]]:
        return [each for each in alerts if each["resource"] == resource and each["status"] == wanted]

    return one(await daemon.alerts_when(lambda alerts: bool(one(alerts)), within_s=WITHIN_S))[0]


async def becomes(is_so: Callable[[], bool]) -> None:
    """Wait until a condition holds on the PRTG side."""
    async with asyncio.timeout(WITHIN_S):
        while not is_so():
            await asyncio.sleep(0.1)


async def polls(fake: FakePrtg, amount: int) -> None:
    """Wait until PRTG was polled so often again."""
    asked = len(fake.asked_for("/table.json"))
    await becomes(lambda: len(fake.asked_for("/table.json")) >= asked + amount)


async def story(daemon: Daemon, alert_id: object) -> list[tuple[object, object, object, object]]:
    """Read the history of an alert: action, rule, who, note."""
    detail = await daemon.api(f"/alerts/{alert_id}")
    return [(row["action"], row["rule"], row["user_name"], row["notes"]) for row in detail["data"]["history"]]  # type: ignore[index]


async def post(daemon: Daemon, body: bytes) -> int:
    """Post a notification as PRTG does; return the status of the answer."""
    url = f"http://127.0.0.1:{daemon.api_port}/api/v1/connectors/{NAME}/webhook"
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    async with aiohttp.ClientSession() as session, session.post(url, data=body, headers=headers) as answer:
        return answer.status


async def test_what_is_acknowledged_here_is_acknowledged_in_prtg(daemon: Daemon, fake: FakePrtg) -> None:
    """Once, with the operator's note; a refusal of PRTG is noted in the alert's history."""
    ping = fake.sensor("Ping", status=5, message="Request timed out")
    disk = fake.sensor("Disk", status=4, kind="snmpdiskfree", tags="")
    async with running(daemon):
        mine = await status_when(daemon, f"sensor={ping.id}", "active")
        assert (mine["device_ip"], mine["severity"]) == ("10.0.0.1", "critical")
        await daemon.api(f"/alerts/{mine['id']}/acknowledge", {"notes": "on my way"})
        await becomes(lambda: ping.status == 13)
        assert "on my way" in ping.acknowledged_with
        other = await status_when(daemon, f"sensor={disk.id}", "active")
        await daemon.api(f"/alerts/{other['id']}/acknowledge", {})
        async with asyncio.timeout(WITHIN_S):
            while (entry := (await story(daemon, other["id"]))[-1])[0] != "noted":
                await asyncio.sleep(0.1)
        assert entry[2] == NAME
        assert "does not accept the acknowledgement" in str(entry[3])
        assert "the selected object cannot be used here" in str(entry[3])
        await polls(fake, 3)
        acts = [row[:2] for row in await story(daemon, mine["id"])]
        assert acts == [("created", "fold.new"), ("acknowledged", "operator")]
        asked = [each["id"] for each in fake.asked_for("/acknowledgealarm.htm")]
        assert asked == [[str(ping.id)], [str(disk.id)]]
    assert TOKEN not in daemon.log.read_text()


async def test_what_prtg_posts_and_acknowledges_is_so_here_and_outlives_both(
    daemon: Daemon, fake: FakePrtg
) -> None:
    """Posts and polls are one alert, and a withdrawn acknowledgement here is not overruled.

    While PRTG is away nothing is cleared, over a restart in the middle of that.
    """
    http = fake.sensor("HTTP", kind="http", tags="")
    async with running(daemon):
        await polls(fake, 1)
        http.status = 5
        assert await post(daemon, notification(http) + f"&secret={SECRET}".encode()) == 200
        assert await post(daemon, notification(http)) == 401
        alert = await status_when(daemon, f"sensor={http.id}", "active")
        assert alert["alert_type"] == "application_sensor_alarm"
        http.status = 13
        await status_when(daemon, f"sensor={http.id}", "acknowledged")
        acknowledged = ("acknowledged", "source.acknowledged", f"PRTG ({NAME})", None)
        assert (await story(daemon, alert["id"]))[-1] == acknowledged
        await daemon.api(f"/alerts/{alert['id']}/unacknowledge", {})
        await polls(fake, 3)
        await status_when(daemon, f"sensor={http.id}", "active")
        fake.trouble = page("", status=503)
        await status_when(daemon, f"connector={NAME}", "active")
        troubles = {alert["alert_type"] for alert in await daemon.alerts(on_itself=True)}
        assert "application_ledger_gap" not in troubles, "posts and polls do not add up"
    async with running(daemon):
        await polls(fake, 2)
        await status_when(daemon, f"connector={NAME}", "active")
        fake.trouble = None
        await status_when(daemon, f"connector={NAME}", "resolved")
        await polls(fake, 3)
        await status_when(daemon, f"sensor={http.id}", "active")
        http.status = 3
        await status_when(daemon, f"sensor={http.id}", "resolved")
    assert fake.asked_for("/acknowledgealarm.htm") == []
    assert TOKEN not in daemon.log.read_text()
