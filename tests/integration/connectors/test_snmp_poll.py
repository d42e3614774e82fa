"""The SNMP poller against agents: alerts that it raises and ends, and those that it leaves alone."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from uuid import UUID

import pytest

from connectors.snmp_poll.config import SnmpPollConfig
from connectors.snmp_poll.source import SnmpPollSource
from opsconductor.model.enums import Severity
from opsconductor.model.event import RawEvent
from opsconductor.model.inventory.device import Device
from tests.support.snmp import snmp_agent
from tests.support.snmp.polled import (
    ADMIN,
    ALIAS,
    DESCRIPTION,
    DOWN,
    NAME,
    NOW,
    OPER,
    UP,
    UP_TIME,
    Engine,
    Polled,
    ports,
)
from tests.support.snmp.snmp_agent import Agent, agent

LINK_1 = ("network_link_down", "ifIndex=1")
LINK_2 = ("network_link_down", "ifIndex=2")
UNREACHABLE = ("network_device_unreachable", "")


@pytest.fixture
async def switch() -> AsyncIterator[Agent]:
    """Run a switch with two ports, of which the second has never been up."""
    async with agent(ports(UP, DOWN)) as running:
        yield running


async def test_the_names_of_all_ports_are_learned_once_an_hour(switch: Agent) -> None:
    """Also of healthy ports; a device that does not answer about them is still there."""
    switch.put({f"{ALIAS}.1": snmp_agent.text("to core"), f"{DESCRIPTION}.3": snmp_agent.text("port {3}")})
    polled = Polled(switch.port)
    await polled.poll()
    names = {"ifIndex=1": "Gi1/0/1 to core", "ifIndex=2": "Gi1/0/2", "ifIndex=3": "port (3)"}
    assert polled.engine.ports == {"127.0.0.1": names}
    polled.engine.ports.clear()
    await polled.poll()
    assert polled.engine.ports == {}
    switch.put({UP_TIME: snmp_agent.ticks(1)})
    await polled.poll()
    assert polled.engine.ports == {"127.0.0.1": names}
    switch.silent_below = (NAME,)
    switch.put({UP_TIME: snmp_agent.ticks(0)})
    await polled.poll()
    assert polled.device.misses == 0


async def test_a_port_that_goes_down_is_an_alert_and_comes_back(switch: Agent) -> None:
    """Down, named as the device names it; up again clears it."""
    polled = Polled(switch.port)
    await polled.poll()
    assert polled.open == {}
    switch.put({f"{OPER}.1": snmp_agent.integer(DOWN)})
    await polled.poll()
    assert polled.open == {LINK_1: Severity.MAJOR}
    alert = polled.engine.happened[-1]
    assert alert.title == "Link Down - {device_name} Gi1/0/1"
    assert alert.custom_fields == {"port": "Gi1/0/1"}
    assert alert.message == "ifAdminStatus.1 is up(1), ifOperStatus.1 is down(2)"
    assert alert.is_cutting
    switch.put({f"{OPER}.1": snmp_agent.integer(UP)})
    await polled.poll()
    assert polled.open == {}


async def test_findings_have_the_time_of_the_engine(switch: Agent) -> None:
    """Not the wall's: that one may jump where the engine does not see it."""
    polled = Polled(switch.port)
    reports = [*await polled.poll(), *polled.device.end_all()]
    assert {report.at for report in reports} == {NOW}
    assert polled.source._event(reports[0]).received_at == NOW


async def test_a_port_that_was_never_up_is_no_fault_but_a_trap_about_it_is_kept(switch: Agent) -> None:
    """Free ports are quiet; after a trap about a link down, the poll lists it, and ends it."""
    polled = Polled(switch.port)
    polled.engine.open[LINK_2] = Severity.MAJOR
    await polled.poll()
    assert polled.open == {LINK_2: Severity.MAJOR}
    switch.put({f"{OPER}.2": snmp_agent.integer(UP)})
    await polled.poll()
    assert polled.open == {}


async def test_a_linkup_trap_that_was_lost_is_made_good(switch: Agent) -> None:
    """An alert that only a trap has raised, on a port that is up, is over."""
    polled = Polled(switch.port)
    await polled.poll()
    polled.engine.open[LINK_1] = Severity.MAJOR
    await polled.poll()
    assert polled.open == {}


