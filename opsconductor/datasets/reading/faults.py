"""Faults of a data file: where, what was found, what was expected."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from opsconductor.model.text import printable

LONGEST_FOUND = 60
MOST_FAULTS = 100
"""Faults of all files of a dataset that are kept; the rest is only counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DataFault:
    """One fault of a file.

    Attributes:
        line: From 1; 0: of the file as a whole.
        column: Name of the column; empty: of the line as a whole.
    """

    file: str
    line: int
    column: str
    found: str
    expected: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        column = f" column {self.column}" if self.column else ""
        return f"{place}{column}: found {self.found}, expected {self.expected}"

    def document(self) -> dict[str, Any]:
        """Return it JSON-ready."""
        return {
            "file": self.file,
            "line": self.line,
            "column": self.column,
            "found": self.found,
            "expected": self.expected,
        }


class UnreadableFile(Exception):
    """Raised when a file cannot be used at all; the message is that of the fault."""

    def __init__(self, fault: DataFault) -> None:
        """Store the fault."""
        self.fault = fault
        super().__init__(str(fault))


def shown(text: str) -> str:
    """Return what was found, short and without control characters."""
    clean = printable(text[: LONGEST_FOUND + 1])
    return f"{clean[:LONGEST_FOUND]}…" if len(clean) > LONGEST_FOUND else clean or "nothing"


@dataclass(slots=True)
class FaultList:
    """The first faults of some files, and the number of all by what was expected."""

    _first: list[DataFault] = field(default_factory=list)
    _counts: Counter[str] = field(default_factory=Counter)

    def add(self, fault: DataFault) -> None:
        """Keep or count a fault."""
        self._counts[fault.expected] += 1
        if len(self._first) < MOST_FAULTS:
            self._first.append(fault)

    @property
    def first(self) -> Sequence[DataFault]:
        """Return those that are kept, by file and line."""
        files = list(dict.fromkeys(fault.file for fault in self._first))
        return sorted(self._first, key=lambda fault: (files.index(fault.file), fault.line))

    @property
    def total(self) -> int:
        """Return the number of all."""
        return self._counts.total()
