"""One device floods a real daemon: others are shown in time, every report is counted, and the storm ends."""

import asyncio
import json
import re
import socket
import time
import urllib.request
from collections import Counter
from statistics import median
from threading import Event

from tests.benchmarks.load.flood import flood, links_to, packets_of
from tests.benchmarks.load.traps import link_down
from tests.support.daemons.daemon import Daemon, running
from tests.support.notify.hook_server import Hook, hooked

FLOODER, QUIET = "127.0.0.1", "127.0.0.2"
RATE, SECONDS = 1_000, 2
LINK_DOWN, LINK_UP = "1.3.6.1.6.3.1.1.5.3", "1.3.6.1.6.3.1.1.5.4"
FAN_FAILED = "1.3.6.1.4.1.99999.0.1"
FIRST_PORT = 1 << 21
STORM = {"sender_per_s": 50, "sender_burst": 300, "quiet_time": "2s"}
EVENTS = re.compile(
    r'^opsconductor_connector_events_total\{connector="snmp_trap",reason=".*?",stage="(.*?)"\} (\S+)',
    re.MULTILINE,
)


def if_index(number: int) -> tuple[str, str, str]:
    """Spell the varbind that names an interface."""
    return (f"1.3.6.1.2.1.2.2.1.1.{number}", "i", str(number))


def stages(daemon: Daemon) -> Counter[str]:
    """Read the loss ledger of the trap connector."""
    with urllib.request.urlopen(f"http://127.0.0.1:{daemon.api_port}/metrics", timeout=10) as answer:
        text = answer.read().decode()
    found: Counter[str] = Counter()
    for stage, amount in EVENTS.findall(text):
        found[stage] += int(float(amount))
    return found


def flood_once(port: int, is_enough: Event) -> int:
    """Send distinct problems of one device for some seconds; return how many."""
    packets = packets_of("distinct")
    (link,) = links_to(port, 1)
    with link:
        sent = flood(packets, [link], RATE, SECONDS)
        while not is_enough.is_set():
            sent += flood(packets, [link], RATE, 1)
    return sent


async def time_until_shown(daemon: Daemon, number: int) -> float:
    """Report a problem of the quiet device; return after how many seconds the API shows it."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as link:
        link.bind((QUIET, 0))
        link.sendto(link_down(number, 1), ("127.0.0.1", daemon.trap_port))
    started = time.perf_counter()
    resource = f"ifIndex={FIRST_PORT | number}"
    await daemon.alerts_when(
        lambda found: any(alert["resource"] == resource for alert in found), f"device_ip={QUIET}"
    )
    return time.perf_counter() - started


async def all_alerts(daemon: Daemon) -> list[dict[str, object]]:
    """Read every page of the list of traps' alerts."""
    found: list[dict[str, object]] = []
    page: list[dict[str, object]] | None = None
    while page is None or len(page) == 200:
        page = await daemon.alerts(f"source_system=snmp_trap&page={len(found) // 200 + 1}")
        found += page
    return found


async def the_storm(daemon: Daemon, status: str) -> dict[str, object]:
    """Wait until the storm alert has a status."""
    async with asyncio.timeout(60):
        while True:
            alerts = await daemon.alerts("source_system=opsconductor", on_itself=True)
            (storm,) = [alert for alert in alerts if alert["alert_type"] == "network_trap_storm"]
            if storm["status"] == status:
                return storm
            await asyncio.sleep(0.1)


