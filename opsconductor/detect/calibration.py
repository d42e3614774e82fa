"""Calibration of deviations: tails of each series, then what all series together really reach."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from opsconductor.detect.channels import CHANNELS, DetectorChannel
from opsconductor.detect.config import DAY_S, SETTLING_S, DetectorConfig
from opsconductor.detect.measures import granularity
from opsconductor.detect.pooled import PooledCalibration
from opsconductor.detect.sample import Floats, Rows, SampleBatch
from opsconductor.detect.state import TAILS, Columns
from opsconductor.detect.tails import Tails, beyond, directed, end_block, fitted, limit_of, rarity, rows_of

LEAST_GAP = 4
"""Usual intervals without a value that are missing data at least."""
LEAST_RUN = 6
"""Equal samples that are a flat line at least."""
LEAST_BLOCKS = 2
POOLED_BLOCKS = 8
MOST_BLOCKS = 60_000
NOTHING = np.float32(-9)


class Calibration:
    """Turns deviations into rarities; learns when a block of a series ends."""

    def __init__(self, config: DetectorConfig) -> None:
        self.config = config
        self.pooled = PooledCalibration(config)

    def gaps(self, state: Columns, every: Columns, at: float) -> tuple[Floats, Floats]:
        """Return the time since a value arrived in usual intervals, and its corrected rarity, of all series.

        Args:
            state: Of all series.
            every: Tails of all series.
            at: Until when, in seconds since 1970.
        """
        size = len(state["count"])
        row = slice(DetectorChannel.MISSING, DetectorChannel.MISSING + 1)
        tails = Tails(**{name[5:]: every[name][row, :size] for name in TAILS})
        gap = np.nan_to_num(at - state["last_time"] - state["delay"], nan=0.0).astype(np.float32)
        steps = np.maximum(gap, 0) / np.maximum(state["interval"], 1)
        fit = fitted(tails.spread, state["blocks"].astype(np.float32), self.config)
        claims = rarity(steps[None, :], tails, fit)
        tail = np.full((1, size), DetectorChannel.MISSING)
        claims = self.pooled.corrected(claims, self._classes(tail, tails, self._moving(state)))[0]
        judged = (steps >= LEAST_GAP) & (state["catching_up"] == 0) & self._ready(state, np.float64(at))
        return steps, np.where(judged, claims, NOTHING)

    def end_blocks(self, samples: SampleBatch, tails: Tails, every: Columns) -> None:
        """Learn the maxima of the blocks that ended; those of different series end at different times."""
        state = samples.columns
        spread = samples.rows * np.float64(self.config.block_s * 0.6180339887)
        block = np.floor((samples.times + spread) / self.config.block_s)
        block = (block % 2**31).astype(np.int32)
        over = (block != state["block"]) & (state["block"] >= 0)
        state["block"][...] = block
        young = samples.times - state["first_time"] < SETTLING_S
        tails.highest[:, np.flatnonzero(over & young)] = 0
        ended = np.flatnonzero(over & ~young)
        if len(ended) == 0:
            return
        old = rows_of(tails, ended)
        blocks = state["blocks"][ended].astype(np.float32)
        ready = blocks >= POOLED_BLOCKS
        classes = self._classes(np.arange(2 * CHANNELS)[:, None], old, self._moving(state)[ended])
        if ready.any():
            claims = rarity(old.highest, old, fitted(old.spread, blocks, self.config))
            self.pooled.observe(claims[:, ready], classes[:, ready])
        end_block(old, blocks)
        blocks = np.minimum(blocks + 1, MOST_BLOCKS)
        least = self.pooled.before(np.float32(np.log10(self.config.close_days)), classes)
        old.limit[...] = limit_of(least, old, fitted(old.spread, blocks, self.config))
        state["blocks"][ended] = blocks
        for name in TAILS:
            learnt = getattr(old, name[5:])
            getattr(tails, name[5:])[:, ended] = learnt
            every[name][:, samples.rows[ended]] = learnt

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

    def claims(self, samples: SampleBatch, deviations: Floats, tails: Tails) -> tuple[Rows, Floats]:
        """Return the samples of which something is to be said, and the corrected rarity of each channel.

        Where a channel says nothing, the rarity is -9.
        """
        state = samples.columns
        some = beyond(deviations, tails.limit).any(axis=0) | (state["open"] > 0)
        rows = np.flatnonzero(some & (self._ready(state, samples.times) | (state["open"] > 0)))
        deviations = deviations[:, rows]
        upwards = deviations >= 0
        own = directed(tails, upwards, rows)
        fit = fitted(own.spread, state["blocks"][rows].astype(np.float32), self.config)
        fit = replace(fit, scale=np.maximum(fit.scale, granularity(samples, rows, own.mean)))
        claims = rarity(np.abs(deviations), own, fit)
        channel = np.arange(CHANNELS)[:, None]
        tail = np.where(upwards, channel, channel + CHANNELS)
        claims = self.pooled.corrected(claims, self._classes(tail, own, self._moving(state)[rows]))
        days = np.maximum((samples.times - state["first_time"])[rows] / DAY_S, 1).astype(np.float32)
        moves = state["moves"][rows]
        np.minimum(claims, np.log10(days) + 1 + 4 * moves / (moves + 20), out=claims)
        run = deviations[DetectorChannel.FLATLINE]
        flat = (run > 2 * state["longest"][rows]) & (run >= LEAST_RUN)
        claims[DetectorChannel.FLATLINE, ~flat] = NOTHING
        claims[DetectorChannel.VOLATILITY, ~self._moving(state)[rows]] = NOTHING
        claims[DetectorChannel.MISSING] = NOTHING
        claims[:, state["settled_s"][rows] < SETTLING_S] = NOTHING
        return rows, claims
