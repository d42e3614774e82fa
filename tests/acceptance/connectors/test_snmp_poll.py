"""The daemon polls a real SNMP agent, and verifies traps with it."""

from pathlib import Path

from tests.support.daemons.daemon import Daemon, running
from tests.support.snmp.polled import ADMIN, OPER, UP_TIME
from tests.support.snmp.snmpsim import snmpsim

LINK_DOWN = "1.3.6.1.6.3.1.1.5.3"
IF_INDEX = "1.3.6.1.2.1.2.2.1.1"
RECORDS = {
    UP_TIME: "67|500",
    **{f"{ADMIN}.{index}": "2|1" for index in (7, 8)},
    **{f"{OPER}.{index}": "2|1" for index in (7, 8)},
}

Found = list[dict[str, object]]


def has(found: Found, alert_type: str, resource: str, status: str) -> bool:
    """Return whether an alert has a status."""
    return any(
        (alert["alert_type"], alert["resource"], alert["status"]) == (alert_type, resource, status)
        for alert in found
    )


async def test_what_traps_say_is_verified_and_what_none_says_is_polled(
    daemon: Daemon, tmp_path: Path
) -> None:
    """A port that is up raises nothing; one that is down is one alert by trap and poll; so is the device."""
    poller = {"addresses": ["127.0.0.1"], "checks": ["interfaces"], "poll_interval": 1, "timeout": 0.5}
    with snmpsim(tmp_path / "switch", RECORDS) as switch:
        config = {"targets": [{**poller, "port": switch.port}], "misses": 2}
        daemon.declare("poll", connectors=[{"name": "network", "type": "snmp_poll", "config": config}])
        async with running(daemon):
            await daemon.trap(LINK_DOWN, f"{IF_INDEX}.7", "i", "7")
            found = await daemon.alerts_when(
                lambda found: has(found, "network_link_down", "ifIndex=7", "resolved")
            )
            detail = await daemon.api(f"/alerts/{found[0]['id']}")
            noted = [(entry["rule"], entry["notes"]) for entry in detail["data"]["history"]]  # type: ignore[index]
            assert noted == [
                ("fold.new", None),
                ("verify.over", "ifAdminStatus.7 is up(1), ifOperStatus.7 is up(1)"),
            ]

            switch.change({f"{OPER}.8": "2|2"})
            await daemon.trap(LINK_DOWN, f"{IF_INDEX}.8", "i", "8")
            await daemon.alerts_when(lambda found: has(found, "network_link_down", "ifIndex=8", "active"))
            switch.change({f"{OPER}.8": "2|1"})
            found = await daemon.alerts_when(
                lambda found: has(found, "network_link_down", "ifIndex=8", "resolved")
            )
            assert len(found) == 2
    async with running(daemon):
        await daemon.alerts_when(lambda found: has(found, "network_device_unreachable", "", "active"))
        (row,) = [
            row
            for row in (await daemon.api("/connectors"))["data"]  # type: ignore[attr-defined]
            if row["name"] == "network"
        ]
        assert (row["status"], row["error_message"]) == ("error", "none of 1 devices answers")
