"""Notifications that never arrive raise one alert of the daemon on itself, which clears by itself."""

import asyncio
import json
from typing import Any

from aiohttp import web

from tests.support.daemons.daemon import Daemon, running
from tests.support.notify.hook_server import Hook, hooked

LINK_DOWN = "1.3.6.1.6.3.1.1.5.3"
GIVEN_UP = "application_notifications_given_up"


async def test_what_is_given_up_is_an_alert_until_the_channel_takes_something(daemon: Daemon) -> None:
    """A receiver that refuses everything: one alert, degraded health; it clears when one gets through.

    The notification about that alert itself is refused, too, and raises no other.
    """
    hook = Hook(answers=[web.Response(status=410)])
    async with hooked(hook) as port:
        daemon.declare(
            "noc",
            connectors=[
                {"name": "noc-hook", "type": "webhook", "config": {"url": f"http://127.0.0.1:{port}/hook"}}
            ],
            notification_rules=[{"name": "all", "channels": [{"channel": "noc-hook"}]}],
        )
        daemon.write_settings({"engine": {"settle_time": "0s"}})
        async with running(daemon):
            await daemon.trap(LINK_DOWN, "1.3.6.1.2.1.2.2.1.1.7", "i", "7")
            await daemon.troubles_when(lambda found: (GIVEN_UP, "active") in found, 30)
            async with asyncio.timeout(30):
                while not any(GIVEN_UP.encode() in request.body for request in hook.requests):
                    await asyncio.sleep(0.1)
            answer = await daemon.api("/system/health")
            assert answer["data"]["status"] == "degraded"  # type: ignore[index]
            assert answer["data"]["undelivered"] == {"noc-hook": 1}  # type: ignore[index]
            hook.answers[:] = [web.Response(status=204)]
            await daemon.trap(LINK_DOWN, "1.3.6.1.2.1.2.2.1.1.8", "i", "8")
            await daemon.troubles_when(lambda found: (GIVEN_UP, "resolved") in found, 30)
            (refused_alert,) = [
                alert for alert in await daemon.alerts(on_itself=True) if alert["alert_type"] == GIVEN_UP
            ]
            assert refused_alert["resource"] == "channel=noc-hook"
            await _resend(daemon, hook)


async def _resend(daemon: Daemon, hook: Hook) -> None:
    """Deliver given-up messages by hand: under their id, with a remark, recorded in the log."""
    (lost, *_) = reversed(json.loads(await daemon.run("channels", "undelivered", "--json")))
    assert (lost["channel"], lost["kind"], lost["attempts"]) == ("noc-hook", "problem", 1)
    assert "410" in lost["error"]
    assert lost["is_reached_since"]
    before = len(hook.requests)
    assert "1 will be delivered again" in await daemon.run("channels", "resend", lost["id"][:18])
    async with asyncio.timeout(30):
        while not any(lost["id"].encode() in request.body for request in hook.requests[before:]):
            await asyncio.sleep(0.1)
        while ("sent", 2) not in await _deliveries(daemon, lost["alert_id"]):
            await asyncio.sleep(0.1)
    left = json.loads(await daemon.run("channels", "undelivered", "--json"))
    assert lost["id"] not in {each["id"] for each in left}


async def _deliveries(daemon: Daemon, alert_id: str) -> list[tuple[str, int]]:
    """Read status and number of attempts of an alert's notifications."""
    detail: Any = (await daemon.api(f"/alerts/{alert_id}/why"))["data"]
    return [(each["status"], each["attempts"]) for each in detail["deliveries"]]
