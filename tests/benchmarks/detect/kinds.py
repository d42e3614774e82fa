"""Kinds of series of the synthetic fleet; each function returns values of shape (series, samples)."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """When the samples are, and how many series are wanted.

    Attributes:
        count: Number of series.
        hours: Time of each sample, in hours since a Monday at midnight.
        interval_s: Between two samples.
    """

    count: int
    hours: Values
    interval_s: float

    @property
    def shape(self) -> tuple[int, int]:
        """Return the shape of the values."""
        return self.count, len(self.hours)


def _each(rng: np.random.Generator, low: float, high: float, grid: Grid) -> Values:
    """Draw one number for each series, as a column."""
    return rng.uniform(low, high, (grid.count, 1))


def _red(rng: np.random.Generator, grid: Grid, memory_h: float) -> Values:
    """Return noise of unit variance that forgets within some hours."""
    keep = np.exp(-grid.interval_s / 3600 / memory_h)
    noise = rng.normal(size=grid.shape)
    fresh = np.sqrt(1 - keep * keep)
    for at in range(1, noise.shape[1]):
        noise[:, at] = keep * noise[:, at - 1] + fresh * noise[:, at]
    return noise


def _wave(rng: np.random.Generator, grid: Grid) -> Values:
    """Return a daily wave of two harmonics, each series with its own phase."""
    phase = _each(rng, 0, 24, grid)
    angle = 2 * np.pi * (grid.hours - phase) / 24
    return np.sin(angle) + _each(rng, 0, 0.5, grid) * np.sin(2 * angle + _each(rng, 0, 6, grid))


def _office(grid: Grid, start: Values, end: Values) -> Values:
    """Return a profile of working hours, low at weekends."""
    hour, day = grid.hours % 24, grid.hours // 24 % 7
    rise = 1 / (1 + np.exp(-(hour - start) * 2)) - 1 / (1 + np.exp(-(hour - end) * 2))
    return rise * np.where(day < 5, 1.0, 0.15)


def temperature(rng: np.random.Generator, grid: Grid) -> Values:
    """Daily wave with noise of some hours."""
    noise = 0.3 * _red(rng, grid, 3) + 0.15 * rng.normal(size=grid.shape)
    return _each(rng, 15, 60, grid) + _each(rng, 0.5, 5, grid) * _wave(rng, grid) + noise


def traffic(rng: np.random.Generator, grid: Grid) -> Values:
    """Octets of a link by working hours, multiplicative noise."""
    profile = 0.05 + _office(grid, _each(rng, 6, 9, grid), _each(rng, 16, 20, grid))
    noise = 0.15 * _red(rng, grid, 1) + _each(rng, 0.05, 0.3, grid) * rng.normal(size=grid.shape)
    return 10 ** _each(rng, 4, 9, grid) * profile * np.exp(noise)


def heavy_tailed(rng: np.random.Generator, grid: Grid) -> Values:
    """Noise of Student's t with three degrees of freedom about a level."""
    return _each(rng, -50, 500, grid) + _each(rng, 0.5, 20, grid) * rng.standard_t(3, size=grid.shape)


def bursty_counter(rng: np.random.Generator, grid: Grid) -> Values:
    """Rate of a counter with bursts of gamma size in a tenth of the samples."""
    busy = _red(rng, grid, 0.5) > 1.3
    base = rng.gamma(4, 0.25, size=grid.shape)
    return _each(rng, 10, 1e5, grid) * (base + busy * rng.gamma(1, 5, size=grid.shape))


def wandering(rng: np.random.Generator, grid: Grid) -> Values:
    """Level that wanders within days."""
    return _each(rng, 100, 1000, grid) + _each(rng, 1, 20, grid) * (
        _red(rng, grid, 30) + 0.1 * rng.normal(size=grid.shape)
    )


def quantised(rng: np.random.Generator, grid: Grid) -> Values:
    """Sensor that reports whole degrees or halves."""
    step = rng.choice([0.5, 1.0, 2.0], size=(grid.count, 1))
    return np.round((temperature(rng, grid)) / step) * step


def intermittent(rng: np.random.Generator, grid: Grid) -> Values:
    """Zero most of the time, counts at times."""
    chance = _each(rng, 0.01, 0.1, grid)
    return (rng.random(grid.shape) < chance) * rng.geometric(0.2, size=grid.shape).astype(float)


