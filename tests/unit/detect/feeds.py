"""Streams of samples for tests of the detector."""

import numpy as np
from numpy.typing import NDArray

from opsconductor.detect.channels import Stage
from opsconductor.detect.detector import Detector
from opsconductor.detect.findings import Findings, joined

START_S = 1_735_516_800.0
"""A Monday, 00:00 UTC."""
PER_DAY = 288


def times(samples: int, interval_s: float = 300.0) -> NDArray[np.float64]:
    """Return times of samples at a fixed interval."""
    return START_S + np.arange(samples) * interval_s


def noise(series: int, samples: int, seed: int = 1) -> NDArray[np.float64]:
    """Return a daily wave with noise, shape (series, samples)."""
    rng = np.random.default_rng(seed)
    hours = np.arange(samples) / 12
    phase = rng.uniform(0, 24, (series, 1))
    return 50 + 10 * np.sin(2 * np.pi * (hours - phase) / 24) + rng.normal(size=(series, samples))


def feed(
    detector: Detector, at: NDArray[np.float64], values: NDArray[np.float64], *, silent: bool = False
) -> list[Findings]:
    """Feed all series one sample at a time, NaN for none; return the findings of each step."""
    found = []
    for column, time in enumerate(at.tolist()):
        rows = np.flatnonzero(~np.isnan(values[:, column])).astype(np.int32)
        step = detector.step(rows, np.full(len(rows), time), values[rows, column])
        found.append(joined([step, detector.silent(time)]) if silent else step)
    return found


def begun(found: list[Findings]) -> Findings:
    """Return the beginnings alone."""
    every = joined([each for each in found if len(each)])
    return every.take(every.stage == Stage.BEGIN)
