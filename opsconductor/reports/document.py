"""A report as a document of blocks, which HTML, PDF and CSV show; JSON-ready and back."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One number with its label, and a word about it."""

    label: str
    value: str
    hint: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportColumn:
    """A column of a table.

    Attributes:
        share: Of the width, relative to the others.
    """

    title: str
    share: int = 10
    is_number: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Bars:
    """Horizontal bars, or columns over days in parts of several colours.

    Attributes:
        names: Of the bars.
        values: For each bar the value of each part.
        parts: Names of the parts, severities or one text; empty: one part.
    """

    names: tuple[str, ...]
    values: tuple[tuple[float, ...], ...]
    parts: tuple[str, ...] = ()
    is_over_time: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Recommended:
    """What an administrator should do, why, and how."""

    title: str
    why: str
    remedy: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportPart:
    """A section: its parts are shown in the order of the attributes."""

    title: str
    note: str = ""
    figures: tuple[Figure, ...] = ()
    bars: Bars | None = None
    columns: tuple[ReportColumn, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    recommended: tuple[Recommended, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportDocument:
    """A whole report."""

    title: str
    period: str
    scope: str
    made_at: datetime
    zone: str
    parts: tuple[ReportPart, ...]

    def to_json(self) -> dict[str, Any]:
        """Return it JSON-ready."""
        return {**asdict(self), "made_at": self.made_at.isoformat()}


def document_of(stored: Mapping[str, Any]) -> ReportDocument:
    """Return a document that was stored by `to_json`."""
    return ReportDocument(
        **{
            **stored,
            "made_at": datetime.fromisoformat(stored["made_at"]),
            "parts": tuple(_part(each) for each in stored["parts"]),
        }
    )


def _part(stored: Mapping[str, Any]) -> ReportPart:
    bars = stored["bars"]
    return ReportPart(
        title=stored["title"],
        note=stored["note"],
        figures=tuple(Figure(**each) for each in stored["figures"]),
        bars=None if bars is None else _bars(bars),
        columns=tuple(ReportColumn(**each) for each in stored["columns"]),
        rows=tuple(tuple(row) for row in stored["rows"]),
        recommended=tuple(Recommended(**each) for each in stored["recommended"]),
    )


def _bars(stored: Mapping[str, Any]) -> Bars:
    values: Sequence[Sequence[float]] = stored["values"]
    return Bars(
        names=tuple(stored["names"]),
        values=tuple(tuple(each) for each in values),
        parts=tuple(stored["parts"]),
        is_over_time=stored["is_over_time"],
    )
