"""Calibration of deviations: tails of each series, then what all series together really reach."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from opsconductor.detect.channels import CHANNELS, DetectorChannel
from opsconductor.detect.config import DAY_S, NEW_SEASON_S, SETTLING_S, DetectorConfig
from opsconductor.detect.measures import granularity
from opsconductor.detect.pooled import PooledCalibration
from opsconductor.detect.sample import Candidates, Floats, Rows
from opsconductor.detect.state import TAILS, Columns, SeriesState
from opsconductor.detect.tails import Tails, end_block, fitted, limit_of, rarity, tails_of

LEAST_GAP = 4
"""Usual intervals without a value that are missing data at least."""
LEAST_RUN = 6
"""Equal samples that are a flat line at least."""
LEAST_BLOCKS = 2
REPORTABLE_DAYS = 10.0
"""Samples of which nothing is rarer than once in as many days are judged only while an episode is open."""
POOLED_BLOCKS = 8
MOST_BLOCKS = 60_000
GOLDEN = 0.6180339887
"""Fraction of the golden ratio: its multiples are spread evenly, so that few blocks end at a time."""
NOTHING = np.float32(-9)
"""Rarity of what is not judged."""
SEASONAL = np.array(
    [
        DetectorChannel.SMOOTHED,
        DetectorChannel.RESIDUAL,
        DetectorChannel.SURPRISE,
        DetectorChannel.SHIFT,
        DetectorChannel.CUSUM,
        DetectorChannel.VOLATILITY,
    ]
)
"""Channels that measure against the season."""


class Calibration:
    """Turns deviations into rarities; learns when a block of a series ends."""

    def __init__(self, config: DetectorConfig) -> None:
        self.config = config
        self.pooled = PooledCalibration(config)

    def gaps(self, state: SeriesState, rows: Rows, at: float) -> tuple[Floats, Floats]:
        """Return the time since a value arrived in usual intervals, and its corrected rarity.

        Args:
            state: Of all series.
            rows: Series that are looked at.
            at: Until when, in seconds since 1970.
        """
        columns = state.columns(rows)
        tails = tails_of(state, rows, slice(DetectorChannel.MISSING, DetectorChannel.MISSING + 1))
        steps = gap_steps(columns, at)
        fit = fitted(tails.spread, columns["blocks"].astype(np.float32), self.config)
        claims = rarity(steps[None, :], tails, fit)
        tail = np.full((1, len(rows)), DetectorChannel.MISSING)
        claims = self.pooled.corrected(claims, self._classes(tail, tails, self._moving(columns)))[0]
        judged = (steps >= LEAST_GAP) & (columns["catching_up"] == 0) & self._ready(columns, np.float64(at))
        return steps, np.where(judged, claims, NOTHING)

    def end_blocks(self, state: SeriesState, rows: Rows, times: NDArray[np.float64]) -> None:
        """Learn the maxima of the blocks that ended; those of different series end at different times."""
        until = state.fields["block_until"]
        over = np.flatnonzero(times >= until[rows])
        if len(over) == 0:
            return
        rows, times = rows[over], times[over]
        until[rows] = self.block_end(rows, times)
        young = times - state.fields["first_time"][rows] < SETTLING_S
        if young.any():
            state.tails["tail_highest"][:, rows[young]] = 0
            rows = rows[~young]
        if len(rows) == 0:
            return
        tails = tails_of(state, rows)
        blocks = state.fields["blocks"][rows].astype(np.float32)
        ready = blocks >= POOLED_BLOCKS
        moving = state.fields["moves"][rows] > np.float32(0.5) * state.fields["count"][rows]
        classes = self._classes(np.arange(2 * CHANNELS)[:, None], tails, moving)
        if ready.any():
            claims = rarity(tails.highest, tails, fitted(tails.spread, blocks, self.config))
            self.pooled.observe(claims[:, ready], classes[:, ready])
        end_block(tails, blocks)
        blocks = np.minimum(blocks + 1, MOST_BLOCKS)
        least = self.pooled.before(np.float32(np.log10(min(REPORTABLE_DAYS, self.config.open_days))), classes)
        tails.limit[...] = limit_of(least, tails, fitted(tails.spread, blocks, self.config))
        state.fields["blocks"][rows] = blocks
        for name in TAILS:
            state.tails[name][:, rows] = getattr(tails, name.removeprefix("tail_"))

    def block_end(self, rows: Rows, times: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return when the present blocks of series end."""
        length = self.config.block_s
        spread = rows * np.float64(length * GOLDEN) % length
        result: NDArray[np.float64] = (np.floor((times + spread) / length) + 1) * length - spread
        return result

    def _classes(self, tail: Rows, tails: Tails, moving: NDArray[np.bool_]) -> Rows:
        """Return the classes of the pooled calibration."""
        return self.pooled.class_of(tail, tails.spread, moving)

    @staticmethod
    def _moving(state: Columns) -> NDArray[np.bool_]:
        """Return which series change with every other sample at least."""
        result: NDArray[np.bool_] = state["moves"] > 0.5 * state["count"]
        return result

    def _ready(self, state: Columns, times: NDArray[np.float64] | np.float64) -> NDArray[np.bool_]:
        """Return which series were observed for long enough."""
        result: NDArray[np.bool_] = (times - state["first_time"] >= self.config.learning_s) & (
            state["blocks"] >= LEAST_BLOCKS
        )
        return result

    def claims(self, chosen: Candidates, columns: Columns, state: SeriesState) -> Floats:
        """Return the corrected rarity of each channel, -9 where it says nothing.

        Args:
            chosen: Samples that can be judged.
            columns: State of their series.
            state: Of all series.
        """
        deviations = chosen.deviations
        channel = np.arange(CHANNELS)[:, None]
        tail = np.where(deviations >= 0, channel, channel + CHANNELS)
        own = Tails(**{name.removeprefix("tail_"): state.tails[name][tail, chosen.rows] for name in TAILS})
        fit = fitted(own.spread, columns["blocks"].astype(np.float32), self.config)
        fit = replace(fit, scale=np.maximum(fit.scale, granularity(columns, own.mean)))
        claims = rarity(np.abs(deviations), own, fit)
        moving = self._moving(columns)
        claims = self.pooled.corrected(claims, self._classes(tail, own, moving))
        days = np.maximum((chosen.times - columns["first_time"]) / DAY_S, 1).astype(np.float32)
        moves = columns["moves"]
        np.minimum(claims, np.log10(days) + 1 + 4 * moves / (moves + 20), out=claims)
        run = deviations[DetectorChannel.FLATLINE]
        flat = (run > 2 * columns["longest"]) & (run >= LEAST_RUN)
        claims[DetectorChannel.FLATLINE, ~flat] = NOTHING
        claims[DetectorChannel.VOLATILITY, ~moving] = NOTHING
        claims[DetectorChannel.MISSING] = NOTHING
        claims[np.ix_(SEASONAL, columns["settled_s"] < NEW_SEASON_S)] = NOTHING
        return claims

    def ready(self, columns: Columns, times: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Return which series were observed for long enough, or have an open episode."""
        result: NDArray[np.bool_] = self._ready(columns, times) | (columns["open"] > 0)
        return result


def gap_steps(columns: Columns, at: float) -> Floats:
    """Return the time since a value arrived, in usual intervals."""
    gap = np.nan_to_num(at - columns["last_time"] - columns["delay"], nan=0.0).astype(np.float32)
    result: Floats = np.maximum(gap, 0) / np.maximum(columns["interval"], 1)
    return result