async def test_a_flood_affects_no_other_device_and_every_report_is_counted(daemon: Daemon) -> None:
    """Problems of others show up within ten seconds, clears of the flooder pass, its informs are answered.

    One alert reports the storm, counts the reports without an alert, and clears by itself.
    """
    daemon.write_settings({"storm": STORM})
    async with running(daemon):
        is_enough, started = Event(), time.monotonic()
        flooding = asyncio.create_task(asyncio.to_thread(flood_once, daemon.trap_port, is_enough))
        await asyncio.sleep(1)
        waits = [await time_until_shown(daemon, number) for number in range(3)]
        await daemon.trap(LINK_UP, *if_index(FIRST_PORT))
        await daemon.trap(LINK_DOWN, *if_index(7), tool="snmpinform")
        storm = await the_storm(daemon, "active")
        is_enough.set()
        sent = await flooding
        flooded_s = time.monotonic() - started
        assert median(waits) < 10, waits
        assert (storm["device_ip"], storm["severity"]) == (FLOODER, "major")
        assert re.fullmatch(
            r"127\.0\.0\.1 sent [\d,]+ messages in \d+ s, mostly network_link_down on [a-z0-9 ]+ resources\."
            r" [\d,]+ reports of problems beyond 300 at once or 50 a second are counted only here:"
            r" [\d,]+ major network_link_down\.",
            str(storm["message"]),
        )
        await the_storm(daemon, "resolved")
        first = await daemon.alerts(f"device_ip={FLOODER}&status=resolved")
        assert [alert["resource"] for alert in first] == [f"ifIndex={FIRST_PORT}"]
        await everything_is_counted(daemon, sent + 3 + 1 + 1, flooded_s)


async def everything_is_counted(daemon: Daemon, sent: int, flooded_s: float) -> None:
    """Compare the sent messages with the ledger, and the ledger with the alerts."""
    ledger = await asyncio.to_thread(stages, daemon)
    assert ledger["received"] + ledger["kernel_drop"] == sent
    assert ledger["reported"] == ledger["committed"] + ledger["spooled"] == ledger["taken"]
    alerts = await all_alerts(daemon)
    counted = sum(int(str(alert["occurrence_count"])) for alert in alerts)
    cleared = 1
    assert counted + ledger["summarized"] + cleared == ledger["reported"]
    assert 300 <= len(alerts) <= 300 + 50 * (flooded_s + 5) + 4


async def test_a_critical_inform_passes_the_storm_of_its_own_device(
    daemon: Daemon,
) -> None:
    """After thousands of link-downs it is an alert of its own, and the rule for criticals sends it."""
    taker = Hook()
    daemon.write_settings({"storm": {**STORM, "quiet_time": "1h"}})
    async with hooked(taker) as hook_port:
        daemon.declare("noc", **send_criticals(f"http://127.0.0.1:{hook_port}/hook"))
        async with running(daemon):
            is_enough = Event()
            is_enough.set()
            await asyncio.to_thread(flood_once, daemon.trap_port, is_enough)
            await the_storm(daemon, "active")
            await daemon.trap(FAN_FAILED, tool="snmpinform")
            query = f"device_ip={FLOODER}&severity=critical"
            (fan,) = await daemon.alerts_when(lambda found: len(found) == 1, query)
            assert (fan["alert_type"], fan["status"]) == ("environment_fan_failed", "active")
            async with asyncio.timeout(60):
                while not taker.requests:
                    await asyncio.sleep(0.1)
    sent_types = [json.loads(request.body)["alert"]["alert_type"] for request in taker.requests]
    assert sent_types == ["environment_fan_failed"]


def send_criticals(url: str) -> dict[str, list[dict[str, object]]]:
    """Declare that a fan's failure is critical, and a rule that sends criticals to a webhook."""
    return {
        "connectors": [{"name": "noc-hook", "type": "webhook", "config": {"url": url}}],
        "oid_mappings": [
            {
                "oid_pattern": FAN_FAILED,
                "alert_type": "environment_fan_failed",
                "category": "environment",
                "default_severity": "critical",
                "title_template": "Fan Failed - {device_name}",
            }
        ],
        "notification_rules": [
            {
                "name": "criticals",
                "conditions": {"severity": ["critical"]},
                "channels": [{"channel": "noc-hook"}],
            }
        ],
    }
