"""Reads one value out of a document: by JSONPath, by a Jinja2 text, or as a fixed text.

Expressions are written by administrators, what they are applied to by anybody: a template can reach
nothing but the document (sandbox), and cannot be made to count or write without end.
"""

from collections.abc import Callable
from typing import Any, Final

import jsonpath
from jinja2 import ChainableUndefined, TemplateError
from jinja2.exceptions import SecurityError
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jsonpath.exceptions import JSONPathError

from opsconductor.errors import NormalizeError

Read = Callable[[object, object], object]
"""Reads a value from an alert's own document and the whole one; raises NormalizeError `expression`."""

Find = Callable[[object], list[object]]
"""Finds the alerts of a document; raises NormalizeError `expression`."""

PYTHON_ERRORS: Final = (TypeError, ValueError, ArithmeticError, LookupError, AttributeError, RecursionError)
"""What operators and filters of a template raise for values of another type than expected."""


class _Sandbox(ImmutableSandboxedEnvironment):
    """Lets templates multiply numbers, but not texts, and take no powers: both can fill the memory."""

    intercepted_binops = frozenset({"*", "**"})

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        """Multiply two numbers."""
        if operator == "**" or not (isinstance(left, int | float) and isinstance(right, int | float)):
            raise SecurityError(f"{operator} is for numbers, and ** is not possible")
        return super().call_binop(context, operator, left, right)


SANDBOX: Final = _Sandbox(undefined=ChainableUndefined, autoescape=False)


def compile_expression(text: str) -> Read:
    """Prepare an expression that `check_expression` finds no fault with."""
    if text.startswith("$"):
        return _by_path(text)
    if "{{" in text or "{%" in text:
        return _by_template(text)
    return lambda _item, _document: text


def compile_items(text: str) -> Find:
    """Prepare the JSONPath to the alerts of a document; a list that it finds counts as its entries."""
    path = jsonpath.compile(text)

    def find(document: object) -> list[object]:
        found = _find_all(path, document)
        if len(found) == 1 and isinstance(found[0], list):
            return found[0]
        return found

    return find


def check_expression(text: str) -> str:
    """Refuse, as a validator, what cannot be compiled."""
    if text.startswith("$"):
        return check_path(text)
    try:
        compile_expression(text)
    except TemplateError as error:
        raise ValueError(f"a JSONPath, a Jinja2 text or a fixed text; Jinja2 says: {error}") from error
    return text


def check_path(text: str) -> str:
    """Refuse, as a validator, what is no JSONPath."""
    try:
        if not text.startswith("$"):
            raise ValueError("a JSONPath that begins with $")
        jsonpath.compile(text)
    except JSONPathError as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise ValueError(f"a JSONPath such as $.host.name; the parser says: {reason}") from error
    return text


def _by_path(text: str) -> Read:
    path = jsonpath.compile(text)

    def read(item: object, _document: object) -> object:
        found = _find_all(path, item)
        return found[0] if found else None

    return read


def _by_template(text: str) -> Read:
    template = SANDBOX.from_string(text)

    def read(item: object, document: object) -> object:
        try:
            return template.render(item=item, document=document).strip()
        except (TemplateError, *PYTHON_ERRORS) as error:
            raise NormalizeError("expression", f"{text}: {error}") from error

    return read


def _find_all(path: Any, document: object) -> list[object]:
    if not isinstance(document, dict | list):
        return []
    try:
        return list(path.findall(document))
    except (JSONPathError, *PYTHON_ERRORS) as error:
        raise NormalizeError("expression", f"{path}: {error}") from error
