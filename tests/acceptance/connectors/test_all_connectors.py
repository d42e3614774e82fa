"""A power failure seen by all connectors at once: one cause, its consequences, and the messages sent.

NetBox knows 200 devices and their cables, a UPS goes on battery, PRTG reports devices down, a sensor falls
silent on MQTT, Alertmanager posts, a trap arrives; a daemon is killed in the middle, and a server fails.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from signal import SIGKILL

import pytest
from aiohttp import ClientSession

from tests.fakes import prtg
from tests.fakes.netbox import network
from tests.fakes.netbox import server as netbox
from tests.fakes.netbox.estate import Estate
from tests.support.connectors.eaton_ups import EATON, UPTIME, XUPS, alarms, rows_of
from tests.support.connectors.mqtt_broker import Broker, broker
from tests.support.daemons.daemon import Daemon, running
from tests.support.notify.hook_server import SECRET, Hook, hooked
from tests.support.snmp.snmpsim import Snmpsim, snmpsim

LINK_DOWN, LINK_UP = "1.3.6.1.6.3.1.1.5.3", "1.3.6.1.6.3.1.1.5.4"
PORT = ("1.3.6.1.2.1.2.2.1.1.7", "i", "7")
TOKEN = "a token of sixteen characters"
UPS, SWITCH, SENSOR = "127.0.0.1", "127.0.0.2", "127.0.0.21"
SERVERS = {"lab-srv1": "127.0.0.11", "lab-srv2": "127.0.0.12", "lab-srv3": "127.0.0.13"}
LAB = {UPS, SWITCH, SENSOR, *SERVERS.values()}
CAUSE = (UPS, "power_on_battery")
BEGAN = 10_000_000
WITHIN_S = 30

States = Mapping[tuple[str, str], str]
"""Status by device and alert type."""


def states_of(alerts: Sequence[Mapping[str, object]]) -> States:
    """Return the status of alerts."""
    return {(str(a["device_ip"]), str(a["alert_type"])): str(a["status"]) for a in alerts}


def root_of(alert: Mapping[str, object], alerts: Sequence[Mapping[str, object]]) -> object:
    """Return the id of the alert at which the chain of nearest causes ends."""
    by_id = {each["id"]: each for each in alerts}
    while alert["correlated_to_id"] is not None:
        alert = by_id[alert["correlated_to_id"]]
    return alert["id"]


@dataclass
class Site:
    """A network with everything that watches it, and the daemon."""

    daemon: Daemon
    ups: Snmpsim
    prtg: prtg.FakePrtg
    broker: Broker
    hook: Hook
    beat: asyncio.Task[None] | None = None
    alerts: list[dict[str, object]] = field(default_factory=list)

    async def begin_to_beat(self) -> None:
        """Publish as the sensor does, again and again."""

        async def beat() -> None:
            while True:
                await self.broker.publish("site/lab-sensor/state", "online")
                await asyncio.sleep(0.3)

        self.beat = asyncio.create_task(beat())

    async def fall_silent(self) -> None:
        """Stop publishing."""
        assert self.beat is not None
        self.beat.cancel()
        with suppress(asyncio.CancelledError):
            await self.beat

    async def post(self, status: str) -> None:
        """Post as Alertmanager that a disk of lab-srv2 is broken, or good again."""
        labels = {"alertname": "DiskBroken", "instance": "lab-srv2:9100", "severity": "critical"}
        alert = {"status": status, "labels": labels, "annotations": {}, "startsAt": "2026-01-02T03:04:05Z"}
        document = {"version": "4", "status": status, "alerts": [alert]}
        url = f"http://127.0.0.1:{self.daemon.api_port}/api/v1/connectors/alertmanager/webhook"
        headers = {"Authorization": f"Bearer {TOKEN}"}
        async with ClientSession() as http, http.post(url, json=document, headers=headers) as answer:
            assert answer.status == 200, await answer.text()

    async def states_when(self, wanted: States) -> States:
        """Wait until the lab's alerts are as wanted."""
        states: States = {}
        try:
            async with asyncio.timeout(WITHIN_S):
                while states != wanted:
                    await asyncio.sleep(0.1)
                    self.alerts = [each for each in await self.daemon.alerts() if each["device_ip"] in LAB]
                    states = states_of(self.alerts)
        except TimeoutError:
            log = self.daemon.log.read_text()[-6_000:]
            pytest.fail(f"the states are not as wanted: {states}\n{log}")
        return states

    async def connectors_when(self, wanted: Mapping[str, str]) -> Sequence[Mapping[str, object]]:
        """Wait until the states of all sources and inventories are as wanted."""
        rows: list[dict[str, object]] = []
        try:
            async with asyncio.timeout(WITHIN_S):
                while {str(row["name"]): str(row["status"]) for row in rows} != wanted:
                    await asyncio.sleep(0.1)
                    answer = await self.daemon.api("/connectors")
                    rows = [row for row in answer["data"] if row["role"] != "channel"]  # type: ignore[attr-defined]
        except TimeoutError:
            log = self.daemon.log.read_text()[-6_000:]
            pytest.fail(f"connectors are not as wanted: {json.dumps(rows, indent=1)}\n{log}")
        return rows

    async def fail(self) -> None:
        """Report a failure of the mains by all connectors, the cause last."""
        for sensor in self.prtg.sensors.values():
            sensor.status, sensor.message = 5, "Request timed out"
        await self.post("firing")
        await self.daemon.trap(LINK_DOWN, *PORT, source=SWITCH)
        await self.fall_silent()
        failing = {f"{XUPS}.4.5.0": "2|5", f"{XUPS}.2.5.0": "2|2", UPTIME: f"67|{BEGAN + 3_000}"}
        self.ups.change({**alarms({f"{XUPS}.7.3": BEGAN}), **failing})

    async def recover(self) -> None:
        """Restore the mains, and let all connectors report it."""
        for sensor in self.prtg.sensors.values():
            sensor.status, sensor.message = 3, "OK"
        await self.post("resolved")
        await self.daemon.trap(LINK_UP, *PORT, source=SWITCH)
        await self.begin_to_beat()
        well = {**EATON, f"{XUPS}.7.1.0": "66|0", UPTIME: f"67|{BEGAN + 9_000}"}
        self.ups.change(well, without=rows_of(1))

    async def server_alert_when(self, status: str) -> None:
        """Wait until the alert on the PRTG server itself has a status."""

        def is_there(alerts: Sequence[Mapping[str, object]]) -> bool:
            return any(alert["device_name"] == "localhost" for alert in alerts)

        await self.daemon.alerts_when(is_there, f"status={status}")

    def sent(self) -> list[tuple[str, str, str]]:
        """List the messages about the lab: kind, device, alert type."""
        bodies = [json.loads(request.body) for request in self.hook.requests]
        sent = [(body["kind"], body["alert"]["device_ip"], body["alert"]["alert_type"]) for body in bodies]
        return [each for each in sent if each[1] in LAB]

    async def sent_when(self, amount: int) -> None:
        """Wait for so many messages about the lab."""
        async with asyncio.timeout(WITHIN_S):
            while len(self.sent()) < amount:
                await asyncio.sleep(0.1)


