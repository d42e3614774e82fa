"""UPS cards with placeholder values, as seen in the field: nothing critical, nothing over, all reported."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from tests.support.connectors.eaton_stage import HERE, first, polling
from tests.support.snmp import snmp_agent
from tests.support.snmp.snmp_agent import Agent, integer, text, ticks, unsigned

UPS = "1.3.6.1.2.1.33.1"
EMPTY_INTEGER, EMPTY_OID = (2, b""), (6, b"")
UNKNOWN = {"power_values_unknown": "info"}


@pytest.fixture
async def card() -> AsyncIterator[Agent]:
    """Run an agent of a UPS of RFC 1628 without problems."""
    values = {
        "1.3.6.1.2.1.1.3.0": ticks(10_000),
        f"{UPS}.1.2.0": text("UPS"),
        f"{UPS}.2.1.0": integer(2),
        f"{UPS}.2.3.0": integer(42),
        f"{UPS}.2.4.0": integer(100),
        f"{UPS}.2.5.0": integer(813),
        f"{UPS}.2.7.0": integer(24),
        f"{UPS}.4.1.0": integer(3),
        f"{UPS}.4.2.0": integer(500),
        f"{UPS}.6.1.0": unsigned(0),
        f"{UPS}.7.3.0": integer(6),
    }
    async with snmp_agent.agent(values) as running:
        yield running


@pytest.mark.parametrize("version", ["v1", "v2c"])
async def test_integers_of_no_bytes_are_no_empty_battery(card: Agent, version: str) -> None:
    """A charge without bytes is unknown, reported as a notice, and over when the card answers again."""
    async with polling({"ip": HERE, "port": card.port, "version": version}) as stage:
        await first(stage)
        card.put({f"{UPS}.2.4.0": EMPTY_INTEGER})
        await stage.until(lambda seen: seen == UNKNOWN)
        assert "no bytes" in stage.scene.alert(HERE, "power_values_unknown").message
        check = await stage.source.check()
        assert "battery_capacity_percent" in str(check.details["implausible"])
        card.put({f"{UPS}.2.4.0": integer(100)})
        await stage.until(lambda seen: seen == {})


async def test_empty_alarm_rows_are_no_alarms(card: Agent) -> None:
    """24 rows of zeros beside a count of 0 raise nothing, and a real row among them does."""
    rows = range(1, 25)
    card.put({f"{UPS}.6.2.1.2.{row}": (6, bytes(10)) for row in rows})
    card.put({f"{UPS}.6.2.1.3.{row}": ticks(0) for row in rows})
    async with polling({"ip": HERE, "port": card.port}) as stage:
        await first(stage)
        await first(stage)
        assert stage.open() == {}
        card.put({f"{UPS}.6.2.1.2.3": snmp_agent.oid(f"{UPS}.6.3.1"), f"{UPS}.6.1.0": unsigned(1)})
        await stage.until(lambda seen: seen == {"power_battery_bad": "major"})


async def test_an_oid_of_no_bytes_in_the_alarm_table_is_reported(card: Agent) -> None:
    """It is one unknown row: no exception in the event loop, and no partial answer."""
    escaped: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: escaped.append(context))
    card.put({f"{UPS}.6.2.1.2.1": EMPTY_OID, f"{UPS}.6.1.0": unsigned(1)})
    async with polling({"ip": HERE, "port": card.port}) as stage:
        await stage.until(lambda seen: seen == UNKNOWN)
    assert escaped == []


async def test_a_failed_test_of_the_battery_is_reported(card: Agent) -> None:
    """RFC 1628 reports it by a result and by no alarm row."""
    async with polling({"ip": HERE, "port": card.port}) as stage:
        card.put({f"{UPS}.7.3.0": integer(3)})
        await stage.until(lambda seen: seen == {"power_test_failed": "minor"})
        card.put({f"{UPS}.7.3.0": integer(1)})
        await stage.until(lambda seen: seen == {})


async def test_tenths_of_a_degree_are_not_hot(card: Agent) -> None:
    """141 is no temperature of a battery; with the right unit it is 14.1 degrees."""
    card.put({f"{UPS}.2.7.0": integer(141)})
    async with polling({"ip": HERE, "port": card.port}) as stage:
        await stage.until(lambda seen: seen == UNKNOWN)
    async with polling({"ip": HERE, "port": card.port, "temperature_unit": "tenths"}) as stage:
        await first(stage)
        assert stage.open() == {}


async def test_a_card_that_answers_zeros_only_clears_nothing(card: Agent) -> None:
    """A card that has lost its UPS does not answer for it."""
    healthy = dict(card.values)
    card.put({f"{UPS}.2.1.0": integer(3)})
    async with polling({"ip": HERE, "port": card.port}) as stage:
        await stage.until(lambda seen: seen == {"power_low_battery": "critical"})
        card.put(
            {name: integer(0) for name in healthy if name.startswith((f"{UPS}.2", f"{UPS}.4", f"{UPS}.7"))}
        )
        await stage.until(lambda seen: seen == {"power_low_battery": "critical", **UNKNOWN})
        card.put(healthy)
        await stage.until(lambda seen: seen == {})
