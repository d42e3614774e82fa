"""A NetBox as inventory of the running daemon: what its cables tell decides what people are told."""

import asyncio
from typing import Any

from tests.acceptance.test_first_hour import LINK_DOWN, port
from tests.daemon import Daemon, running
from tests.fakes.netbox.estate import Estate
from tests.fakes.netbox.server import V2, FakeNetbox, serving

CORE1, CORE2, ACCESS = "127.0.0.11", "127.0.0.12", "127.0.0.13"


def two_uplinks() -> Estate:
    """Make two cores and an access switch that is cabled to both."""
    estate = Estate()
    roles = {CORE1: "core", CORE2: "core", ACCESS: "access"}
    first, second, access = (
        estate.device(f"{role}-{address}", role, f"{address}/32") for address, role in roles.items()
    )
    estate.uplink(access, first)
    estate.uplink(access, second)
    return estate


async def test_cables_in_netbox_suppress_consequences(daemon: Daemon) -> None:
    """One uplink down suppresses nothing, both do; status and preview show what NetBox has brought."""
    (daemon.folder / "token").write_text(V2)
    async with serving(FakeNetbox(two_uplinks())) as fake:
        config = {"url": fake.url, "token": f"${{file:{daemon.folder / 'token'}}}", "changes_interval": "5s"}
        daemon.declare("netbox", connectors=[{"name": "netbox", "type": "netbox", "config": config}])
        async with running(daemon):
            await connected(daemon)
            checked: Any = await daemon.api("/connectors/netbox/check", {})
            assert checked["data"]["message"] == "NetBox 4.6.8 shows 3 devices"
            await daemon.trap(LINK_DOWN, *port(1), source=CORE1)
            await daemon.trap(LINK_DOWN, *port(1), source=ACCESS)
            told = await daemon.alerts_when(lambda found: len(found) == 2)
            assert {alert["device_name"]: alert["status"] for alert in told} == {
                f"core-{CORE1}": "active",
                f"access-{ACCESS}": "active",
            }
            await daemon.trap(LINK_DOWN, *port(1), source=CORE2)
            await daemon.alerts_when(lambda found: status_of(found, ACCESS) == "suppressed")
            assert "netbox" in await daemon.run("inventory", "status")
            assert V2 not in daemon.log.read_text()


async def connected(daemon: Daemon) -> None:
    """Wait until the inventory has been read and is in force."""
    async with asyncio.timeout(20):
        while True:
            listed: Any = (await daemon.api("/connectors"))["data"]
            if {each["name"]: each["status"] for each in listed}.get("netbox") == "connected":
                return
            await asyncio.sleep(0.05)


def status_of(found: list[dict[str, Any]], address: str) -> str:
    """Show the status of the alert of a device."""
    return next((str(alert["status"]) for alert in found if alert["device_ip"] == address), "")
