"""Measured values as people read them: `35 Mbit/s`, `24.7 °C`."""

import math
from collections.abc import Mapping
from typing import Final

PREFIXES: Final = ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"))
PREFIXED: Final = frozenset({"bit/s", "bit", "B/s", "B", "W", "Wh", "VA", "Hz"})
"""Units that are written with a prefix. `app/quantity.js` of the page has the same list."""
UNITS: Final[Mapping[str, str]] = {"Cel": "°C", "By": "B", "By/s": "B/s"}
"""UCUM units, as OTLP has them, in their usual form."""
LOWEST, HIGHEST = 1e-4, 1e15
"""Values outside are written with an exponent."""


def quantity(value: float, unit: str = "", digits: int = 5) -> str:
    """Return a value with its unit in so many significant digits: `35.04 Mbit/s`, `41.5 °C`, `98%`."""
    divisor, shown = scale_of(value, unit)
    text = digits_of(value / divisor, digits)
    return f"{text}{'' if shown == '%' else ' '}{shown}" if shown else text


def scale_of(largest: float, unit: str) -> tuple[float, str]:
    """Return the divisor of values up to this one, and the unit with its prefix."""
    shown = UNITS.get(unit, unit)
    if shown in PREFIXED:
        for divisor, prefix in PREFIXES:
            if abs(largest) >= divisor:
                return divisor, f"{prefix}{shown}"
    return 1.0, shown


def digits_of(value: float, digits: int) -> str:
    """Return a number with so many significant digits; digits before the point are never rounded away."""
    if value == 0:
        return "0"
    if not LOWEST <= abs(value) < HIGHEST:
        return f"{value:.{digits}g}"
    decimals = max(digits - 1 - math.floor(math.log10(abs(value))), 0)
    text = f"{value:,.{decimals}f}"
    return text.rstrip("0").rstrip(".") if decimals else text
