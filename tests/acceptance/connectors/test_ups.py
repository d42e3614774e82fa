"""A mains failure: trap and poll are one alert, and dependents become its consequences."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.connectors.eaton_ups import EATON, UPTIME, XUPS, alarms, rows_of
from tests.support.daemons.daemon import Daemon, running
from tests.support.snmp.snmpsim import Snmpsim, snmpsim

UPS, SWITCH = "127.0.0.1", "127.0.0.2"
ON_BATTERY = f"{XUPS}.11.4.1.0.3"
BEGAN, SIX_MINUTES = 10_000_000, 36_000
LINK_DOWN = "1.3.6.1.6.3.1.1.5.3"
PORT = ("1.3.6.1.2.1.2.2.1.1.7", "i", "7")


@pytest.fixture
def ups(tmp_path: Path) -> Iterator[Snmpsim]:
    """Run a UPS."""
    with snmpsim(tmp_path / "ups", EATON) as device:
        yield device


@pytest.fixture
def site(daemon: Daemon, ups: Snmpsim) -> Daemon:
    """Declare the UPS, and a switch that is fed by it alone; its traps are mapped by the shipped pack."""
    target = {"ip": UPS, "port": ups.port, "name": "ups-1"}
    config = {"targets": [target], "poll_interval": "1s"}
    daemon.declare("ups", connectors=[{"name": "ups", "type": "eaton", "config": config}])
    daemon.declare(
        "power",
        devices=[{"ip_address": UPS, "name": "ups-1"}, {"ip_address": SWITCH, "name": "switch-1"}],
        dependencies=[{"device_ip": SWITCH, "depends_on_ip": UPS, "dependency_type": "power"}],
    )
    daemon.write_settings({"engine": {"grace_time": "1s", "settle_time": "1s"}})
    return daemon


def states(alerts: list[dict[str, object]]) -> dict[object, tuple[object, object]]:
    """List severity and status by alert type."""
    return {alert["alert_type"]: (alert["severity"], alert["status"]) for alert in alerts}


async def test_a_mains_failure_with_a_restart_in_between(site: Daemon, ups: Snmpsim) -> None:
    """The trap opens the alert, the poll makes it major and a cause, and ends it; then the switch is sent."""
    async with running(site):
        await site.trap(ON_BATTERY, f"{XUPS}.7.2.1.1.7", "i", "7", f"{XUPS}.7.2.1.2.7", "o", f"{XUPS}.7.3")
        (first,) = await site.alerts_when(bool)
        assert (first["alert_type"], first["severity"], first["source_system"]) == (
            "power_on_battery",
            "warning",
            "snmp_trap",
        )
        ups.change({**alarms({f"{XUPS}.7.3": BEGAN}), UPTIME: f"67|{BEGAN + SIX_MINUTES}"})
        await site.alerts_when(lambda alerts: states(alerts)["power_on_battery"] == ("major", "active"))
        await site.trap(LINK_DOWN, *PORT, source=SWITCH)
        both = {"power_on_battery": ("major", "active"), "network_link_down": ("major", "suppressed")}
        await site.alerts_when(lambda alerts: states(alerts) == both)
        await site.stop()
        await site.start()
        found = await site.alerts_when(lambda alerts: states(alerts) == both)
        assert first["id"] in {alert["id"] for alert in found}
        answer = await site.api("/connectors")
        assert {"ups": "connected"}.items() <= {row["name"]: row["status"] for row in answer["data"]}.items()  # type: ignore[attr-defined]
        ups.change(EATON, without=rows_of(1))
        after = {"power_on_battery": ("major", "resolved"), "network_link_down": ("major", "active")}
        await site.alerts_when(lambda alerts: states(alerts) == after)


async def test_a_poller_that_is_switched_off_leaves_nothing_open(daemon: Daemon, ups: Snmpsim) -> None:
    """Its alerts are closed as expired, not as over, and its row shows that it does not work."""
    config = {"targets": [{"ip": UPS, "port": ups.port, "name": "ups-1"}], "poll_interval": "1s"}
    row = {"name": "ups", "type": "eaton", "config": config}
    daemon.declare("ups", connectors=[row])
    daemon.write_settings({})
    ups.change({**alarms({f"{XUPS}.7.3": BEGAN}), UPTIME: f"67|{BEGAN + SIX_MINUTES}"})
    async with running(daemon):
        await daemon.alerts_when(lambda alerts: "power_on_battery" in states(alerts))
        await daemon.stop()
        daemon.declare("ups", connectors=[{**row, "enabled": False}])
        await daemon.start()
        expired = ("major", "expired")
        await daemon.alerts_when(lambda alerts: states(alerts)["power_on_battery"] == expired)
        answer = await daemon.api("/connectors")
        assert {"ups": "disconnected"}.items() <= {
            each["name"]: each["status"]
            for each in answer["data"]  # type: ignore[attr-defined]
        }.items()  # type: ignore[attr-defined]
