"""DISPLAY-HINT: how values of a textual convention are written.

Source:
    RFC 2579 section 3.1.
"""

import re
from functools import lru_cache
from typing import NamedTuple

from opsconductor.model.text import printable

HINTS_REMEMBERED = 1_024
MOST_DECIMALS = 20
LONGEST_WRITTEN = 4_096
"""Characters of a value that a hint writes."""

_INTEGER_HINT = re.compile(r"(?:([xob])|d(?:-([0-9]{1,3}))?)")
_OCTETS_HINT = re.compile(r"(\*?)([0-9]{1,6})([xdoat])([^0-9*])?(?:(?<=[^0-9*])([^0-9*]))?", re.DOTALL)
_INTEGER_FORMS = {"x": "x", "o": "o", "b": "b"}
_NUMBER_FORMS = {"x": "x", "d": "d", "o": "o"}


class OctetRule(NamedTuple):
    """One octet-format specification of a hint.

    Attributes:
        is_repeated: The first octet says how often it is applied.
        length: Octets to take.
        form: One of `x`, `d`, `o`, `a`, `t`.
        separator: Written behind each application but the last of all.
        terminator: Written after a repetition in place of the separator.
    """

    is_repeated: bool
    length: int
    form: str
    separator: str
    terminator: str


def hinted_integer(hint: str, number: int) -> str | None:
    """Return a number as a hint writes it, `d-2` as `23.50`; None: the hint is none for numbers."""
    found = _INTEGER_HINT.fullmatch(hint)
    if found is None:
        return None
    if found[1]:
        return format(number, _INTEGER_FORMS[found[1]])
    decimals = int(found[2] or 0)
    if not decimals or decimals > MOST_DECIMALS:
        return str(number)
    digits = str(abs(number)).rjust(decimals + 1, "0")
    return f"{'-' if number < 0 else ''}{digits[:-decimals]}.{digits[-decimals:]}"


def hinted_octets(hint: str, content: bytes) -> str | None:
    """Return octets as a hint writes them; None if the hint is not for octets, or they are not text."""
    rules = octet_rules(hint)
    if not rules:
        return None
    texts: list[str] = []
    position, number, written = 0, 0, 0
    while position < len(content) and written <= LONGEST_WRITTEN:
        rule = rules[min(number, len(rules) - 1)]
        number += 1
        times = 1
        if rule.is_repeated:
            times, position = content[position], position + 1
        for turn in range(times):
            taken = content[position : position + rule.length]
            position += rule.length
            text = _octets(rule, taken)
            if text is None:
                return None
            is_last = position >= len(content)
            behind = rule.terminator if rule.terminator and turn == times - 1 else rule.separator
            texts.append(text if is_last else text + behind)
            written += len(texts[-1])
            if is_last:
                break
        if not rule.is_repeated and rule.length == 0:
            return None
    return "".join(texts)


def _octets(rule: OctetRule, taken: bytes) -> str | None:
    if rule.form in _NUMBER_FORMS:
        if rule.form == "x":
            return taken.hex()
        return format(int.from_bytes(taken, "big"), _NUMBER_FORMS[rule.form])
    try:
        text = taken.decode("ascii" if rule.form == "a" else "utf-8")
    except UnicodeDecodeError:
        return None
    return printable(text)


@lru_cache(maxsize=HINTS_REMEMBERED)
def octet_rules(hint: str) -> tuple[OctetRule, ...]:
    """Return the parts of a hint for octets; empty: it is none."""
    rules: list[OctetRule] = []
    position = 0
    while position < len(hint):
        found = _OCTETS_HINT.match(hint, position)
        if found is None:
            return ()
        repeated, length, form, separator, terminator = found.groups(default="")
        if terminator and not repeated:
            return ()
        rules.append(OctetRule(bool(repeated), int(length), form, separator, terminator))
        position = found.end()
    return tuple(rules)
