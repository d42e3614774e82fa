"""One batch of samples on its way through the channels, with what the steps share."""

from dataclasses import dataclass, fields
from enum import IntEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from opsconductor.detect.calendar import Slots
from opsconductor.detect.config import DAY_S, HOUR_S
from opsconductor.detect.state import Columns, Place

Floats = NDArray[Any]
"""Of 32 bits; intermediate results may be wider."""
Bools = NDArray[np.bool_]
Rows = NDArray[np.intp]
Tables = dict[str, NDArray[Any]]

YOUNG = 12
"""Samples after which the first scales of a series are known."""
TINY = np.float32(1e-12)
LARGEST = np.float32(1e18)
"""Values beyond are taken as this: products of two still fit into 32 bits."""

HISTORY_S = 3_600.0
"""Samples that are as much older than the newest ones are history, or of a clock that is wrong."""


class Mean(IntEnum):
    """Means that are followed, by their length."""

    SMOOTHED = 0
    SHIFT = 1
    SHIFT_BEFORE = 2
    LAST_FEW = 3
    VOLATILITY = 4
    LEVEL = 5
    ERROR = 6
    SCALE = 7
    SIZE = 8
    BASE = 9


LENGTHS: dict[Mean, tuple[float, float]] = {
    Mean.SMOOTHED: (HOUR_S, 6),
    Mean.SHIFT: (3 * HOUR_S, 12),
    Mean.SHIFT_BEFORE: (DAY_S, 72),
    Mean.LAST_FEW: (900, 3),
    Mean.VOLATILITY: (2 * HOUR_S, 20),
    Mean.LEVEL: (DAY_S / 2, 12),
    Mean.ERROR: (1.5 * DAY_S, 0),
    Mean.SCALE: (2 * DAY_S, 0),
    Mean.SIZE: (7 * DAY_S, 0),
    Mean.BASE: (14 * DAY_S, 0),
}
"""Seconds, or samples if that is longer; those without samples are the last."""
SECONDS = np.array([[LENGTHS[each][0]] for each in Mean], dtype=np.float32)
SAMPLES = np.array([[LENGTHS[each][1]] for each in Mean if LENGTHS[each][1]], dtype=np.float32)


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleBatch:
    """Samples of distinct series; all arrays have one entry a sample.

    Attributes:
        rows: Rows of the series in the tables.
        place: The same as a slice if they are neighbours.
        times: Seconds since 1970.
        values: Relative to the origin of the series.
        elapsed: Seconds since the sample before, 0 for the first; bounded by four usual intervals.
        steps: The same in usual intervals.
        silence: Usual intervals between the arrivals of the two, by the newest samples of all series.
        young: Whether the series has few samples; None: none of them.
        gains: Weight of this sample in the means, shape (Mean, samples).
        slots: Position in day and week.
        weight: Weight of the knot after.
        columns: State of these series, changed in place.
        tables: Seasons of all series, changed in place.
    """

    rows: Rows
    place: Place
    times: NDArray[np.float64]
    values: Floats
    elapsed: Floats
    steps: Floats
    silence: Floats
    young: Bools | None
    gains: Floats
    slots: Slots
    weight: Floats
    columns: Columns
    tables: Tables

    def knot(self, name: str, index: Rows) -> Floats:
        """Return what a table has at the indices: a view if the series are neighbours and all in one slot."""
        table = self.tables[name]
        found: Floats = table[index[0], self.place] if len(index) == 1 else table[index, self.rows]
        return found

    def add_to_knot(self, name: str, index: Rows, step: Floats) -> None:
        """Add to what a table has at the indices."""
        table = self.tables[name]
        if len(index) == 1:
            table[index[0], self.place] += step
        else:
            table[index, self.rows] += step


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidates:
    """Samples that can be judged; all arrays have one entry for each sample.

    Attributes:
        rows: Rows of the series.
        times: Seconds since 1970.
        values: Relative to the origin of the series.
        expected: The same of what was expected.
        elapsed: Seconds since the sample before; bounded by four usual intervals.
        deviations: By channel, shape (CHANNELS, samples).
        low: Lowest value of the series before.
        high: Highest value of the series before.
    """

    rows: Rows
    times: NDArray[np.float64]
    values: Floats
    expected: Floats
    elapsed: Floats
    deviations: Floats
    low: Floats
    high: Floats


def together(parts: list[Candidates]) -> Candidates:
    """Concatenate candidates."""
    if len(parts) == 1:
        return parts[0]
    joined = {
        each.name: np.concatenate([getattr(part, each.name) for part in parts], axis=-1)
        for each in fields(Candidates)
    }
    return Candidates(**joined)


def gains_of(interval: Floats, elapsed: Floats, count: Floats) -> Floats:
    """Return the weight of a sample in each of the means, shape (Mean, samples).

    While a series is young the weight is that of a plain mean.
    """
    result = np.empty((len(SECONDS), len(interval)), dtype=np.float32)
    by_samples = result[: len(SAMPLES)]
    np.multiply(interval, SAMPLES, out=by_samples)
    np.maximum(by_samples, SECONDS[: len(SAMPLES)], out=by_samples)
    by_samples += elapsed
    np.add(elapsed, SECONDS[len(SAMPLES) :], out=result[len(SAMPLES) :])
    np.divide(elapsed, result, out=result)
    np.maximum(result, 1 / (count + 1), out=result)
    return result


def clipped(value: Floats, bound: Floats | np.float32 | float) -> Floats:
    """Bound a value on both sides."""
    result: Floats = np.maximum(value, -bound)
    np.minimum(result, bound, out=result)
    return result


def follow(mean: Floats, value: Floats, gain: Floats) -> None:
    """Move a mean towards a value, in place."""
    step = value - mean
    step *= gain
    mean += step


def arrive(feed: float, times: NDArray[np.float64], gap: Floats, columns: Columns) -> Floats:
    """Note how late samples arrive; return the seconds since the arrival of those before."""
    delay = np.maximum(feed - times, 0).astype(np.float32)
    waited = gap + delay - columns["delay"]
    is_sent_at_once = waited < np.float32(0.5) * gap
    columns["catching_up"][...] = (delay > HISTORY_S) & (is_sent_at_once | (columns["count"] == 0))
    columns["delay"][...] = delay
    result: Floats = np.maximum(waited, 0)
    return result


def follow_interval(interval: Floats, gap: Floats, young: Bools | None) -> None:
    """Learn the usual time between two samples."""
    step = clipped(gap - interval, 0.5 * interval)
    step *= 0.05
    if young is not None:
        np.multiply(step, 6, out=step, where=young)
        np.copyto(step, gap, where=interval <= 0)
    interval += step
