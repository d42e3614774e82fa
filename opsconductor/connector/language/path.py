"""JSONPaths of operators (RFC 9535) into received documents: to one value, or to all that a search finds.

The cost of a path must not depend on the sender of the document: a search passes over it once, and there are
no regular expressions.
"""

from collections.abc import Callable, Iterator

import jsonpath
from jsonpath.filter import (
    BaseExpression,
    BooleanLiteral,
    FilterExpression,
    FloatLiteral,
    InfixExpression,
    IntegerLiteral,
    ListLiteral,
    Nil,
    PrefixExpression,
    RelativeFilterQuery,
    StringLiteral,
)
from jsonpath.segments import JSONPathRecursiveDescentSegment
from jsonpath.selectors import Filter, IndexSelector, NameSelector, SliceSelector, WildcardSelector

Path = tuple[str | int, ...]
Search = Callable[[object], list[object]]
"""Returns values; raises one of `FAULTS`."""

PYTHON_ERRORS = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)
FAULTS = (jsonpath.JSONPathError, *PYTHON_ERRORS)
"""Errors of comparing values of unexpected types in a search."""
SEARCHES = (Filter, NameSelector, IndexSelector, SliceSelector, WildcardSelector)
LITERALS = (BooleanLiteral, FloatLiteral, IntegerLiteral, ListLiteral, Nil, StringLiteral)
PATTERN = "=~"


class Missing:
    """Type of the marker for a value that is not in the document."""


MISSING = Missing()


def read_path(text: str) -> Path:
    """Parse a path that names one value, such as `$.temp` or `$.sensors[0]['t 1']`.

    Raises:
        ValueError: It is not a path; the message gives the expected form.
    """
    expected = "a JSONPath that names one value, such as $.temperature or $.sensors[0].value"
    steps = _steps(_compiled(text, expected))
    if steps is None:
        raise ValueError(expected)
    return steps


def walk(document: object, path: Path) -> object:
    """Return the value at a path, or MISSING."""
    for step in path:
        if isinstance(document, dict):
            document = document.get(step, MISSING)
        elif isinstance(document, list) and isinstance(step, int) and -len(document) <= step < len(document):
            document = document[step]
        else:
            return MISSING
    return document


def read_search(text: str) -> Search:
    """Parse any path; raises ValueError for one that searches more than once, or by regular expressions."""
    path = _compiled(text, "a JSONPath such as $.host.name")
    steps = _steps(path)
    if steps is not None:
        return lambda document: [found] if (found := walk(document, steps)) is not MISSING else []
    if any(len(segment.selectors) > 1 for segment in path.segments):
        raise ValueError("a JSONPath with one name, position, * or filter in each [ ]")
    if sum(isinstance(segment, JSONPathRecursiveDescentSegment) for segment in path.segments) > 1:
        raise ValueError("a JSONPath with one .. at most")
    for selector in (segment.selectors[0] for segment in path.segments):
        if not isinstance(selector, SEARCHES):
            raise ValueError("a JSONPath of names, positions, ranges, * and filters")  # noqa: TRY004 - pydantic
        if isinstance(selector, Filter) and not all(_is_plain(part) for part in _parts(selector.expression)):
            raise ValueError(
                "a JSONPath whose filters compare values of the entry (@.name) with texts and numbers, "
                "without functions and regular expressions"
            )
    return lambda document: list(path.findall(document)) if isinstance(document, dict | list) else []


def _compiled(text: str, expected: str) -> jsonpath.JSONPath:
    try:
        path = jsonpath.compile(text)
    except jsonpath.JSONPathError as error:
        raise ValueError(f"{expected}; {str(error).splitlines()[0]}") from None
    if not isinstance(path, jsonpath.JSONPath) or not text.startswith("$"):
        raise ValueError(f"{expected}; one path that begins with $")
    return path


def _steps(path: jsonpath.JSONPath) -> Path | None:
    """Return the names and positions of a path to one value, or None for one that searches."""
    if not path.singular_query():
        return None
    steps: list[str | int] = []
    for selector in (selector for segment in path.segments for selector in segment.selectors):
        if not isinstance(selector, NameSelector | IndexSelector):
            return None
        steps.append(selector.name if isinstance(selector, NameSelector) else selector.index)
    return tuple(steps)


def _parts(expression: BaseExpression) -> Iterator[object]:
    yield expression
    for part in expression.children():
        yield from _parts(part)


def _is_plain(part: object) -> bool:
    """Return True if a part of a filter takes time at most linear in the entry's size."""
    if isinstance(part, InfixExpression):
        return part.operator != PATTERN
    if isinstance(part, RelativeFilterQuery):
        return _steps(part.path) is not None
    return isinstance(part, (FilterExpression, PrefixExpression, *LITERALS))
