"""Which of many MIB files a catalogue needs: those that define notifications, and what these import.

Most modules of a large collection define no notification. They are found by searching the text, which takes a
hundredth of the time of parsing it.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import blake2b

from opsconductor.errors import CompileError
from opsconductor.mib.compiler.sources import MibFile

_MODULE = re.compile(
    rb"^[ \t]*([A-Za-z][\w.-]*)\s+(?:\{[^}]*\}\s*)?DEFINITIONS\s*(?:[A-Z]+ TAGS)?\s*::=",
    re.MULTILINE,
)
_IMPORTED = re.compile(rb"\bFROM\s+([A-Za-z][\w.-]*)")
_NOTIFICATION = re.compile(rb"^[ \t]*[\w-]+\s+(?:NOTIFICATION|TRAP)-TYPE", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class _Scanned:
    file: MibFile
    modules: frozenset[bytes]
    imported: frozenset[bytes]


def needed_files(files: Iterable[MibFile]) -> Sequence[MibFile]:
    """Return the files that define notifications, and those that they need, in the given order; blocks.

    Of files that differ in white space only the first is returned. One that cannot be read is returned, so
    that compiling it reports why.
    """
    scanned: list[_Scanned] = []
    needed: set[int] = set()
    seen: set[bytes] = set()
    for file in files:
        try:
            content = file.read()
        except CompileError:
            content = b""
            needed.add(len(scanned))
        else:
            digest = blake2b(b"".join(content.split()), digest_size=16).digest()
            if digest in seen:
                continue
            seen.add(digest)
        if _NOTIFICATION.search(content):
            needed.add(len(scanned))
        names = frozenset(_MODULE.findall(content)), frozenset(_IMPORTED.findall(content))
        scanned.append(_Scanned(file, *names))
    _add_imported(scanned, needed)
    return [scanned[number].file for number in sorted(needed)]


def _add_imported(scanned: Sequence[_Scanned], needed: set[int]) -> None:
    """Add the numbers of the files that those already needed import, directly or not."""
    by_name: dict[bytes, list[int]] = defaultdict(list)
    for number, each in enumerate(scanned):
        for name in each.modules:
            by_name[name].append(number)
    waiting = list(needed)
    while waiting:
        for name in scanned[waiting.pop()].imported:
            fresh = [number for number in by_name.get(name, ()) if number not in needed]
            needed.update(fresh)
            waiting += fresh