async def test_a_port_switched_off_is_no_fault_and_ends_no_alert_of_a_trap(switch: Agent) -> None:
    """A port that is switched off is reported by the trap, as the mapping says; the poll ignores it."""
    polled = Polled(switch.port)
    await polled.poll()
    switch.put({f"{OPER}.1": snmp_agent.integer(DOWN), f"{ADMIN}.1": snmp_agent.integer(DOWN)})
    polled.engine.open[LINK_1] = Severity.INFO
    await polled.poll()
    assert polled.open == {LINK_1: Severity.INFO}


async def test_a_silent_device_is_unreachable_after_its_misses_and_clears_nothing(switch: Agent) -> None:
    """Its alerts stay while it is silent; when it answers again only fixed ones end."""
    polled = Polled(switch.port)
    await polled.poll()
    switch.put({f"{OPER}.1": snmp_agent.integer(DOWN)})
    await polled.poll()
    switch.silent_below = ("",)
    assert await polled.poll() == ()
    await polled.poll()
    assert polled.open == {LINK_1: Severity.MAJOR, UNREACHABLE: Severity.CRITICAL}
    assert polled.engine.happened[-1].is_cutting
    switch.silent_below = ()
    await polled.poll()
    assert polled.open == {LINK_1: Severity.MAJOR}


async def test_a_device_that_falls_silent_midway_clears_nothing(switch: Agent) -> None:
    """A table that was read in part is no snapshot."""
    polled = Polled(switch.port)
    await polled.poll()
    switch.put({f"{OPER}.1": snmp_agent.integer(DOWN)})
    await polled.poll()
    switch.put({f"{OPER}.1": snmp_agent.integer(UP)})
    switch.silent_below = (OPER,)
    assert await polled.poll() == ()
    assert polled.open == {LINK_1: Severity.MAJOR}


@pytest.mark.parametrize("version", ["v1", "v2c"])
async def test_a_table_that_ends_with_an_error_clears_nothing(switch: Agent, version: str) -> None:
    """Rows that are missing because the device fails at its own table are not gone."""
    polled = Polled(switch.port, version=version)
    await polled.poll()
    switch.put({f"{OPER}.1": snmp_agent.integer(DOWN), f"{ADMIN}.3": snmp_agent.integer(UP)})
    await polled.poll()
    switch.ill_below = (f"{ADMIN}.1", f"{OPER}.1")
    await polled.poll()
    assert LINK_1 in polled.open


@pytest.mark.parametrize("version", ["v1", "v2c"])
async def test_a_table_that_ends_with_an_error_clears_nothing_after_a_restart(
    switch: Agent, version: str
) -> None:
    """A poller that has never seen the table still knows that it is faulty."""
    before, after = Polled(switch.port, version=version), Polled(switch.port, version=version)
    await before.poll()
    switch.put({f"{OPER}.1": snmp_agent.integer(DOWN), f"{ADMIN}.3": snmp_agent.integer(UP)})
    await before.poll()
    after.engine.open, after.engine.scopes = before.engine.open, before.engine.scopes
    switch.ill_below = (f"{ADMIN}.1", f"{OPER}.1")
    await after.poll()
    assert {LINK_1, ("network_poll_failed", "check=interfaces")} <= after.open.keys()


async def test_a_port_that_was_taken_out_is_over(switch: Agent) -> None:
    """A row that is really gone ends its alert."""
    polled = Polled(switch.port)
    await polled.poll()
    switch.put({f"{OPER}.1": snmp_agent.integer(DOWN)})
    await polled.poll()
    switch.drop(f"{OPER}.1", f"{ADMIN}.1", f"{NAME}.1")
    await polled.poll()
    assert polled.open == {}


async def test_one_check_that_the_device_refuses_does_not_take_the_others_along(switch: Agent) -> None:
    """It is an alert of its own, and the ports are judged all the same."""
    polled = Polled(switch.port)
    # far enough from the tables that reading those does not meet it
    between = {
        f"1.3.6.1.{branch}.{index}": snmp_agent.integer(0)
        for branch in ("3", "4.1.2020")
        for index in range(30)
    }
    switch.put({"1.3.6.1.4.1.2021.4.5.0": snmp_agent.integer(1), **between})
    switch.ill_below = ("1.3.6.1.4.1.2021.4.5",)
    await polled.poll()
    switch.put({f"{OPER}.1": snmp_agent.integer(DOWN)})
    await polled.poll()
    failed = {("network_poll_failed", "check=memory"), ("network_poll_failed", "check=storage")}
    assert set(polled.open) == {LINK_1} | failed


