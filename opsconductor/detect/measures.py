"""Deviation of a sample in each channel, signed, in units in which usual noise is about one."""

import numpy as np

from opsconductor.detect.channels import CHANNELS, DetectorChannel
from opsconductor.detect.config import DAY_S, HOUR_S
from opsconductor.detect.sample import (
    LARGEST,
    TINY,
    YOUNG,
    Bools,
    Floats,
    Mean,
    Rows,
    SampleBatch,
    clipped,
    follow,
)
from opsconductor.detect.seasons import Prediction
from opsconductor.detect.state import Columns

WIDEST = np.float32(1e6)
EARLY_BLOCKS = 28
"""A season that is found within as many blocks starts the tails anew: its residuals are others."""
HOUR_SHARE = np.float32(0.7)
"""Weight of the scale of this hour of the day beside that of all hours."""
HOUR_LEAST = np.float32(0.3)
CUSUM_ALLOWANCE = np.float32(0.75)
CUSUM_HIGHEST = np.float32(400)
CUSUM_S = 4 * DAY_S
RESOLUTION = np.float32(2e-4)
"""Share of the usual size of a value below which differences do not count."""


def _bounded(scale: Floats, size: Floats, young: Bools | None) -> Floats:
    """Return absolute deviations as they are learnt: one sample counts as four usual ones at most."""
    bound = 4 * scale
    np.minimum(bound, size, out=bound)
    if scale.min() <= 0:
        bound = np.where(scale <= 0, size, bound)
    if young is not None:
        bound = np.where(young, size, bound)
    return bound


def measure(samples: SampleBatch, prediction: Prediction) -> Floats:
    """Return the deviations, shape (CHANNELS, samples), and learn the scales they are measured by."""
    state = samples.columns
    _switch(samples, prediction.changed)
    quantum = _quantum(state)
    floor = _resolution(state, quantum)
    result = np.empty((CHANNELS, len(samples.rows)), dtype=np.float32)
    direct = result[DetectorChannel.RESIDUAL : DetectorChannel.SURPRISE + 1]
    residual, change = samples.values - prediction.best, samples.values - state["previous"]
    np.copyto(direct[0], residual)
    np.subtract(samples.values, state["base"], out=direct[1])
    np.divide(change, np.sqrt(np.maximum(samples.steps, 1)), out=direct[2])
    np.subtract(residual, state["fast"], out=direct[3])
    scales = state["scales"]
    units = np.empty_like(direct)
    units[0] = _hourly(samples, prediction, np.abs(residual))
    units[1:] = scales[1:]
    units[3] *= 0.5
    np.maximum(units[3], state["volatility"], out=units[3])
    np.maximum(units, floor, out=units)
    size = np.abs(direct)
    follow(scales, _bounded(scales, size, samples.young), samples.gains[Mean.SCALE])
    _volatility(samples, size[3], (floor, quantum), result[DetectorChannel.VOLATILITY])
    follow(state["fast"], residual, samples.gains[Mean.LAST_FEW])
    direct /= units
    score = direct[0]
    _sustained(samples, clipped(score, 10), result)
    _drift(samples, (samples.values - prediction.shape) / units[0], result[DetectorChannel.CUSUM])
    _runs(samples, change, result)
    follow(state["bias"], clipped(score, 1), samples.gains[Mean.ERROR])
    np.maximum(result, -WIDEST, out=result)
    np.minimum(result, WIDEST, out=result)
    state["deviation"][...] = result[DetectorChannel.RESIDUAL]
    return result


def _switch(samples: SampleBatch, changed: Rows) -> None:
    """Forget what was accumulated against another season when the season changes."""
    state = samples.columns
    state["settled_s"] += samples.elapsed
    np.minimum(state["settled_s"], 1e6, out=state["settled_s"])
    if len(changed) == 0:
        return
    state["settled_s"][changed] = 0
    state["gathered"][:, changed] = 0
    blocks = state["blocks"][changed]
    state["blocks"][changed] = np.where(blocks < EARLY_BLOCKS, np.minimum(blocks, 1), blocks)


def _resolution(state: Columns, quantum: Floats) -> Floats:
    """Return the smallest difference that counts, by the steps of the series or the size of its values."""
    floor: Floats = state["size"] * RESOLUTION
    np.maximum(floor, TINY, out=floor)
    np.maximum(floor, quantum * 0.3, out=floor)
    return floor


def _quantum(state: Columns) -> Floats:
    """Return the smallest change seen, 0 if there was none."""
    quantum: Floats = np.where(state["quantum"] < LARGEST, state["quantum"], 0)
    return quantum


