"""Plausibility limits of values that devices return; an implausible value is unknown, never zero.

Used by every connector that polls devices by SNMP. Limits of objects of the standard MIBs are in
`LIMITS`; for all other objects only the placeholders that agents use for unknown values are rejected.

Source:
    RFC 2790 (hrStorageTable), RFC 2863, RFC 3433 section 3 (EntitySensorValue), CISCO-ENTITY-SENSOR-MIB.
"""

from collections.abc import Mapping
from dataclasses import dataclass

SENSOR_LIMIT = 1_000_000_000
"""RFC 3433: this and its negative mean a value above or below the range of the sensor."""
UNSIGNED_32 = 1 << 32
GREATEST = {
    0x7FFF_FFFF: "the greatest INTEGER",
    -0x8000_0000: "the least INTEGER",
    0xFFFF_FFFF: "the greatest Gauge32",
    0x7FFF_FFFF_FFFF_FFFF: "the greatest 64-bit number",
    0xFFFF_FFFF_FFFF_FFFF: "the greatest Counter64",
}
"""Numbers that agents return for unknown values."""


@dataclass(frozen=True, slots=True)
class NoValue:
    """A value that exists on the device but cannot be read or is implausible.

    Attributes:
        reason: Readable: what the value is and why it is rejected.
    """

    reason: str


Value = int | float | str | bytes
"""A value of a device: numbers; OIDs and IP addresses as text; OCTET STRINGs as bytes."""

Answer = Value | NoValue


@dataclass(frozen=True, slots=True)
class Limits:
    """Plausible range of an object.

    Attributes:
        low: The least accepted number.
        high: The greatest accepted number.
        is_wrapped: The agent counts in unsigned 32 bits although the object is signed: a negative number
            is one above 2,147,483,647.
    """

    low: float
    high: float
    is_wrapped: bool = False


_PERCENT = Limits(0, 100)
_SENSOR = Limits(1 - SENSOR_LIMIT, SENSOR_LIMIT - 1)
_SIZE = Limits(0, UNSIGNED_32 - 1, is_wrapped=True)
_KILOBYTES = Limits(0, UNSIGNED_32 - 2, is_wrapped=True)

LIMITS: Mapping[str, Limits] = {
    "1.3.6.1.2.1.25.2.3.1.5": _SIZE,  # hrStorageSize
    "1.3.6.1.2.1.25.2.3.1.6": _SIZE,  # hrStorageUsed
    "1.3.6.1.2.1.25.3.3.1.2": _PERCENT,  # hrProcessorLoad
    "1.3.6.1.2.1.99.1.1.1.4": _SENSOR,  # entPhySensorValue
    "1.3.6.1.4.1.9.9.91.1.1.1.1.4": _SENSOR,  # entSensorValue
    "1.3.6.1.4.1.9.9.109.1.1.1.1.8": _PERCENT,  # cpmCPUTotal5minRev
    "1.3.6.1.4.1.2021.4.5": _KILOBYTES,  # memTotalReal
    "1.3.6.1.4.1.2021.4.6": _KILOBYTES,  # memAvailReal
    "1.3.6.1.4.1.2021.4.14": _KILOBYTES,  # memBuffer
    "1.3.6.1.4.1.2021.4.15": _KILOBYTES,  # memCached
    "1.3.6.1.4.1.2636.3.1.13.1.7": Limits(-100, 300),  # jnxOperatingTemp
    "1.3.6.1.4.1.2636.3.1.13.1.8": _PERCENT,  # jnxOperatingCPU
    "1.3.6.1.4.1.2636.3.1.13.1.11": _PERCENT,  # jnxOperatingBuffer
}
"""By object, without instance."""


def plausible(column: str, value: Answer) -> Answer:
    """Return a corrected value, or `NoValue` if it is implausible.

    Args:
        column: OID of the object, without instance.
    """
    if not isinstance(value, int | float):
        return value
    limits = LIMITS.get(column)
    if value in GREATEST:
        return NoValue(f"{value} is {GREATEST[int(value)]}: the device does not know the value")
    if limits is None:
        return value
    if limits.is_wrapped and -UNSIGNED_32 // 2 <= value < 0:
        value += UNSIGNED_32
    return within(value, limits.low, limits.high)


def within(value: float, low: float, high: float, unit: str = "") -> float | NoValue:
    """Return a number, or `NoValue` if it is out of range."""
    if low <= value <= high:
        return value
    if abs(value) == SENSOR_LIMIT:
        return NoValue(f"{value:g} means a value outside the range of the sensor (RFC 3433)")
    written = f"{value:g} {unit}".rstrip()
    return NoValue(f"{written} is implausible: expected {low:g} to {high:g}")
