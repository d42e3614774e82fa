"""The UPS poller with devices that are silent, faulty or of another kind, and its check."""

import asyncio
from collections.abc import AsyncIterator, Iterator

import pytest

from opsconductor.connector.interface import VerifyState
from opsconductor.model.alert import Alert
from tests.support.connectors.eaton_stage import HERE, UNREACHABLE, at, becomes, first, polling, stage_of
from tests.support.connectors.eaton_ups import AS_JOE, EATON, JOE, UPTIME, XUPS, alarms
from tests.support.snmp import snmp_agent
from tests.support.snmp.snmp_agent import Agent, integer, oid, ticks
from tests.support.snmp.snmpsim import Snmpsim, snmpsim

BAD = f"{XUPS}.7.23"


@pytest.fixture(scope="module")
def simulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Snmpsim]:
    """Run one snmpsim for the tests of this module."""
    with snmpsim(tmp_path_factory.mktemp("ups"), EATON, JOE) as running:
        yield running


@pytest.fixture
async def device(simulator: Snmpsim) -> Snmpsim:
    """Make the simulated device a healthy Eaton UPS again."""
    await becomes(simulator, EATON)
    return simulator


async def test_a_silent_ups_clears_nothing_and_is_reported(device: Snmpsim) -> None:
    """Open alerts stay open, the silence is an alert of its own, and only that ends when it is back."""
    await becomes(device, {**EATON, **alarms({BAD: 1})})
    async with polling(at(device, timeout=0.2, retries=0), unreachable_after=2) as stage:
        await stage.until(lambda seen: seen == {"power_battery_bad": "major"})
        secret = dict(device.records)
        device.change({}, without=list(secret))
        both = {"power_battery_bad": "major", "power_ups_unreachable": "major"}
        await stage.until(lambda seen: seen == both)
        assert not stage.scene.alert(None, "power_ups_unreachable").is_cutting
        assert "supports neither" in stage.states[-1]
        device.change(secret)
        await stage.until(lambda seen: seen == {"power_battery_bad": "major"})
        assert stage.states[-1] == "works"


async def test_one_silent_ups_is_no_failure_of_the_poller(device: Snmpsim) -> None:
    """As long as one answers the connector works; the other has its alert."""
    gone = {"ip": UNREACHABLE, "timeout": 0.1, "retries": 0}
    async with polling(at(device), gone, unreachable_after=1) as stage:
        await stage.until(lambda seen: seen == {"power_ups_unreachable": "major"} and bool(stage.states))
        assert stage.scene.alert(UNREACHABLE, "power_ups_unreachable").device_ip == UNREACHABLE
    assert set(stage.states) == {"works"}


async def test_when_none_answers_the_poller_fails() -> None:
    """With every UPS away the connector reports the reason."""
    gone = [{"ip": ip, "timeout": 0.1, "retries": 0} for ip in (UNREACHABLE, "127.0.0.10")]
    async with polling(*gone, unreachable_after=1) as stage, asyncio.timeout(15):
        await stage.events.get()
        await stage.events.get()
    assert UNREACHABLE in stage.states[0] or "127.0.0.10" in stage.states[0]


@pytest.fixture
async def ill() -> AsyncIterator[Agent]:
    """Run an agent of a UPS with an alarm and a noticed contact, whose faults a test sets."""
    table, contacts = f"{XUPS}.7.2.1", f"{XUPS}.6.8.1"
    values = {
        UPTIME: ticks(10_000),
        f"{XUPS}.2.4.0": integer(80),
        f"{XUPS}.7.1.0": integer(1),
        f"{table}.2.7": oid(BAD),
        f"{table}.3.7": ticks(9_000),
        f"{contacts}.3.1": integer(4),
    }
    async with snmp_agent.agent(values) as running:
        yield running


async def test_a_ups_with_an_ipv6_address() -> None:
    """IPv6 is an address as any other."""
    async with snmp_agent.agent({f"{XUPS}.4.5.0": integer(2)}, host="::1") as agent:
        async with polling({"ip": "::1", "port": agent.port}) as stage:
            await stage.until(lambda seen: seen == {"power_output_off": "critical"})
        assert stage.scene.alert("::1", "power_output_off").is_cutting


