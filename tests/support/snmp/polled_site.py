"""A small site behind snmpsim, polled by the real connectors at a time that the test chooses.

Unchanged values are passed on as the connectors would, without polls: weeks of ordinary values take none, and
a UPS that shows the same for long is polled once an hour.
"""

import math
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from connectors.eaton.config import EatonConfig
from connectors.eaton.source import EatonSource
from connectors.snmp_poll.config import SnmpPollConfig
from connectors.snmp_poll.device import DevicePoll
from connectors.snmp_poll.source import SnmpPollSource
from opsconductor.connector.context import ConnectorContext
from opsconductor.model.mappings.table import MappingTable
from opsconductor.model.measured.measurement import Measurement
from tests.support.connectors.eaton_ups import OTHER_MAKE, UPS
from tests.support.snmp.polled import UP_TIME
from tests.support.snmp.snmpsim import Snmpsim

UPSES: Mapping[str, str] = {f"ups-{number}": f"127.0.1.{number}" for number in (1, 2, 3, 4)}
SWITCHES: Mapping[str, str] = {f"sw-{number}": f"127.0.2.{number}" for number in (1, 2, 3)}
ADDRESSES: Mapping[str, str] = {**UPSES, **SWITCHES}
COOLED = "ups-4"
STEP = timedelta(minutes=30)
SAME_FOR = timedelta(hours=1)
PORT, SENSOR = "ifIndex=7", "entPhysicalIndex=5"
CHECKS = ("interface_load", "sensors")
IF_TABLE, IF_X_TABLE, SENSORS = "1.3.6.1.2.1.2.2.1", "1.3.6.1.2.1.31.1.1.1", "1.3.6.1.2.1.99.1.1.1"
Measured = tuple[str, Sequence[Measurement]]
"""Source, and what it measured."""
Measure = Callable[[str, Sequence[Measurement]], None]


def ups(temperature: float) -> dict[str, str]:
    """Return a UPS whose battery has a temperature, in tenths of a degree as some cards have it."""
    return {**OTHER_MAKE, f"{UPS}.2.7.0": f"2|{round(10 * temperature)}"}


def switch(temperature: float) -> dict[str, str]:
    """Return a switch with a link that is up and carries nothing, and a sensor."""
    return {
        UP_TIME: "67|50000",
        f"{IF_TABLE}.3.7": "2|6",
        f"{IF_TABLE}.7.7": "2|1",
        f"{IF_TABLE}.8.7": "2|1",
        f"{IF_TABLE}.14.7": "65|0",
        f"{IF_TABLE}.20.7": "65|0",
        f"{IF_X_TABLE}.1.7": "4|Gi1/0/7",
        f"{IF_X_TABLE}.6.7": "70|812345678901",
        f"{IF_X_TABLE}.10.7": "70|412345678901",
        f"{IF_X_TABLE}.15.7": "66|1000",
        f"{SENSORS}.1.5": "2|8",
        f"{SENSORS}.2.5": "2|9",
        f"{SENSORS}.3.5": "2|1",
        f"{SENSORS}.4.5": f"2|{round(10 * temperature)}",
        f"{SENSORS}.5.5": "2|1",
    }


