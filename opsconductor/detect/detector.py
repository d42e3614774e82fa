"""The streaming detector: all series at once, each sample judged by what came before it, then learnt."""

import numpy as np
from numpy.typing import NDArray

from opsconductor.detect.calendar import Calendar, Slots, WallClock, by_weekday
from opsconductor.detect.calibration import LEAST_GAP, Calibration
from opsconductor.detect.config import DAY_S, DetectorConfig
from opsconductor.detect.episodes import follow_episodes, silent_episodes
from opsconductor.detect.findings import Findings, joined
from opsconductor.detect.measures import measure
from opsconductor.detect.pooled import PooledCalibration
from opsconductor.detect.sample import (
    HISTORY_S,
    LARGEST,
    YOUNG,
    Candidates,
    Floats,
    Mean,
    Rows,
    SampleBatch,
    arrive,
    clipped,
    follow,
    follow_interval,
    gains_of,
    together,
)
from opsconductor.detect.seasons import Prediction, learn, predict, visit
from opsconductor.detect.state import Columns, Place, SeriesState
from opsconductor.detect.tails import fold

BLOCK = 4_096
"""Series that are worked on at once, so that what is computed stays in the cache of the processor."""
FIT_EVERY_S = 6 * 3600.0
POOLED_MEMORY_S = 30 * DAY_S
MOST_LATE = 20
"""A series whose samples are all older than its last one is taken to have had a wrong clock before."""
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

    def block_end(self, rows: Rows, times: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return when the blocks that series are in at some times end."""
        return self._calibration.block_end(rows, times)

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
        self._begin(rows, times, values)
        self._calibration.end_blocks(self._state, rows, times)
        parts = []
        slots = self._clock.slots(times)
        for start in range(0, len(rows), BLOCK):
            part = slice(start, start + BLOCK)
            parts.append(self._block(rows[part], times[part], values[part], slots.part(part)))
        chosen = [each for each in parts if each is not None]
        if not chosen:
            return joined([])
        candidates = together(chosen)
        columns = self._state.columns(candidates.rows)
        claims = self._calibration.claims(candidates, columns, self._state)
        return follow_episodes(candidates, claims, self._state, columns, self.config)

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
        fields = self._state.fields
        late = at - fields["last_time"][:size] >= LEAST_GAP * np.maximum(fields["interval"][:size], 1)
        rows = np.flatnonzero(late & (fields["open"][:size] == 0))
        if len(rows) == 0:
            return joined([])
        return silent_episodes(fields, rows, self._calibration.gaps(self._state, rows, at), at, self.config)

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
        self._state.fields["block_until"][rows[reset]] = -np.inf
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

    def _begin(self, rows: Rows, times: NDArray[np.float64], values: NDArray[np.float64]) -> None:
        """Take the origin of series from their first samples."""
        fields = self._state.fields
        first = np.flatnonzero(fields["count"][rows] == 0)
        if len(first) == 0:
            return
        rows, times = rows[first], times[first]
        fields["origin"][rows] = values[first]
        fields["first_time"][rows] = fields["last_time"][rows] = times
        fields["block_until"][rows] = self._calibration.block_end(rows, times)

    def _block(
        self, rows: Rows, times: NDArray[np.float64], values: NDArray[np.float64], slots: Slots
    ) -> Candidates | None:
        """Judge and learn the samples of one block of rows, which ascend; return what may be reported."""
        dense = int(rows[-1]) - int(rows[0]) + 1 == len(rows)
        place = slice(int(rows[0]), int(rows[-1]) + 1) if dense else rows
        columns = self._state.columns(place)
        samples = self._samples((rows, place), times, values, slots, columns)
        prediction = predict(samples, visit(samples))
        deviations = measure(samples, prediction)
        learn(samples, prediction, self.config)
        highest, limit = (self._state.tail(name, place) for name in ("tail_highest", "tail_limit"))
        some = fold(deviations, highest, limit)
        some |= columns["open"] > 0
        columns["rarity"][...] = -9
        columns["count"] += 1
        columns["last_time"][...] = times
        chosen = self._chosen(samples, prediction, deviations, np.flatnonzero(some))
        np.minimum(columns["low"], samples.values, out=columns["low"])
        np.maximum(columns["high"], samples.values, out=columns["high"])
        if not dense:
            self._state.write(rows, columns)
            self._state.tails["tail_highest"][:, rows] = highest
        return chosen

    def _chosen(
        self, samples: SampleBatch, prediction: Prediction, deviations: Floats, some: Rows
    ) -> Candidates | None:
        """Return the samples that can be judged, None if there are none."""
        columns, times = samples.columns, samples.times[some]
        if len(some):
            of_some = {name: columns[name][some] for name in ("first_time", "blocks", "open")}
            ready = self._calibration.ready(of_some, times)
            some, times = some[ready], times[ready]
        if len(some) == 0:
            return None
        return Candidates(
            rows=samples.rows[some],
            times=times,
            values=samples.values[some],
            expected=prediction.best[some],
            elapsed=samples.elapsed[some],
            deviations=deviations[:, some],
            low=columns["low"][some],
            high=columns["high"][some],
        )

    def _samples(
        self,
        where: tuple[Rows, Place],
        times: NDArray[np.float64],
        values: NDArray[np.float64],
        slots: Slots,
        columns: Columns,
    ) -> SampleBatch:
        """Return the samples with what they are relative to; learn interval and size."""
        count, interval = columns["count"], columns["interval"]
        gap = (times - columns["last_time"]).astype(np.float32)
        young = count < YOUNG
        is_any_young = bool(young.any())
        known = interval > 0 if is_any_young else None
        follow_interval(interval, gap, young if is_any_young else None)
        relative = clipped((values - columns["origin"]).astype(np.float32), LARGEST)
        elapsed = np.minimum(gap, 4 * interval)
        gains = gains_of(interval, elapsed, count)
        usual = np.maximum(interval, 1e-3)
        steps, silence = gap / usual, arrive(self._feed, times, gap, columns) / usual
        size = values.astype(np.float32)
        np.abs(size, out=size)
        follow(columns["size"], size, gains[Mean.SIZE])
        return SampleBatch(
            rows=where[0],
            place=where[1],
            times=times,
            values=relative,
            elapsed=elapsed,
            steps=steps if known is None else np.where(known, steps, 1).astype(np.float32),
            silence=silence if known is None else np.where(known, silence, 0).astype(np.float32),
            young=young if is_any_young else None,
            gains=gains,
            slots=slots,
            weight=slots.weight,
            columns=columns,
            tables=self._state.tables,
        )
