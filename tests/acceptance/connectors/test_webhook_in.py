"""Posts to a real daemon: answered ones survive kill -9, and later posts end their alerts."""

import json
import signal
from pathlib import Path

from tests.support.api.webhook_posts import posted
from tests.support.daemons.daemon import Daemon, running

TOKEN = "a token of the daemon"
CONNECTORS = [
    {"name": name, "type": "webhook_in", "config": {"format": name, "token": TOKEN}}
    for name in ("alertmanager", "pagerduty", "librenms", "uptimekuma", "zabbix")
]
RENAMED = {
    "librenms": (
        {"alert_id": "32", "name": "Rule A", "state": 1, "severity": "critical", "hostname": "sw2"},
        {"alert_id": "32", "name": "Rule B", "state": 0, "severity": "ok", "hostname": "sw2.example.net"},
    ),
    "uptimekuma": (
        {
            "heartbeat": {"monitorID": 11, "status": 0},
            "monitor": {"type": "http", "url": "https://shop.example.net/"},
        },
        {
            "heartbeat": {"monitorID": 11, "status": 1},
            "monitor": {"type": "http", "url": "https://new.example.net/"},
        },
    ),
    "zabbix": (
        {
            "event_id": "950",
            "event_value": "1",
            "trigger_id": "150",
            "host_ip": "192.0.2.50",
            "event_name": "Full",
        },
        {
            "event_id": "950",
            "event_value": "0",
            "trigger_id": "150",
            "host_ip": "192.0.2.51",
            "event_name": "Full",
        },
    ),
}
"""By format: a problem, and its recovery after the object was renamed, edited or re-addressed."""
LABELS = {"alertname": "DiskFull", "host": "srv1", "mountpoint": "/var", "severity": "critical"}
TRIGGER = {
    "event_action": "trigger",
    "dedup_key": "job-7",
    "payload": {"summary": "Job 7 failed", "source": "batch1", "severity": "error", "class": "batch"},
}


def group(status: str) -> dict[str, object]:
    """Write a group of one alert as Alertmanager does."""
    return {"version": "4", "status": status, "alerts": [{"status": status, "labels": LABELS}]}


async def post(daemon: Daemon, name: str, body: object, token: str = TOKEN) -> tuple[int, dict[str, object]]:
    """Post to a connector; return status and document of the answer."""
    return await posted(daemon.api_port, name, body, {"Authorization": f"Bearer {token}"})


async def statuses(daemon: Daemon) -> dict[str, object]:
    """Return the status of every alert by its device."""
    found = await daemon.alerts("status=active,acknowledged,resolved")
    return {str(alert["device_name"]): alert["status"] for alert in found}


async def test_what_was_posted_before_a_crash_ends_with_what_is_posted_after_it(tmp_path: Path) -> None:
    """Also where the sender names its alert by a key alone; a wrong secret is refused."""
    daemon = Daemon(tmp_path)
    daemon.declare("hooks", connectors=CONNECTORS)
    async with running(daemon):
        assert (await post(daemon, "alertmanager", group("firing"), token="wrong"))[0] == 401
        assert await post(daemon, "alertmanager", group("firing")) == (
            200,
            {"success": True, "data": {"events": 1}, "meta": {}},
        )
        assert await post(daemon, "pagerduty", TRIGGER) == (
            202,
            {"status": "success", "message": "Event processed", "dedup_key": "job-7"},
        )
        output = await daemon.run("event", "send", "--device", "srv2", "--type", "power_x", "--id", "once")
        assert output == "1 event committed\n"
        await daemon.stop(signal.SIGKILL)
        await daemon.start()
        assert await statuses(daemon) == {"srv1": "active", "batch1": "active", "srv2": "active"}
        output = await daemon.run("event", "send", "--device", "srv2", "--type", "power_x", "--id", "once")
        assert output == "1 event committed, 1 of them known before\n"
        await post(
            daemon, "pagerduty", {"event_action": "acknowledge", "dedup_key": "job-7", "client": "Ada"}
        )
        assert await statuses(daemon) == {"srv1": "active", "batch1": "acknowledged", "srv2": "active"}
        await post(daemon, "pagerduty", {"event_action": "resolve", "dedup_key": "job-7"})
        await post(daemon, "alertmanager", group("resolved"))
        await daemon.run("event", "send", "--device", "srv2", "--type", "power_x", "--clear")
        assert set((await statuses(daemon)).values()) == {"resolved"}
        assert TOKEN not in daemon.log.read_text()


async def test_a_recovery_after_a_crash_ends_what_was_renamed_meanwhile(tmp_path: Path) -> None:
    """The sender's own id pairs them, over kill -9; an unmatched recovery is counted and shown."""
    daemon = Daemon(tmp_path)
    daemon.declare("hooks", connectors=CONNECTORS)
    async with running(daemon):
        for name, (problem, _) in RENAMED.items():
            assert (await post(daemon, name, problem))[0] == 200
        await daemon.stop(signal.SIGKILL)
        await daemon.start()
        assert set((await statuses(daemon)).values()) == {"active"}
        for name, (_, recovery) in RENAMED.items():
            assert (await post(daemon, name, recovery))[0] == 200
        assert set((await statuses(daemon)).values()) == {"resolved"}
        await post(daemon, "zabbix", {**RENAMED["zabbix"][1], "event_id": "951"})
        shown = json.loads(await daemon.run("connectors", "status", "--json"))
        unmatched = {row["name"]: row["unmatched_recoveries"] for row in shown}
        assert {name: amount for name, amount in unmatched.items() if amount} == {"zabbix": 1}
