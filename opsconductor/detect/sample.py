"""One batch of samples on its way through the channels, with what the steps share."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from opsconductor.detect.calendar import Slots
from opsconductor.detect.state import Columns

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


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleBatch:
    """Samples of distinct series; all arrays have one entry a sample.

    Attributes:
        rows: Rows of the series in the tables.
        times: Seconds since 1970.
        values: Relative to the origin of the series.
        elapsed: Seconds since the sample before, 0 for the first; bounded by four usual intervals.
        steps: The same in usual intervals.
        silence: Usual intervals between the arrivals of the two, by the newest samples of all series.
        first: Whether it is the first sample of its series.
        least_gain: Weight of this sample in a plain mean of all.
        slots: Position in day and week.
        columns: State of these series, changed in place.
        tables: Seasons of all series, changed in place at `rows`.
    """

    rows: Rows
    times: NDArray[np.float64]
    values: Floats
    elapsed: Floats
    steps: Floats
    silence: Floats
    first: Bools
    least_gain: Floats
    slots: Slots
    columns: Columns
    tables: Tables

    def gain(self, seconds: float, samples: float = 0.0) -> Floats:
        """Return the weight of this sample in a mean of so many seconds, or samples if that is longer.

        While a series is young the weight is that of a plain mean.
        """
        length: Floats = np.maximum(self.columns["interval"] * np.float32(samples), np.float32(seconds))
        weight = self.elapsed / (self.elapsed + length)
        result: Floats = np.maximum(weight, self.least_gain)
        return result


def clipped(value: Floats, bound: Floats | np.float32 | float) -> Floats:
    """Bound a value on both sides."""
    result: Floats = np.minimum(np.maximum(value, -bound), bound)
    return result


def follow(mean: Floats, value: Floats, gain: Floats) -> None:
    """Move a mean towards a value, in place."""
    mean += gain * (value - mean)
