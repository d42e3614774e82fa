"""Traps with an ifIndex only show the name of the port, learned from traps and polls."""

from pathlib import Path

from tests.support.daemons.daemon import Daemon, running
from tests.support.snmp.polled import ADMIN, ALIAS, NAME, OPER, UP_TIME
from tests.support.snmp.snmpsim import snmpsim

LINK_DOWN, LINK_UP = "1.3.6.1.6.3.1.1.5.3", "1.3.6.1.6.3.1.1.5.4"
IF_INDEX = "1.3.6.1.2.1.2.2.1.1"
RECORDS = {
    UP_TIME: "67|500",
    f"{ADMIN}.8": "2|1",
    f"{OPER}.8": "2|2",
    f"{NAME}.8": "4|Gi0/8",
    f"{ALIAS}.8": "4|to access ring",
}
VISITED = {
    "name": "visited",
    "scalars": {"up": UP_TIME},
    "rules": [{"alert_type": "network_visited", "title": "Visited", "when": "up > 0", "severity": "info"}],
}


def index(number: int) -> tuple[str, str, str]:
    """Name a port by its ifIndex."""
    return f"{IF_INDEX}.{number}", "i", str(number)


async def shows(daemon: Daemon, resource: str, status: str, count: int, name: str) -> object:
    """Wait until a port's alert has a status, so many occurrences and a title; return its id."""

    def found(alerts: list[dict[str, object]]) -> list[dict[str, object]]:
        wanted = resource, status, count
        return [a for a in alerts if (a["resource"], a["status"], a["occurrence_count"]) == wanted]

    (alert,) = found(await daemon.alerts_when(lambda alerts: bool(found(alerts))))
    assert (alert["title"], alert["custom_fields"]) == (f"Link Down - 127.0.0.1 {name}", {"port": name})
    return alert["id"]


async def test_the_name_in_a_trap_is_shown_with_later_ones(daemon: Daemon) -> None:
    """The alert is the same by its ifIndex, with a name or without; kept over a restart."""
    down, up = (LINK_DOWN, *index(24)), (LINK_UP, *index(24))
    async with running(daemon):
        await daemon.trap(*down, f"{NAME}.24", "s", "Gi0/24")
        first = await shows(daemon, "ifIndex=24", "active", 1, "Gi0/24")
        await daemon.trap(*up)
        await shows(daemon, "ifIndex=24", "resolved", 1, "Gi0/24")
    async with running(daemon):
        await daemon.trap(*down)
        assert await shows(daemon, "ifIndex=24", "active", 2, "Gi0/24") == first


async def test_a_port_that_is_renamed_shows_its_last_name(daemon: Daemon) -> None:
    """Also from recoveries without an open alert."""
    async with running(daemon):
        for name in ("Gi0/25", "Gi1/0/25"):
            await daemon.trap(LINK_UP, *index(25), f"{NAME}.25", "s", name)
        await daemon.trap(LINK_DOWN, *index(25))
        await shows(daemon, "ifIndex=25", "active", 1, "Gi1/0/25")


async def test_the_name_that_a_poll_has_read_is_shown_with_the_first_trap(
    daemon: Daemon, tmp_path: Path
) -> None:
    """The name of a port without alerts is known from the poller's interface table."""
    with snmpsim(tmp_path / "switch", RECORDS) as switch:
        target = {"addresses": ["127.0.0.1"], "port": switch.port, "checks": ["interfaces", "visited"]}
        config = {"targets": [target], "checks": [VISITED], "poll_interval": 1}
        daemon.declare("poll", connectors=[{"name": "network", "type": "snmp_poll", "config": config}])
        async with running(daemon):
            await daemon.alerts_when(
                lambda found: any(alert["alert_type"] == "network_visited" for alert in found)
            )
            await daemon.trap(LINK_DOWN, *index(8))
            await shows(daemon, "ifIndex=8", "active", 1, "Gi0/8 to access ring")
