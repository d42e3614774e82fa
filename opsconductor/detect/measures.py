"""Deviation of a sample in each channel, signed, in units in which usual noise is about one."""

import numpy as np

from opsconductor.detect.channels import CHANNELS, DetectorChannel
from opsconductor.detect.config import DAY_S, HOUR_S
from opsconductor.detect.sample import LARGEST, TINY, YOUNG, Bools, Floats, Rows, SampleBatch, clipped, follow
from opsconductor.detect.seasons import Prediction
from opsconductor.detect.state import Columns

SCALE_S = 2 * DAY_S
BIAS_S = 1.5 * DAY_S
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


def _mean_absolute(scale: Floats, deviation: Floats, gain: Floats, young: Bools) -> None:
    """Follow the mean absolute deviation; one sample counts as four usual ones at most."""
    size = np.abs(deviation)
    bound = np.where(young | (scale <= 0), size, 4 * scale)
    follow(scale, np.minimum(size, bound), gain)


def measure(samples: SampleBatch, prediction: Prediction) -> Floats:
    """Return the deviations, shape (CHANNELS, samples), and learn the scales they are measured by."""
    state = samples.columns
    young = state["count"] < YOUNG
    floor = _resolution(samples)
    result = np.zeros((CHANNELS, len(samples.rows)), dtype=np.float32)
    _switch(samples, prediction)
    residual = samples.values - prediction.best
    scale = np.maximum(_scale(samples, prediction, residual, young), floor)
    score = residual / scale
    result[DetectorChannel.RESIDUAL] = score
    gain = samples.gain(SCALE_S)
    raw = samples.values - state["base"]
    result[DetectorChannel.RAW] = raw / np.maximum(state["raw_scale"], floor)
    _mean_absolute(state["raw_scale"], raw, gain, young)
    change = np.where(samples.first, 0, samples.values - state["previous"])
    change /= np.sqrt(np.maximum(samples.steps, 1))
    result[DetectorChannel.RATE] = change / np.maximum(state["rate_scale"], floor)
    _mean_absolute(state["rate_scale"], change, gain, young)
    _surprise(samples, residual, floor, result)
    _sustained(samples, clipped(score, 10), result)
    _drift(samples, (samples.values - prediction.shape) / scale, result)
    _runs(samples, result)
    follow(state["bias"], clipped(score, 1), samples.gain(BIAS_S))
    state["deviation"][...] = clipped(score, WIDEST)
    np.clip(result, -WIDEST, WIDEST, out=result)
    return result


def _switch(samples: SampleBatch, prediction: Prediction) -> None:
    """Forget what was accumulated against another season when the season changes."""
    state = samples.columns
    changed = state["season"] != prediction.season
    state["settled_s"][...] = np.where(changed, 0, np.minimum(state["settled_s"] + samples.elapsed, 1e6))
    for name in ("smoothed", "shift_fast", "shift_slow", "cusum_up", "cusum_down", "fast"):
        state[name][...] = np.where(changed, 0, state[name])
    state["season"][...] = prediction.season
    early = changed & (state["blocks"] < EARLY_BLOCKS)
    state["blocks"][...] = np.where(early, np.minimum(state["blocks"], 1), state["blocks"])


def _resolution(samples: SampleBatch) -> Floats:
    """Return the smallest difference that counts, by the steps of the series or the size of its values."""
    state = samples.columns
    floor: Floats = np.maximum(state["size"] * RESOLUTION, TINY)
    result: Floats = np.maximum(floor, _quantum(state) * np.float32(0.3))
    return result


def _quantum(state: Columns) -> Floats:
    """Return the smallest change seen, 0 if there was none."""
    quantum: Floats = np.where(state["quantum"] < LARGEST, state["quantum"], 0)
    return quantum


def _scale(samples: SampleBatch, prediction: Prediction, residual: Floats, young: Bools) -> Floats:
    """Return the usual residual at this hour; learn it afterwards."""
    state, rows, hour = samples.columns, samples.rows, samples.slots.hour
    flat = samples.tables["hour_scale"].reshape(-1)
    place = rows * 24 + hour
    here, seen = flat[place], prediction.day_visits[2].astype(np.float32)
    overall = state["scale"]
    known = np.minimum(np.maximum(seen - 1, 0) * np.float32(0.5), 1) * HOUR_SHARE
    result: Floats = np.maximum(overall + known * (here - overall), overall * HOUR_LEAST)
    size = np.abs(residual)
    share = np.minimum(samples.elapsed / np.float32(HOUR_S), 1) / np.minimum(seen, 8)
    share = np.where(seen <= 1, 1 / (state["hour_samples"] + 1), share)
    bounded = np.minimum(size, np.where(young | (result <= 0), size, 4 * result))
    flat[place] = here + share * (bounded - here)
    _mean_absolute(overall, residual, samples.gain(SCALE_S), young)
    return result


