"""JSONPaths of operators (RFC 9535) into what others send: to one value, or to all that a search finds.

What a path costs must not be for whoever sends the document to decide: a search goes over it once, and knows
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
"""Finds values; raises one of `FAULTS`."""

PYTHON_ERRORS = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)
FAULTS = (jsonpath.JSONPathError, *PYTHON_ERRORS)
"""What comparing values of other kinds than expected may raise in a search."""
SEARCHES = (Filter, NameSelector, IndexSelector, SliceSelector, WildcardSelector)
LITERALS = (BooleanLiteral, FloatLiteral, IntegerLiteral, ListLiteral, Nil, StringLiteral)
PATTERN = "=~"


class Missing:
    """The document has nothing there."""


MISSING = Missing()


def read_path(text: str) -> Path:
    """Read a path that names one value, such as `$.temp` or `$.sensors[0]['t 1']`.

    Raises:
        ValueError: It is none; the text of the error says what is expected.
    """
    expected = "a JSONPath that names one value, such as $.temperature or $.sensors[0].value"
    steps = _steps(_compiled(text, expected))
    if steps is None:
        raise ValueError(expected)
    return steps


def walk(document: object, path: Path) -> object:
    """Give what stands at a path, MISSING where nothing does."""
    for step in path:
        if isinstance(document, dict):
            document = document.get(step, MISSING)
        elif isinstance(document, list) and isinstance(step, int) and -len(document) <= step < len(document):
            document = document[step]
        else:
            return MISSING
    return document


def read_search(text: str) -> Search:
    """Read any path; raises ValueError for one that searches more than once, or by regular expressions."""
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
                "a JSONPath whose filters compare what stands in the entry (@.name) with texts and numbers, "
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
    """List the names and positions of a path to one value; None for one that searches."""
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
    """Tell whether a part of a filter costs no more than the entry is long."""
    if isinstance(part, InfixExpression):
        return part.operator != PATTERN
    if isinstance(part, RelativeFilterQuery):
        return _steps(part.path) is not None
    return isinstance(part, (FilterExpression, PrefixExpression, *LITERALS))
