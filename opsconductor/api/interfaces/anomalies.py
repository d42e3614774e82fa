"""Interface through which the API uses the detector and the series of measured values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class PlotPoints:
    """Points of a series around an anomaly; arrays of one length.

    Attributes:
        times: Seconds since 1970.
        lowest: Within each slot of time; `highest` likewise.
    """

    times: Sequence[float] = ()
    values: Sequence[float] = ()
    lowest: Sequence[float] = ()
    highest: Sequence[float] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TriedRule:
    """What a rule would have found in stored points.

    Attributes:
        violations: Device, resource, value, level (`warning`, `critical`) and times; the first 500.
    """

    series: int
    points: int
    total: int
    violations: Sequence[Mapping[str, object]]


class LiveAnomalies(Protocol):
    """The detector and the points it sees; all raise StoreUnavailable."""

    async def judge(self, row: Mapping[str, Any], *, is_true: bool) -> None:
        """Pass a person's judgement of an anomaly to the detector."""

    def device_type(self, device_key: str) -> str:
        """Return the type of a device; empty: unknown."""

    async def points(self, series: int, start: datetime, end: datetime, most: int) -> PlotPoints:
        """Return points of a series, at most as many."""

    async def plot(self, row: Mapping[str, Any]) -> str:
        """Return an SVG document of an anomaly: the points around it and what was expected."""

    async def try_rule(self, row: Mapping[str, Any], hours: int) -> TriedRule:
        """Evaluate a declared rule over stored points; raises ValueError with the reason."""


class NoAnomalies:
    """Default: there are no measured values."""

    async def judge(self, row: Mapping[str, Any], *, is_true: bool) -> None:
        """Do nothing."""

    def device_type(self, device_key: str) -> str:
        """Return an empty text: it is unknown."""
        del device_key
        return ""

    async def points(self, series: int, start: datetime, end: datetime, most: int) -> PlotPoints:
        """Return no points."""
        del series, start, end, most
        return PlotPoints()

    async def plot(self, row: Mapping[str, Any]) -> str:
        """Return an empty document."""
        del row
        return '<svg xmlns="http://www.w3.org/2000/svg"/>'

    async def try_rule(self, row: Mapping[str, Any], hours: int) -> TriedRule:
        """Return no findings."""
        del row, hours
        return TriedRule(series=0, points=0, total=0, violations=())
