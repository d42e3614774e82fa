"""Parsing of the assignments of one module with pysmi.

The module is parsed at once. An assignment at which the parser stops is rewritten,
and if that does not help, skipped; all others are kept.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from pysmi.error import PySmiError
from pysmi.parser.dialect import smi_v1_relaxed
from pysmi.parser.smi import parserFactory

from opsconductor.mib.compiler.repairing import prepared, rewritten
from opsconductor.mib.compiler.splitting import Definition

MOST_FAULTS = 20
FEW = 4
"""Number of assignments parsed one by one when the position of a fault is unknown."""

Declaration = tuple[Any, ...]
"""What pysmi makes of an assignment: its clause, then its parts; see `pysmi.parser.lark_parser`."""

_OFFSET = re.compile(r"offset (-?\d+)")
_FRAME = ("X DEFINITIONS ::= BEGIN\n", "END\n")


@dataclass(slots=True)
class Parsed:
    """Result of parsing the assignments of a module.

    Attributes:
        declarations: By position of the assignment.
        skipped: Reasons by position.
    """

    declarations: dict[int, Declaration] = field(default_factory=dict)
    skipped: dict[int, str] = field(default_factory=dict)


def parse(assignments: Sequence[Definition]) -> Parsed:
    """Parse as many assignments of one module as possible; with none, only load the parser."""
    parsed = Parsed()
    texts = {position: prepared(each, position) for position, each in enumerate(assignments)}
    waiting = [list(texts)]
    while waiting:
        group = waiting.pop()
        fault = _parse_group(group, texts, parsed)
        if fault is None:
            continue
        if len(group) == 1:
            _retry(assignments[group[0]], group[0], fault.reason, parsed)
        else:
            waiting.extend(reversed(_around(group, fault.position)))
    return parsed


@dataclass(frozen=True, slots=True)
class _Fault:
    """A group could not be parsed.

    Attributes:
        position: Position in the group of the assignment at which the parser stopped; None: unknown.
    """

    reason: str
    position: int | None


def _parse_group(group: Sequence[int], texts: Mapping[int, str], parsed: Parsed) -> _Fault | None:
    """Parse several assignments as one module and keep what they declare."""
    lengths = [len(texts[position]) + 1 for position in group]
    text = "".join([_FRAME[0], *(f"{texts[position]}\n" for position in group), _FRAME[1]])
    try:
        modules = _parser().parse(text)
    except (PySmiError, RecursionError) as error:
        found = _OFFSET.search(str(error))
        return _Fault(_reason(error), _place(int(found[1]), lengths) if found else None)
    declarations = [each for each in modules[0][3] or () if each is not None] if modules else []
    by_position = {_position(each): each for each in declarations}
    if set(by_position) != set(group):
        return _Fault("it is not one definition", None)
    parsed.declarations.update(by_position)
    return None


def _retry(assignment: Definition, position: int, reason: str, parsed: Parsed) -> None:
    """Parse one refused assignment after rewriting it; else skip it."""
    text = rewritten(assignment, position)
    if text is None:
        parsed.skipped[position] = "its value is missing"
    elif _parse_group([position], {position: text}, parsed) is not None:
        parsed.skipped[position] = reason


def _around(group: list[int], place: int | None) -> list[list[int]]:
    """Split a group where the parser stopped; the assignment before may be the incomplete one."""
    if place is None:
        if len(group) <= FEW:
            return [[position] for position in group]
        middle = len(group) // 2
        return [group[:middle], group[middle:]]
    before = max(place - 1, 0)
    parts = [group[:before], *([position] for position in group[before : place + 1]), group[place + 1 :]]
    return [part for part in parts if part]


def _place(offset: int, lengths: Iterable[int]) -> int:
    """Return the assignment that contains an offset; the end belongs to the last one."""
    rest, place = offset - len(_FRAME[0]), 0
    for place, length in enumerate(lengths):  # noqa: B007 - the last place counts when none fits
        if 0 <= rest < length or rest < 0:
            break
        rest -= length
    return place


def _position(declaration: Declaration) -> int:
    """Return the position of the assignment of a declaration, which `prepared` put into its name."""
    name = str(declaration[1])
    return int(name[1:]) if name[1:].isdecimal() else -1


def _reason(error: BaseException) -> str:
    text = str(error).partition(", line")[0].partition(" at MIB")[0]
    return "it is nested too deeply" if isinstance(error, RecursionError) else _OFFSET.sub("", text).strip()


@cache
def _parser() -> Any:
    """Return pysmi's parser in its most tolerant form; it takes half a second to build."""
    return parserFactory(**smi_v1_relaxed)()