def _hourly(samples: SampleBatch, prediction: Prediction, size: Floats) -> Floats:
    """Return the usual residual at this hour; learn it afterwards."""
    state, hour = samples.columns, samples.slots.hour
    seen = prediction.visits[0].astype(np.float32)
    here, overall = samples.knot("hour_scale", hour), state["scale"]
    known = seen - 1
    np.minimum(known, 2, out=known)
    known *= 0.5 * HOUR_SHARE
    result: Floats = here - overall
    result *= known
    result += overall
    np.maximum(result, overall * HOUR_LEAST, out=result)
    share = np.minimum(samples.elapsed * 1 / HOUR_S, 1)
    share /= np.minimum(seen, 8)
    new = seen <= 1
    if new.any():
        share = np.where(new, 1 / (state["hour_samples"] + 1), share)
    step = _bounded(result, size, samples.young)
    step -= here
    step *= share
    samples.add_to_knot("hour_scale", hour, step)
    return result


def _volatility(samples: SampleBatch, size: Floats, least: tuple[Floats, Floats], result: Floats) -> None:
    """Measure short-term against usual volatility, after the present error `size`."""
    state, (floor, quantum) = samples.columns, least
    usual, recent = state["surprise_scale"], state["volatility"]
    bounded = np.maximum(usual, floor)
    bounded *= 5
    np.minimum(bounded, size, out=bounded)
    follow(recent, bounded, samples.gains[Mean.VOLATILITY])
    steps = quantum * 0.5
    steps += floor
    np.add(recent, steps, out=result)
    steps += usual
    result /= steps
    np.log(result, out=result)
    result *= 4


def _sustained(samples: SampleBatch, score: Floats, result: Floats) -> None:
    """Measure the mean of about an hour, and that of the last hours against the day before."""
    state = samples.columns
    gains, means = samples.gains[Mean.SMOOTHED : Mean.SHIFT + 1], state["means"]
    follow(means, score, gains)
    root = 2 - gains
    root /= np.maximum(gains, TINY)
    np.sqrt(root, out=root)
    np.multiply(means[0], root[0], out=result[DetectorChannel.SMOOTHED])
    difference = means[1] - state["shift_slow"]
    np.multiply(difference, root[1], out=result[DetectorChannel.SHIFT])
    difference *= samples.gains[Mean.SHIFT_BEFORE]
    state["shift_slow"] += difference


def _drift(samples: SampleBatch, score: Floats, result: Floats) -> None:
    """Accumulate deviations from the norm of many days, of either sign, in sigma-hours."""
    state = samples.columns
    hours = np.maximum(6 * state["interval"], HOUR_S)
    np.divide(samples.elapsed, hours, out=hours)
    if samples.young is not None:
        hours = np.where(state["count"] > YOUNG, hours, 0)
    kept = samples.elapsed + CUSUM_S
    np.divide(CUSUM_S, kept, out=kept)
    sums = state["sums"]
    moved = np.empty_like(sums)
    moved[0] = clipped(score, 5)
    np.negative(moved[0], out=moved[1])
    moved -= CUSUM_ALLOWANCE
    moved *= hours
    sums *= kept
    sums += moved
    np.maximum(sums, 0, out=sums)
    np.minimum(sums, CUSUM_HIGHEST, out=sums)
    np.copyto(result, sums[0])
    np.negative(sums[1], out=result, where=sums[1] > sums[0])
    result *= 0.5


def _runs(samples: SampleBatch, change: Floats, result: Floats) -> None:
    """Measure the run of equal values, and the gap before this sample; learn steps and sizes."""
    state = samples.columns
    difference = np.abs(change)
    moved = difference > 0
    run, longest = state["run"], state["longest"]
    longest *= 1 - samples.elapsed * 1 / (30 * DAY_S)
    ended = run * moved
    np.maximum(longest, ended, out=longest)
    run -= ended
    run += ~moved
    result[DetectorChannel.FLATLINE] = run
    result[DetectorChannel.MISSING] = np.maximum(samples.steps, samples.silence)
    np.minimum(state["quantum"], difference, out=state["quantum"], where=moved)
    state["moves"] += moved
    state["previous"][...] = samples.values


GRANULAR = (DetectorChannel.RESIDUAL, DetectorChannel.RAW, DetectorChannel.RATE, DetectorChannel.SURPRISE)
STEP_SHARE = np.float32(0.35)


def granularity(state: Columns, mean: Floats) -> Floats:
    """Return the least scale of the tails of some series, shape (CHANNELS, series).

    Of a series with steps, the maxima of most blocks are equal; the next step is no rarity for all that.

    Args:
        state: Of these series.
        mean: Mean logarithm of the block maxima in each channel.
    """
    result = np.zeros_like(mean)
    quantum = _quantum(state)
    for channel, name in zip(GRANULAR, ("scale", "raw_scale", "rate_scale", "surprise_scale"), strict=True):
        step = quantum / np.maximum(state[name], np.maximum(quantum * np.float32(0.3), TINY))
        result[channel] = STEP_SHARE * np.log1p(step * np.exp(-mean[channel]))
    usual = state["surprise_scale"]
    step = 4 * np.log1p(np.float32(0.15) * quantum / np.maximum(usual + np.float32(0.5) * quantum, TINY))
    channel = DetectorChannel.VOLATILITY
    result[channel] = STEP_SHARE * np.log1p(step * np.exp(-mean[channel]))
    return result
