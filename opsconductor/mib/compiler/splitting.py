"""Splitting of cleaned text into modules and their assignments, without a grammar.

A fault in one assignment then never hides another one. What facts do not need is dropped: macro definitions,
groups, compliance, capabilities, SEQUENCE types.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from opsconductor.mib.compiler.cleaning import CleanText

LONGEST_ASSIGNMENT = 2_000_000
"""Characters, without strings and comments; longer ones are skipped."""

MOST_ASSIGNMENTS = 60_000
"""Assignments of one file."""

VALUE, TYPE = "OBJECT IDENTIFIER", "TYPE"
NEEDED = frozenset(
    {"OBJECT-TYPE", "NOTIFICATION-TYPE", "TRAP-TYPE", "OBJECT-IDENTITY", "MODULE-IDENTITY", VALUE, TYPE}
)

_HEADER = re.compile(
    r"(?<![\w.-])([A-Za-z][\w.-]*)\s*(?:\{[^{}]{0,400}\}\s*)?DEFINITIONS\s*(?:[A-Z]+\s+TAGS\s*)?::=\s*BEGIN\b"
)
_BOUNDARY = re.compile(
    r"""(?<![\w.-])(?:
        ([A-Za-z0-9][\w.-]*)\s+(?:
            (OBJECT-TYPE|NOTIFICATION-TYPE|TRAP-TYPE|OBJECT-IDENTITY|MODULE-IDENTITY|OBJECT-GROUP|NOTIFICATION-GROUP
            |MODULE-COMPLIANCE|AGENT-CAPABILITIES)(?![\w-])(?!\s*[,;]|\s+(?:FROM|MACRO)\b)
            |(OBJECT\s+IDENTIFIER)\s*::=
            |(MACRO)\s*::=
        )
        |(?!IDENTIFIER\b|NOTATION\b|MACRO\b)([A-Za-z][\w.-]*)\s*::=(?=\s*[A-Z\[])
    )""",
    re.VERBOSE,
)
_END = re.compile(r"(?<![\w-])END(?![\w-])(?!\s*\()")
_IMPORTS = re.compile(r"\bIMPORTS\b([^;]*)")
_FROM = re.compile(r"\bFROM\s+([A-Za-z][\w.-]*)")
_WORD = re.compile(r"[A-Za-z][\w-]*")
_UPDATED = re.compile(r"LAST-UPDATED\s*(\"\d+\")")
_SEQUENCE = re.compile(r"::=\s*(?:SEQUENCE|CHOICE)\b")


@dataclass(frozen=True, slots=True)
class Definition:
    """One definition of a module.

    Attributes:
        kind: Name of the macro, `OBJECT IDENTIFIER`, or `TYPE`.
        start: Position in the cleaned text.
        text: From its name to the next definition, cleaned.
    """

    name: str
    kind: str
    start: int
    text: str


@dataclass(frozen=True, slots=True)
class ModuleText:
    """One module of a file, split.

    Attributes:
        updated: LAST-UPDATED as `YYYYMMDDhhmm`; empty when there is none.
        imports: Module by symbol.
        oversized: Names of definitions that are longer than `LONGEST_ASSIGNMENT`.
    """

    name: str
    updated: str
    imports: dict[str, str]
    assignments: tuple[Definition, ...]
    oversized: tuple[str, ...] = ()


def split(source: CleanText) -> Iterator[ModuleText]:
    """Yield the modules of a file in order."""
    headers = list(_HEADER.finditer(source.text))
    ends = [*(header.start() for header in headers), len(source.text)][1:]
    for header, end in zip(headers, ends, strict=True):
        yield _module(source, header[1].strip("."), header.end(), end)


def _module(source: CleanText, name: str, start: int, end: int) -> ModuleText:
    assignments: list[Definition] = []
    oversized: list[str] = []
    bounds = _bounds(source.text, start, end)
    first = bounds[0][0] if bounds else end
    for (position, identifier, kind), following in zip(bounds, [*bounds, (end, "", "")][1:], strict=True):
        if kind not in NEEDED:
            continue
        if following[0] - position > LONGEST_ASSIGNMENT:
            oversized.append(identifier)
            continue
        text = source.text[position : following[0]]
        if stop := _END.search(text, len(identifier)):
            text = text[: stop.start()]
        if kind != TYPE or not _SEQUENCE.search(text, 0, len(identifier) + 60):
            assignments.append(Definition(identifier, kind, position, text))
    return ModuleText(
        name,
        _updated(source, start, end),
        _imports(source.text[start:first]),
        tuple(assignments),
        tuple(oversized),
    )


def _bounds(text: str, start: int, end: int) -> list[tuple[int, str, str]]:
    """Return position, name and kind of every definition, without those in macro definitions."""
    found: list[tuple[int, str, str]] = []
    skip_to = start
    for match in _BOUNDARY.finditer(text, start, end):
        if match.start() < skip_to:
            continue
        if match[4]:
            stop = _END.search(text, match.end(), end)
            skip_to = stop.end() if stop else end
            found.append((match.start(), match[1], "MACRO"))
            continue
        name = match[1] or match[5]
        kind = match[2] or (VALUE if match[3] else TYPE)
        found.append((match.start(), name, kind))
        if len(found) >= MOST_ASSIGNMENTS:
            break
    return found


def _imports(text: str) -> dict[str, str]:
    """Return IMPORTS: module by symbol; a missing semicolon or comma is tolerated."""
    found = _IMPORTS.search(text)
    if not found:
        return {}
    symbols, modules = _FROM.split(found[1])[:-1:2], _FROM.findall(found[1])
    return {
        symbol: module.rstrip(".")
        for clause, module in zip(symbols, modules, strict=True)
        for symbol in _WORD.findall(clause)
    }


def _updated(source: CleanText, start: int, end: int) -> str:
    """Return the date of the module; two digits of a year are of the 20th century from 70 on."""
    found = _UPDATED.search(source.text, start, end)
    if not found:
        return ""
    digits = "".join(filter(str.isdecimal, source.string(found[1])))
    if len(digits) in (10, 6):
        digits = ("19" if digits[:2] >= "70" else "20") + digits
    return digits[:12].ljust(12, "0") if len(digits) >= 8 else ""  # noqa: PLR2004 - YYYYMMDD
