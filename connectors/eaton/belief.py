"""Which numbers of a device are believed; pure.

What is not is unknown: it stands in `doubts` with the reason, raises nothing and ends nothing.
"""

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum

from connectors.eaton.readings import Measure
from opsconductor.snmp.message.plausible import GREATEST, Answer, NoValue, within

MOST_DIGITS = 3
LEAST_ZEROS = 4
"""So many numbers at least must be zero, all of them, before none is believed."""
ALL_ZERO = "the card answers 0 to everything: it has lost contact with its UPS, or has just started"

_PLACEHOLDERS = frozenset({-1, 255, 32_767, -32_768, 65_535})
_COUNTS_FROM_ZERO = frozenset({"on_battery_s"})
_FULL = frozenset({"normal", "floating", "resting"})
"""Words of the battery state that go with a charged battery."""
_HOT_C = 60.0
_TEMPERATURE = "_temperature_c"


class TemperatureUnit(StrEnum):
    """What a card counts temperatures in, whatever its MIB says."""

    CELSIUS = "celsius"
    FAHRENHEIT = "fahrenheit"
    TENTHS = "tenths"


def number_of(
    name: str, value: object, measure: Measure, unit: TemperatureUnit = TemperatureUnit.CELSIUS
) -> float | NoValue | None:
    """Read a number in our unit, or why it is not believed; None: the device has none."""
    if isinstance(value, NoValue):
        return value
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    number = float(_in_celsius(value, unit) if name.endswith(_TEMPERATURE) else value * measure.scale)
    found = within(round(number, MOST_DIGITS), measure.low, measure.high)
    if isinstance(found, NoValue) and is_placeholder(value):
        return NoValue(f"{value} stands for an unknown value")
    if isinstance(found, NoValue) and name.endswith(_TEMPERATURE) and unit is TemperatureUnit.CELSIUS:
        return NoValue(f"{value:g} °C is not possible; {in_other_units(value)}")
    return found


def is_placeholder(value: float) -> bool:
    """Check whether a number is one that cards write for what they do not know."""
    return value in _PLACEHOLDERS or value in GREATEST


def hint_of(name: str, value: float, unit: object) -> str:
    """Return what a very high temperature might be instead; empty: nothing else."""
    is_hot = name.endswith(_TEMPERATURE) and value >= _HOT_C and unit == TemperatureUnit.CELSIUS
    return f"; {in_other_units(value)}" if is_hot else ""


def in_other_units(value: float) -> str:
    """Write what a number would be if the card did not count in degrees Celsius."""
    fahrenheit = _in_celsius(value, TemperatureUnit.FAHRENHEIT)
    return (
        f"if the card counts tenths, it is {value / 10:.1f} °C, if Fahrenheit, {fahrenheit:.1f} °C:"
        " see `temperature_unit`"
    )


def doubts_about_all(
    measures: Mapping[str, float], states: Mapping[str, str], doubted: Iterable[str]
) -> Mapping[str, str]:
    """Return which numbers are not believed because of all the others, with the reason, by name."""
    telling = {name: value for name, value in measures.items() if name not in _COUNTS_FROM_ZERO}
    if len(telling) >= LEAST_ZEROS and not any(telling.values()) and not list(doubted):
        return dict.fromkeys((*measures, "alarms"), ALL_ZERO)
    battery = states.get("battery", "")
    if measures.get("battery_capacity_percent") == 0 and battery in _FULL:
        return {"battery_capacity_percent": f"0 % does not fit the battery's state, {battery}"}
    return {}


def doubts_about_alarms(count: Answer | None, named: int, rows: Sequence[Answer]) -> str:
    """Return why the alarm table is not believed; empty: it is.

    Some cards always have as many rows as they could have alarms, and leave those empty that are none.

    Args:
        count: How many alarms the device says it has.
        named: How many rows name an alarm.
        rows: What the rows hold.
    """
    if isinstance(count, int) and count > named and len(rows) > named:
        return f"the device counts {count} alarms, and {len(rows) - named} rows name none"
    return ""


def _in_celsius(value: float, unit: TemperatureUnit) -> float:
    if unit is TemperatureUnit.FAHRENHEIT:
        return (value - 32) / 1.8
    return value / 10 if unit is TemperatureUnit.TENTHS else value
