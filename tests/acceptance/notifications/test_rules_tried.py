"""Rules are tried beside a running daemon: a test is a job with progress that can be cancelled."""

import asyncio

import yaml

from tests.acceptance.daemon.test_first_hour import IF_INDEX, LINK_DOWN
from tests.support.daemons.daemon import Daemon, running

QUIET = {
    "notification_rules": [
        {
            "name": "everything",
            "conditions": {"minimum_severity": "critical", "source_system": "snmp_trap"},
            "channels": [{"channel": "hook"}],
        }
    ]
}


async def ended(daemon: Daemon, job: dict[str, object]) -> dict[str, object]:
    """Wait for the end of a test; return its last state."""
    async with asyncio.timeout(60):
        while job["state"] == "running":
            await asyncio.sleep(0.1)
            job = dict((await daemon.api(f"/rules/test/{job['id']}"))["data"])  # type: ignore[call-overload]
    return job


async def test_rules_are_tested_by_the_daemon(daemon: Daemon) -> None:
    """One test at a time, in a process of its own; it is found by its id, and ends when it is cancelled.

    The same is shown by the command, which works beside the daemon.
    """
    daemon.write_settings({"engine": {"settle_time": "0s"}})
    daemon.declare(
        "rules",
        connectors=[{"name": "hook", "type": "webhook", "config": {"url": "http://127.0.0.1:9/"}}],
        notification_rules=[
            {
                "name": "everything",
                "conditions": {"source_system": "snmp_trap"},
                "channels": [{"channel": "hook"}],
            }
        ],
    )
    async with running(daemon):
        await daemon.trap(LINK_DOWN, f"{IF_INDEX}.7", "i", "7")
        await daemon.alerts_when(lambda found: len(found) == 1)
        job = dict((await daemon.api("/rules/test", {"provision": QUIET, "last": "1h"}))["data"])  # type: ignore[call-overload]
        refused = await daemon.api("/rules/test", {"last": "1h"})
        assert refused["error"]["code"] == "conflict"  # type: ignore[index]
        done = await ended(daemon, job)
        assert (done["state"], done["share"], done["error"]) == ("done", 1.0, "")
        result = done["result"]
        assert result["messages"] == {"would": 0, "were": 1}  # type: ignore[index]
        (silent,) = result["silent"]  # type: ignore[index]
        assert silent["reason"] == "rule everything: severity is major, below critical"
        other = dict((await daemon.api("/rules/test", {"last": "1h"}))["data"])  # type: ignore[call-overload]
        await daemon.delete(f"/rules/test/{other['id']}")
        assert (await ended(daemon, other))["state"] == "cancelled"
        rules = daemon.folder / "quiet.yaml"
        rules.write_text(yaml.safe_dump(QUIET))
        output = await daemon.run("rules", "test", str(rules), "--last", "1h")
        assert output.startswith("0 messages instead of 1, and no notification for 1 fault")
