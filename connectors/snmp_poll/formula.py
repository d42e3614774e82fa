"""Conditions and values of checks as people write them: arithmetic and comparisons over a device's values.

`ifAdminStatus == 1 and ifOperStatus in (2, 7)`, `rate(ifHCInOctets) * 8 / (ifHighSpeed * 1000000) * 100`,
`average(hrProcessorLoad)`. It is Python's grammar of expressions, of which only what stands here is taken.
"""

import ast
import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

LONGEST = 500
MOST_PARTS = 100

Known = Mapping[str, object]
"""Values by name: numbers or texts; None: the device has none now."""

_ARITHMETIC: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}
_COMPARISONS: dict[type[ast.cmpop], Callable[[Any, Any], bool]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.In: lambda value, among: value in among,
    ast.NotIn: lambda value, among: value not in among,
}
_ORDERING = (ast.Lt, ast.LtE, ast.Gt, ast.GtE)
_OVER_TABLE: dict[str, Callable[[Sequence[float]], float]] = {
    "average": lambda values: sum(values) / len(values),
    "most": max,
    "least": min,
    "total": sum,
    "number": len,
}
_UNITS = 9
"""`units` in EntitySensorDataScale; its neighbours are a thousand times more or less (RFC 3433)."""


class Unknown(Exception):
    """Raised inside where a formula needs a value that the device does not have now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What a formula is asked about.

    Attributes:
        values: Of this row, and of the device as a whole.
        rates: Change a second since the last look, by name; None where it cannot be told.
        tables: All values of a column, for `average(...)` and its kind.
        doubts: Why values are missing that the device has, by name.
    """

    values: Known
    rates: Known = field(default_factory=dict)
    tables: Mapping[str, Sequence[float]] = field(default_factory=dict)
    doubts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Formula:
    """A checked formula; a field type of pydantic models that is written as one text."""

    text: str

    def __str__(self) -> str:
        return self.text

    @cached_property
    def tree(self) -> ast.expr:
        """The formula taken apart."""
        return ast.parse(self.text, mode="eval").body

    @cached_property
    def names(self) -> frozenset[str]:
        """Everything that it looks at."""
        called = {name for name, _ in self._calls}
        return frozenset(
            node.id for node in ast.walk(self.tree) if isinstance(node, ast.Name) and node.id not in called
        )

    @cached_property
    def rated(self) -> frozenset[str]:
        """What it wants to know the rate of."""
        return self._arguments(frozenset({"rate"}))

    @cached_property
    def tabled(self) -> frozenset[str]:
        """Columns that it looks at as a whole."""
        return self._arguments(frozenset(_OVER_TABLE))

    def of(self, row: Row) -> object:
        """Work it out; None: it cannot be told, since a value is missing or nothing can be divided."""
        try:
            return _evaluate(self.tree, row)
        except (Unknown, ZeroDivisionError, OverflowError):
            return None

    def _arguments(self, functions: frozenset[str]) -> frozenset[str]:
        return frozenset(each for name, arguments in self._calls if name in functions for each in arguments)

    @property
    def _calls(self) -> Iterator[tuple[str, Sequence[str]]]:
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                yield node.func.id, _arguments(node.args)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        del source, handler
        return core_schema.no_info_plain_validator_function(
            parse_formula, serialization=core_schema.to_string_ser_schema()
        )


