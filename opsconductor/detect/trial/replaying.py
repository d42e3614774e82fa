"""Replay of stored points through a fresh detector."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from opsconductor.detect.channels import Stage
from opsconductor.detect.config import DetectorConfig
from opsconductor.detect.detector import Detector
from opsconductor.detect.findings import Findings, joined

WINDOW_S = 300.0
"""Points of as many seconds are given together, and silent series looked for as often."""
REPORT_EVERY = 100
NOTHING = -9.0

Floats = NDArray[np.float64]
Note = Callable[[float], None]


class TrialPoints(NamedTuple):
    """Points of series: three arrays of one length, by series, then by time.

    Attributes:
        series: Rows from 0, int32.
        times: Seconds since 1970.
        values: Rates in the case of counters.
    """

    series: NDArray[np.int32]
    times: Floats
    values: Floats


class LabelledSpan(NamedTuple):
    """Time in which something is to be found on a series, or not to be.

    Attributes:
        kind: What was planted, `true` or `false` of what people have said.
    """

    series: int
    start: float
    end: float
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Replayed:
    """What a detector found.

    Attributes:
        series: Of each finding that began or became rarer; `times`, `begins` likewise.
        peaks: Highest rarity in each span, in log10 of days.
    """

    series: NDArray[np.int32]
    times: Floats
    begins: NDArray[np.bool_]
    peaks: Floats


class _Spans:
    """Spans as arrays, with the highest rarity in each."""

    def __init__(self, spans: list[LabelledSpan]) -> None:
        self.series = np.array([each.series for each in spans], np.intp)
        self.start = np.array([each.start for each in spans])
        self.end = np.array([each.end for each in spans])
        self.peaks = np.full(len(spans), NOTHING)

    def note(self, times: Floats, rarities: NDArray[np.float32]) -> None:
        """Take the time and rarity of the last sample of every series."""
        at = times[self.series]
        inside = np.flatnonzero((self.start <= at) & (at <= self.end))
        self.peaks[inside] = np.maximum(self.peaks[inside], rarities[self.series[inside]])

    def note_silent(self, found: Findings) -> None:
        """Take series without values."""
        for series, at, rarity in zip(found.series, found.time, found.rarity, strict=True):
            inside = (self.series == series) & (self.start <= at) & (at <= self.end)
            self.peaks[inside] = np.maximum(self.peaks[inside], rarity)


def replay(points: TrialPoints, config: DetectorConfig, spans: list[LabelledSpan], note: Note) -> Replayed:
    """Return what a fresh detector finds in points; it sees them in the order of their times.

    Args:
        note: Called with the share that is done.
    """
    detector = Detector(config)
    detector.grow(int(points.series.max()) + 1)
    fields = detector.state.fields
    watched, found = _Spans(spans), list[Findings]()
    steps = list(_steps(points))
    silent_at = -np.inf
    for number, chosen in enumerate(steps):
        times = points.times[chosen]
        found.append(detector.step(points.series[chosen], times, points.values[chosen]))
        watched.note(fields["last_time"], fields["rarity"])
        at = float(times.max())
        if at >= silent_at + WINDOW_S:
            silent_at = at
            silent = detector.silent(at)
            watched.note_silent(silent)
            found.append(silent)
        if number % REPORT_EVERY == 0:
            note(number / len(steps))
    reported = joined([each for each in found if len(each)])
    lasting = reported.stage != Stage.END
    return Replayed(
        series=reported.series[lasting],
        times=reported.time[lasting],
        begins=reported.stage[lasting] == Stage.BEGIN,
        peaks=watched.peaks,
    )


def _steps(points: TrialPoints) -> Iterator[NDArray[np.intp]]:
    """Yield positions window by window, each series at most once in each part, its points in their order."""
    window = np.floor((points.times - points.times.min()) / WINDOW_S).astype(np.int64)
    first = np.r_[True, (np.diff(points.series) != 0) | (np.diff(window) != 0)]
    starts = np.flatnonzero(first)
    nth = np.arange(len(first)) - np.repeat(starts, np.diff(np.r_[starts, len(first)]))
    order = np.lexsort((points.series, nth, window))
    cuts = np.flatnonzero((np.diff(window[order]) != 0) | (np.diff(nth[order]) != 0)) + 1
    yield from np.split(order, cuts)
