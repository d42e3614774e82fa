"""Anomalies that are injected into a fleet: eight kinds, sized by what is usual for each series."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from tests.benchmarks.detect.kinds import Values

ANOMALIES = ("spike", "dip", "shift", "drift", "flatline", "missing", "noise", "season")
GRACE_S = 3 * 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Anomaly:
    """One injected anomaly.

    Attributes:
        series: Row of the series.
        kind: One of ANOMALIES.
        start: First sample.
        end: Sample after the last one.
    """

    series: int
    kind: str
    start: int
    end: int


def usual(values: Values, per_day: int) -> tuple[float, float]:
    """Return mean absolute and 99.9th percentile distance of a series from its profile of the day."""
    days = len(values) // per_day
    table = values[: days * per_day].reshape(days, per_day)
    distance = np.abs(table - np.median(table, axis=0))
    return float(distance.mean()), float(np.quantile(distance, 0.999))


def inject(rng: np.random.Generator, values: Values, anomaly: Anomaly, per_day: int) -> bool:
    """Change the series in place; return whether it could be changed so that it is to be seen."""
    mean, large = usual(values, per_day)
    if large <= 0 or (anomaly.kind == "flatline" and np.mean(np.diff(values) == 0) > 0.2):
        return False
    part = slice(anomaly.start, anomaly.end)
    if anomaly.kind == "season":
        shifted = values[anomaly.start - per_day // 2 : anomaly.end - per_day // 2]
        if np.mean(np.abs(shifted - values[part])) < 1.2 * large:
            return False
    values[part] = _changed(rng, values, anomaly, (mean, large, per_day // 2))
    return True


def _changed(
    rng: np.random.Generator, values: Values, anomaly: Anomaly, sizes: tuple[float, float, int]
) -> Values:
    """Return the values of an anomaly; sizes are what is usual, what is large, and half a day in samples."""
    mean, large, half = sizes
    before = values[anomaly.start : anomaly.end]
    length = anomaly.end - anomaly.start
    sign = rng.choice([-1, 1])
    changes: dict[str, Callable[[], Values]] = {
        "spike": lambda: before + rng.uniform(2, 4) * large,
        "dip": lambda: before - rng.uniform(2, 4) * large,
        "shift": lambda: before + sign * max(rng.uniform(1, 2) * large, 4 * mean),
        "drift": lambda: (
            before + sign * max(rng.uniform(1.2, 2.5) * large, 5 * mean) * np.linspace(0, 1, length)
        ),
        "flatline": lambda: np.full(length, values[anomaly.start - 1]),
        "missing": lambda: np.full(length, np.nan),
        "noise": lambda: before + rng.normal(size=length) * rng.uniform(0.8, 1.6) * large,
        "season": values[anomaly.start - half : anomaly.end - half].copy,
    }
    return changes[anomaly.kind]()


def length_of(rng: np.random.Generator, kind: str, per_day: int) -> int:
    """Draw the length of an anomaly in samples."""
    hours = {
        "spike": (0.05, 1), "dip": (0.05, 1), "shift": (8, 48), "drift": (24, 96),
        "flatline": (6, 48), "missing": (2, 24), "noise": (3, 24), "season": (8, 24),
    }[kind]  # fmt: skip
    return max(1, int(rng.uniform(*hours) * per_day / 24))
