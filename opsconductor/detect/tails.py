"""Calibration of tails: how rare a deviation is for its own series, from the maxima of blocks of hours.

The maximum of a block is that of many dependent samples, so its distribution needs no assumption about their
dependence. Of the maxima, on the scale log(deviation + 1), the upper quarter is taken as exponential: a power
law on the scale of the deviations. Light tails are judged with caution by it, heavy ones are not
underestimated, and what quiet blocks look like does not matter.

Source: Coles, An Introduction to Statistical Modeling of Extreme Values, chapter 3 (block maxima) and 4
(threshold exceedances).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from opsconductor.detect.config import DAY_S, DetectorConfig
from opsconductor.detect.sample import Floats, Rows
from opsconductor.detect.state import TAILS, SeriesState

SHIFT = np.float32(1.0)
UPPER = np.float32(0.25)
"""Share of the block maxima that the tail is fitted to."""
MEMORY_EXCEEDANCES = 25
FIRST_BLOCKS = 3
LEAST_SCALE = np.float32(0.05)
LOG10_E = np.float32(0.4342945)
RAREST = np.float32(12.0)
"""Log10 of days that no claim exceeds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tails:
    """Tail state of some series: views of shape (tails, series), changed in place.

    Attributes:
        mean: Upper quartile of log(block maximum + 1).
        spread: Mean excess over it of the maxima beyond.
        highest: Highest deviation of the block under way.
        limit: Deviation below which nothing is to be said.
    """

    mean: Floats
    spread: Floats
    highest: Floats
    limit: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """Tail of each deviation, as `fitted` returns it.

    Attributes:
        scale: Of the exponential.
        weight: Number of exceedances that it rests on, with those of the prior.
        base: Log10 of days in which the quartile is exceeded once.
    """

    scale: Floats
    weight: Floats
    base: np.float32


def fitted(spread: Floats, blocks: NDArray[np.float32], config: DetectorConfig) -> Fit:
    """Return the tail: what was seen, weighed against the prior by the number of exceedances."""
    prior = np.float32(config.tail_prior_exceedances)
    seen = np.minimum(blocks * UPPER, MEMORY_EXCEEDANCES)
    scale = (spread * seen + np.float32(config.tail_prior) * prior) / (seen + prior)
    return Fit(
        scale=np.maximum(scale, LEAST_SCALE),
        weight=seen + prior,
        base=np.float32(np.log10(config.block_s / DAY_S / float(UPPER))),
    )


def rarity(deviation: Floats, tails: Tails, fit: Fit) -> Floats:
    """Return log10 of "once in X days for this series"; deviations of shape (tails, series), not negative.

    The scale is an estimate; its uncertainty makes the predictive distribution a Pareto instead of an
    exponential one.
    """
    excess = (np.log(deviation + SHIFT) - tails.mean) / fit.scale
    excess = fit.weight * np.log1p(np.maximum(excess, -1) / fit.weight)
    result: Floats = np.minimum(fit.base + LOG10_E * excess, RAREST)
    return result


def limit_of(claims: Floats, tails: Tails, fit: Fit) -> Floats:
    """Return the deviation that has a rarity: the inverse of `rarity`."""
    excess = fit.weight * np.expm1((claims - fit.base) / LOG10_E / fit.weight)
    result: Floats = np.exp(np.minimum(tails.mean + excess * fit.scale, 30)) - SHIFT
    return result


def end_block(tails: Tails, blocks: Floats) -> None:
    """Learn from the maxima of the blocks that ended, and start new ones.

    Args:
        tails: Of the series whose block ended: copies, written back by the caller.
        blocks: Number of blocks seen before.
    """
    value = np.log(tails.highest + SHIFT)
    error = value - tails.mean
    above = error > 0
    first, early = blocks < 1, blocks < FIRST_BLOCKS
    size = np.maximum(tails.spread, np.float32(0.05))
    pace = np.maximum(4 / (blocks + 1), np.float32(0.08)) * size
    rising = np.where(above, error, np.float32(0.3) * error) / (1 + np.float32(0.5) * blocks)
    tails.mean[...] += np.where(first, error, np.where(early, rising, pace * (above - UPPER)))
    seen = np.maximum((blocks - FIRST_BLOCKS) * UPPER, 0) + 1
    gain = np.where(above, 1 / np.minimum(seen, MEMORY_EXCEEDANCES), 0)
    rough = tails.spread + np.float32(0.5) * (np.abs(error) - tails.spread)
    tails.spread[...] = np.where(
        first, 0, np.where(early, rough, tails.spread + gain * (error - tails.spread))
    )
    tails.highest[...] = 0


def fold(signed: Floats, highest: Floats, limit: Floats) -> NDArray[np.bool_]:
    """Enter signed deviations, shape (channels, series), into the highest of both directions.

    Returns:
        Series with a deviation that exceeds the limit of its direction.
    """
    half = len(signed)
    negative = -signed
    over = signed > limit[:half]
    over |= negative > limit[half:]
    np.maximum(highest[:half], signed, out=highest[:half])
    np.maximum(highest[half:], negative, out=highest[half:])
    result: NDArray[np.bool_] = np.logical_or.reduce(over, axis=0)
    return result


def tails_of(state: SeriesState, rows: Rows, tails: slice = slice(None)) -> Tails:
    """Copy the tails of some series."""
    return Tails(**{name.removeprefix("tail_"): state.tails[name][tails, rows] for name in TAILS})
