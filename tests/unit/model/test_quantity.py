"""Values formatted for people."""

import pytest

from opsconductor.model.measured.quantity import digits_of, quantity, scale_of


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (35_044_123.0, "bit/s", "35.044 Mbit/s"),
        (0.0, "bit/s", "0 bit/s"),
        (999.0, "W", "999 W"),
        (-1_500.0, "W", "-1.5 kW"),
        (2.5e12, "By", "2.5 TB"),
        (24.7, "Cel", "24.7 °C"),
        (98.0, "%", "98%"),
        (1_234_567.0, "", "1,234,567"),
        (0.000012, "s", "1.2e-05 s"),
        (100.0, "rpm", "100 rpm"),
        (0.18208, "°C", "0.18208 °C"),
        (float("inf"), "bit/s", "inf Tbit/s"),
    ],
)
def test_a_value_has_the_unit_that_people_use(value: float, unit: str, text: str) -> None:
    """A prefix where the unit has one, no exponent in between, no digit lost before the point."""
    assert quantity(value, unit) == text


def test_values_of_one_axis_share_a_unit() -> None:
    """Small values are written in the unit of the largest, in as many digits as wanted."""
    divisor, unit = scale_of(92_320_000, "bit/s")
    assert (digits_of(30_766_666 / divisor, 4), unit) == ("30.77", "Mbit/s")
