"""JSON parser tolerant of what devices and scripts write: a byte order mark, `nan` as a number."""

import json
import re

STRING_OR_NO_NUMBER = re.compile(
    r'"(?:[^"\\]|\\.)*"?|(?<![\w.])[+-]?(?:nan(?:\([^()"]{0,40}\))?|inf(?:inity)?)(?![\w.])',
    re.IGNORECASE | re.DOTALL,
)
"""C writes `nan`, `-nan` and `inf`, Python `NaN`. Unterminated strings match too: nothing is read twice."""
BOM = "\N{ZERO WIDTH NO-BREAK SPACE}"


def read_json(text: str) -> object:
    """Parse a document; a non-finite number becomes null, so that the other fields are not lost.

    Raises:
        ValueError: It is not JSON even so.
        RecursionError: It is nested too deeply.
    """
    text = text.removeprefix(BOM)
    try:
        document = READER.decode(text)
    except ValueError:
        mended = STRING_OR_NO_NUMBER.sub(_null, text)
        if mended == text:
            raise
        document = READER.decode(mended)
    if document is None and text.strip() != "null":
        raise ValueError("a word instead of a document")
    return document


def _null(found: re.Match[str]) -> str:
    return found[0] if found[0].startswith('"') else "null"


def _no_number(_word: str) -> None:
    """Replace `NaN` and `Infinity` by None."""


READER = json.JSONDecoder(parse_constant=_no_number)