def estate() -> Estate:
    """Make NetBox's network of 200 devices, among them a lab whose power comes from one UPS."""
    made = network.made_up(194)
    ups = made.device("lab-ups", "ups", f"{UPS}/8", site="Lab")
    switch = made.device("lab-sw", "access-switch", f"{SWITCH}/8", site="Lab")
    servers = [made.device(name, "server", f"{address}/8", site="Lab") for name, address in SERVERS.items()]
    sensor = made.device("lab-sensor", "sensor", f"{SENSOR}/8", site="Lab")
    for number, device in enumerate((switch, *servers, sensor)):
        outlet = made.port(ups, f"outlet {number}", "dcim.poweroutlet", power_port=None)
        made.cable(made.port(device, "psu", "dcim.powerport"), outlet)
    for server in servers:
        made.uplink(server, switch)
    return made


@pytest.fixture
async def site(daemon: Daemon, tmp_path: Path) -> AsyncIterator[Site]:
    """Build the network and what watches it; the daemon is not started yet."""
    async with AsyncExitStack() as stack:
        watcher = prtg.FakePrtg()
        for name, address in SERVERS.items():
            watcher.sensor("Ping", watcher.device(name, address))
        prtg_port = await stack.enter_async_context(prtg.serving(watcher))
        inventory = await stack.enter_async_context(netbox.serving(netbox.FakeNetbox(estate())))
        (tmp_path / "mosquitto").mkdir()
        messages = await stack.enter_async_context(broker(tmp_path / "mosquitto"))
        ups = stack.enter_context(snmpsim(tmp_path / "ups", EATON))
        hook = Hook()
        ports = {
            "prtg": prtg_port,
            "netbox": inventory.port,
            "mqtt": messages.port,
            "ups": ups.port,
            "hook": await stack.enter_async_context(hooked(hook)),
        }
        declare(daemon, ports)
        made = Site(daemon=daemon, ups=ups, prtg=watcher, broker=messages, hook=hook)
        await made.begin_to_beat()
        yield made
        await made.fall_silent()


