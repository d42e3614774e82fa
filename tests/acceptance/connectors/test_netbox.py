"""A NetBox as inventory of the running daemon: its cables decide which alerts are sent."""

import asyncio
from typing import Any

from tests.acceptance.daemon.test_faulty_configuration import ended
from tests.acceptance.daemon.test_first_hour import LINK_DOWN, port
from tests.fakes.netbox.estate import Estate
from tests.fakes.netbox.server import V2, FakeNetbox, Token, serving
from tests.support.daemons.daemon import Daemon, running

CORE1, CORE2, ACCESS = "10.0.0.11", "10.0.0.12", "10.0.0.13"
DEGRADED = "application_connector_degraded"
TRAP_ADDRESS = "1.3.6.1.6.3.18.1.3.0"


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
    """One uplink down suppresses nothing, both do; status and preview show the data of NetBox."""
    (daemon.folder / "token").write_text(V2)
    async with serving(FakeNetbox(two_uplinks())) as fake:
        config = {"url": fake.url, "token": f"${{file:{daemon.folder / 'token'}}}", "changes_interval": "5s"}
        daemon.declare("traps", connectors=[daemon.trap_connector(trusted_forwarders=["127.0.0.0/8"])])
        daemon.declare("netbox", connectors=[{"name": "netbox", "type": "netbox", "config": config}])
        async with running(daemon):
            await connected(daemon)
            checked: Any = await daemon.api("/connectors/netbox/check", {})
            assert checked["data"]["message"] == "NetBox 4.6.8 shows 3 devices"
            await link_down(daemon, CORE1)
            await link_down(daemon, ACCESS)
            alerts = await daemon.alerts_when(lambda found: len(found) == 2)
            assert {alert["device_name"]: alert["status"] for alert in alerts} == {
                f"core-{CORE1}": "active",
                f"access-{ACCESS}": "active",
            }
            await link_down(daemon, CORE2)
            await daemon.alerts_when(lambda found: status_of(found, ACCESS) == "suppressed")
            assert "netbox" in await daemon.run("inventory", "status")
            assert V2 not in daemon.log.read_text()


async def test_a_missing_right_is_shown_and_costs_its_list_only(daemon: Daemon) -> None:
    """Without the right to cables and contacts devices are synced, and every view names the missing right."""
    tokens = {V2: Token(may_not_view={"dcim.cable", "tenancy.contact"})}
    async with serving(FakeNetbox(two_uplinks(), tokens=tokens)) as fake:
        daemon.declare("traps", connectors=[daemon.trap_connector()])
        config = {"url": fake.url, "token": V2, "changes_interval": "5s"}
        daemon.declare("netbox", connectors=[{"name": "netbox", "type": "netbox", "config": config}])
        async with running(daemon):
            await connected(daemon, "degraded")
            missing = "may not view dcim.cable, tenancy.contact"
            await daemon.troubles_when(lambda found: (DEGRADED, "active") in found)
            code, output = await ended(daemon, "connectors", "status")
            assert code == 1
            assert missing in " ".join(output.split())
            assert "dcim.cable, tenancy.contact" in await daemon.run("inventory", "status")
            health: Any = await daemon.api("/system/health")
            assert health["data"]["status"] == "degraded"
            tokens[V2].may_not_view.clear()
            await connected(daemon)
            await daemon.troubles_when(lambda found: (DEGRADED, "active") not in found)


async def link_down(daemon: Daemon, device: str) -> None:
    """Send a device's trap as a trap forwarder does."""
    await daemon.trap(LINK_DOWN, *port(1), TRAP_ADDRESS, "a", device)


async def connected(daemon: Daemon, status: str = "connected") -> None:
    """Wait until the inventory has been read and applied."""
    async with asyncio.timeout(40):
        while True:
            listed: Any = (await daemon.api("/connectors"))["data"]
            if {each["name"]: each["status"] for each in listed}.get("netbox") == status:
                return
            await asyncio.sleep(0.1)


def status_of(found: list[dict[str, Any]], address: str) -> str:
    """Show the status of the alert of a device."""
    return next((str(alert["status"]) for alert in found if alert["device_ip"] == address), "")
