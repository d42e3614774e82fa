"""Limits of distances by the distances of the baseline, each computed without the row's own block."""

import math
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

FAR = 6.0
"""Robust standard deviations of the logarithm beyond which a row of the baseline is none of it."""
MOST_FAR = 0.05
"""Share of the baseline that may be left out as such."""
TINY = 1e-9
"""Smallest limit: below it are rounding errors of columns that depend on each other exactly."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DistanceLimit:
    """A limit.

    Attributes:
        source: `quantile` of the baseline, `extrapolated` beyond its largest, or `configured`.
    """

    value: float
    source: str


def ordinary(distances: Floats) -> npt.NDArray[np.bool_]:
    """Return which rows of a baseline are not far from all others, at least 95 % of them."""
    logs = np.log(np.maximum(distances, TINY))
    center = np.median(logs)
    spread = 1.4826 * float(np.median(np.abs(logs - center)))
    far = logs > center + FAR * max(spread, 1e-3)
    most = int(MOST_FAR * len(distances))
    if far.sum() > most:
        keep = np.argsort(-distances, kind="stable")[:most]
        chosen = np.zeros(len(distances), bool)
        chosen[keep] = True
        far &= chosen
    near: npt.NDArray[np.bool_] = ~far
    return near


def limit_of(distances: Floats, rate: float) -> DistanceLimit:
    """Return the limit that a share of new ordinary rows exceeds.

    With enough rows it is the quantile of split conformal prediction: of n distances the one of rank
    (n + 1)(1 - rate), rounded up. With fewer, a scaled chi-square distribution of the same mean and variance
    (Box 1954, as for SPE by Nomikos and MacGregor 1995), at least the largest distance.
    """
    ranked = np.sort(distances)
    amount = len(ranked)
    rank = math.ceil((amount + 1) * (1 - rate))
    if rank <= amount:
        return DistanceLimit(value=max(TINY, float(ranked[rank - 1])), source="quantile")
    mean, variance = float(ranked.mean()), float(ranked.var())
    if variance <= 0 or mean <= 0:
        return DistanceLimit(value=max(TINY, float(ranked[-1])), source="extrapolated")
    freedom = 2 * mean**2 / variance
    value = variance / (2 * mean) * _chi_square(freedom, 1 - rate)
    return DistanceLimit(value=max(TINY, value, float(ranked[-1])), source="extrapolated")


def _chi_square(freedom: float, probability: float) -> float:
    """Return the quantile of a chi-square distribution; Wilson and Hilferty (1931)."""
    part = 2 / (9 * freedom)
    root: float = 1 - part + NormalDist().inv_cdf(probability) * math.sqrt(part)
    return freedom * float(max(0.0, root) ** 3)