def declare(daemon: Daemon, ports: Mapping[str, int]) -> None:
    """Declare all connectors at once."""
    agent = {"ip": UPS, "port": ports["ups"], "name": "lab-ups", "community": "public"}
    polled = {"addresses": [UPS], "port": ports["ups"], "community": "public", "checks": ["cpu"]}
    at = {name: f"http://localhost:{port}" for name, port in ports.items()}
    broker_at = {"host": "127.0.0.1", "port": ports["mqtt"], "client_id": "noc"}
    silence = {
        "topic": "site/{device}/state",
        "alert_type": "environment_sensor_offline",
        "values": {"offline": "major", "online": "clear"},
        "title": "{device} is {value}",
        "silence": "3s",
    }
    config: dict[tuple[str, str], dict[str, object]] = {
        ("netbox", "netbox"): {"url": at["netbox"], "token": netbox.V2, "changes_interval": "5s"},
        ("ups", "eaton"): {
            "poll_interval": "1s",
            "targets": [agent],
            "thresholds": {"on_battery_major_after": "0s"},
        },
        ("network", "snmp_poll"): {
            "poll_interval": "1s",
            "targets": [polled],
        },
        ("prtg", "prtg"): {
            "url": at["prtg"],
            "api_token": prtg.TOKEN,
            "poll_interval": "1s",
            "unreachable_after": 1,
        },
        ("plant", "mqtt"): {**broker_at, "topics": [silence]},
        ("alertmanager", "webhook_in"): {"format": "alertmanager", "token": TOKEN},
        ("noc-hook", "webhook"): {"url": at["hook"], "secret": SECRET},
    }
    daemon.declare(
        "all",
        connectors=[{"name": name, "type": kind, "config": keys} for (name, kind), keys in config.items()],
        notification_rules=[
            {
                "name": "bad",
                "conditions": {"severity": ["critical", "major"]},
                "channels": [{"channel": "noc-hook"}],
            }
        ],
    )
    daemon.write_settings({"engine": {"settle_time": "8s", "grace_time": "8s"}})


WITNESSED = {
    (SWITCH, "network_link_down"),
    (SENSOR, "environment_silent"),
    (SERVERS["lab-srv2"], "application_disk_broken"),
    *((address, "network_ping_alarm") for address in SERVERS.values()),
}
"""All reports when the lab has no power."""
SOURCES = ("alertmanager", "netbox", "network", "plant", "prtg", "snmp_trap", "ups")
ALL_WELL = dict.fromkeys(SOURCES, "connected")


async def test_one_cause_many_witnesses(site: Site) -> None:
    """The cause is sent and its consequences are not, over a kill of the daemon and a failing server."""
    daemon = site.daemon
    async with running(daemon):
        await site.connectors_when(ALL_WELL)
        (sync,) = json.loads(await daemon.run("inventory", "status", "--json"))["syncs"]
        assert sync["connector"] == "netbox"
        assert sync["devices"] >= 200

        await site.fail()
        wanted = {CAUSE: "active", **dict.fromkeys(WITNESSED, "suppressed")}
        await site.states_when(wanted)
        (cause,) = [alert for alert in site.alerts if alert["status"] == "active"]
        assert cause["impacted"] == len(WITNESSED)
        assert {root_of(alert, site.alerts) for alert in site.alerts} == {cause["id"]}
        before = {alert["id"] for alert in site.alerts}

        # The daemon is killed; one server comes back while it is down.
        await daemon.stop(SIGKILL)
        next(iter(site.prtg.sensors.values())).status = 3
        await daemon.start()
        await site.connectors_when(ALL_WELL)
        wanted[SERVERS["lab-srv1"], "network_ping_alarm"] = "resolved"
        await site.states_when(wanted)
        assert {alert["id"] for alert in site.alerts} == before

        # PRTG fails: that is an alert of its own, and clears nothing.
        site.prtg.trouble = prtg.page("Internal Server Error", status=500)
        rows = await site.connectors_when({**ALL_WELL, "prtg": "error"})
        assert "500" in next(str(row["error_message"]) for row in rows if row["name"] == "prtg")
        await site.server_alert_when("active")
        assert "application_connector_down" not in {
            alert["alert_type"] for alert in await daemon.alerts(on_itself=True)
        }
        await site.states_when(wanted)
        site.prtg.trouble = None
        await site.connectors_when(ALL_WELL)
        await site.server_alert_when("resolved")

        await site.sent_when(1)  # a cause is held for its consequences, too
        await site.recover()
        await site.states_when(dict.fromkeys(wanted, "resolved"))
        await site.sent_when(2)
        rows = await site.connectors_when(ALL_WELL)
    assert site.sent() == [("problem", *CAUSE), ("recovery", *CAUSE)]
    assert_rows_are_right(rows)


def assert_rows_are_right(rows: Sequence[Mapping[str, object]]) -> None:
    """Check that each has worked, that sources have events, and that pollers have polled."""
    reporting = {"alertmanager", "plant", "prtg", "snmp_trap", "ups"}
    assert all(row["last_success_at"] for row in rows)
    assert {row["name"] for row in rows if row["alerts_received"] and row["alerts_today"]} >= reporting
    assert {row["name"] for row in rows if row["last_poll_at"]} >= {"network", "prtg", "ups"}
