"""State of all series as a struct of arrays; 32 bits for every quantity, 64 for times.

Scalars of one type lie in one matrix, a row each, and the tables have an hour a row: what a block of
neighbouring series needs at one time is read from memory in a row, and groups of scalars are worked on at
once.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from opsconductor.detect.channels import CHANNELS

Array = NDArray[Any]
Columns = dict[str, NDArray[Any]]
"""Scalars of some series, and groups of them; float32 except where FIELDS says otherwise."""
Place = slice | NDArray[np.intp]
"""Neighbouring series, which become views, or any others, which become copies."""

FIELDS: dict[str, tuple[str, float]] = {
    "origin": ("f8", 0),  # first value: all others are stored relative to it
    "first_time": ("f8", np.nan),
    "last_time": ("f8", np.nan),
    "block_until": ("f8", np.inf),  # end of the block under way
    "interval": ("f4", 0),  # usual time between two samples, s
    "delay": ("f4", 0),  # of the last sample behind the newest ones of all series, s
    "count": ("f4", 0),
    "level": ("f4", 0),  # of half a day
    "base": ("f4", 0),  # of two weeks
    "day_offset": ("f4", 0),
    "week_offset": ("f4", 0),
    "level_error": ("f4", 0),  # mean absolute errors of the three predictions, outliers bounded
    "day_error": ("f4", 0),
    "week_error": ("f4", 0),
    "level_loss": ("f4", 0),  # the same, hardly bounded: by them the season is chosen
    "day_loss": ("f4", 0),
    "week_loss": ("f4", 0),
    "day_seen": ("f4", 0),  # samples that the two errors rest on
    "week_seen": ("f4", 0),
    "has_day": ("f4", 0),  # 1: the knots of the day beside this half hour were visited on earlier days
    "has_week": ("f4", 0),  # 1: those of the week were, in three weeks
    "bias": ("f4", 0),  # mean sign of the residuals, -1 to 1
    "scale": ("f4", 0),  # mean absolute residual
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
    "blocks": ("u2", 0),
    "half": ("u2", 65_535),  # half hour of the week
    "late": ("u1", 0),
    "catching_up": ("u1", 0),  # 1: history that is sent faster than it was measured
    "open": ("u1", 0),
    "season": ("u1", 0),
}
GROUPS: dict[str, tuple[str, str]] = {
    "errors": ("level_error", "week_error"),
    "losses": ("level_loss", "week_loss"),
    "seen": ("day_seen", "week_seen"),
    "offsets": ("day_offset", "week_offset"),
    "scales": ("scale", "surprise_scale"),
    "means": ("smoothed", "shift_fast"),
    "sums": ("cusum_up", "cusum_down"),
    "gathered": ("fast", "cusum_down"),
    "has": ("has_day", "has_week"),
}
"""First and last of scalars that follow each other: one matrix in the columns."""
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
STREAMED = ("tail_highest", "tail_limit")
"""Needed for each sample, so that neighbouring series lie together; of the others those of one series do."""

MOST_VIEWS = 256
"""Blocks whose columns are kept; views that are made anew each time cost more than a channel."""
BY_TYPE = {
    kind: [name for name, (dtype, _) in FIELDS.items() if dtype == kind]
    for kind in dict.fromkeys(dtype for dtype, _ in FIELDS.values())
}


def _named(matrices: dict[str, Array]) -> Columns:
    """Return scalars and groups by name, as views of the matrices."""
    found: Columns = {}
    for kind, names in BY_TYPE.items():
        found.update(zip(names, matrices[kind], strict=True))
    for group, (first, last) in GROUPS.items():
        kind = FIELDS[first][0]
        names = BY_TYPE[kind]
        found[group] = matrices[kind][names.index(first) : names.index(last) + 1]
    return found


class SeriesState:
    """Arrays of all series; grows in steps, so that new series do not copy everything each time."""

    def __init__(self) -> None:
        self.size = 0
        self._capacity = 0
        self._matrices: dict[str, Array] = {}
        self._views: dict[tuple[int, int], Columns] = {}
        self.fields: Columns = {}
        self.tables: dict[str, Array] = {}
        self.tails: dict[str, Array] = {}
        self._reserve(0)

    def grow(self, size: int) -> None:
        """Make room for series 0 to size - 1; never shrinks."""
        if size > self._capacity:
            self._reserve(max(size, self._capacity + self._capacity // 4))
        self.size = max(self.size, size)

    def _reserve(self, capacity: int) -> None:
        """Copy everything into arrays of a new length."""
        kept = self._capacity
        for kind, names in BY_TYPE.items():
            matrix = np.empty((len(names), capacity), dtype=kind)
            matrix[...] = np.array([FIELDS[name][1] for name in names])[:, None]
            if kept:
                matrix[:, :kept] = self._matrices[kind]
            self._matrices[kind] = matrix
        self.fields = _named(self._matrices)
        self._views.clear()
        for name, (dtype, width, start) in TABLES.items():
            self.tables[name] = _longer(self.tables.get(name), (width, capacity), dtype, start)
        for name in TAILS:
            start = np.inf if name == "tail_limit" else 0
            shape = (2 * CHANNELS, capacity)
            fresh = _longer(self.tails.get(name), shape, "f4", start)
            self.tails[name] = fresh if name in STREAMED else np.asfortranarray(fresh)
        self._capacity = capacity

    def columns(self, place: Place) -> Columns:
        """Return scalars and groups of some series."""
        if not isinstance(place, slice):
            return _named({kind: matrix.take(place, axis=1) for kind, matrix in self._matrices.items()})
        key = (place.start, place.stop)
        if key not in self._views:
            if len(self._views) >= MOST_VIEWS:
                self._views.clear()
            self._views[key] = _named({kind: matrix[:, place] for kind, matrix in self._matrices.items()})
        return self._views[key]

    def tail(self, name: str, place: Place) -> Array:
        """Return one of the tails of some series, a view if they are neighbours."""
        tail = self.tails[name]
        return tail[:, place] if isinstance(place, slice) else tail.take(place, axis=1)

    def write(self, rows: NDArray[np.intp], columns: Columns) -> None:
        """Write back columns that are copies."""
        for kind, names in BY_TYPE.items():
            self._matrices[kind][:, rows] = np.stack([columns[name] for name in names])

    def forget(self, rows: NDArray[np.intp]) -> None:
        """Start series anew."""
        for name, (_, start) in FIELDS.items():
            self.fields[name][rows] = start
        for name, (_, _, zero) in TABLES.items():
            self.tables[name][:, rows] = zero
        for name, tail in self.tails.items():
            tail[:, rows] = np.inf if name == "tail_limit" else 0

    def matrices(self, start: int, stop: int) -> Iterator[Array]:
        """Yield all arrays with the series start to stop as their second axis, in a fixed order."""
        for kind in BY_TYPE:
            yield self._matrices[kind][:, start:stop]
        for name in TABLES:
            yield self.tables[name][:, start:stop]
        for name in TAILS:
            yield self.tails[name][:, start:stop]

    @staticmethod
    def bytes_per_series() -> int:
        """Return the size of the state of one series."""
        scalars = sum(np.dtype(dtype).itemsize for dtype, _ in FIELDS.values())
        tables = sum(np.dtype(dtype).itemsize * width for dtype, width, _ in TABLES.values())
        return scalars + tables + len(TAILS) * 2 * CHANNELS * 4


def _longer(old: Array | None, shape: tuple[int, int], dtype: str, start: float) -> Array:
    """Return an array of a new length with the old content."""
    fresh = np.full(shape, start, dtype=dtype)
    if old is not None:
        fresh[:, : old.shape[1]] = old
    return fresh
