"""The SNMP poller and placeholder values: unknown, shown as such, never zero and never critical."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from opsconductor.model.enums import Severity
from tests.support.snmp import snmp_agent
from tests.support.snmp.polled import ADMIN, DOWN, OPER, UP, Polled, ports
from tests.support.snmp.snmp_agent import Agent, agent

SENSOR = "1.3.6.1.2.1.99.1.1.1"
STORAGE = "1.3.6.1.2.1.25.2.3.1"
FIXED_DISK = "1.3.6.1.2.1.25.2.1.4"
IF_TYPE, HIGH_SPEED, IN_OCTETS = "1.3.6.1.2.1.2.2.1.3", "1.3.6.1.2.1.31.1.1.1.15", "1.3.6.1.2.1.31.1.1.1.6"
UNKNOWN = "network_values_unknown"
EMPTY_OID = (6, b"")
LOOPBACK, ETHERNET = 24, 6


@pytest.fixture
async def switch() -> AsyncIterator[Agent]:
    """Run a switch with two ports that are up."""
    async with agent(ports(UP, UP)) as running:
        yield running


def sensor(index: int, value: int, scale: int = 9) -> dict[str, snmp_agent.Typed]:
    """Make a healthy temperature sensor."""
    columns = {1: 8, 2: scale, 3: 0, 4: value, 5: 1}
    return {f"{SENSOR}.{column}.{index}": snmp_agent.integer(number) for column, number in columns.items()}


def disk(index: int, size: int, used: int) -> dict[str, snmp_agent.Typed]:
    """Make a fixed disk as an agent writes it that counts in 32 bits."""
    return {
        f"{STORAGE}.2.{index}": snmp_agent.oid(FIXED_DISK),
        f"{STORAGE}.5.{index}": snmp_agent.integer(size),
        f"{STORAGE}.6.{index}": snmp_agent.integer(used),
    }


@pytest.mark.parametrize(("value", "scale"), [(1_000_000_000, 9), (-1_000_000_000, 9), (500, 10)])
async def test_a_sensor_beyond_its_range_is_unknown_and_not_hot(
    switch: Agent, value: int, scale: int
) -> None:
    """RFC 3433's overflow, and an impossible temperature, are reported with the reason."""
    switch.put({**sensor(5, value, scale), **sensor(6, 80)})
    polled = Polled(switch.port, checks=["sensors"])
    await polled.poll()
    assert polled.open == {
        ("environment_temperature_high", "entPhysicalIndex=6"): Severity.WARNING,
        (UNKNOWN, "check=sensors"): Severity.INFO,
    }
    unknown = next(alert for alert in polled.engine.happened if alert.alert_type == UNKNOWN)
    assert "RFC 3433" in unknown.message or "is implausible: expected -100 to 300" in unknown.message
    switch.put(sensor(5, 20))
    await polled.poll()
    assert (UNKNOWN, "check=sensors") not in polled.open


async def test_a_value_that_is_not_believed_ends_no_alert(switch: Agent) -> None:
    """An open alert stays open while its value is unknown, and has the reason."""
    switch.put(sensor(5, 95))
    polled = Polled(switch.port, checks=["sensors"])
    await polled.poll()
    hot = ("environment_temperature_high", "entPhysicalIndex=5")
    assert polled.open == {hot: Severity.CRITICAL}
    switch.put(sensor(5, 1_000_000_000))
    await polled.poll()
    assert polled.open[hot] is Severity.CRITICAL
    assert any("RFC 3433" in alert.message for alert in polled.engine.happened if alert.resource == hot[1])


async def test_an_oid_of_no_bytes_makes_no_device_unreachable(switch: Agent) -> None:
    """One odd value of a table is that row's alone; nothing reaches the event loop's exception handler."""
    escaped: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: escaped.append(context))
    switch.put({f"{OPER}.2": EMPTY_OID, f"{STORAGE}.2.3": EMPTY_OID, **disk(4, 100, 99)})
    polled = Polled(switch.port, checks=["interfaces", "storage"])
    for _ in range(4):
        await polled.poll()
    assert ("network_device_unreachable", "") not in polled.open
    assert ("storage_filesystem_full", "hrStorage=4") in polled.open
    switch.put({f"{OPER}.1": snmp_agent.integer(DOWN)})
    await polled.poll()
    assert ("network_link_down", "ifIndex=1") in polled.open
    assert ("network_link_down", "ifIndex=2") not in polled.open
    assert escaped == []


