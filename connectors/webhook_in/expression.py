"""Reads one value out of a document: by JSONPath, by a Jinja2 text, or as a fixed text.

Expressions are written by administrators, what they are applied to by anybody.
"""

from collections.abc import Callable
from typing import Any, Final

import jsonpath
from jsonpath.exceptions import JSONPathError

from opsconductor.connector.expression import compile_template
from opsconductor.errors import NormalizeError

Read = Callable[[object, object], object]
"""Reads a value from an alert's own document and the whole one; raises NormalizeError `expression`."""

Find = Callable[[object], list[object]]
"""Finds the alerts of a document; raises NormalizeError `expression`."""

PYTHON_ERRORS: Final = (TypeError, ValueError, ArithmeticError, LookupError, AttributeError, RecursionError)
"""What filters of a path raise for values of another type than expected."""


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
    compile_expression(text)
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
    template = compile_template(text)
    return lambda item, document: template({"item": item, "document": document})


def _find_all(path: Any, document: object) -> list[object]:
    if not isinstance(document, dict | list):
        return []
    try:
        return list(path.findall(document))
    except (JSONPathError, *PYTHON_ERRORS) as error:
        raise NormalizeError("expression", f"{path}: {error}") from error
