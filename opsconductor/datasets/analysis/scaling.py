"""Robust location and scale of columns."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from opsconductor.datasets.matrix import DatasetMatrix

Floats = npt.NDArray[np.float64]

SAMPLE_CELLS = 4_000_000
"""Cells of the baseline that medians are taken from, 32 MB."""
MAD_TO_SIGMA, IQR_TO_SIGMA = 1.482602218505602, 1.3489795003921634
"""For a normal distribution; Rousseeuw and Croux (1993), Alternatives to the Median Absolute Deviation."""
FLAT = 1e-6
"""Scale below which a column counts as constant, relative to its largest deviation or 1e-6 of its values."""
MOST_MISSING = 0.5
"""Share of rows without a value beyond which a column is left out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RobustScale:
    """Location and scale by column, of the values as they are stored.

    Attributes:
        scale: NaN: the column is constant in the baseline.
        missing: Share of the rows of the baseline without a value.
    """

    center: Floats
    scale: Floats
    missing: Floats

    @property
    def is_usable(self) -> npt.NDArray[np.bool_]:
        """Return which columns can be compared."""
        return ~np.isnan(self.scale) & (self.missing <= MOST_MISSING)


def scale_of(matrix: DatasetMatrix, rows: int) -> RobustScale:
    """Return median and median absolute deviation of the first rows, of equidistant ones if they are many."""
    width = matrix.use.size
    step = max(1, -(-rows * width // SAMPLE_CELLS))
    parts = [part[-first % step :: step] for first, part in matrix.parts(0, rows)]
    sample = np.concatenate(parts)
    missing = np.isnan(sample).mean(axis=0)
    center, scale = np.zeros(width), np.full(width, np.nan)
    for at in range(width):
        values = sample[:, at]
        present = values[~np.isnan(values)]
        if present.size:
            center[at], scale[at] = _location_and_scale(present)
    return RobustScale(center=center, scale=scale, missing=missing)


def _location_and_scale(values: Floats) -> tuple[float, float]:
    """Return median and scale; NaN as scale: the values are constant.

    More than half of the values may be equal (a counter of faults, a switch): then the distance of the
    quartiles decides, and then the standard deviation.
    """
    center = float(np.median(values))
    deviations = np.abs(values - center)
    spread = float(deviations.max())
    if spread == 0.0:
        return center, np.nan
    low, high = np.percentile(values, (25, 75))
    candidates = (float(np.median(deviations)) * MAD_TO_SIGMA, float(high - low) / IQR_TO_SIGMA)
    for scale in candidates:
        if scale > FLAT * spread:
            return center, scale
    return center, float(values.std())
