"""The streaming detector: all series at once, each sample judged by what came before it, then learnt."""

import numpy as np
from numpy.typing import NDArray

from opsconductor.detect.calendar import Calendar, WallClock, by_weekday
from opsconductor.detect.calibration import Calibration
from opsconductor.detect.config import DAY_S, DetectorConfig
from opsconductor.detect.episodes import Judged, follow_episodes, silent_episodes
from opsconductor.detect.findings import Findings, joined
from opsconductor.detect.measures import measure
from opsconductor.detect.pooled import PooledCalibration
from opsconductor.detect.sample import LARGEST, YOUNG, Floats, Rows, SampleBatch, follow
from opsconductor.detect.seasons import learn, predict, visit
from opsconductor.detect.state import FIELDS, TAILS, Columns, SeriesState
from opsconductor.detect.tails import (
    Tails,
    fold,
)

BLOCK = 4_096
"""Series that are worked on at once, so that what is computed stays in the cache of the processor."""
FIT_EVERY_S = 6 * 3600.0
POOLED_MEMORY_S = 30 * DAY_S
MOST_LATE = 20
"""A series whose samples are all older than its last one is taken to have had a wrong clock before."""
HISTORY_S = 3_600.0
"""Samples that are as much older than the newest ones are history, or of a clock that is wrong."""
EARLIEST, LATEST = -6e10, 2.5e11
"""Seconds since 1970 that the calendar knows."""