async def test_a_restart_is_reported_and_counters_begin_anew(switch: Agent) -> None:
    """SysUpTime that went back is the event that the trap coldStart is; it has no end, so it expires."""
    polled = Polled(switch.port)
    await polled.poll()
    switch.put({UP_TIME: snmp_agent.ticks(100)})
    await polled.poll()
    restarted = polled.engine.happened[-1]
    assert (restarted.alert_type, restarted.resource) == ("network_cold_start", "")
    assert restarted.message == "sysUpTime was 500 s, and is 1 s"
    assert restarted.expires_after is not None


async def test_missing_tables_are_not_polled_every_time(switch: Agent) -> None:
    """After the first look only the tables that are there are read."""
    polled = Polled(switch.port)
    await polled.poll()
    first = switch.requests
    await polled.poll()
    assert (first, switch.requests - first) > (10, 0)
    assert switch.requests - first < first / 3


async def test_an_unchanged_state_is_not_reported_again(switch: Agent) -> None:
    """A healthy state is reported once; a fault is reported each time."""
    polled = Polled(switch.port)
    assert len(await polled.poll()) > 5
    assert await polled.poll() == []
    switch.put({f"{OPER}.1": snmp_agent.integer(DOWN)})
    assert [report.scope for report in await polled.poll()] == [f"127.0.0.1/{switch.port}/interfaces"]
    assert [report.scope for report in await polled.poll()] == [f"127.0.0.1/{switch.port}/interfaces"]


async def test_load_needs_two_looks_and_three_in_a_row(switch: Agent) -> None:
    """The use of a link is worked out from two counters of 64 bits."""
    octets, speed = "1.3.6.1.2.1.31.1.1.1.6.1", "1.3.6.1.2.1.31.1.1.1.15.1"
    polled = Polled(switch.port, checks=["interface_load"])
    # a port of 1 Mbit/s that takes a hundred megabytes at once
    for amount in range(5):
        switch.put({octets: snmp_agent.counter64(2**40 + amount * 10**8), speed: snmp_agent.unsigned(1)})
        await polled.poll()
        assert (("network_link_utilization", "ifIndex=1/in") in polled.open) is (amount >= 3)


async def test_bgp_neighbours_and_their_names(switch: Agent) -> None:
    """A neighbour that is switched on and not established is an alert by its address."""
    table = "1.3.6.1.2.1.15.3.1"
    switch.put({
        f"{table}.2.192.0.2.9": snmp_agent.integer(3),
        f"{table}.3.192.0.2.9": snmp_agent.integer(2),
        f"{table}.9.192.0.2.9": snmp_agent.integer(64500),
    })  # fmt: skip
    polled = Polled(switch.port, checks=["bgp"])
    await polled.poll()
    assert polled.open == {("network_bgp_peer_down", "peer=192.0.2.9"): Severity.MAJOR}
    assert polled.engine.happened[-1].title == "BGP Peer Down - {device_name} 192.0.2.9, AS 64500"


async def test_sensors_are_read_with_scale_and_precision(switch: Agent) -> None:
    """912 with one decimal is 91.2 degrees: critical; it comes back through the hysteresis."""
    table, value = "1.3.6.1.2.1.99.1.1.1", "1.3.6.1.2.1.99.1.1.1.4.5"
    for column, number in ((1, 8), (2, 9), (3, 1), (4, 912), (5, 1)):
        switch.put({f"{table}.{column}.5": snmp_agent.integer(number)})
    polled = Polled(switch.port, checks=["sensors"])
    found = []
    for tenths in (912, 860, 849, 710, 690):
        switch.put({value: snmp_agent.integer(tenths)})
        await polled.poll()
        found.append(polled.open.get(("environment_temperature_high", "entPhysicalIndex=5")))
    assert found == [Severity.CRITICAL, Severity.CRITICAL, Severity.WARNING, Severity.WARNING, None]


async def test_devices_of_the_inventory_come_and_go(switch: Agent, monkeypatch: pytest.MonkeyPatch) -> None:
    """Selected devices are polled while they are listed; alerts of a removed one are over."""
    monkeypatch.setattr("connectors.snmp_poll.source.FOLLOW_INVENTORY_S", 0.05)
    device = Device(id=UUID(int=1), ip_address="127.0.0.1", name="sw1", tags=("monitored",))
    engine = Engine([device])
    config = SnmpPollConfig.model_validate({
        "targets": [{"inventory": {"tag": "monitored"}, "port": switch.port}],
        "poll_interval": 0.05,
    })  # fmt: skip
    source = SnmpPollSource(config, engine.context())
    switch.put({f"{OPER}.1": snmp_agent.integer(DOWN)})
    engine.open[LINK_1] = Severity.MAJOR  # a trap has said so

    async def emit(events: Sequence[RawEvent]) -> None:
        for event in events:
            engine.take(source.normalize(event))

    running = asyncio.create_task(source.run(emit))
    async with asyncio.timeout(10):
        while f"poll/127.0.0.1/{switch.port}/interfaces" not in engine.scopes:
            await asyncio.sleep(0.01)
        assert engine.happened[-1].device_name == "sw1"
        engine.devices = ()
        await engine.until(*LINK_1, is_open=False)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running


