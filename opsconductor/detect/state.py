"""State of all series as a struct of arrays, one row a series; 32 bits for every quantity, 64 for times."""

from collections.abc import Collection, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from opsconductor.detect.channels import CHANNELS

Array = NDArray[Any]
Columns = dict[str, NDArray[Any]]
"""Scalars of some series; float32 except where FIELDS says otherwise."""

FIELDS: dict[str, tuple[str, float]] = {
    "origin": ("f8", 0),  # first value: all others are stored relative to it
    "first_time": ("f8", np.nan),
    "last_time": ("f8", np.nan),
    "interval": ("f4", 0),  # usual time between two samples, s
    "delay": ("f4", 0),  # of the last sample behind the newest ones of all series, s
    "count": ("i4", 0),
    "level": ("f4", 0),  # of half a day
    "base": ("f4", 0),  # of two weeks
    "day_offset": ("f4", 0),
    "week_offset": ("f4", 0),
    "level_error": ("f4", 0),  # mean absolute errors of the three predictions
    "day_error": ("f4", 0),
    "week_error": ("f4", 0),
    "day_seen": ("f4", 0),  # samples that the two errors rest on
    "week_seen": ("f4", 0),
    "scale": ("f4", 0),  # mean absolute residual
    "bias": ("f4", 0),  # mean sign of the residuals, -1 to 1
    "raw_scale": ("f4", 0),
    "rate_scale": ("f4", 0),
    "surprise_scale": ("f4", 0),
    "volatility": ("f4", 0),
    "previous": ("f4", 0),
    "fast": ("f4", 0),  # mean residual of the last samples
    "smoothed": ("f4", 0),
    "shift_fast": ("f4", 0),
    "shift_slow": ("f4", 0),
    "cusum_up": ("f4", 0),
    "cusum_down": ("f4", 0),
    "quantum": ("f4", np.inf),  # smallest change seen
    "size": ("f4", 0),  # mean absolute value
    "moves": ("f4", 0),  # samples that differed from the one before
    "run": ("f4", 0),  # equal samples in a row until now
    "longest": ("f4", 0),
    "low": ("f4", np.inf),
    "high": ("f4", -np.inf),
    "hour_samples": ("f4", 0),
    "deviation": ("f4", 0),  # last residual in units of its scale
    "rarity": ("f4", 0),  # log10 of "once in X days", of the last sample
    "peak": ("f4", 0),  # of the open episode
    "quiet_s": ("f4", 0),
    "settled_s": ("f4", 1e6),  # since the season changed
    "block": ("i4", -1),
    "blocks": ("u2", 0),
    "week_hour": ("u1", 255),
    "late": ("u1", 0),
    "catching_up": ("u1", 0),  # 1: history that is sent faster than it was measured
    "open": ("u1", 0),
    "season": ("u1", 0),
}
TABLES: dict[str, tuple[str, int, float]] = {
    "day": ("f4", 24, 0),
    "day_visits": ("u1", 24, 0),
    "hour_scale": ("f4", 24, 0),
    "week": ("f4", 168, 0),
    "week_visits": ("u1", 84, 0),  # two hours each, four bits an hour
}
TAILS = ("tail_mean", "tail_spread", "tail_highest", "tail_limit")
"""Of the logarithm of block maxima: mean, mean absolute deviation; the highest deviation of the block under
way; and the deviation below which nothing is to be said.
Shape (2 * CHANNELS, series): upwards, then downwards."""


class SeriesState:
    """Arrays of all series; grows in steps, so that new series do not copy everything each time."""

    def __init__(self) -> None:
        self.size = 0
        self._capacity = 0
        self.fields: Columns = {name: np.zeros(0, dtype=dtype) for name, (dtype, _) in FIELDS.items()}
        self.tables = {name: np.zeros((0, width), dtype=dtype) for name, (dtype, width, _) in TABLES.items()}
        self.tails = {name: np.zeros((2 * CHANNELS, 0), dtype=np.float32) for name in TAILS}

    def grow(self, size: int) -> None:
        """Make room for series 0 to size - 1; never shrinks."""
        if size > self._capacity:
            self._reserve(max(size, self._capacity + self._capacity // 4))
        self.size = max(self.size, size)

    def _reserve(self, capacity: int) -> None:
        """Copy everything into arrays of a new length."""
        kept = self._capacity
        for name, (dtype, start) in FIELDS.items():
            column = np.full(capacity, start, dtype=dtype)
            column[:kept] = self.fields[name]
            self.fields[name] = column
        for name, (dtype, width, start) in TABLES.items():
            table = np.full((capacity, width), start, dtype=dtype)
            table[:kept] = self.tables[name]
            self.tables[name] = table
        for name in TAILS:
            start = np.inf if name == "tail_limit" else 0
            tail = np.full((2 * CHANNELS, capacity), start, dtype=np.float32)
            tail[:, :kept] = self.tails[name]
            self.tails[name] = tail
        self._capacity = capacity

    def forget(self, rows: NDArray[np.intp]) -> None:
        """Start series anew."""
        for name, (_, start) in FIELDS.items():
            self.fields[name][rows] = start
        for name, (_, _, zero) in TABLES.items():
            self.tables[name][rows] = zero
        for name, tail in self.tails.items():
            tail[:, rows] = np.inf if name == "tail_limit" else 0

    def rows(self, start: int, stop: int, without: Collection[str] = ()) -> Iterator[tuple[str, Array]]:
        """Yield each array with the rows start to stop as its first axis, in a fixed order."""
        for name in (each for each in FIELDS if each not in without):
            yield name, self.fields[name][start:stop]
        for name in TABLES:
            yield name, self.tables[name][start:stop]
        for name in TAILS:
            yield name, self.tails[name][:, start:stop].T

    @staticmethod
    def bytes_per_series(without: Collection[str] = ()) -> int:
        """Return the size of the state of one series."""
        scalars = sum(np.dtype(dtype).itemsize for name, (dtype, _) in FIELDS.items() if name not in without)
        tables = sum(np.dtype(dtype).itemsize * width for dtype, width, _ in TABLES.values())
        return scalars + tables + len(TAILS) * 2 * CHANNELS * 4