def parse_formula(value: object) -> Formula:
    """Read a formula.

    Raises:
        ValueError: It is none, or does what no formula needs; the text says what.
    """
    if isinstance(value, Formula):
        return value
    if not isinstance(value, str) or len(value) > LONGEST:
        raise ValueError(f"a formula of at most {LONGEST} characters")
    try:
        tree = ast.parse(value.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise ValueError("a formula such as ifOperStatus == 2 or used / size * 100") from None
    if sum(1 for _ in ast.walk(tree)) > MOST_PARTS:
        raise ValueError(f"a formula of at most {MOST_PARTS} names, numbers and operators")
    _check(tree)
    return Formula(value.strip())


def _check(node: ast.expr) -> None:
    match node:
        case ast.Constant(value=value) if isinstance(value, int | float | str) and not isinstance(
            value, bool
        ):
            return
        case ast.Name():
            return
        case ast.UnaryOp(op=ast.USub() | ast.Not(), operand=operand):
            _check(operand)
        case ast.BinOp(op=op) if type(op) in _ARITHMETIC:
            _check(node.left)
            _check(node.right)
        case ast.BoolOp(values=parts) | ast.Tuple(elts=parts):
            for part in parts:
                _check(part)
        case ast.Compare(ops=[op], comparators=[right]) if type(op) in _COMPARISONS:
            _check_comparison(node.left, op, right)
        case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]):
            _check_call(name, arguments)
        case _:
            raise ValueError(f"{ast.unparse(node)} is nothing that a formula can do")


def _check_comparison(left: ast.expr, op: ast.cmpop, right: ast.expr) -> None:
    if isinstance(op, ast.In | ast.NotIn) and not isinstance(right, ast.Tuple):
        raise ValueError(f"{ast.unparse(right)} must be a list in parentheses: (2, 7), (2,)")  # noqa: TRY004 - for pydantic
    _check(left)
    _check(right)


def _check_call(name: str, arguments: Sequence[ast.expr]) -> None:
    wanted = {"scaled": 3, "known": 1, "rate": 1} | dict.fromkeys(_OVER_TABLE, 1)
    if name not in wanted:
        raise ValueError(f"{name}() is none of {', '.join(sorted(wanted))}")
    if len(arguments) != wanted[name] or not all(isinstance(each, ast.Name) for each in arguments):
        raise ValueError(f"{name}() takes {wanted[name]} names")


def _arguments(nodes: Sequence[ast.expr]) -> Sequence[str]:
    return [node.id for node in nodes if isinstance(node, ast.Name)]


def _evaluate(node: ast.expr, row: Row) -> Any:  # noqa: PLR0911 - a case for each kind of node
    match node:
        case ast.Constant(value=value):
            return value
        case ast.Name(id=name):
            return _found(row.values.get(name))
        case ast.UnaryOp(op=op, operand=operand):
            value = _evaluate(operand, row)
            return not value if isinstance(op, ast.Not) else -_number(value)
        case ast.BinOp(left=left, op=arithmetic, right=right):
            return _ARITHMETIC[type(arithmetic)](
                _number(_evaluate(left, row)), _number(_evaluate(right, row))
            )
        case ast.BoolOp(op=ast.And(), values=parts):
            return all(_evaluate(part, row) for part in parts)
        case ast.BoolOp(values=parts):
            return any(_evaluate(part, row) for part in parts)
        case ast.Tuple(elts=parts):
            return tuple(_evaluate(part, row) for part in parts)
        case ast.Compare(left=left, ops=[op], comparators=[right]):
            return _compare(_evaluate(left, row), op, _evaluate(right, row))
        case ast.Call(func=ast.Name(id=name), args=arguments):
            return _call(name, _arguments(arguments), row)
        case _:
            raise AssertionError(ast.unparse(node))


def _compare(left: Any, op: ast.cmpop, right: Any) -> bool:
    if isinstance(op, _ORDERING):
        left, right = _number(left), _number(right)
    return _COMPARISONS[type(op)](left, right)


def _call(name: str, arguments: Sequence[str], row: Row) -> Any:
    if name == "known":
        return row.values.get(arguments[0]) is not None
    if name == "rate":
        return _found(row.rates.get(arguments[0]))
    if name == "scaled":
        value, scale, precision = (_number(_found(row.values.get(each))) for each in arguments)
        return float(value * 10.0 ** ((scale - _UNITS) * 3 - precision))
    values = row.tables.get(arguments[0]) or ()
    if not values and name != "number":
        raise Unknown
    return _OVER_TABLE[name](values)


def _found(value: object) -> object:
    if value is None:
        raise Unknown
    return value


def _number(value: Any) -> Any:
    if not isinstance(value, int | float):
        raise Unknown
    return value
