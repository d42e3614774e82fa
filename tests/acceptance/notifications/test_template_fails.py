"""A template that fails while the daemon runs: the facts arrive, and an alert lasts until it works."""

import json

from tests.support.daemons.daemon import Daemon, running
from tests.support.notify.hook_server import Hook, hooked
from tests.support.snmp.trap_listener import until

LINK_DOWN = "1.3.6.1.6.3.1.1.5.3"
FAILING = "application_template_failing"
BODY = (
    '{"own": {{ (missing.title if "=9" in (alert.resource | default("") or "") else alert.title) | tojson }}}'
)


async def test_a_failing_template_is_reported_over_the_other_channel(daemon: Daemon) -> None:
    """The message is sent as the standard document; the alert clears with the next that renders."""
    bad, good = Hook(), Hook()
    async with hooked(bad) as bad_port, hooked(good) as good_port:
        daemon.declare(
            "noc",
            connectors=[
                {
                    "name": "bad",
                    "type": "webhook",
                    "config": {"url": f"http://127.0.0.1:{bad_port}/", "body": BODY},
                },
                {"name": "good", "type": "webhook", "config": {"url": f"http://127.0.0.1:{good_port}/"}},
            ],
            notification_rules=[{"name": "all", "channels": [{"channel": "bad"}, {"channel": "good"}]}],
        )
        daemon.write_settings({"engine": {"settle_time": "0s"}})
        async with running(daemon):
            await daemon.trap(LINK_DOWN, "1.3.6.1.2.1.2.2.1.1.9", "i", "9")
            await daemon.troubles_when(lambda found: (FAILING, "active") in found, 30)
            documents = [json.loads(request.body) for request in bad.requests]
            assert any("own" not in document for document in documents)
            await until(lambda: any(FAILING.encode() in request.body for request in good.requests), 30)
            (alert,) = [each for each in await daemon.alerts(on_itself=True) if each["alert_type"] == FAILING]
            assert alert["resource"] == "channel=bad"
            assert "'missing' is undefined" in str(alert["message"])
            await daemon.trap(LINK_DOWN, "1.3.6.1.2.1.2.2.1.1.8", "i", "8")
            await daemon.troubles_when(lambda found: (FAILING, "resolved") in found, 30)