async def test_another_configuration_goes_on_from_the_one_before(switch: Agent) -> None:
    """Known states stay known; a device or check that is polled no more has no open alert."""
    engine = Engine()
    context = engine.context()
    target = {"addresses": ["127.0.0.1"], "port": switch.port}
    switch.put({"1.3.6.1.2.1.15.3.1.2.192.0.2.9": snmp_agent.integer(3)})
    switch.put({"1.3.6.1.2.1.15.3.1.3.192.0.2.9": snmp_agent.integer(2)})
    bgp = ("network_bgp_peer_down", "peer=192.0.2.9")

    async def run(until: tuple[str, str], *, is_open: bool = True, **keys: object) -> None:
        config = SnmpPollConfig.model_validate({"targets": [{**target, **keys}], "poll_interval": 0.05})
        source = SnmpPollSource(config, context)

        async def emit(events: Sequence[RawEvent]) -> None:
            for event in events:
                engine.take(source.normalize(event))

        running = asyncio.create_task(source.run(emit))
        async with asyncio.timeout(10):
            await engine.until(*until, is_open=is_open)
        running.cancel()
        await asyncio.wait({running})

    await run(bgp, checks=["interfaces", "bgp"])
    switch.put({f"{OPER}.1": snmp_agent.integer(DOWN)})
    await run(LINK_1, checks=["interfaces"])  # it remembers that the port was up
    assert set(engine.open) == {LINK_1}
    await run(LINK_1, is_open=False, addresses=["127.0.0.2"])
    assert engine.open == {}


@pytest.mark.parametrize("length", [3_000, 5_000])
async def test_long_texts_of_a_device_break_nothing(switch: Agent, length: int) -> None:
    """A name of thousands of characters is cut."""
    polled = Polled(switch.port)
    await polled.poll()
    # far enough behind the ports that reading those does not meet it
    switch.put({f"1.3.6.1.2.1.3.1.{index}": snmp_agent.integer(0) for index in range(30)})
    switch.put({f"{OPER}.1": snmp_agent.integer(DOWN), f"{NAME}.1": snmp_agent.text("x" * length)})
    await polled.poll()
    assert polled.open == {LINK_1: Severity.MAJOR}
    assert polled.engine.happened[-1].title == f"Link Down - {{device_name}} {'x' * 59}…"


async def test_a_stop_does_not_wait_for_a_silent_device(switch: Agent) -> None:
    """Cancelled in the middle of a question, it ends at once."""
    switch.silent_below = ("",)
    config = SnmpPollConfig.model_validate({
        "targets": [{"addresses": ["127.0.0.1"], "port": switch.port}],
        "timeout": 3_600,
        "jitter": 0.001,
    })  # fmt: skip
    source = SnmpPollSource(config, Engine().context())

    async def emit(events: Sequence[RawEvent]) -> None:
        del events

    running = asyncio.create_task(source.run(emit))
    async with asyncio.timeout(10):
        while not switch.requests:
            await asyncio.sleep(0.01)
        running.cancel()
        await asyncio.wait({running})
    assert running.cancelled()


async def test_a_connection_test_reports_each_fault(switch: Agent) -> None:
    """A device that answers, one that does not, and an inventory that has none."""
    good = await Polled(switch.port).source.check()
    assert (good.ok, good.message) == (True, "1 of 1 devices answer")
    silent = await Polled(switch.port, community="wrong").source.check()
    assert not silent.ok
    assert "0 of 1 devices answer; " in silent.message
    assert "a wrong community and an access list" in silent.message
    closed = await Polled(1).source.check()
    assert closed.message.endswith("the port is closed")
    config = SnmpPollConfig.model_validate({"targets": [{"inventory": {"site": "x"}}]})
    none = await SnmpPollSource(config, Engine().context()).check()
    assert (none.ok, none.message) == (False, "no device in the inventory matches the targets")
