"""Conditions and values of checks: expressions over a device's values, as `docs/expressions.md` describes.

`ifAdminStatus == 1 and ifOperStatus in (2, 7)`, `rate(ifHCInOctets) * 8 / (ifHighSpeed * 1000000) * 100`,
`average(hrProcessorLoad)`. A missing value makes the result unknown; `average`, `max`, `min`, `sum` and
`count` apply to a whole column.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, cast

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

from opsconductor.connector.language.expression import Expression, Known, Lookup
from opsconductor.connector.language.functions import number, text_of
from opsconductor.connector.language.template import Template
from opsconductor.errors import NormalizeError

Values = Mapping[str, object]
"""Values by name: numbers or texts; None: the device has no value now."""

_COLUMNS: dict[str, Callable[[Sequence[float]], float]] = {
    "average": lambda values: sum(values) / len(values),
    "max": max,
    "min": min,
    "sum": sum,
    "count": len,
}
_RENAMED = {"most": "max", "least": "min", "total": "sum", "number": "count"}
_UNITS = 9
"""`units` in EntitySensorDataScale; each step is a factor of a thousand (RFC 3433)."""
MISSING = "?"


class Unknown(LookupError):
    """Internal: a formula needs a value that the device does not have now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """Input of a formula.

    Attributes:
        values: Of this row, and of the device as a whole.
        rates: Change per second since the last poll, by name; None if unknown.
        tables: All values of a column, for `average(...)` and the like.
        implausible: Why values are missing although the device has them, by name.
    """

    values: Values
    rates: Values = field(default_factory=dict)
    tables: Mapping[str, Sequence[float]] = field(default_factory=dict)
    implausible: Mapping[str, str] = field(default_factory=dict)

    def get(self, name: str, /) -> object:
        """Return a value; raises Unknown when there is none."""
        return _found(self.values.get(name))


def _over(name: str) -> Lookup:
    def work_out(known: Known, column: str) -> object:
        values = cast("Row", known).tables.get(column) or ()
        if not values and name != "count":
            raise Unknown(column)
        return _COLUMNS[name](values)

    return work_out


_LOOKUPS: Mapping[str, Lookup] = {
    "rate": lambda known, name: _found(cast("Row", known).rates.get(name)),
    "known": lambda known, name: cast("Row", known).values.get(name) is not None,
    **{name: _over(name) for name in _COLUMNS},
}


@dataclass(frozen=True)
class Formula:
    """A validated formula; a field type for pydantic models that is serialized as its text."""

    text: str

    def __str__(self) -> str:
        return self.text

    @cached_property
    def _expression(self) -> Expression:
        return Expression(self.text, _LOOKUPS, {"scaled": _scaled})

    @property
    def names(self) -> frozenset[str]:
        """All names that it uses."""
        return self._expression.names

    @cached_property
    def rated(self) -> frozenset[str]:
        """Names whose rate it uses."""
        return self._expression.arguments_of("rate")

    @cached_property
    def tabled(self) -> frozenset[str]:
        """Columns that it uses as a whole."""
        return self._expression.arguments_of(*_COLUMNS)

    def of(self, row: Row) -> Any:
        """Return the result; None: unknown, because a value is missing or the divisor is zero."""
        try:
            return self._expression(row)
        except NormalizeError:
            return None

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        del source, handler
        return core_schema.no_info_plain_validator_function(
            parse_formula, serialization=core_schema.to_string_ser_schema()
        )


def parse_formula(value: object) -> Formula:
    """Parse a formula; raises ValueError with what is wrong."""
    if isinstance(value, Formula):
        return value
    if not isinstance(value, str):
        raise ValueError("an expression such as ifOperStatus == 2 or used / size * 100")  # noqa: TRY004 - for pydantic
    formula = Formula(value.strip())
    try:
        _ = formula.names
    except ValueError as error:
        old = next((name for name in _RENAMED if f"{name}(" in value), None)
        raise ValueError(f"{old}() is now {_RENAMED[old]}()" if old else str(error)) from None
    return formula


def text_template(text: str) -> Template:
    """Compile a title or resource: numbers with at most four digits, `?` for a missing value."""
    if "|" in text:
        raise ValueError("a text such as {ifName or ifDescr or index}; write {a or b} for {a|b}")
    return Template(text, write=_shown, unknown=MISSING)


def _shown(value: object) -> str:
    return f"{value:.4g}" if isinstance(value, float) else text_of(value) or MISSING


def _scaled(value: object, scale: object, precision: object) -> float:
    """Return a value of ENTITY-SENSOR-MIB in its unit."""
    return float(number(value) * 10.0 ** ((number(scale) - _UNITS) * 3 - number(precision)))


def _found(value: object) -> object:
    if value is None:
        raise Unknown("not known")
    return value