class Detector:
    """All series, their state and the pooled calibration. Not safe for threads: one caller at a time.

    Series are rows 0 to n - 1. Nothing is read but the arguments: no clock, and no sample before it was
    given.
    """

    def __init__(self, config: DetectorConfig, calendar: Calendar = by_weekday) -> None:
        self.config = config
        self._clock = WallClock(config.zone, calendar)
        self._state = SeriesState()
        self._calibration = Calibration(config)
        self._feed = -np.inf
        self._fitted = -np.inf

    @property
    def size(self) -> int:
        """Return the number of series."""
        return self._state.size

    @property
    def state(self) -> SeriesState:
        """Return the arrays, to be read."""
        return self._state

    @property
    def pooled(self) -> PooledCalibration:
        """Return the calibration over all series, to be read."""
        return self._calibration.pooled

    @property
    def times(self) -> tuple[float, float]:
        """Return the time of the newest samples, and that of the last fit of the pooled calibration."""
        return self._feed, self._fitted

    def restore_times(self, feed: float, fitted: float) -> None:
        """Take the times of a checkpoint."""
        self._feed, self._fitted = feed, fitted

    def grow(self, size: int) -> None:
        """Make room for the series 0 to size - 1."""
        self._state.grow(size)

    def forget(self, series: NDArray[np.intp]) -> None:
        """Start series anew, as after they were deleted and their rows given to others."""
        self._state.forget(series)

    def step(
        self, series: NDArray[np.int32], times: NDArray[np.float64], values: NDArray[np.float64]
    ) -> Findings:
        """Judge and learn one sample each of some series.

        Args:
            series: Rows, each at most once; room is made for new ones.
            times: Seconds since 1970.
            values: Rates in the case of counters.

        Returns:
            Episodes that begin, become rarer or end with these samples. Samples that are not finite or not
            newer than the last of their series are ignored.
        """
        if len(series) == 0:
            return joined([])
        self.grow(int(series.max()) + 1)
        rows = series.astype(np.intp)
        if np.any(rows[1:] <= rows[:-1]):
            order = np.argsort(rows, kind="stable")
            rows, times, values = rows[order], times[order], values[order]
        usable = self._usable(rows, times, values)
        if not usable.all():
            rows, times, values = rows[usable], times[usable], values[usable]
        if len(rows) == 0:
            return joined([])
        values = np.clip(values, -LARGEST, LARGEST)
        moment = self.moment(times)
        self._feed = self._feed if moment is None else max(self._feed, moment)
        self._fit_pooled()
        parts = []
        for start in range(0, len(rows), BLOCK):
            part = slice(start, start + BLOCK)
            parts.append(self._block(rows[part], times[part], values[part]))
        return joined([part for part in parts if len(part)])

    def moment(self, times: NDArray[np.float64]) -> float | None:
        """Return the time of samples, history beside live ones left out; None: all are history."""
        present = times[times > self._feed - HISTORY_S]
        return float(np.median(present)) if len(present) else None

    def not_beyond(self, now: float) -> None:
        """Follow a clock that was set back: what was measured before it says nothing of what is history."""
        if self._feed > now + HISTORY_S:
            self._feed = now

    def silent(self, now: float) -> Findings:
        """Return series that have no value for longer than is usual for them: missing data.

        Gaps are measured against the newest samples of the other series, so that a daemon that was stopped
        reports none; and from the arrival of a value, so that one that is sent late, or imported, is no gap.

        Args:
            now: Seconds since 1970.
        """
        at = min(now, self._feed)
        size = self._state.size
        if size == 0 or not np.isfinite(at):
            return joined([])
        state = {name: column[:size] for name, column in self._state.fields.items()}
        steps, claims = self._calibration.gaps(state, self._state.tails, at)
        return silent_episodes(state, steps, claims, at, self.config)

    def _usable(
        self, rows: Rows, times: NDArray[np.float64], values: NDArray[np.float64]
    ) -> NDArray[np.bool_]:
        """Return which samples are finite and newer; follow a clock that was set back after some samples.

        History of a series with newer samples is left out: it does not move the clock of the series.
        """
        last, late = self._state.fields["last_time"], self._state.fields["late"]
        finite = np.isfinite(values) & (times > EARLIEST) & (times < LATEST)
        newer = ~(times <= last[rows])
        old = finite & ~newer
        if not old.any():
            late[rows] = 0
            return finite
        counts = old & (times > self._feed - HISTORY_S)
        late[rows] = np.where(newer, 0, np.minimum(late[rows], MOST_LATE) + counts)
        reset = old & (late[rows] > MOST_LATE)
        last[rows[reset]] = times[reset] - self._state.fields["interval"][rows[reset]] - 1
        late[rows[reset]] = 0
        result: NDArray[np.bool_] = finite & (newer | reset)
        return result

    def _fit_pooled(self) -> None:
        """Fit the pooled calibration every few hours of the time of the samples."""
        if self._feed - self._fitted < FIT_EVERY_S:
            return
        if np.isfinite(self._fitted):
            self._calibration.pooled.decay(float(np.exp(-(self._feed - self._fitted) / POOLED_MEMORY_S)))
        self._fitted = self._feed
        self._calibration.pooled.fit()

    def _block(self, rows: Rows, times: NDArray[np.float64], values: NDArray[np.float64]) -> Findings:
        """Judge and learn the samples of one block of rows, which ascend."""
        dense = int(rows[-1]) - int(rows[0]) + 1 == len(rows)
        place = slice(int(rows[0]), int(rows[-1]) + 1) if dense else rows
        columns = {name: column[place] for name, column in self._state.fields.items()}
        tails = Tails(**{name[5:]: self._state.tails[name][:, place] for name in TAILS})
        samples = self._samples(rows, times, values, columns)
        self._calibration.end_blocks(samples, tails, self._state.tails)
        visit(samples)
        prediction = predict(samples)
        low, high = columns["low"].copy(), columns["high"].copy()
        deviations = measure(samples, prediction)
        told, claims = self._calibration.claims(samples, deviations, tails)
        learn(samples, prediction, self.config)
        fold(deviations, tails.highest)
        columns["count"][...] = np.minimum(columns["count"] + 1, 2**30)
        columns["last_time"][...] = times
        judged = Judged(
            samples=samples,
            prediction=prediction,
            rows=told,
            deviations=deviations[:, told],
            claims=claims,
            low=low,
            high=high,
        )
        findings = follow_episodes(judged, self.config)
        if not dense:
            for name in FIELDS:
                self._state.fields[name][rows] = columns[name]
            self._state.tails["tail_highest"][:, rows] = tails.highest
        return findings

    def _samples(
        self, rows: Rows, times: NDArray[np.float64], values: NDArray[np.float64], columns: Columns
    ) -> SampleBatch:
        """Return the samples with what they are relative to; learn interval and size."""
        first = columns["count"] == 0
        columns["origin"][...] = np.where(first, values, columns["origin"])
        columns["first_time"][...] = np.where(first, times, columns["first_time"])
        gap = np.where(first, 0, times - columns["last_time"]).astype(np.float32)
        interval = columns["interval"]
        error = gap - interval
        bounded = np.clip(error, -0.5 * interval, 0.5 * interval)
        gain = np.where(columns["count"] < YOUNG, np.float32(0.3), np.float32(0.05))
        known = interval > 0
        interval[...] = np.where(known, interval + gain * bounded, gap)
        usual = np.maximum(interval, np.float32(1e-3))
        silence = self._arrive(times, gap, columns)
        with np.errstate(over="ignore"):  # of values near the bounds of float64; it is clipped
            relative = np.clip(values - columns["origin"], -LARGEST, LARGEST).astype(np.float32)
        samples = SampleBatch(
            rows=rows,
            times=times,
            values=relative,
            elapsed=np.minimum(gap, 4 * interval),
            steps=np.where(known, gap / usual, 1).astype(np.float32),
            silence=np.where(known, silence / usual, 0).astype(np.float32),
            first=first,
            least_gain=1 / (columns["count"].astype(np.float32) + 1),
            slots=self._clock.slots(times),
            columns=columns,
            tables=self._state.tables,
        )
        size = np.abs(values).astype(np.float32)
        follow(columns["size"], size, samples.gain(7 * DAY_S))
        return samples

    def _arrive(self, times: NDArray[np.float64], gap: Floats, columns: Columns) -> Floats:
        """Note how late samples arrive; return the seconds since the arrival of those before."""
        delay = np.maximum(self._feed - times, 0).astype(np.float32)
        waited = gap + delay - columns["delay"]
        is_sent_at_once = waited < np.float32(0.5) * gap
        columns["catching_up"][...] = (delay > HISTORY_S) & (is_sent_at_once | (columns["count"] == 0))
        columns["delay"][...] = delay
        result: Floats = np.maximum(waited, 0)
        return result