def stepping(rng: np.random.Generator, grid: Grid) -> Values:
    """Sessions or users: whole numbers about a profile of working hours."""
    profile = 0.1 + _office(grid, _each(rng, 6, 9, grid), _each(rng, 16, 20, grid))
    return rng.poisson(_each(rng, 3, 300, grid) * profile).astype(float)


def filling(rng: np.random.Generator, grid: Grid) -> Values:
    """Disk that fills and is emptied every day or two."""
    period, phase = _each(rng, 20, 50, grid), _each(rng, 0, 50, grid)
    return (
        _each(rng, 20, 50, grid)
        + _each(rng, 5, 20, grid) * ((grid.hours + phase) % period / period)
        + 0.2 * (rng.normal(size=grid.shape))
    )


def saturated(rng: np.random.Generator, grid: Grid) -> Values:
    """Percent that is nearly always at or near 100."""
    return np.minimum(100, 100.3 - rng.gamma(0.5, _each(rng, 0.2, 1, grid), size=grid.shape))


def nightly_job(rng: np.random.Generator, grid: Grid) -> Values:
    """Load that jumps at a fixed time of every day for an hour or three."""
    start, length = _each(rng, 0, 20, grid), _each(rng, 0.7, 3, grid)
    on = ((grid.hours - start) % 24) < length
    return 5 + 40 * on * _each(rng, 0.5, 1.5, grid) + (1 + 3 * on) * np.abs(rng.normal(size=grid.shape))


def latency(rng: np.random.Generator, grid: Grid) -> Values:
    """Round-trip time: log-normal with rare long ones."""
    rare = (rng.random(grid.shape) < 0.005) * rng.gamma(1, 4, size=grid.shape)
    return _each(rng, 0.5, 50, grid) * (np.exp(0.25 * rng.normal(size=grid.shape)) + rare)


def thermostat(rng: np.random.Generator, grid: Grid) -> Values:
    """Sawtooth of a compressor that switches within the hour."""
    period, phase = _each(rng, 0.5, 1.5, grid), _each(rng, 0, 2, grid)
    tooth = (grid.hours + phase + 0.2 * _red(rng, grid, 5)) % period / period
    return (
        _each(rng, 2, 8, grid)
        + np.abs(tooth - 0.5) * _each(rng, 1, 4, grid)
        + 0.05 * rng.normal(size=grid.shape)
    )


def clustered(rng: np.random.Generator, grid: Grid) -> Values:
    """Noise whose volatility comes in clusters of hours."""
    return _each(rng, -10, 100, grid) + np.exp(0.5 * _red(rng, grid, 6)) * rng.normal(size=grid.shape)


def two_states(rng: np.random.Generator, grid: Grid) -> Values:
    """Load that switches between idle and busy every few hours."""
    busy = _red(rng, grid, 4) > 0.3
    return 10 + _each(rng, 20, 60, grid) * busy + 2 * rng.normal(size=grid.shape)


def requests(rng: np.random.Generator, grid: Grid) -> Values:
    """Rate of requests: daily wave times weekly profile, noise as the root of the rate."""
    profile = (1.3 + np.sin(2 * np.pi * (grid.hours - 9) / 24)) * np.where(grid.hours // 24 % 7 < 5, 1, 0.6)
    return rng.poisson(_each(rng, 5, 2000, grid) * profile) / 60.0


def voltage(rng: np.random.Generator, grid: Grid) -> Values:
    """Battery voltage: nearly constant, small noise, resolution of ten millivolts."""
    return np.round(
        _each(rng, 12, 54, grid) + 0.03 * rng.normal(size=grid.shape) + 0.02 * _wave(rng, grid), 2
    )


Kind = Callable[[np.random.Generator, Grid], Values]
DEVELOPED_ON: tuple[Kind, ...] = (
    temperature, traffic, heavy_tailed, bursty_counter, wandering, quantised, intermittent, filling,
    nightly_job, latency
)  # fmt: skip
HELD_OUT: tuple[Kind, ...] = (thermostat, clustered, two_states, requests, voltage, stepping, saturated)
EVERY: tuple[Kind, ...] = (*DEVELOPED_ON, *HELD_OUT)
SETS = {"developed": DEVELOPED_ON, "held-out": HELD_OUT, "all": EVERY}
