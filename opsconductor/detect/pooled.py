"""Second calibration: how often all series of the installation really reach what their own tails call rare.

The tails of a series rest on some weeks; what they say about once in a thousand days is an extrapolation.
Thousands of series together have seen thousands of series-days, so the claims can be checked: for every
channel and direction, and within it for series of similar tails, a histogram counts what the maximum of each
block was said to be before it was learnt. A line through the well-filled part of a histogram maps a claim to
what really happens, in either direction: the tails are cautious, most of what they claim is rarer still.
"""

import numpy as np
from numpy.typing import NDArray

from opsconductor.detect.channels import CHANNELS
from opsconductor.detect.config import DAY_S, DetectorConfig
from opsconductor.detect.sample import Floats

SPREADS = np.array([0.06, 0.1, 0.15, 0.25], dtype=np.float32)
"""Bounds of the classes of similar tails."""
CLASSES = 2 * (len(SPREADS) + 1)
BINS = 80
LOWEST = -1.0
STEP = 0.1
FROM_SHARE = 0.05
LEAST_SHARE = 0.0002
LEAST_COUNT = 15.0
"""The line goes through the claims that a twentieth of all blocks and that the fifteen rarest reach."""
PRIOR_BLOCKS = 1_500.0
STEEPEST = 2.5
FLATTEST = 0.25


class PooledCalibration:
    """Histograms of claims by class, and the lines that correct them."""

    def __init__(self, config: DetectorConfig) -> None:
        self._block_days = config.block_s / DAY_S
        self.counts = np.zeros((2 * CHANNELS * CLASSES, BINS), dtype=np.float64)
        self.slope = np.ones(len(self.counts), dtype=np.float32)
        self.offset = np.zeros(len(self.counts), dtype=np.float32)
        self._centre = LOWEST + STEP * np.arange(BINS)

    @staticmethod
    def class_of(tail: NDArray[np.intp], spread: Floats, moving: NDArray[np.bool_]) -> NDArray[np.intp]:
        """Return the histogram of each deviation: by tail, its spread, and whether the series moves often."""
        kind = np.zeros(spread.shape, dtype=np.intp)
        for bound in SPREADS:
            kind += spread > bound
        kind += moving * (len(SPREADS) + 1)
        return tail * CLASSES + kind

    def observe(self, claims: Floats, classes: NDArray[np.intp]) -> None:
        """Count claims about the maxima of blocks."""
        bins = np.clip((claims - LOWEST) / STEP, 0, BINS - 1).astype(np.intp)
        counted = np.bincount((bins + classes * BINS).ravel(), minlength=self.counts.size)
        self.counts += counted.reshape(self.counts.shape)

    def fit(self) -> None:
        """Fit the lines anew; without enough blocks a claim is taken as it is."""
        for row, counts in enumerate(self.counts):
            total = float(counts.sum())
            rarest = max(LEAST_SHARE, LEAST_COUNT / max(total, 1))
            if rarest > FROM_SHARE / 3:
                continue
            reached = np.cumsum(counts[::-1])[::-1] / total
            low, high = (float(np.interp(-share, -reached, self._centre)) for share in (FROM_SHARE, rarest))
            low_true, high_true = (
                float(np.log10(self._block_days / share)) for share in (FROM_SHARE, rarest)
            )
            slope = float(np.clip((high_true - low_true) / max(high - low, STEP), FLATTEST, STEEPEST))
            weight = total / (total + PRIOR_BLOCKS)
            self.slope[row] = 1 + weight * (slope - 1)
            self.offset[row] = weight * min(high_true - slope * high, 0.0)

    def decay(self, kept: float) -> None:
        """Reduce older counts, so that they fade."""
        self.counts *= kept

    def corrected(self, claims: Floats, classes: NDArray[np.intp]) -> Floats:
        """Return corrected claims."""
        result: Floats = self.offset[classes] + self.slope[classes] * claims
        return result

    def before(self, corrected: np.float32, classes: NDArray[np.intp]) -> Floats:
        """Return the claims that become a corrected one."""
        result: Floats = (corrected - self.offset[classes]) / self.slope[classes]
        return result

    def lines(self) -> NDArray[np.float64]:
        """Return slopes and offsets as they are in use."""
        return np.stack([self.slope, self.offset]).astype(np.float64)

    def restore(self, saved: NDArray[np.float64]) -> None:
        """Take counts and lines from a checkpoint, one after another."""
        size = self.counts.size
        self.counts[...] = saved[:size].reshape(self.counts.shape)
        self.slope[...], self.offset[...] = saved[size:].reshape(2, -1)
