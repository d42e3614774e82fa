"""Scores of the Numenta Anomaly Benchmark, from its published description.

A detection inside a window earns by how early it is, one outside costs by how far it is behind the last
window; only the earliest inside counts. The sum is scaled: the null detector has 0, the perfect one 100.

Source: Lavin and Ahmad, Evaluating Real-time Anomaly Detection Algorithms: the Numenta Anomaly Benchmark,
ICMLA 2015, sections II.B to II.D.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Scores = dict[str, NDArray[np.floating[Any]]]
"""By file: a score for each row."""
QUIET_S = 8 * 3600.0
"""A row that reaches the threshold again within a shift is not reported again."""

PROBATION_SHARE = 0.15
LONGEST_PROBATION = 750
STEEPNESS = 5.0
FARTHEST = 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """Weights of an application profile."""

    name: str
    hit: float = 1.0
    false: float = 0.11
    missed: float = 1.0


PROFILES = (
    Profile(name="standard"),
    Profile(name="reward low FP", false=0.22),
    Profile(name="reward low FN", missed=2.0),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Labelled:
    """One file: its name, times of its rows, values, and first and last row of each window."""

    name: str
    times: NDArray[np.float64]
    values: NDArray[np.float64]
    windows: tuple[tuple[int, int], ...]

    @property
    def probation(self) -> int:
        """Return the number of first rows in which detections do not count."""
        return min(int(PROBATION_SHARE * len(self.values)), LONGEST_PROBATION)


def sigmoid(position: float) -> float:
    """Return the value of a detection: near 1 early in a window, 0 at its end, -1 far behind it."""
    if position > FARTHEST:
        return -1.0
    return float(2 / (1 + np.exp(STEEPNESS * position)) - 1)


def raw_score(file: Labelled, detected: NDArray[np.intp], profile: Profile) -> float:
    """Return the sum over one file; `detected` are rows in ascending order."""
    rows = detected[detected >= file.probation].tolist()
    total, hit = 0.0, set()
    for row in rows:
        inside = next((window for window in file.windows if window[0] <= row <= window[1]), None)
        if inside is not None:
            if inside not in hit:
                hit.add(inside)
                length = inside[1] - inside[0] + 1
                total += profile.hit * sigmoid(-(inside[1] - row + 1) / length) / sigmoid(-1.0)
            continue
        before = [window for window in file.windows if window[1] < row]
        if before:
            left, right = before[-1]
            total += profile.false * sigmoid((row - right) / max(right - left, 1))
        else:
            total -= profile.false
    return total - profile.missed * (len(file.windows) - len(hit))


def rows_at(file: Labelled, scores: NDArray[np.floating[Any]], threshold: float) -> NDArray[np.intp]:
    """Return the rows that are reported at a threshold: the first of each episode."""
    reached = np.flatnonzero(scores >= threshold)
    since = np.diff(file.times[reached], prepend=-np.inf)
    return reached[since > QUIET_S]


def score(files: list[Labelled], scores: Scores, threshold: float, profile: Profile) -> float:
    """Return the normalised score of some files at one threshold."""
    windows = sum(len(file.windows) for file in files)
    worst, best = -profile.missed * windows, profile.hit * windows
    total = sum(raw_score(file, rows_at(file, scores[file.name], threshold), profile) for file in files)
    return 100 * (total - worst) / (best - worst)