def _surprise(samples: SampleBatch, residual: Floats, floor: Floats, result: Floats) -> None:
    """Measure the sample against the last few ones, and short-term against usual volatility."""
    state = samples.columns
    error = np.where(samples.first, 0, residual - state["fast"])
    usual, recent = state["surprise_scale"], state["volatility"]
    result[DetectorChannel.SURPRISE] = error / np.maximum(np.maximum(recent, usual * np.float32(0.5)), floor)
    young = state["count"] < YOUNG
    _mean_absolute(usual, error, samples.gain(SCALE_S), young)
    bounded = np.minimum(np.abs(error), 5 * np.maximum(usual, floor))
    follow(recent, bounded, samples.gain(2 * HOUR_S, 20))
    follow(state["fast"], residual, samples.gain(900, 3))
    steps = _quantum(state) * np.float32(0.5) + floor
    result[DetectorChannel.VOLATILITY] = 4 * np.log((recent + steps) / (usual + steps))


def _sustained(samples: SampleBatch, score: Floats, result: Floats) -> None:
    """Measure the mean of about an hour, and that of the last hours against the day before."""
    state = samples.columns
    gain = samples.gain(HOUR_S, 6)
    follow(state["smoothed"], score, gain)
    result[DetectorChannel.SMOOTHED] = state["smoothed"] * np.sqrt((2 - gain) / gain)
    gain = samples.gain(3 * HOUR_S, 12)
    follow(state["shift_fast"], score, gain)
    difference = state["shift_fast"] - state["shift_slow"]
    result[DetectorChannel.SHIFT] = difference * np.sqrt((2 - gain) / gain)
    follow(state["shift_slow"], state["shift_fast"], samples.gain(DAY_S, 72))


def _drift(samples: SampleBatch, score: Floats, result: Floats) -> None:
    """Accumulate deviations from the norm of many days, of either sign, in sigma-hours."""
    state = samples.columns
    hours = samples.elapsed / np.maximum(np.float32(HOUR_S), 6 * state["interval"])
    kept = 1 - samples.elapsed / (samples.elapsed + np.float32(CUSUM_S))
    bounded = clipped(score, 5)
    up, down = state["cusum_up"], state["cusum_down"]
    grown = state["count"] > YOUNG
    for sum_, sign in ((up, 1), (down, -1)):
        moved = sum_ * kept + (sign * bounded - CUSUM_ALLOWANCE) * hours * grown
        sum_[...] = np.minimum(np.maximum(moved, 0), CUSUM_HIGHEST)
    result[DetectorChannel.CUSUM] = np.where(up >= down, up, -down) * np.float32(0.5)


def _runs(samples: SampleBatch, result: Floats) -> None:
    """Measure the run of equal values, and the gap before this sample; learn range, steps and sizes."""
    state, values = samples.columns, samples.values
    difference = np.abs(values - state["previous"])
    moved = (difference > 0) & ~samples.first
    run, longest = state["run"], state["longest"]
    longest *= 1 - samples.elapsed / np.float32(30 * DAY_S)
    np.maximum(longest, np.where(moved, run, 0), out=longest)
    run[...] = np.where(moved, 0, run + 1)
    result[DetectorChannel.FLATLINE] = run
    result[DetectorChannel.MISSING] = np.maximum(samples.steps, samples.silence)
    state["quantum"][...] = np.where(moved, np.minimum(state["quantum"], difference), state["quantum"])
    state["moves"] += moved
    state["previous"][...] = values
    np.minimum(state["low"], values, out=state["low"])
    np.maximum(state["high"], values, out=state["high"])


GRANULAR = (DetectorChannel.RESIDUAL, DetectorChannel.RAW, DetectorChannel.RATE, DetectorChannel.SURPRISE)
STEP_SHARE = np.float32(0.35)


def granularity(samples: SampleBatch, rows: Rows, mean: Floats) -> Floats:
    """Return the least scale of the tails of some samples, shape (CHANNELS, rows).

    Of a series with steps, the maxima of most blocks are equal; the next step is no rarity for all that.

    Args:
        samples: All samples.
        rows: Which of them.
        mean: Mean logarithm of the block maxima in each channel.
    """
    state = samples.columns
    result = np.zeros((CHANNELS, len(rows)), dtype=np.float32)
    quantum = _quantum(state)[rows]
    for channel, name in zip(GRANULAR, ("scale", "raw_scale", "rate_scale", "surprise_scale"), strict=True):
        step = quantum / np.maximum(state[name][rows], np.maximum(quantum * np.float32(0.3), TINY))
        result[channel] = STEP_SHARE * np.log1p(step * np.exp(-mean[channel]))
    usual = state["surprise_scale"][rows]
    step = 4 * np.log1p(np.float32(0.15) * quantum / np.maximum(usual + np.float32(0.5) * quantum, TINY))
    channel = DetectorChannel.VOLATILITY
    result[channel] = STEP_SHARE * np.log1p(step * np.exp(-mean[channel]))
    return result