@pytest.mark.parametrize(
    ("size", "used", "full"),
    [
        (-1_294_967_296, -1_394_967_296, True),
        (-1_294_967_296, 1_000, False),
        (2_147_483_647, 2_147_483_647, False),
    ],
    ids=["11.2 TiB, nearly full", "11.2 TiB, nearly empty", "clamped"],
)
async def test_large_disks_are_counted_without_sign(
    switch: Agent, size: int, used: int, *, full: bool
) -> None:
    """Sizes of more than 2^31 units come negative; a size at the end of its range is unknown."""
    switch.put(disk(1, size, used))
    polled = Polled(switch.port, checks=["storage"])
    await polled.poll()
    assert (("storage_filesystem_full", "hrStorage=1") in polled.open) is full
    assert ((UNKNOWN, "check=storage") in polled.open) is (size == 2_147_483_647)


async def load(switch: Agent) -> set[str]:
    """Load both ports far above their speed in four polls; return the resources with an alert about it."""
    switch.put({
        f"{IF_TYPE}.1": snmp_agent.integer(LOOPBACK),
        f"{IF_TYPE}.2": snmp_agent.integer(ETHERNET),
        f"{HIGH_SPEED}.1": snmp_agent.unsigned(1),
        f"{HIGH_SPEED}.2": snmp_agent.unsigned(1),
    })  # fmt: skip
    polled = Polled(switch.port, checks=["interface_load"])
    for amount in range(5):
        octets = snmp_agent.counter64(2**40 + amount * 10**8)
        switch.put({f"{IN_OCTETS}.1": octets, f"{IN_OCTETS}.2": octets})
        await polled.poll()
    return {resource for _, resource in polled.open}


async def test_a_loopback_has_no_load(switch: Agent) -> None:
    """Only types with a meaningful speed are used."""
    assert await load(switch) == {"ifIndex=2/in"}


async def test_a_loopback_is_not_down(switch: Agent) -> None:
    """A loopback that is taken away is no link that has gone down."""
    switch.put({f"{IF_TYPE}.1": snmp_agent.integer(LOOPBACK), f"{IF_TYPE}.2": snmp_agent.integer(ETHERNET)})
    polled = Polled(switch.port, checks=["interfaces"])
    await polled.poll()
    switch.put({f"{OPER}.1": snmp_agent.integer(DOWN), f"{OPER}.2": snmp_agent.integer(DOWN)})
    await polled.poll()
    assert set(polled.open) == {("network_link_down", "ifIndex=2")}
    assert f"{ADMIN}.1" in switch.values


async def test_a_speed_that_is_no_speed_is_unknown(switch: Agent) -> None:
    """0xFFFFFFFF stands for a speed that the agent does not know; no share of it is worked out."""
    switch.put({
        f"{IF_TYPE}.1": snmp_agent.integer(ETHERNET),
        f"{HIGH_SPEED}.1": snmp_agent.unsigned(0xFFFF_FFFF),
        f"{IN_OCTETS}.1": snmp_agent.counter64(1),
    })  # fmt: skip
    polled = Polled(switch.port, checks=["interface_load"])
    await polled.poll()
    assert set(polled.open) == {(UNKNOWN, "check=interface_load")}


async def test_the_test_of_the_connection_names_what_is_not_believed(switch: Agent) -> None:
    """The reason is where an administrator looks first."""
    switch.put(sensor(5, 1_000_000_000))
    polled = Polled(switch.port, checks=["sensors"])
    await polled.poll()
    (reasons,) = polled.device.implausible.values()
    assert reasons == ("entPhySensorValue.5: 1e+09 means a value outside the range of the sensor (RFC 3433)",)
