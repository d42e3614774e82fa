"""Requests of the API about the detector and its points."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Final
from uuid import uuid4

import numpy as np

from opsconductor.api.interfaces.anomalies import PlotPoints, TriedRule
from opsconductor.app.detecting.task import DetectionTask
from opsconductor.inventory.snapshot import InventorySnapshot
from opsconductor.model.measured.alert_rule import AlertRule
from opsconductor.model.measured.anomaly import drawn_series, drawn_span
from opsconductor.series.plot import Plot, svg_of
from opsconductor.series.points import MS, Points
from opsconductor.series.query import WantedPoints
from opsconductor.series.series_store import SeriesStore
from opsconductor.store.declared.alert_rules import alert_rule_of
from opsconductor.thresholds.limits import CRITICAL, NONE
from opsconductor.thresholds.matching import AlertRuleBook, WatchedSeries
from opsconductor.thresholds.monitor import RuleMonitor, Violation

MOST_POINTS: Final = 400
MOST_TRIED: Final = 2_000
"""Series over which a rule is tried."""
MOST_SHOWN: Final = 500
BANDED_S: Final = 3_600.0
"""How long before and after the begin of an anomaly what is usual at its hour is drawn."""
BANDS: Final = 3.0
"""Usual distances from the expected value between which a value is ordinary, as plots show it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveMeasurements:
    """The detector and the series.

    Attributes:
        find: Finds a series by id.
    """

    task: DetectionTask
    series: SeriesStore
    inventory: Callable[[], InventorySnapshot]
    find: Callable[[int], WatchedSeries | None]

    async def judge(self, row: Mapping[str, Any], *, is_true: bool) -> None:
        """Pass a person's judgement of an anomaly to the detector."""
        if row["features"]:
            await self.task.judge(row["series_id"] or 0, dict(row["features"]), is_true=is_true)

    def device_type(self, device_key: str) -> str:
        """Return the type of a device; empty: unknown."""
        device = self.inventory().device_at(device_key)
        return (device.device_type or "") if device else ""

    async def points(self, series: int, start: datetime, end: datetime, most: int) -> PlotPoints:
        """Return points of a series, at most as many."""
        first, last = (int(each.timestamp() * MS) for each in (start, end))
        step = max((last - first) // most, 1)
        slots = (await self.series.slots([series], WantedPoints(start=first, end=last, step=step)))[series]
        return PlotPoints(
            times=(slots.times / MS).tolist(),
            values=slots.mean.tolist(),
            lowest=slots.low.tolist(),
            highest=slots.high.tolist(),
        )

    async def plot(self, row: Mapping[str, Any]) -> str:
        """Return an SVG document of an anomaly: the points around it and what was expected."""
        began, ended = row["detected_at"], row["ended_at"]
        points = PlotPoints()
        series = drawn_series(row["series_id"], row["explanation"])
        if series is not None:
            points = await self.points(series, *drawn_span(began, ended, datetime.now(UTC)), MOST_POINTS)
        expected, width = row["expected"], row["calculated_metrics"].get("band")
        band = None
        if expected is not None and width:
            band = (expected - BANDS * width, expected + BANDS * width)
        drawing = Plot(
            title=str(row["explanation"].get("title", "")),
            times=points.times,
            values=points.values,
            unit=row["unit"],
            band=band,
            banded=banded_span(row),
            span=(began.timestamp(), ended.timestamp() if ended else None),
            limit=row["threshold"],
        )
        return await asyncio.to_thread(svg_of, drawing)

    async def try_rule(self, row: Mapping[str, Any], hours: int) -> TriedRule:
        """Evaluate a declared rule over stored points.

        Raises:
            ValueError: With the reason.
        """
        rule = alert_rule_of({"id": uuid4(), **row})
        if rule.hold_back:
            raise ValueError("a rule with limits: one with hold_back finds nothing itself")
        ids = await asyncio.to_thread(self._about, rule)
        if len(ids) > MOST_TRIED:
            raise ValueError(
                f"a rule about at most {MOST_TRIED:,} series, to be tried; it is about {len(ids):,}"
            )
        now = datetime.now(UTC)
        first, last = (int(each.timestamp() * MS) for each in (now - timedelta(hours=hours), now))
        found = await self.series.points(ids, WantedPoints(start=first, end=last))
        monitor = RuleMonitor([rule], self.find, self.inventory().device_at)
        return await asyncio.to_thread(partial(tried, monitor, found, self.find))

    def _about(self, rule: AlertRule) -> list[int]:
        """Return the series that a rule is about."""
        book = AlertRuleBook([rule], self.inventory().device_at)
        known = (self.find(each.id) for each in self.series.registry.all())
        return [each.id for each in known if each and (book.limits_of(each) or book.expressions_of(each))]


def banded_span(row: Mapping[str, Any]) -> tuple[float, float] | None:
    """Return when the band of expected values holds; None: all the time, as it depends on no hour."""
    if not str(row["explanation"].get("season", "")).startswith("hour"):
        return None
    began = row["detected_at"].timestamp()
    return began - BANDED_S, began + BANDED_S


def tried(
    monitor: RuleMonitor,
    found: Mapping[int, Points],
    find: Callable[[int], WatchedSeries | None],
) -> TriedRule:
    """Return what a rule finds in points of series."""
    if not found:
        return TriedRule(series=0, points=0, total=0, violations=())
    series = np.concatenate([np.full(len(each.times), key, np.int32) for key, each in found.items()])
    times = np.concatenate([each.times for each in found.values()]) / MS
    values = np.concatenate([each.values for each in found.values()])
    order = np.argsort(times, kind="stable")
    violations: list[Violation] = []
    for part in np.split(order, np.flatnonzero(np.diff(times[order])) + 1) if len(order) else []:
        violations += monitor.step(series[part].astype(np.int32), times[part], values[part])
    shown = list(spans(violations, find))
    return TriedRule(series=len(found), points=len(order), total=len(shown), violations=shown[:MOST_SHOWN])


def spans(
    violations: Sequence[Violation], find: Callable[[int], WatchedSeries | None]
) -> list[dict[str, object]]:
    """Return violations with begin and end, each with its highest level."""
    lasting: dict[object, dict[str, object]] = {}
    all_of_them = []
    for each in violations:
        at = datetime.fromtimestamp(each.at, UTC)
        if each.level == NONE:
            if (known := lasting.pop(each.subject, None)) is not None:
                known["ended_at"] = at
            continue
        level = "critical" if each.level == CRITICAL else "warning"
        known = lasting.get(each.subject)
        if known is not None:
            if level == "critical":
                known.update(level=level, value=each.value)
            continue
        facts = find(each.subject.series) if each.subject.series else None
        span: dict[str, object] = {
            "device": facts.device if facts else each.subject.device,
            "metric": facts.metric if facts else "",
            "resource": facts.resource if facts else each.subject.resource,
            "level": level,
            "value": each.value,
            "at": at,
            "ended_at": None,
        }
        lasting[each.subject] = span
        all_of_them.append(span)
    return all_of_them
