"""Deviations that are planted into stored points: seven kinds, sized by what is usual for each series."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from opsconductor.detect.config import DAY_S, HOUR_S
from opsconductor.detect.trial.replaying import Floats, LabelledSpan, TrialPoints

KINDS = ("spike", "dip", "shift", "drift", "flatline", "missing", "noise")
HOURS = {
    "spike": (0.1, 1), "dip": (0.1, 1), "shift": (6, 24), "drift": (12, 30),
    "flatline": (6, 24), "missing": (3, 24), "noise": (3, 24),
}  # fmt: skip
SLOT_S = 2 * DAY_S
"""At most one deviation is planted into as many seconds of a series."""
LATEST_START_S = 12 * HOUR_S
GRACE_S = 3 * HOUR_S
"""What is found as long after the end of a deviation is taken as that deviation."""
MOST, LEAST = 140, 20
"""Number of deviations that are planted, and of those without which a trial says nothing."""
LEARNT_S = 3 * DAY_S
LEAST_SAMPLES = 48
"""A series needs as many samples over as long a time before the first deviation."""
LASTING_SAMPLES = 6
"""A deviation that lasts changes at least as many."""
REPEATS = 0.2
"""A series with a larger share of repeated values gets no flat line."""


class CannotTry(Exception):
    """Raised when stored points do not suffice; the message says what is missing."""


@dataclass(frozen=True, slots=True)
class Planted:
    """Points with deviations, and where these are; the end of a span includes `GRACE_S`."""

    points: TrialPoints
    spans: list[LabelledSpan]


def plant(
    rng: np.random.Generator, points: TrialPoints, judged_from: float, labels: Sequence[LabelledSpan]
) -> Planted:
    """Return the points with deviations of all kinds in turn.

    Args:
        judged_from: Before this time nothing is changed.
        labels: What people have said; nothing is planted near it.

    Raises:
        CannotTry: Too few could be planted.
    """
    values, kept = points.values.copy(), np.ones(len(points.values), np.bool_)
    bounds = np.flatnonzero(np.r_[True, np.diff(points.series) != 0, True])
    last = float(points.times.max())
    slots = np.arange(judged_from, last - LATEST_START_S, SLOT_S).tolist()
    places = [(row, slot) for row in range(len(bounds) - 1) for slot in slots]
    spans: list[LabelledSpan] = []
    for place in rng.permutation(len(places)).tolist():
        if len(spans) == MOST:
            break
        row, slot = places[place]
        part = slice(int(bounds[row]), int(bounds[row + 1]))
        kind = KINDS[len(spans) % len(KINDS)]
        start = slot + rng.uniform(0, LATEST_START_S)
        end = start + rng.uniform(*HOURS[kind]) * HOUR_S
        span = LabelledSpan(int(points.series[part.start]), start, end + GRACE_S, kind)
        if end > last or any(_near(span, each) for each in labels):
            continue
        own = _Series(points.times[part], points.values[part], judged_from)
        changed = own.changed(rng, kind, start, end)
        if changed is None:
            continue
        where, fresh = changed
        if kind == "missing":
            kept[part.start + where] = False
        else:
            values[part.start + where] = fresh
        spans.append(span)
    if len(spans) < LEAST:
        raise CannotTry(
            f"{len(spans)} deviations could be planted into {len(bounds) - 1} series, {LEAST} are needed: "
            f"there is too little history that varies"
        )
    fresh_points = TrialPoints(points.series[kept], points.times[kept], values[kept])
    return Planted(fresh_points, spans)


def _near(span: LabelledSpan, label: LabelledSpan) -> bool:
    return span.series == label.series and span.start < label.end + DAY_S and label.start - DAY_S < span.end


class _Series:
    """Points of one series, with what is usual for it before deviations are planted."""

    def __init__(self, times: Floats, values: Floats, judged_from: float) -> None:
        self.times, self.values = times, values
        self._learnt = int(np.searchsorted(times, judged_from))
        self._judged_from = judged_from

    def changed(
        self, rng: np.random.Generator, kind: str, start: float, end: float
    ) -> tuple[np.ndarray, Floats] | None:
        """Return positions and new values of a deviation; None: it would not be visible."""
        first = int(np.searchsorted(self.times, start))
        behind = int(np.searchsorted(self.times, end))
        if kind in ("spike", "dip"):
            behind = max(behind, first + 1)
        elif behind - first < LASTING_SAMPLES:
            return None
        if behind > len(self.times) or self.times[first] > end + GRACE_S or not self._is_known():
            return None
        before = self.values[first:behind]
        mean, large = self._usual()
        repeats = np.mean(np.diff(self.values[: self._learnt]) == 0)
        if large <= 0 or (kind == "flatline" and repeats > REPEATS):
            return None
        sign = rng.choice([-1.0, 1.0])
        if kind in ("spike", "dip"):
            fresh = before + (1 if kind == "spike" else -1) * rng.uniform(2, 4) * large
        elif kind == "shift":
            fresh = before + sign * max(rng.uniform(1, 2) * large, 4 * mean)
        elif kind == "drift":
            size = max(rng.uniform(1.2, 2.5) * large, 5 * mean)
            fresh = before + sign * size * np.linspace(0, 1, len(before))
        elif kind == "noise":
            fresh = before + rng.normal(size=len(before)) * rng.uniform(0.8, 1.6) * large
        else:
            fresh = np.full(len(before), self.values[first - 1])
        return np.arange(first, behind), fresh

    def _is_known(self) -> bool:
        return self._learnt >= LEAST_SAMPLES and self.times[0] <= self._judged_from - LEARNT_S

    def _usual(self) -> tuple[float, float]:
        """Return mean and 99.9th percentile of the distance from the median of the hour of the day."""
        values = self.values[: self._learnt]
        hours = (self.times[: self._learnt] % DAY_S // HOUR_S).astype(int)
        medians = np.zeros(24)
        for hour in np.unique(hours):
            medians[hour] = np.median(values[hours == hour])
        distance = np.abs(values - medians[hours])
        return float(distance.mean()), float(np.quantile(distance, 0.999))
