"""Which features explain the distance of a row.

A feature is chosen by how much of the combined index goes away when its value is replaced by the one that
the others let expect; then the next, beside it, until the rest is ordinary. Reconstruction does not smear
one fault over all features that depend on it, as plain contributions do: Alcala and Qin (2009),
Reconstruction-based contribution for process monitoring.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

MOST_FEATURES = 5
LEAST_SHARE = 0.02
"""Share of the index below which another feature explains nothing."""
ORDINARY = 0.5
"""Combined index below which a row is well within both limits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FeatureShare:
    """What one feature contributes to the distance of a row.

    Attributes:
        at: Position of the feature.
        share: Of the combined index, 0 to 1.
        shift: Standard deviations by which it is away from what the other features let expect.
    """

    at: int
    share: float
    shift: float


def explain_rows(centered: Floats, matrix: Floats) -> list[list[FeatureShare]]:
    """Return for each row the features that explain it, the most important first.

    Args:
        centered: Standardized rows without missing values, minus the mean.
        matrix: That of the combined index.
    """
    slopes = centered @ matrix
    return [_explain(row, slope, matrix) for row, slope in zip(centered, slopes, strict=True)]


def _explain(row: Floats, slope: Floats, matrix: Floats) -> list[FeatureShare]:
    total = float(row @ slope)
    if total <= 0:
        return []
    diagonal = np.maximum(np.diag(matrix), 1e-12)
    chosen: list[int] = []
    removed: list[float] = []
    shifts: Floats = np.zeros(0)
    left, explained = slope, 0.0
    while len(chosen) < min(MOST_FEATURES, len(row)) and total - explained > ORDINARY:
        gains = left**2 / diagonal
        gains[chosen] = -1.0
        chosen.append(int(gains.argmax()))
        shifts = _shifts(chosen, slope, matrix)
        reached = float(slope[chosen] @ shifts)
        if chosen[1:] and reached - explained < LEAST_SHARE * total:
            chosen.pop()
            shifts = _shifts(chosen, slope, matrix)
            break
        removed.append(reached - explained)
        explained = reached
        left = slope - matrix[:, chosen] @ shifts
    found = [
        FeatureShare(at=at, share=min(1.0, max(0.0, gain / total)), shift=float(shift))
        for at, gain, shift in zip(chosen, removed, shifts, strict=True)
    ]
    return sorted(found, key=lambda each: -each.share)


def _shifts(chosen: Sequence[int], slope: Floats, matrix: Floats) -> Floats:
    """Return the distance of the chosen features from where the index is smallest."""
    part = matrix[np.ix_(chosen, chosen)]
    return np.asarray(np.linalg.lstsq(part, slope[list(chosen)], rcond=None)[0], np.float64)
