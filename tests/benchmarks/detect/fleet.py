"""A fleet of series of many kinds with injected anomalies, drawn from a seed."""

from dataclasses import dataclass

import numpy as np

from tests.benchmarks.detect.injected import ANOMALIES, Anomaly, inject, length_of
from tests.benchmarks.detect.kinds import SETS, Grid, Values

MONDAY_S = 1_735_516_800.0
"""30 December 2024, 00:00 UTC."""
SERIES_PER_DEVICE = 10
DEVICES_PER_SITE = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetPlan:
    """The parameters of a fleet.

    Attributes:
        series: Number of series.
        days: Length of all.
        clean_days: Days at the start without anomalies.
        interval_s: Between two samples.
        anomalies: Number of injected anomalies.
        kinds: Name of the set of kinds.
        seed: Of all that is drawn.
    """

    series: int = 5_000
    days: int = 35
    clean_days: int = 21
    interval_s: float = 300.0
    anomalies: int = 210
    kinds: str = "all"
    seed: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Fleet:
    """Values and truth; NaN where a sample is missing."""

    plan: FleetPlan
    times: Values
    values: Values
    kinds: tuple[str, ...]
    anomalies: tuple[Anomaly, ...]

    @property
    def clean_until(self) -> float:
        """Return the time from which on there are anomalies."""
        return float(self.times[0]) + self.plan.clean_days * 86_400


def draw(plan: FleetPlan) -> Fleet:
    """Draw a fleet; kinds alternate over the series, so that a device has series of many kinds."""
    rng = np.random.default_rng(plan.seed)
    kinds = SETS[plan.kinds]
    samples = int(plan.days * 86_400 / plan.interval_s)
    hours = np.arange(samples) * plan.interval_s / 3600
    values = np.zeros((plan.series, samples), dtype=np.float32)
    which = rng.integers(0, len(kinds), plan.series)
    for number, kind in enumerate(kinds):
        rows = np.flatnonzero(which == number)
        for part in np.array_split(rows, max(1, len(rows) // 100)):
            values[part] = kind(rng, Grid(count=len(part), hours=hours, interval_s=plan.interval_s))
    anomalies = _inject_all(rng, plan, values)
    return Fleet(
        plan=plan,
        times=MONDAY_S + np.arange(samples) * plan.interval_s,
        values=values,
        kinds=tuple(kinds[each].__name__ for each in which),
        anomalies=anomalies,
    )


def _inject_all(rng: np.random.Generator, plan: FleetPlan, values: Values) -> tuple[Anomaly, ...]:
    """Inject anomalies of all kinds in turn, at most one a series."""
    per_day = int(86_400 / plan.interval_s)
    done: list[Anomaly] = []
    rows = iter(rng.permutation(plan.series).tolist())
    for row in rows:
        if len(done) == plan.anomalies:
            break
        kind = ANOMALIES[len(done) % len(ANOMALIES)]
        length = length_of(rng, kind, per_day)
        start = int(rng.integers(plan.clean_days * per_day, values.shape[1] - length))
        anomaly = Anomaly(series=row, kind=kind, start=start, end=start + length)
        if inject(rng, values[row], anomaly, per_day):
            done.append(anomaly)
    return tuple(done)
