"""Calibration of tails: how rare a deviation is for its own series, from the maxima of blocks of hours.

The maximum of a block is that of many dependent samples, so its distribution needs no assumption about their
dependence. On the scale log(deviation + 1) it is taken as Gumbel, which is a heavy (Frechet-like) tail on the
scale of the deviations: light tails are judged with caution, heavy ones are not underestimated.

Source: Coles, An Introduction to Statistical Modeling of Extreme Values, chapter 3 (block maxima).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from opsconductor.detect.config import DAY_S, DetectorConfig
from opsconductor.detect.sample import Floats, Rows

SHIFT = np.float32(1.0)
EULER = 0.5772
MEAN_ABSOLUTE = 0.98
"""Mean absolute deviation of a Gumbel distribution from its mean, in units of its scale."""
MEMORY_BLOCKS = 120
LEAST_SCALE = np.float32(0.05)
LOG10_E = np.float32(0.4342945)
RAREST = np.float32(12.0)
"""Log10 of days that no claim exceeds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tails:
    """Tail state of some series: views of shape (tails, series), changed in place.

    Attributes:
        mean: Mean of log(block maximum + 1).
        spread: Mean absolute deviation from it.
        highest: Highest deviation of the block under way.
    """

    mean: Floats
    spread: Floats
    highest: Floats


def scale_of(spread: Floats, blocks: NDArray[np.float32], config: DetectorConfig) -> Floats:
    """Return the Gumbel scale: what was seen, weighed against the prior by the number of blocks."""
    prior = config.tail_prior_blocks
    seen = spread * np.float32(1 / MEAN_ABSOLUTE)
    weighed = (seen * blocks + np.float32(config.tail_prior * prior)) / (blocks + np.float32(prior))
    result: Floats = np.maximum(weighed, LEAST_SCALE)
    return result


def rarity(deviation: Floats, tails: Tails, blocks: Floats, config: DetectorConfig) -> Floats:
    """Return log10 of "once in X days for this series"; deviations of shape (tails, series), not negative."""
    scale = scale_of(tails.spread, blocks, config)
    excess = (np.log(deviation + SHIFT) - tails.mean) / scale + np.float32(EULER)
    days = np.float32(np.log10(config.block_s / DAY_S))
    result: Floats = np.minimum(days + LOG10_E * excess, RAREST)
    return result


def end_block(tails: Tails, blocks: Floats) -> None:
    """Learn from the maxima of the blocks that ended, and start new ones.

    Args:
        tails: Of the series whose block ended: copies, written back by the caller.
        blocks: Number of blocks seen before.
    """
    value = np.log(tails.highest + SHIFT)
    gain = 1 / np.minimum(blocks + 1, MEMORY_BLOCKS)
    error = value - tails.mean
    tails.mean[...] += gain * error
    late = blocks > 0
    gain = np.where(late, 1 / np.clip(blocks, 1, MEMORY_BLOCKS), 0)
    tails.spread[...] += gain * (np.abs(error) - tails.spread)
    tails.highest[...] = 0


def fold(signed: Floats, highest: Floats) -> None:
    """Enter signed deviations, shape (channels, series), into the highest of both directions."""
    half = len(signed)
    np.maximum(highest[:half], signed, out=highest[:half])
    np.maximum(highest[half:], -signed, out=highest[half:])


def directed(tails: Tails, upwards: NDArray[np.bool_]) -> Tails:
    """Return the tail of the direction that each deviation has."""
    half = len(upwards)
    return Tails(
        mean=np.where(upwards, tails.mean[:half], tails.mean[half:]),
        spread=np.where(upwards, tails.spread[:half], tails.spread[half:]),
        highest=tails.highest[:half],
    )


def rows_of(tails: Tails, rows: Rows) -> Tails:
    """Copy the tails of some series."""
    return Tails(mean=tails.mean[:, rows], spread=tails.spread[:, rows], highest=tails.highest[:, rows])
