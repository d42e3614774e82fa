"""Sandboxed expressions of operators over received values: they can neither escape nor hang.

They are written in Python's grammar, but Python only parses them. Each is compiled to the operations listed
here, which handle JSON values only: no statements, methods, attributes, powers or formats, and only calls
of the listed functions. There are at most `MOST_STEPS` of them, and the work of each is bounded
(`functions.py`).
"""

import ast
import inspect
import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Protocol

from opsconductor.connector.language.functions import (
    FUNCTIONS,
    bounded,
    is_entry,
    number,
    simple,
)
from opsconductor.errors import NormalizeError

LONGEST = 1_000
"""Maximum length of an expression or a template in characters."""
MOST_STEPS = 200
"""Maximum number of names, keys, constants, operators and calls in it."""
MOST_CALLS = 20
"""Maximum number of the most expensive functions: about 20 us each for the longest text."""
FAULTS = (ArithmeticError, LookupError, RecursionError, TypeError, ValueError)
"""Errors of operations on unsuitable values."""
EXAMPLE = "an expression such as payload.temperature * 1.8 + 32"


class Known(Protocol):
    """Variables of an expression: a value, or None, for each name."""

    def get(self, name: str, /) -> object:
        """Return the value of a name, or None."""


Step = Callable[[Known], object]
Lookup = Callable[[Known, str], object]
"""A function whose argument is a name instead of its value."""

CONSTANTS: Mapping[str, object] = {"true": True, "false": False, "null": None}
ARITHMETIC: Mapping[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
}
COMPARISONS: Mapping[type[ast.cmpop], Callable[[object, object], bool]] = {
    ast.Eq: lambda left, right: simple(left) == simple(right),
    ast.NotEq: lambda left, right: simple(left) != simple(right),
    ast.Lt: lambda left, right: simple(left) < simple(right),
    ast.LtE: lambda left, right: simple(left) <= simple(right),
    ast.Gt: lambda left, right: simple(left) > simple(right),
    ast.GtE: lambda left, right: simple(left) >= simple(right),
    ast.In: is_entry,
    ast.NotIn: lambda left, right: not is_entry(left, right),
}


class Expression:
    """A compiled expression.

    Attributes:
        text: As it was written.
        names: All variables that it uses.
    """

    def __init__(
        self,
        text: str,
        lookups: Mapping[str, Lookup] = {},
        functions: Mapping[str, Callable[..., object]] = {},
    ) -> None:
        """Compile a text; raises ValueError with the reason.

        Args:
            text: Such as `payload.temperature * 1.8 + 32`.
            lookups: Functions of names, before those of `FUNCTIONS`.
            functions: Further functions of values.
        """
        self.text = text.strip()
        if len(self.text) > LONGEST:
            raise ValueError(f"{EXAMPLE}, of at most {LONGEST} characters")
        try:
            self._tree = ast.parse(self.text, mode="eval").body
            _measure(self._tree)
            self._step = _Compiler(lookups, {**FUNCTIONS, **functions}).step(self._tree)
        except (SyntaxError, MemoryError, RecursionError):
            raise ValueError(f"{EXAMPLE}; {_hint(self.text)}") from None
        except ValueError as error:
            raise ValueError(f"{EXAMPLE}; {error}") from None
        called = {node.func for node in self._calls()}
        self.names = frozenset(
            node.id
            for node in ast.walk(self._tree)
            if isinstance(node, ast.Name) and node not in called and node.id not in CONSTANTS
        )

    def __str__(self) -> str:
        return self.text

    def __call__(self, known: Known) -> object:
        """Return the value, None if a variable is missing; raises NormalizeError `expression`."""
        try:
            return self._step(known)
        except FAULTS as error:
            raise NormalizeError("expression", f"{self.text}: {str(error)[:200]}") from None

    def arguments_of(self, *functions: str) -> frozenset[str]:
        """Return the names that are passed to some functions."""
        return frozenset(
            argument.id
            for node in self._calls()
            if isinstance(node.func, ast.Name) and node.func.id in functions
            for argument in node.args
            if isinstance(argument, ast.Name)
        )

    def _calls(self) -> Iterator[ast.Call]:
        return (node for node in ast.walk(self._tree) if isinstance(node, ast.Call))


def _measure(tree: ast.expr) -> None:
    for kind, most, what in ((ast.expr, MOST_STEPS, "steps"), (ast.Call, MOST_CALLS, "calls")):
        amount = sum(isinstance(node, kind) for node in ast.walk(tree))
        if amount > most:
            raise ValueError(f"{amount} {what}; at most {most} are possible")


def _hint(text: str) -> str:
    if "|" in text:
        return "functions are called: lower(item.kind), and not item.kind | lower"
    if "~" in text:
        return "texts are joined by a template, {a}{b}, or by join([a, b]), and not by ~"
    if " is " in text:
        return "types are tested by functions: is_number(x), is_text(x), is_object(x), known(x)"
    return "a key that is a Python keyword is written item['class']"


