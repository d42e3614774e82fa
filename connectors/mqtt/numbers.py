"""Numbers in texts as devices write them: with a unit, a decimal comma, groups of thousands."""

import re

LONGEST = 60
TEXT = re.compile(
    r"(?P<sign>[+\-\u2212]?)(?P<number>[0-9][0-9.,'\u2019\u00a0\u202f]*(?:[eE][+-]?[0-9]{1,3})?|[.,][0-9]+)"
    r"(?P<gap>[ \u00a0\u202f]*)(?P<unit>[^\W\d_%\u00b0][^\s.,:;]{0,11}|[%\u2030\u00b0][^\s\d.,:;]{0,6})?"
)
MULTIPLIERS = frozenset("kKMGTeE")
"""One of these directly after the number may be a unit or a factor: `10k` is not accepted as a number."""
THOUSANDS = re.compile(r"[0-9]{1,3}(?:(?P<by>[.,'\u2019\u00a0\u202f])[0-9]{3}(?:(?P=by)[0-9]{3})*)?")


def number_in(text: str) -> float | None:
    """Return the number in a text such as `29.5 °C`, `36,2`, `87 %` or `1.234,5`; None: not a number.

    A comma that could separate decimals or thousands (`1,234`) is ambiguous: not a number. A single point is
    a decimal point (`1.234`), as in every data format.
    """
    found = TEXT.fullmatch(text.strip()) if len(text) <= LONGEST else None
    if found is None or _is_doubtful(found):
        return None
    digits = _plain(found["number"])
    if digits is None:
        return None
    return -float(digits) if found["sign"] in ("-", "\u2212") else float(digits)


def _is_doubtful(found: re.Match[str]) -> bool:
    """Return True for a suffix that may not be a unit: a factor, a hexadecimal number (`0x1F`)."""
    unit = found["unit"] or ""
    return bool(unit) and not found["gap"] and (unit in MULTIPLIERS or unit[0] in "xX")


def _plain(number: str) -> str | None:
    """Convert a number to Python's notation; None: it is ambiguous or invalid."""
    body, mark, exponent = number.lower().partition("e")
    points, commas = body.count("."), body.count(",")
    if commas == 0 and points <= 1:
        whole, point, decimals = body.partition(".")
    elif commas == 1 and points == 0:
        whole, point, decimals = body.partition(",")
        if len(decimals) == 3 and 1 <= len(whole) <= 3 and whole != "0":  # noqa: PLR2004 - a group of thousands
            return None
    else:
        last = "." if body.rfind(".") > body.rfind(",") else ","
        whole, point, decimals = body.rpartition(last) if body.count(last) == 1 else (body, "", "")
    grouped = THOUSANDS.fullmatch(whole)
    if not whole.isdecimal() and whole:
        if grouped is None or grouped["by"] == point:
            return None
        whole = re.sub(r"[^0-9]", "", whole)
    if not (decimals.isdecimal() or (not decimals and whole)):
        return None
    return f"{whole or '0'}.{decimals or '0'}{mark}{exponent}"
