"""Numbers as devices write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.mqtt.numbers import number_in
from connectors.mqtt.payload import number_of
from opsconductor.errors import DecodeError


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("5", 5), ("-5", -5), ("+5", 5), (" 21.50 ", 21.5), ("1e3", 1000), ("1.5E-3", 0.0015), (".5", 0.5),
        ("5.", 5), ("29.5 °C", 29.5), ("29.5°C", 29.5), ("36,2", 36.2), ("36,2 °C", 36.2), ("0,125", 0.125),
        ("87 %", 87), ("87%", 87), ("-71 dBm", -71), ("\u22123,5 K", -3.5), ("230V", 230),
        ("12 m³/h", 12), ("5 kW", 5), ("10 K", 10),
        ("1.234,5", 1234.5), ("1,234.5", 1234.5), ("1.234.567", 1_234_567), ("1,234,567", 1_234_567),
        ("1.234.567,89 kWh", 1_234_567.89), ("1'234.5", 1234.5), ("1\u202f234,5", 1234.5), ("1.234", 1.234),
        ("12345,678", 12345.678), ("3 µg/m3", 3),
    ],
)  # fmt: skip
def test_numbers_with_units_and_commas_are_read(text: str, number: float) -> None:
    """Units are left out; the last separator is the decimal one."""
    assert number_in(text) == pytest.approx(number)


@pytest.mark.parametrize(
    "text",
    [
        "", "-", "on", "nan", "inf", "°C", "1,234", "12,345 W", "1,23,4", "1.2.3.4", "1.23.456",
        "12:30", "0x1F",
        "10k", "5M", "1_000", "1 2", "5 of 10", "3 days ago", "v1.2", "--5", "1,,2", "1..2", "5e", "9" * 100,
        "1.234.567.8", "2024-01-02",
    ],
)  # fmt: skip
def test_what_could_be_read_in_two_ways_is_no_number(text: str) -> None:
    """No number is better than one that is wrong by a factor of a thousand."""
    assert number_in(text) is None


@pytest.mark.parametrize(
    "value",
    [
        "99999999999999999999",
        99999999999999999999,
        2**64 - 1,
        3.4028234e38,
        float("nan"),
        float("inf"),
        10**400,
        "1e400",
        "1e16",
    ],
)
def test_placeholders_are_no_values(value: object) -> None:
    """Placeholders for "no value" are no values, as numbers and as texts."""
    with pytest.raises(DecodeError, match="not_a_number"):
        number_of(value)


@given(st.floats(-1e14, 1e14, allow_nan=False))
def test_what_python_writes_is_read_back(number: float) -> None:
    """Plain numbers keep their meaning."""
    assert number_in(repr(number)) == number


@given(st.text(max_size=70))
def test_any_text_is_a_number_or_none(text: str) -> None:
    """Nothing raises."""
    number = number_in(text)
    assert number is None or isinstance(number, float)