class _Compiler:
    """Compiles each node to an operation; raises ValueError for what is not allowed."""

    def __init__(self, lookups: Mapping[str, Lookup], functions: Mapping[str, Callable[..., object]]) -> None:
        self._lookups = lookups
        self._functions = functions

    def step(self, node: ast.expr) -> Step:
        match node:
            case ast.Constant(value=str() | bool() | int() | float() | None as value):
                return partial(_constant, bounded(value))
            case ast.Name(id=name):
                return partial(_constant, CONSTANTS[name]) if name in CONSTANTS else partial(_named, name)
            case ast.Attribute(value=of, attr=key):
                return partial(_item, self.step(of), partial(_constant, key))
            case ast.Subscript(value=of, slice=key) if not isinstance(key, ast.Slice):
                return partial(_item, self.step(of), self.step(key))
            case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]):
                return self._call(name, arguments)
            case _:
                return self._combination(node)

    def _combination(self, node: ast.expr) -> Step:  # noqa: PLR0911 - a case for each kind of node
        match node:
            case ast.List(elts=items) | ast.Tuple(elts=items):
                return partial(_listed, [self.step(item) for item in items])
            case ast.IfExp(test=test, body=yes, orelse=no):
                return partial(_chosen, self.step(test), self.step(yes), self.step(no))
            case ast.BoolOp(op=op, values=parts):
                return partial(_decided, isinstance(op, ast.And), [self.step(part) for part in parts])
            case ast.UnaryOp(op=ast.Not(), operand=of):
                return partial(_applied, operator.not_, [self.step(of)])
            case ast.UnaryOp(op=ast.USub(), operand=of):
                return partial(_calculated, operator.sub, partial(_constant, 0), self.step(of))
            case ast.BinOp(left=left, op=op, right=right) if type(op) in ARITHMETIC:
                return partial(_calculated, ARITHMETIC[type(op)], self.step(left), self.step(right))
            case ast.Compare(left=left, ops=ops, comparators=others) if all(
                type(op) in COMPARISONS for op in ops
            ):
                compared = [
                    (COMPARISONS[type(op)], self.step(other)) for op, other in zip(ops, others, strict=True)
                ]
                return partial(_compared, self.step(left), compared)
            case _:
                raise ValueError(
                    f"{_written(node)} is not possible in an expression; {_hint(_written(node))}"
                )

    def _call(self, name: str, arguments: Sequence[ast.expr]) -> Step:
        lookup = self._lookups.get(name)
        if lookup is not None:
            if len(arguments) != 1 or not isinstance(arguments[0], ast.Name):
                raise ValueError(f"{name}() takes one name")
            return partial(_looked_up, lookup, arguments[0].id)
        function = self._functions.get(name)
        if function is None:
            raise ValueError(f"{name}() is none of {', '.join(sorted({*self._functions, *self._lookups}))}")
        steps = [self.step(argument) for argument in arguments]
        try:
            inspect.signature(function).bind(*steps)
        except TypeError as error:
            raise ValueError(f"{name}(): {error}") from None
        return partial(_applied, function, steps)


def _written(node: ast.expr) -> str:
    return ast.unparse(node)[:100]


def _constant(value: object, _: Known) -> object:
    return value


def _named(name: str, known: Known) -> object:
    return bounded(known.get(name))


def _looked_up(lookup: Lookup, name: str, known: Known) -> object:
    return lookup(known, name)


def _item(of: Step, key: Step, known: Known) -> object:
    """Return the item at a key or a position: values have no attributes."""
    value, at = of(known), key(known)
    if isinstance(value, dict):
        return bounded(value.get(at))
    if isinstance(value, list | str) and isinstance(at, int) and -len(value) <= at < len(value):
        return bounded(value[at])
    return None


def _listed(steps: Sequence[Step], known: Known) -> object:
    return [step(known) for step in steps]


def _chosen(test: Step, yes: Step, no: Step, known: Known) -> object:
    return yes(known) if test(known) else no(known)


def _decided(is_and: bool, steps: Sequence[Step], known: Known) -> object:  # noqa: FBT001 - bound by partial
    """Return the first value that decides, as `and` and `or` do."""
    value: object = None
    for step in steps:
        value = step(known)
        if bool(value) is not is_and:
            break
    return value


def _applied(function: Callable[..., object], steps: Sequence[Step], known: Known) -> object:
    return bounded(function(*[step(known) for step in steps]))


def _calculated(function: Callable[[float, float], float], left: Step, right: Step, known: Known) -> object:
    return function(number(left(known)), number(right(known)))


def _compared(
    first: Step, rest: Sequence[tuple[Callable[[object, object], bool], Step]], known: Known
) -> object:
    left = first(known)
    for holds, step in rest:
        right = step(known)
        if not holds(left, right):
            return False
        left = right
    return True
