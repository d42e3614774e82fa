"""Functions of expressions over JSON values, each bounded by the limits here."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

LONGEST_TEXT = 4_000
"""Maximum length of a text in characters; the rest is cut off."""
MOST_ENTRIES = 1_000
"""Maximum number of entries of a list that is searched, joined or summed."""
LARGEST = 2.0**64
"""Maximum absolute value of numbers in calculations."""
LONGEST_SEPARATOR = 100
MOST_DIGITS = 10
"""Maximum number of decimals of rounded numbers."""

Number = int | float


def bounded(value: object) -> object:
    """Cut a text to the maximum length."""
    return value[:LONGEST_TEXT] if isinstance(value, str) and len(value) > LONGEST_TEXT else value


def text_of(value: object) -> str:
    """Return a simple value as JSON text; empty for null, objects and lists."""
    if isinstance(value, str):
        return value[:LONGEST_TEXT]
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, Number) else ""


def number(value: object) -> Number:
    """Return a number for calculations; raises TypeError."""
    if not isinstance(value, Number) or abs(value) > LARGEST:
        raise TypeError("only numbers up to 2^64 can be calculated with")
    return value


def simple(value: object) -> Any:
    """Return a comparable value; raises TypeError for objects and lists."""
    if isinstance(value, dict | list):
        raise TypeError("objects and lists cannot be compared")
    return value


def is_entry(value: object, of: object) -> bool:
    """Return whether a text contains another, a list an entry, an object a key; raises TypeError."""
    value = simple(value)
    if isinstance(of, str):
        if not isinstance(value, str | None):
            raise TypeError("only a text can be searched for in a text")
        return value is not None and value in of
    if isinstance(of, dict):
        return value in of
    return any(value == entry for entry in _entries(of) if not isinstance(entry, dict | list))


def _entries(value: object) -> Sequence[object]:
    if value is None:
        return ()
    if not isinstance(value, list):
        raise TypeError("a list is needed")
    if len(value) > MOST_ENTRIES:
        raise ValueError(f"a list of at most {MOST_ENTRIES} entries is needed")
    return value


def _numbers(value: object) -> Sequence[Number]:
    return [number(entry) for entry in _entries(value)]


def _numbers_of(values: Sequence[object]) -> Sequence[Number]:
    """Return the numbers of one list, or of several arguments."""
    return _numbers(values[0] if len(values) == 1 and not isinstance(values[0], Number) else list(values))


def _default(value: object, otherwise: object) -> object:
    return otherwise if value is None else value


def _first(value: object) -> object:
    return bounded(value[0]) if isinstance(value, list | str) and value else None


def _last(value: object) -> object:
    return bounded(value[-1]) if isinstance(value, list | str) and value else None


def _float(value: object, otherwise: object = 0.0) -> object:
    try:
        return float(value) if isinstance(value, Number | str) else otherwise
    except (ValueError, OverflowError):
        return otherwise


def _int(value: object, otherwise: object = 0) -> object:
    try:
        return int(value) if isinstance(value, Number | str) else otherwise
    except (ValueError, OverflowError):
        found = _float(value, None)
    return int(found) if isinstance(found, float) and abs(found) <= LARGEST else otherwise


def _join(value: object, between: object = "") -> str:
    pieces: list[str] = []
    room = LONGEST_TEXT
    for entry in _entries(value):
        if room <= 0:
            break
        pieces.append(text_of(entry))
        room -= len(pieces[-1])
    return text_of(between)[:LONGEST_SEPARATOR].join(pieces)[:LONGEST_TEXT]


def _count(value: object) -> int:
    if value is None:
        return 0
    if not isinstance(value, str | list | dict):
        raise TypeError("only the length of a text, a list or an object can be counted")
    return len(value)


def _replace(value: object, old: object, new: object) -> str:
    """Replace as often as fits into the longest text."""
    by = text_of(new)
    return text_of(value).replace(text_of(old), by, LONGEST_TEXT // max(len(by), 1) + 1)[:LONGEST_TEXT]


def _round(value: object, digits: object = 0) -> float:
    return round(float(number(value)), max(0, min(int(number(digits)), MOST_DIGITS)))


def _least(*values: object) -> object:
    return min(_numbers_of(values), default=None)


def _most(*values: object) -> object:
    return max(_numbers_of(values), default=None)


def _average(*values: object) -> object:
    numbers = _numbers_of(values)
    return sum(numbers) / len(numbers) if numbers else None


FUNCTIONS: Mapping[str, Callable[..., object]] = {
    "abs": lambda value: abs(number(value)),
    "average": _average,
    "count": _count,
    "default": _default,
    "first": _first,
    "float": _float,
    "int": _int,
    "is_boolean": lambda value: isinstance(value, bool),
    "is_number": lambda value: isinstance(value, Number),
    "is_object": lambda value: isinstance(value, dict),
    "is_text": lambda value: isinstance(value, str),
    "join": _join,
    "known": lambda value: value is not None,
    "last": _last,
    "lower": lambda value: text_of(value).lower(),
    "max": _most,
    "min": _least,
    "replace": _replace,
    "round": _round,
    "sum": lambda value: sum(_numbers(value)),
    "text": text_of,
    "trim": lambda value: text_of(value).strip(),
    "upper": lambda value: text_of(value).upper(),
}