@pytest.mark.parametrize("illness", ["silent_below", "ill_below"])
@pytest.mark.parametrize(
    ("below", "silent_table"),
    [(f"{XUPS}.7.2", "alarms"), (f"{XUPS}.6.8", "contact")],
    ids=["alarms", "contacts"],
)
async def test_a_ups_that_answers_half_keeps_its_other_alerts(
    ill: Agent, illness: str, below: str, silent_table: str
) -> None:
    """While a table is not answered its alerts stay open, and the missing table is reported."""
    target = {"ip": HERE, "port": ill.port, "timeout": 0.1, "retries": 0}
    async with polling(target) as stage:
        whole = {"power_battery_bad": "major", "environment_contact contact=1": "major"}
        await stage.until(lambda seen: seen == whole)
        setattr(ill, illness, (below,))
        await stage.until(lambda seen: seen == {**whole, "power_ups_unreachable": "warning"})
        assert silent_table in stage.scene.alert(HERE, "power_ups_unreachable").message
        await first(stage)
        await first(stage)
        assert stage.open() == {**whole, "power_ups_unreachable": "warning"}
        setattr(ill, illness, ())
        await stage.until(lambda seen: seen == whole)


async def test_an_alarm_table_with_fewer_rows_than_counted_clears_nothing(ill: Agent) -> None:
    """A table that was not answered completely ends no alarm."""
    async with polling({"ip": HERE, "port": ill.port}) as stage:
        await stage.until(lambda seen: "power_battery_bad" in seen)
        ill.drop(f"{XUPS}.7.2.1.2.7")
        await stage.until(lambda seen: "power_ups_unreachable" in seen)
        assert stage.open()["power_battery_bad"] == "major"
        ill.put({f"{XUPS}.7.1.0": integer(0)})
        await stage.until(lambda seen: list(seen) == ["environment_contact contact=1"])


async def test_an_endless_table_is_cut_off(ill: Agent) -> None:
    """An agent with more alarms than can be is read to a limit, and nothing of it hangs."""
    ill.put({f"{XUPS}.7.2.1.2.{row}": oid(f"1.3.6.1.4.1.99.{row}") for row in range(100, 700)})
    async with polling({"ip": HERE, "port": ill.port}) as stage:
        await stage.until(lambda seen: "power_ups_unreachable" in seen)
        assert len(stage.open()) <= 503


async def test_check_says_of_every_ups_how_it_is(device: Snmpsim) -> None:
    """The check names the devices that answer, and the remedy for the others."""
    stage = stage_of(at(device), {"ip": UNREACHABLE, "timeout": 0.1, "retries": 0})
    check = await stage.source.check()
    assert not check.ok
    assert check.message.startswith("1 of 2 answer; ")
    assert "check that SNMP is enabled" in check.message
    assert check.details == {"answering": {HERE: "XUPS-MIB"}}
    check = await stage_of(at(device)).source.check()
    assert (check.ok, check.message) == (True, "1 of 1 answer")


async def test_check_reports_a_wrong_user_and_a_device_that_is_no_ups(device: Snmpsim) -> None:
    """Wrong credentials of v3, and a switch, differ from silence; no secret is in the text."""
    user = {**AS_JOE["snmpv3_user"], "auth_password": "another password"}  # type: ignore[dict-item]
    check = await stage_of(at(device, version="v3", snmpv3_user=user)).source.check()
    assert not check.ok
    assert "another password" not in check.message
    await becomes(device, {UPTIME: "67|500", "1.3.6.1.2.1.1.1.0": "4|a switch"})
    check = await stage_of(at(device)).source.check()
    assert "not a UPS or PDU" in check.message


async def test_others_may_ask_whether_an_alert_stands(device: Snmpsim) -> None:
    """A verification by the alarm table finds a trap's alert open, over, or unknown."""
    await becomes(device, {**EATON, **alarms({BAD: 1})})
    stage = stage_of(at(device), {"ip": UNREACHABLE, "timeout": 0.1, "retries": 0})

    def alert(device_ip: str, alert_type: str) -> Alert:
        stage.scene.problem(device_ip, alert_type)
        return stage.scene.alert(device_ip, alert_type)

    source = stage.source
    assert (await source.verify(alert(HERE, "power_battery_bad"))).answer is VerifyState.STANDS
    assert (await source.verify(alert(HERE, "power_on_battery"))).answer is VerifyState.OVER
    assert (await source.verify(alert(HERE, "power_input_voltage"))).answer is VerifyState.UNKNOWN
    assert (await source.verify(alert(UNREACHABLE, "power_on_battery"))).answer is VerifyState.UNKNOWN
    assert source.can_verify(alert(HERE, "power_on_battery"))
    assert not source.can_verify(alert(HERE, "network_link_down"))
    assert not source.can_verify(alert("192.0.2.1", "power_on_battery"))
