"""Measured values, as sources, uploads and other systems deliver them."""

from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from opsconductor.model.normalized import DeviceAlias


class SeriesKind(StrEnum):
    """How the values of a series are to be read."""

    GAUGE = "gauge"
    """The value itself: a temperature, a load in percent."""

    COUNTER = "counter"
    """A count since some start, which may wrap at 2^32 or 2^64, or restart; its rate of change matters."""


class Measurement(NamedTuple):
    """One measured value, before its device is identified.

    A named tuple like `NormalizedAlert`: thousands are created in a second.

    Attributes:
        metric: What is measured, lower-case words joined by underscores, without unit: `battery_temperature`.
        value: In `unit`; a value that is unknown is not delivered at all.
        at: Time of the measurement, with zone.
        device_ip: Address of the device as the source knows it; None: unknown.
        device_name: Name of the device; used if the address is None or not in the inventory.
        device_aliases: Further identifiers of the device, as with reports.
        resource: What on the device is measured (`ifIndex=7`, `sensor=1234`); empty: the device itself.
            The same texts as the resources of alerts about it.
        unit: As shown to people: `%`, `°C`, `V`, `s`, `B`, `bit/s`; empty: a plain number.
        kind: Gauge or counter.
    """

    metric: str
    value: float
    at: datetime
    device_ip: str | None = None
    device_name: str | None = None
    device_aliases: tuple[DeviceAlias, ...] = ()
    resource: str = ""
    unit: str = ""
    kind: SeriesKind = SeriesKind.GAUGE


class SeriesKey(NamedTuple):
    """Identity of a series; `unit` and `kind` are properties of it.

    Attributes:
        device: Key of the device as in alerts: its main address, else its name.
    """

    device: str
    metric: str
    resource: str
