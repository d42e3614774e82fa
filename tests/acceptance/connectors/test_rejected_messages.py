"""Messages that are rejected repeatedly are shown wherever an operator looks, and become one alert."""

import asyncio
import json
import socket
from collections.abc import Mapping
from typing import Any

import pytest

from opsconductor.snmp.notice import SenderV2c, SnmpNotice
from tests.acceptance.daemon.test_first_hour import LINK_DOWN
from tests.support.daemons.daemon import Daemon, running
from tests.support.daemons.terminal import invoked

SECRET = "the secret of the hook"
ALERT = "application_messages_rejected"
JUNK = bytes.fromhex("3080deadbeef")


async def ended(daemon: Daemon, *arguments: str) -> tuple[int, str]:
    """Run a command; return its exit status and output, without folded lines."""
    done = await invoked("--config", str(daemon.folder / "opsconductor.yaml"), *arguments)
    return done.exit_code, done.output


@pytest.fixture
def listener(daemon: Daemon, database_url: str) -> Daemon:
    """Provide a daemon with a trap port and a webhook, for which three rejected messages are an alert."""
    daemon.declare(
        "hook",
        connectors=[{"name": "hook", "type": "webhook_in", "config": {"format": "grafana", "token": SECRET}}],
    )
    rejections = {"messages": 3, "within": "1m", "quiet_time": "20s"}
    daemon.write_settings(
        {"database": {"url": database_url}, "self_watch": {"every": "0.2s", "rejections": rejections}}
    )
    return daemon


async def rejected(daemon: Daemon) -> dict[str, list[Mapping[str, Any]]]:
    """Read the rejections of each connector, by its name."""
    rows: Any = (await daemon.api("/connectors"))["data"]
    return {row["name"]: row["rejected"] for row in rows}


async def test_a_wrong_secret_stands_in_status_doctor_and_an_alert(listener: Daemon) -> None:
    """Posts with a wrong secret: sender, reason and remedy are shown; the alert clears when they stop."""
    daemon = listener
    async with running(daemon):
        for _ in range(3):
            answer = await daemon.api("/connectors/hook/webhook", {"alerts": []}, "wrong")
            assert answer["success"] is False
        await daemon.troubles_when(lambda found: (ALERT, "active") in found)
        (alert,) = [each for each in await daemon.alerts(on_itself=True) if each["alert_type"] == ALERT]
        assert alert["title"] == "Messages Rejected - 127.0.0.1"
        assert alert["severity"] == "warning"
        assert "hook has rejected 3 messages of 127.0.0.1: the secret is missing or wrong" in str(
            alert["message"]
        )
        assert "Remedy: compare the secret" in str(alert["message"])
        (shown,) = (await rejected(daemon))["hook"]
        assert (shown["sender"], shown["reason"], shown["count"]) == ("127.0.0.1", "unauthorized", 3)
        assert shown["is_repeated"] is True
        _, status = await ended(daemon, "connectors", "status")
        assert "rejected 3x from 127.0.0.1" in status
        assert "the secret is missing or wrong -> compare the secret" in status
        code, found = await ended(daemon, "doctor")
        assert code == 0, found
        assert "3 messages of 127.0.0.1 rejected since" in found
        assert "-> compare the secret at the sender" in found
        await daemon.troubles_when(lambda found: (ALERT, "resolved") in found, within_s=60)


async def test_communities_and_bytes_that_are_no_snmp_are_two_alerts(listener: Daemon) -> None:
    """A wrong community and undecodable bytes of one sender: one alert each; no secret is shown."""
    daemon = listener
    async with running(daemon):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            for number in range(4):
                notice = SnmpNotice(trap_oid=LINK_DOWN, uptime=number)
                sock.sendto(SenderV2c(community=b"hunter2").trap(notice), ("127.0.0.1", daemon.trap_port))
                sock.sendto(JUNK, ("127.0.0.1", daemon.trap_port))
        shown: list[Mapping[str, Any]] = []
        async with asyncio.timeout(10):
            while [each["count"] for each in shown] != [4, 4]:
                shown = (await rejected(daemon))["snmp_trap"]
        await daemon.troubles_when(lambda found: (ALERT, "active") in found)
        assert {each["sender"] for each in shown} == {"127.0.0.1"}
        assert {each["first_bytes"] for each in shown} == {"", JUNK.hex()}
        everything = json.dumps([shown, await daemon.alerts(on_itself=True)])
        assert "hunter2" not in everything
        assert b"hunter2".hex() not in everything
        _, status = await ended(daemon, "connectors", "status")
        assert "the community is not configured -> correct it on the device" in status
        assert f"[{JUNK.hex()}]" in status
        await daemon.troubles_when(lambda found: (ALERT, "active") not in found, within_s=60)
