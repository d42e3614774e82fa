"""JSON parser tolerant of what devices and scripts write: a byte order mark, `nan` as a number."""

import json
import re
from collections.abc import Callable
from functools import cache

STRING_OR_NO_NUMBER = re.compile(
    r'"(?:[^"\\]|\\.)*"?|(?<![\w.])[+-]?(?:nan(?:\([^()"]{0,40}\))?|inf(?:inity)?)(?![\w.])',
    re.IGNORECASE | re.DOTALL,
)
"""C writes `nan`, `-nan` and `inf`, Python `NaN`. Unterminated strings match too: nothing is read twice."""
BOM = "\N{ZERO WIDTH NO-BREAK SPACE}"


def _no_number(_word: str) -> None:
    """Replace `NaN` and `Infinity` by None."""


@cache
def _reader(not_finite: Callable[[str], object]) -> json.JSONDecoder:
    return json.JSONDecoder(parse_constant=not_finite)


def read_json(text: str, not_finite: Callable[[str], object] = _no_number) -> object:
    """Parse a document; a non-finite number becomes null, so that the other fields are not lost.

    Args:
        not_finite: Returns what takes the place of such a number: `float` keeps it, so that it differs
            from null.

    Raises:
        ValueError: It is not JSON even so.
        RecursionError: It is nested too deeply.
    """
    text = text.removeprefix(BOM)
    reader = _reader(not_finite)
    try:
        document = reader.decode(text)
    except ValueError:
        mended = STRING_OR_NO_NUMBER.sub(_as_python_writes_it, text)
        if mended == text:
            raise
        document = reader.decode(mended)
    if document is None and text.strip() != "null":
        raise ValueError("a word instead of a document")
    return document


def _as_python_writes_it(found: re.Match[str]) -> str:
    return found[0] if found[0].startswith('"') else "NaN"
