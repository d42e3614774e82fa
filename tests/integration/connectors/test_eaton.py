"""The UPS poller on a real snmpsim: from the device to the alerts."""

from collections.abc import Iterator

import pytest

from connectors.eaton.alarms import ALARMS
from connectors.eaton.problems import PROBLEMS
from opsconductor.model.enums import OPEN_STATUSES
from tests.support.connectors.eaton_stage import at, becomes, first, polling
from tests.support.connectors.eaton_ups import (
    AS_JOE,
    EATON,
    EPDU,
    JOE,
    OTHER_MAKE,
    RACK_PDU,
    UPS,
    UPTIME,
    XUPS,
    alarms,
    rows_of,
)
from tests.support.snmp.snmpsim import Snmpsim, snmpsim

MINUTE = 6_000
BATTERY, LOW, BAD = f"{XUPS}.7.3", f"{XUPS}.7.4", f"{XUPS}.7.23"


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


async def test_a_healthy_ups_has_no_alert(device: Snmpsim) -> None:
    """On mains, with a full battery, nothing is wrong: both snapshots are empty."""
    async with polling(at(device)) as stage:
        state = await first(stage)
        answering = await first(stage)
    assert (state.scope, state.alerts) == ("ups/127.0.0.1", ())
    assert (answering.scope, answering.alerts) == ("ups/127.0.0.1/reachability", ())
    assert stage.states[0] == "works"


@pytest.mark.parametrize("version", ["v1", "v2c"])
async def test_every_alarm_of_the_table_is_an_alert(device: Snmpsim, version: str) -> None:
    """All well-known alarms at once, in rows with gaps: each is there with its severity; so by v1."""
    eatons = [alarm for alarm in ALARMS if alarm.startswith(XUPS)]
    await becomes(device, {**EATON, **alarms(dict.fromkeys(eatons, 9_999_000))})
    async with polling(at(device, version=version)) as stage:
        await first(stage)
    assert stage.open() == {ALARMS[alarm]: PROBLEMS[ALARMS[alarm]].severity.value for alarm in eatons}


async def test_a_mains_failure_from_begin_to_end(device: Snmpsim) -> None:
    """On battery is a warning, major when it lasts, then the battery is low, then the mains are back."""
    async with polling(at(device)) as stage:
        await first(stage)
        began = 10_000_000
        failure = {f"{XUPS}.4.5.0": "2|5", f"{XUPS}.2.5.0": "2|2", f"{XUPS}.2.4.0": "2|90"}
        device.change({**alarms({BATTERY: began}), **failure, UPTIME: f"67|{began + 30 * 100}"})
        await stage.until(lambda seen: seen == {"power_on_battery": "warning"})
        device.change({UPTIME: f"67|{began + 6 * MINUTE}", f"{XUPS}.2.1.0": "2|900"})
        await stage.until(lambda seen: seen == {"power_on_battery": "major"})
        alert = stage.scene.alert(None, "power_on_battery")
        assert alert.device_name == "ups-1"
        assert "For 6 min" in alert.message
        assert "Time left 15 min" in alert.message
        empty = {f"{XUPS}.2.4.0": "2|9", f"{XUPS}.2.1.0": "2|120", UPTIME: f"67|{began + 21 * MINUTE}"}
        device.change({**alarms({BATTERY: began, LOW: began + 20 * MINUTE}), **empty})
        await stage.until(lambda seen: len(seen) == 4)
        assert stage.open() == {
            "power_on_battery": "major",
            "power_low_battery": "critical",
            "power_battery_capacity_low": "critical",
            "power_battery_runtime_low": "major",
        }
        device.change(EATON, without=rows_of(2))
        await stage.until(lambda seen: not seen)
        assert stage.scene.story(alert) == ["created", "escalated", "resolved"]


async def test_a_row_that_is_used_again_is_another_alarm(device: Snmpsim) -> None:
    """Agents use the numbers of rows again: the alarm in the row counts, not the number."""
    async with polling(at(device)) as stage:
        device.change(alarms({BAD: 9_000_000}))
        await stage.until(lambda seen: seen == {"power_battery_bad": "major"})
        device.change(alarms({f"{XUPS}.7.33": 9_900_000}))
        await stage.until(lambda seen: seen == {"environment_fan_failure": "major"})
        resolved = stage.scene.alert(None, "power_battery_bad")
        assert resolved.status not in OPEN_STATUSES


async def test_a_card_with_few_objects_is_enough(device: Snmpsim) -> None:
    """Without an alarm table the output source alone reports the battery; nothing else is missing."""
    await becomes(device, {UPTIME: "67|500", f"{XUPS}.2.4.0": "2|80", f"{XUPS}.4.5.0": "2|5"})
    async with polling(at(device), thresholds={"on_battery_major_after": 0.2}) as stage:
        await stage.until(lambda seen: seen == {"power_on_battery": "warning"})
        await stage.until(lambda seen: seen == {"power_on_battery": "major"})


async def test_a_ups_of_another_make(device: Snmpsim) -> None:
    """RFC 1628: minutes, tenths of volts, the largest of the phases, seconds on battery, its own alarms."""
    await becomes(device, {**OTHER_MAKE, f"{UPS}.4.4.1.5.2": "2|91", f"{UPS}.2.3.0": "2|4"})
    async with polling(at(device)) as stage:
        expected = {"power_load_high": "warning", "power_battery_runtime_low": "major"}
        await stage.until(lambda seen: seen == expected)
        await becomes(
            device,
            {
                **OTHER_MAKE,
                **alarms({f"{UPS}.6.3.2": 1, f"{UPS}.6.3.24": 1}, root=f"{UPS}.6"),
                f"{UPS}.2.2.0": "2|301",
                f"{UPS}.4.1.0": "2|5",
            },
        )
        await stage.until(
            lambda seen: seen == {"power_on_battery": "major", "power_test_in_progress": "info"}
        )
        await becomes(device, OTHER_MAKE)
        await stage.until(lambda seen: not seen)


async def test_a_rack_pdu(device: Snmpsim) -> None:
    """An open breaker and an overloaded input are reported by their places, and end again."""
    await becomes(device, {**RACK_PDU, f"{EPDU}.5.1.1.5.0.2": "2|2", f"{EPDU}.3.3.1.5.0.1.1": "2|4"})
    async with polling(at(device, name="pdu-1")) as stage:
        await stage.until(bool)
        assert stage.open() == {
            "power_group_breaker_open groupBreaker=0.2": "major",
            "power_input_current inputCurrent=0.1.1": "critical",
        }
        await becomes(device, RACK_PDU)
        await stage.until(lambda seen: not seen)


async def test_with_snmpv3(device: Snmpsim) -> None:
    """Signed and encrypted, the same alarms come."""
    await becomes(device, {**EATON, **alarms({BAD: 1})})
    async with polling(at(device, **AS_JOE)) as stage:
        await stage.until(lambda seen: seen == {"power_battery_bad": "major"})
