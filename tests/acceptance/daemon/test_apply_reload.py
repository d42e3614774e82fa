"""`apply --reload` activates a change in the running daemon, or reports that it did not."""

from typing import Any

from tests.acceptance.daemon.test_faulty_configuration import ended
from tests.support.daemons.daemon import Daemon, running

SECRET = "first-secret-of-many"
HOOK = {"format": "alertmanager", "token": SECRET}
BODY = {
    "version": "4",
    "groupKey": "{}:{}",
    "status": "firing",
    "receiver": "opsconductor",
    "alerts": [
        {
            "status": "firing",
            "labels": {"alertname": "DiskFull", "instance": "core", "severity": "critical"},
            "annotations": {},
            "startsAt": "2026-01-02T03:04:05Z",
            "fingerprint": "1",
        }
    ],
}
DEVICE = "devices: [{ip_address: 192.0.2.9, name: named-now}]\n"


async def test_a_change_is_in_force_at_once(daemon: Daemon, database_url: str) -> None:
    """With --reload the daemon uses the change; without, the command shows how to; a repeat does nothing."""
    daemon.write_settings({"database": {"url": database_url}})
    file = daemon.folder / "device.yaml"
    file.write_text(DEVICE)
    async with running(daemon):
        status, text = await ended(daemon, "apply", "--reload", str(file))
        assert (status, text.splitlines()[-1]) == (0, "reloaded")
        status, text = await ended(daemon, "apply", "--reload", str(file))
        assert (status, text) == (0, "0 added, 0 changed, 0 deleted, 1 unchanged\n")
        file.write_text(DEVICE.replace("named-now", "named-later"))
        status, text = await ended(daemon, "apply", str(file))
        assert status == 0
        assert "opsconductor reload" in text


async def test_a_change_by_api_and_command_is_in_force_at_once(daemon: Daemon, database_url: str) -> None:
    """A new connector runs, a changed one uses its new settings, others are not touched; no reload."""
    daemon.write_settings({"database": {"url": database_url}})
    daemon.declare("hooks", connectors=[{"name": "first", "type": "webhook_in", "config": HOOK}])
    async with running(daemon):
        made = await daemon.api("/connectors", {"name": "second", "type": "webhook_in", "config": HOOK})
        data: Any = made["data"]
        assert (data["is_in_force"], data["failed"]) == (True, {})
        posted: Any = await daemon.api("/connectors/second/webhook", BODY, token=SECRET)
        assert posted["success"], posted
        await daemon.alerts_when(lambda found: len(found) == 1)
        status, text = await ended(
            daemon, "connectors", "update", "second", "--set", "config.token=another-secret-1"
        )
        assert (status, "another-secret" in text) == (0, False)
        refused: Any = await daemon.api("/connectors/second/webhook", BODY, token=SECRET)
        assert refused["success"] is False
        status, text = await ended(daemon, "connectors", "disable", "first")
        assert (status, "hooks" in text) == (1, True)  # it names the file that declares it
        status, text = await ended(
            daemon, "devices", "create", "--set", "name=core", "--set", "ip_address=192.0.2.7"
        )
        assert status == 0
        device: Any = await daemon.api("/devices/192.0.2.7")
        assert device["data"]["name"] == "core"
