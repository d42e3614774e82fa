"""What the columns of a file hold: numbers, times, or text."""

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from itertools import pairwise

MISSING = frozenset({"", "nan", "null", "none", "na", "n/a", "#n/a", "-", "?", "nil"})
"""Cells that hold no value, in lower case."""
WORDS = {"true": 1.0, "false": 0.0, "yes": 1.0, "no": 0.0, "on": 1.0, "off": 0.0}
TIME_NAMES = re.compile(
    r"(^|[_ .-])(time|timestamp|date|datetime|ts|zeit|datum|epoch)($|[_ .-])", re.IGNORECASE
)
PATTERNS = (
    "%d.%m.%Y %H:%M:%S",
    "%d.%m.%Y %H:%M",
    "%d.%m.%Y",
    "%Y/%m/%d %H:%M:%S",
    "%Y/%m/%d %H:%M",
    "%Y/%m/%d",
)
"""Forms of time beside ISO 8601; those in which day and month could be exchanged are not read."""
EPOCHS = {"s": 1.0, "ms": 1e-3, "us": 1e-6}
FIRST_EPOCH_S, LAST_EPOCH_S = 9.4e8, 4.2e9
"""The years 2000 to 2103."""
MOST_OTHERS = 0.05
"""Share of the cells of a sample that may be something else than the rest of the column."""

ParseTime = Callable[[str], float]


class ColumnKind(StrEnum):
    """What a column holds."""

    NUMBER = "number"
    TIME = "time"
    TEXT = "text"


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnPlan:
    """How the columns of a file are read.

    Attributes:
        kinds: By position.
        time_index: Position of the time column; None: there is none.
        parse_time: Returns seconds since 1970; raises ValueError.
    """

    names: tuple[str, ...]
    kinds: tuple[ColumnKind, ...]
    time_index: int | None
    parse_time: ParseTime | None

    @property
    def numbers(self) -> tuple[int, ...]:
        """Return the positions of the columns of numbers."""
        return tuple(at for at, kind in enumerate(self.kinds) if kind is ColumnKind.NUMBER)


def number_of(cell: str, decimal: str = ".") -> float:
    """Return the number in a cell; NaN: it has no value.

    Raises:
        ValueError: It is something else, or not finite.
    """
    text = cell.strip()
    if text.lower() in MISSING:
        return math.nan
    if (word := WORDS.get(text.lower())) is not None:
        return word
    value = float(text.replace(",", ".") if decimal == "," else text)
    if not math.isfinite(value):
        raise ValueError("not finite")
    return value


def plan_of(names: Sequence[str], sample: Sequence[Sequence[str]], decimal: str) -> ColumnPlan:
    """Decide what each column holds by the first rows of a file; an empty column may hold numbers yet."""
    columns = list(zip(*sample, strict=True)) if sample else [()] * len(names)
    filled = [[cell.strip() for cell in column if cell.strip().lower() not in MISSING] for column in columns]
    kinds = [ColumnKind.NUMBER if _are_numbers(cells, decimal) else ColumnKind.TEXT for cells in filled]
    found = _time_column(names, filled, kinds)
    if found is not None:
        kinds[found[0]] = ColumnKind.TIME
    return ColumnPlan(
        names=tuple(names),
        kinds=tuple(kinds),
        time_index=None if found is None else found[0],
        parse_time=None if found is None else found[1],
    )


def _are_numbers(cells: Sequence[str], decimal: str) -> bool:
    others = sum(not _is_number(cell, decimal) for cell in cells)
    return others <= MOST_OTHERS * len(cells)


def _is_number(cell: str, decimal: str) -> bool:
    try:
        number_of(cell, decimal)
    except ValueError:
        return False
    return True


def _time_column(
    names: Sequence[str], filled: Sequence[Sequence[str]], kinds: Sequence[ColumnKind]
) -> tuple[int, ParseTime] | None:
    """Return the first column of times: as text, or as numbers that its name calls times."""
    for at, cells in enumerate(filled):
        if kinds[at] is ColumnKind.TEXT and cells:
            for parse in (_iso, *map(_by_pattern, PATTERNS)):
                if _fits(cells, parse):
                    return at, parse
    for at, cells in enumerate(filled):
        if kinds[at] is ColumnKind.NUMBER and cells and TIME_NAMES.search(names[at]):
            for unit in EPOCHS:
                parse = _by_epoch(unit)
                if _fits(cells, parse) and all(one <= other for one, other in pairwise(map(parse, cells))):
                    return at, parse
    return None


def _fits(cells: Sequence[str], parse: ParseTime) -> bool:
    wrong = 0
    for cell in cells:
        try:
            parse(cell)
        except ValueError:
            wrong += 1
    return wrong <= MOST_OTHERS * len(cells)


def _iso(text: str) -> float:
    at = datetime.fromisoformat(text.strip())
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()


def _by_pattern(pattern: str) -> ParseTime:
    def parse(text: str) -> float:
        return datetime.strptime(text.strip(), pattern).replace(tzinfo=UTC).timestamp()

    return parse


def _by_epoch(unit: str) -> ParseTime:
    def parse(text: str) -> float:
        value = float(text) * EPOCHS[unit]
        if not FIRST_EPOCH_S <= value <= LAST_EPOCH_S:
            raise ValueError("not a time of this century")
        return value

    return parse
