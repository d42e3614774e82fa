"""Plausibility of a device's numbers; pure.

An implausible number is unknown: it is listed in `implausible` with the reason, raises nothing and clears
nothing.
"""

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum

from connectors.eaton.readings import Measure
from opsconductor.snmp.message.plausible import GREATEST, Answer, NoValue, within

MOST_DIGITS = 3
LEAST_ZEROS = 4
"""If at least this many numbers are present and all are zero, none is plausible."""
ALL_ZERO = "the card answers 0 to everything: it has lost contact with its UPS, or has just started"

_PLACEHOLDERS = frozenset({-1, 255, 32_767, -32_768, 65_535})
_COUNTS_FROM_ZERO = frozenset({"on_battery_s"})
_FULL = frozenset({"normal", "floating", "resting"})
"""Battery states that imply a charged battery."""
_HOT_C = 60.0
_TEMPERATURE = "_temperature_c"


class TemperatureUnit(StrEnum):
    """Unit in which a card reports temperatures, whatever its MIB defines."""

    CELSIUS = "celsius"
    FAHRENHEIT = "fahrenheit"
    TENTHS = "tenths"


def number_of(
    name: str, value: object, measure: Measure, unit: TemperatureUnit = TemperatureUnit.CELSIUS
) -> float | NoValue | None:
    """Return a number in our unit, or why it is implausible; None: the device has none."""
    if isinstance(value, NoValue):
        return value
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    number = float(_in_celsius(value, unit) if name.endswith(_TEMPERATURE) else value * measure.scale)
    found = within(round(number, MOST_DIGITS), measure.low, measure.high)
    if isinstance(found, NoValue) and is_placeholder(value):
        return NoValue(f"{value} means an unknown value")
    if isinstance(found, NoValue) and name.endswith(_TEMPERATURE) and unit is TemperatureUnit.CELSIUS:
        return NoValue(f"{value:g} °C is implausible; {in_other_units(value)}")
    return found


def is_placeholder(value: float) -> bool:
    """Return True if a number is a placeholder that cards use for unknown values."""
    return value in _PLACEHOLDERS or value in GREATEST


def hint_of(name: str, value: float, unit: object) -> str:
    """Return what a very high temperature would be in other units; empty if it is not very high."""
    is_hot = name.endswith(_TEMPERATURE) and value >= _HOT_C and unit == TemperatureUnit.CELSIUS
    return f"; {in_other_units(value)}" if is_hot else ""


def in_other_units(value: float) -> str:
    """Return what a number would be if the card did not report degrees Celsius."""
    fahrenheit = _in_celsius(value, TemperatureUnit.FAHRENHEIT)
    return (
        f"if the card uses tenths, it is {value / 10:.1f} °C, if Fahrenheit, {fahrenheit:.1f} °C:"
        " see `temperature_unit`"
    )


def implausible_together(
    measures: Mapping[str, float], states: Mapping[str, str], implausible: Iterable[str]
) -> Mapping[str, str]:
    """Return the numbers that contradict the others, with the reason, by name."""
    informative = {name: value for name, value in measures.items() if name not in _COUNTS_FROM_ZERO}
    if len(informative) >= LEAST_ZEROS and not any(informative.values()) and not list(implausible):
        return dict.fromkeys((*measures, "alarms"), ALL_ZERO)
    battery = states.get("battery", "")
    if measures.get("battery_capacity_percent") == 0 and battery in _FULL:
        return {"battery_capacity_percent": f"0 % contradicts the battery's state, {battery}"}
    return {}


def implausible_alarms(count: Answer | None, named: int, rows: Sequence[Answer]) -> str:
    """Return why the alarm table is implausible; empty: it is plausible.

    Some cards always have a row for every possible alarm, and leave those without alarm empty.

    Args:
        count: Number of alarms according to the device.
        named: Number of rows that name an alarm.
        rows: Contents of the rows.
    """
    if isinstance(count, int) and count > named and len(rows) > named:
        return f"the device counts {count} alarms, but {len(rows) - named} rows name no alarm"
    return ""


def _in_celsius(value: float, unit: TemperatureUnit) -> float:
    if unit is TemperatureUnit.FAHRENHEIT:
        return (value - 32) / 1.8
    return value / 10 if unit is TemperatureUnit.TENTHS else value
