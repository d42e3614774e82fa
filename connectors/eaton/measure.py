"""Measured values of a poll, recorded as series; pure."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from opsconductor.model.measured.measurement import Measurement

UNITS = {
    "percent": "%",
    "c": "°C",
    "v": "V",
    "a": "A",
    "w": "W",
    "hz": "Hz",
    "s": "s",
}
"""Unit by the last word of the name of a number."""
SENSORS = ("ambient", "remote")
"""Sensors beside the UPS: the resource, as in alerts about them."""


def measured(document: Mapping[str, Any], ip: str, name: str, at: datetime) -> Iterator[Measurement]:
    """Yield the numbers of a document; it contains none that is unknown or implausible.

    `battery_capacity_percent` becomes `battery_capacity` in %, `ambient_temperature_c` becomes `temperature`
    of `sensor=ambient` in °C.

    Args:
        document: Of `document_of`.
        at: Time of the poll.
    """
    for key, value in document["measures"].items():
        metric, _, unit = key.rpartition("_")
        sensor, _, quantity = metric.partition("_")
        is_sensor = sensor in SENSORS
        yield Measurement(
            metric=quantity if is_sensor else metric,
            value=float(value),
            at=at,
            device_ip=ip,
            device_name=name,
            resource=f"sensor={sensor}" if is_sensor else "",
            unit=UNITS[unit],
        )
