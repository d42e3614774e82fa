"""Formulas of checks: their syntax, refusals, and unknown results."""

import pytest

from connectors.snmp_poll.formula import Row, parse_formula

ROW = Row(
    values={"oper": 2, "admin": 1, "name": "Gi1", "used": 45, "size": 50, "zero": 0, "none": None},
    rates={"octets": 12.5},
    tables={"load": (10, 20, 60)},
)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("admin == 1 and oper in (2, 7)", True),
        ("not (admin == 1) or oper not in (2,)", False),
        ("used / size * 100", 90.0),
        ("-used + size - 1", 4),
        ("name == 'Gi1'", True),
        ("rate(octets) * 8", 100.0),
        ("average(load)", 30.0),
        ("max(load) - min(load)", 50),
        ("sum(load) / count(load)", 30.0),
        ("known(used) and not known(none)", True),
        ("used >= 45 and used <= 45.0", True),
    ],
)
def test_what_a_formula_says(text: str, found: object) -> None:
    """Arithmetic, comparisons and functions over the values of a row."""
    assert parse_formula(text).of(ROW) == found


@pytest.mark.parametrize(
    "text", ["none == 1", "gone == 1", "used / zero", "name > 3", "rate(used)", "average(gone)", "name * 2"]
)
def test_a_missing_value_has_no_result(text: str) -> None:
    """A missing value, a division by zero and a text instead of a number give no outcome."""
    assert parse_formula(text).of(ROW) is None


def test_what_is_decided_needs_no_further_value() -> None:
    """A port that is switched off is no fault, whatever values are missing."""
    assert parse_formula("admin == 2 and gone == 1").of(ROW) is False


def test_scaled_follows_entity_sensor_mib() -> None:
    """Scale 8 is milli, 9 units, 10 kilo; precision counts decimals."""
    formula = parse_formula("scaled(value, scale, precision)")
    found = [
        formula.of(Row(values={"value": 912, "scale": scale, "precision": precision}))
        for scale, precision in ((8, 0), (9, 1), (10, 0))
    ]
    assert found == pytest.approx([0.912, 91.2, 912_000])


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a b",
        "2 ** 99",
        "open('x')",
        "lambda: 1",
        "rate(a + b)",
        "rate(a, b)",
        "f'{a}'",
        "(" * 300,
        "a" * 1001,
        "+".join("a" * 199),
        "most(load)",
        "total(load)",
        7,
    ],
)
def test_what_no_formula_needs_is_refused(text: object) -> None:
    """Neither calls nor attributes, powers, or slow expressions; reported in pydantic's form."""
    with pytest.raises(ValueError, match=r"an expression such as|is now"):
        parse_formula(text)
