"""Expressions of operators over a payload: data in, data out, and nothing that could escape or hang.

Jinja2's language without statements, calls, attributes and powers; every step costs no more than the
payload is long, and an expression has at most `LONGEST` characters.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from jinja2 import TemplateError, Undefined
from jinja2.exceptions import SecurityError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from opsconductor.errors import NormalizeError

LONGEST = 500
FILTERS = frozenset(
    {"abs", "default", "d", "first", "float", "int", "last", "length", "lower", "max", "min", "string"}
    | {"sum", "trim", "upper"}
)
ARITHMETIC = frozenset({"+", "-", "*", "/", "//", "%"})
LARGEST = 2.0**64
MOST_DIGITS = 10
FAULTS = (TemplateError, ArithmeticError, AttributeError, LookupError, RuntimeError, TypeError, ValueError)

Expression = Callable[[Mapping[str, object]], object]
"""Gives the value, None where the payload lacks what is asked for; raises NormalizeError."""


class Sandbox(ImmutableSandboxedEnvironment):
    """Knows keys and positions, numbers and texts."""

    intercepted_binops = ARITHMETIC | {"**"}

    def __init__(self) -> None:
        super().__init__(autoescape=False)
        self.globals.clear()
        self.filters = {name: self.filters[name] for name in FILTERS} | {"round": _rounded}

    def getattr(self, obj: Any, attribute: str) -> Any:
        """Read a key: a payload has no attributes."""
        return self.getitem(obj, attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        """Read a key or a position."""
        if isinstance(obj, Undefined):
            return obj
        try:
            if isinstance(obj, Mapping) or (isinstance(obj, Sequence) and isinstance(argument, int)):
                return obj[argument]
        except (LookupError, TypeError):
            return self.undefined(obj=obj, name=str(argument))
        return self.undefined(obj=obj, name=str(argument))

    def is_safe_callable(self, obj: Any) -> bool:
        """Let nothing be called."""
        del obj
        return False

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        """Calculate with numbers of a sensible size: powers fill the memory, and so does a text times one."""
        for side in (left, right):
            if not isinstance(side, int | float) or abs(side) > LARGEST:
                raise SecurityError(f"{operator} is for numbers up to 2^64 only")
        if operator not in ARITHMETIC:
            raise SecurityError(f"{operator} is not allowed")
        return super().call_binop(context, operator, left, right)


def _rounded(value: float, digits: int = 0) -> float:
    return round(float(value), max(0, min(int(digits), MOST_DIGITS)))


SANDBOX = Sandbox()


def compile_expression(text: str) -> Expression:
    """Read an expression; raises ValueError with what is wrong."""
    if len(text) > LONGEST:
        raise ValueError(f"at most {LONGEST} characters")
    try:
        compiled = SANDBOX.compile_expression(text, undefined_to_none=True)
    except FAULTS as error:
        raise ValueError(f"a Jinja2 expression such as payload.temperature * 1.8 + 32; {error}") from None

    def evaluate(known: Mapping[str, object]) -> object:
        try:
            return compiled(known)
        except FAULTS as error:
            raise NormalizeError("expression", str(error)[:200]) from None

    return evaluate
