"""Regular expressions of mappings, bounded so that no value makes them slow.

A quantifier stands behind one character or class, at most two of them are without a limit, and there are no
references and no lookaround. Only the beginning of a value is searched.
"""

import re
import warnings
from functools import lru_cache

LONGEST_PATTERN = 200
LONGEST_SEARCHED = 256
"""Characters of a value that are searched."""

MOST_OPEN = 2
"""Quantifiers without a limit: a search costs at most the length of the value to the power of one more."""

MOST_REPEATED = 64
COMPILED_KEPT = 4_096

_TOKEN = re.compile(
    r"\\(?P<reference>[1-9])|\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|(?P<group>\(\?(?!:)\S?)"
    r"|(?P<after_group>\)(?=[*+?{]))|(?P<open>[*+]|\{[0-9]*,\})|\{[0-9]*,?(?P<most>[0-9]+)\}|.",
    re.DOTALL,
)


def pattern_fault(pattern: str) -> str | None:
    """Return what is wrong with a regular expression, or None if it is valid and bounded."""
    if len(pattern) > LONGEST_PATTERN:
        return f"{len(pattern)} characters, at most {LONGEST_PATTERN} are allowed"
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", FutureWarning)  # what another Python would read otherwise
            re.compile(pattern)
    except (re.error, OverflowError, FutureWarning) as error:
        return f"not a regular expression: {error}"
    tokens = list(_TOKEN.finditer(pattern))
    faults = filter(None, map(_token_fault, tokens))
    if sum(bool(token["open"]) for token in tokens) > MOST_OPEN:
        return f"more than {MOST_OPEN} quantifiers without a limit"
    return next(faults, None)


def _token_fault(token: re.Match[str]) -> str | None:
    if token["reference"]:
        return "a reference to a group"
    if token["group"]:
        return f"{token['group']}: only groups (?:...) and (...) are allowed"
    if token["after_group"]:
        return "a quantifier behind a group: only a character or class may be repeated"
    if token["most"] and int(token["most"]) > MOST_REPEATED:
        return f"a repetition of more than {MOST_REPEATED}"
    return None


@lru_cache(maxsize=COMPILED_KEPT)
def _compiled(pattern: str) -> re.Pattern[str] | None:
    return None if pattern_fault(pattern) else re.compile(pattern)


def is_found(pattern: str, value: str) -> bool:
    """Check whether a pattern is found in the beginning of a value; one with a fault is found nowhere."""
    compiled = _compiled(pattern)
    return compiled is not None and compiled.search(value[:LONGEST_SEARCHED]) is not None