@dataclass
class PolledSite:
    """Four UPSs and three switches.

    Attributes:
        monday: When it begins.
        measure: Takes what a connector measured.
        at: The time of the polls.
        step: Between polls.
        polled: Number of values that came from snmpsim.
    """

    agent: Snmpsim
    monday: datetime
    measure: Measure
    at: datetime = datetime(2026, 1, 1, tzinfo=UTC)
    step: timedelta = STEP
    polled: int = 0
    _random: random.Random = field(default_factory=lambda: random.Random(12))
    _shown: dict[str, Mapping[str, str]] = field(default_factory=dict)
    _found: list[Measured] = field(default_factory=list)
    _latest: dict[str, tuple[datetime, Sequence[Measured]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.at = self.monday
        targets = [
            {"ip": address, "port": self.agent.port, "name": name, "community": name, "timeout": 10}
            for name, address in UPSES.items()
        ]
        for target in targets:
            target["temperature_unit"] = "tenths"
        eaton = EatonSource(EatonConfig.model_validate({"targets": targets}), self._context("eaton"))
        self._watches = {str(watch.target.name): watch for watch in eaton._watches}
        config = SnmpPollConfig.model_validate(
            {
                "timeout": 10,
                "targets": [
                    {"addresses": [address], "port": self.agent.port, "community": name, "checks": CHECKS}
                    for name, address in SWITCHES.items()
                ],
            }
        )
        source = SnmpPollSource(config, self._context("snmp_poll"))
        self._checks = config.checks_of(config.targets[0])
        self._devices: dict[str, DevicePoll] = {
            name: source._device(address, name, target)
            for (name, address), target in zip(SWITCHES.items(), config.targets, strict=True)
        }

    async def go_on(self, length: timedelta, **changed: Callable[[timedelta], float]) -> None:
        """Advance time.

        Args:
            changed: By device (`ups_1`): its temperature after a time since now, which snmpsim shows and the
                connector polls; a switch that is polled carries nothing on its port.
        """
        begin = self.at
        polled = {name.replace("_", "-"): value for name, value in changed.items()}
        while self.at < begin + length:
            for name, value in polled.items():
                await self._poll(name, value(self.at - begin))
            for source, measurements in (*self._ordinary(polled), *self._found):
                self.measure(source, measurements)  # all of a time together, as if the polls took no time
            self._found.clear()
            self.at += self.step

    async def _poll(self, name: str, value: float) -> None:
        shown = ups(value) if name in UPSES else switch(value)
        polled_at, found = self._latest.get(name, (None, ()))
        if self._shown.get(name) != shown:
            self.agent.show(shown, name)
            self._shown[name] = shown
        elif name in UPSES and polled_at is not None and self.at - polled_at < SAME_FOR:
            self._found += [
                (source, [each._replace(at=self.at) for each in values]) for source, values in found
            ]
            return
        before = len(self._found)
        if name in UPSES:
            await self._watches[name].poll()
        else:
            await self._devices[name].poll(self._checks)
            assert not self._devices[name].misses
        self._latest[name] = (self.at, self._found[before:])

    def _ordinary(self, left_out: Mapping[str, Any]) -> Iterator[tuple[str, Sequence[Measurement]]]:
        """Yield what the connectors would measure of the others."""
        yield (
            "eaton",
            [
                self._value(name, "battery_temperature", "", self.battery_of(name), "°C")
                for name in UPSES
                if name not in left_out
            ],
        )
        for name in SWITCHES:
            if name not in left_out:
                yield (
                    "snmp_poll",
                    [
                        self._value(name, "in_traffic", PORT, self.traffic(), "bit/s"),
                        self._value(name, "temperature", SENSOR, self.sensor(), "°C"),
                    ],
                )

    def battery(self) -> float:
        """Return a temperature of a battery now: half a degree warmer in the afternoon."""
        return round(25 + 0.5 * self._afternoon() + self._random.gauss(0, 0.15), 1)

    def battery_of(self, name: str) -> float:
        """Return a temperature of the battery of a UPS now; that of one stands in a cooled room."""
        return round(25 + self._random.gauss(0, 0.3), 1) if name == COOLED else self.battery()

    def sensor(self) -> float:
        """Return a temperature of a switch now."""
        return round(41 + 1.5 * self._afternoon() + self._random.gauss(0, 0.2), 1)

    def traffic(self) -> float:
        """Return the traffic of a port now: much on weekdays from 8 to 18."""
        since = self.at - self.monday
        is_busy = since.days % 7 < 5 and 8 <= since.seconds / 3600 < 18
        return (80e6 if is_busy else 8e6) * math.exp(self._random.gauss(0, 0.12))

    def _afternoon(self) -> float:
        return math.sin((self.at - self.monday).seconds / 86_400 * 2 * math.pi)

    def _value(self, name: str, metric: str, resource: str, value: float, unit: str) -> Measurement:
        return Measurement(metric, value, self.at, ADDRESSES[name], name, resource=resource, unit=unit)

    def _context(self, name: str) -> ConnectorContext:
        def measure(values: Sequence[Measurement]) -> None:
            self.polled += len(values)
            self._found.append((name, values))

        return ConnectorContext(
            name=name,
            data_dir=Path("/nowhere"),
            mappings=partial(MappingTable, []),
            vendor_of=lambda _: None,
            count=lambda *_, **__: None,
            now=lambda: self.at,
            report_down=lambda _: None,
            measure=measure,
        )
