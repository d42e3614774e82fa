"""State of series in checkpoints of versions 1 and 2: each scalar by itself, tables with a series a row."""

from collections.abc import Iterator

import numpy as np

from opsconductor.detect.channels import CHANNELS
from opsconductor.detect.config import HOUR_S
from opsconductor.detect.detector import Detector
from opsconductor.detect.state import TABLES, TAILS, Array

ORDER = [
    "origin",
    "first_time",
    "last_time",
    "interval",
    "delay",
    "count",
    "level",
    "base",
    "day_offset",
    "week_offset",
    "level_error",
    "day_error",
    "week_error",
    "day_seen",
    "week_seen",
    "scale",
    "bias",
    "raw_scale",
    "rate_scale",
    "surprise_scale",
    "volatility",
    "previous",
    "fast",
    "smoothed",
    "shift_fast",
    "shift_slow",
    "cusum_up",
    "cusum_down",
    "quantum",
    "size",
    "moves",
    "run",
    "longest",
    "low",
    "high",
    "hour_samples",
    "deviation",
    "rarity",
    "peak",
    "quiet_s",
    "settled_s",
    "block",
    "blocks",
    "week_hour",
    "late",
    "catching_up",
    "open",
    "season",
]
TYPES = {
    "origin": "f8",
    "first_time": "f8",
    "last_time": "f8",
    "count": "i4",
    "block": "i4",
    "blocks": "u2",
} | dict.fromkeys(("week_hour", "late", "catching_up", "open", "season"), "u1")
"""Of the scalars that are not of 32 bits with a fraction."""
ADDED = {1: ("delay", "catching_up"), 2: ()}
"""Scalars that a checkpoint of a version lacks: they begin at zero."""
NO_HOUR, NO_HALF = 255, 65_535


def layout(version: int, count: int) -> Iterator[tuple[str, str, tuple[int, ...]]]:
    """Yield name, type and shape of the arrays of a block of series."""
    for name in ORDER:
        if name not in ADDED[version]:
            yield name, TYPES.get(name, "f4"), (count,)
    for name, (dtype, width, _) in TABLES.items():
        yield name, dtype, (count, width)
    for name in TAILS:
        yield name, "f4", (count, 2 * CHANNELS)


def width_of(version: int) -> int:
    """Return the bytes of one series."""
    return sum(np.dtype(dtype).itemsize * int(np.prod(shape)) for _, dtype, shape in layout(version, 1))


def fill(detector: Detector, version: int, place: slice, body: memoryview) -> None:
    """Copy a block of series into the state, and derive what it did not hold."""
    state, found, at = detector.state, dict[str, Array](), 0
    for name, dtype, shape in layout(version, place.stop - place.start):
        size = int(np.prod(shape))
        values = np.frombuffer(body, dtype=dtype, count=size, offset=at).reshape(shape)
        at += values.nbytes
        if name in TABLES:
            state.tables[name][:, place] = values.T
        elif name in TAILS:
            state.tails[name][:, place] = values.T
        elif name in state.fields:
            state.fields[name][place] = values
        else:
            found[name] = values
    _derive(detector, place, found["week_hour"])


def _derive(detector: Detector, place: slice, week_hour: Array) -> None:
    """Set half hour, end of the block under way, and which seasons are known.

    The half hour is the other one of its hour, so that the season is chosen with the next sample.
    """
    fields = detector.state.fields
    known = (fields["count"][place] > 0) & (week_hour != NO_HOUR)
    times = np.where(known, fields["last_time"][place], 0)
    half = 2 * week_hour.astype(np.uint16) + (times % HOUR_S < HOUR_S / 2)
    fields["half"][place] = np.where(known, half, NO_HALF)
    rows = np.arange(place.start, place.stop)
    fields["block_until"][place] = np.where(known, detector.block_end(rows, times), np.inf)
    for season in ("day", "week"):
        fields[f"has_{season}"][place] = fields[f"{season}_seen"][place] > 0
