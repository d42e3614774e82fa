"""What the linter finds, and the mappings as it sees them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from opsconductor.mib.expression import PLACEHOLDER
from opsconductor.mib.facts import NotificationFact
from opsconductor.model.enums import Severity
from opsconductor.model.mappings.mapping import OidMapping

RowPath = tuple[str | int, ...]
"""Keys from the row down: `("cases", 0, "when", 1, "varbind")`."""


class LintLevel(StrEnum):
    """How sure it is that the mapping must be corrected."""

    ERROR = "error"
    """It cannot work as it is written."""
    WARNING = "warning"
    """It may be meant."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LintFinding:
    """One fault of one mapping.

    Attributes:
        position: Of the mapping among those that were examined.
        path: Of the value in its row.
        rule: Name of the check.
        value: What is written there.
        found: What is wrong.
        remedy: What to do.
    """

    position: int
    path: RowPath
    level: LintLevel
    rule: str
    value: str
    found: str
    remedy: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ExaminedMapping:
    """A mapping with what is known about it.

    Attributes:
        position: Among those that are examined; None: it only stands beside them.
        written: As it is declared.
        resolved: With OIDs in place of names.
        notification: Its notification; None: not known, or it is mapped by a wildcard.
    """

    position: int | None
    written: OidMapping
    resolved: OidMapping
    notification: NotificationFact | None

    def finding(self, path: RowPath, level: LintLevel, rule: str, texts: tuple[str, str, str]) -> LintFinding:
        """Return a finding about this mapping.

        Args:
            texts: What is written, what is wrong with it, and the remedy.
        """
        assert self.position is not None
        value, found, remedy = texts
        return LintFinding(
            position=self.position,
            path=path,
            level=level,
            rule=rule,
            value=value,
            found=found,
            remedy=remedy,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Branch:
    """What a mapping makes of a trap, by itself or in one of its cases.

    Attributes:
        path: Of the case in the row; empty: the mapping itself.
        severities: That it can have.
    """

    of: ExaminedMapping
    path: RowPath
    mapping: OidMapping
    severities: frozenset[Severity]

    @property
    def raises(self) -> bool:
        """It can raise a problem."""
        return bool(self.severities - {Severity.CLEAR})

    @property
    def clears(self) -> bool:
        """It can end a problem."""
        return Severity.CLEAR in self.severities


def branches_of(examined: ExaminedMapping) -> Iterator[Branch]:
    """Yield what a mapping makes: by itself, and in each case."""
    mapping = examined.resolved
    yield Branch(of=examined, path=(), mapping=mapping, severities=_severities(mapping))
    for number, case in enumerate(mapping.cases):
        severities = _severities(case.mapping)
        yield Branch(of=examined, path=("cases", number), mapping=case.mapping, severities=severities)


def _severities(mapping: OidMapping) -> frozenset[Severity]:
    if mapping.is_clear_event:
        return frozenset({Severity.CLEAR})
    mapped = mapping.severity_map.values.values() if mapping.severity_map else ()
    return frozenset({mapping.default_severity, *mapped})


def can_equal(one: str, other: str) -> bool:
    """Check whether two resources can be the same text, by what stands around their variables."""
    first, second = PLACEHOLDER.split(one), PLACEHOLDER.split(other)
    if len(first) == 1 or len(second) == 1:
        fixed, open_ = (one, second) if len(first) == 1 else (other, first)
        return re.fullmatch(".*".join(map(re.escape, open_[::2])), fixed, re.DOTALL) is not None
    begins, ends = (first[0], second[0]), (first[-1], second[-1])
    return _fit(*begins) and _fit(ends[0][::-1], ends[1][::-1])


def _fit(one: str, other: str) -> bool:
    return one.startswith(other) or other.startswith(one)
