"""Expected value: the best of slow level, hour of the day and hour of the week, learnt with clipped steps."""

from dataclasses import dataclass

import numpy as np

from opsconductor.detect.channels import Season
from opsconductor.detect.config import DAY_S, HOUR_S, DetectorConfig
from opsconductor.detect.sample import LARGEST, TINY, YOUNG, Bools, Floats, Rows, SampleBatch, clipped, follow

WEEKLY_VISITS = 3
DAILY_VISITS = 1
DAY_MEMORY = 10
WEEK_MEMORY = 6
HIGHEST_VISITS = 250
LEVEL_S = DAY_S / 2
OFFSET_S = 2 * DAY_S
ERROR_S = 1.5 * DAY_S
BETTER = np.float32(0.93)
"""A season must beat what is simpler by as much."""
EVIDENCE_S = DAY_S / 2
"""Time for which the errors of a season must be known before it is chosen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prediction:
    """What was expected of each sample before it was seen.

    Attributes:
        level: By the slow level.
        day: By the hour of the day.
        week: By the hour of the week.
        has_day: Whether the hours concerned were visited on earlier days.
        has_week: The same of the week, in at least three weeks.
        best: By the season whose errors were the smallest.
        shape: The same without the offset that follows slow changes.
        season: That season.
    """

    level: Floats
    day: Floats
    week: Floats
    has_day: Bools
    has_week: Bools
    best: Floats
    shape: Floats
    season: Rows


def _between(table: Floats, rows: Rows, left: Rows, right: Rows, weight: Floats) -> Floats:
    """Interpolate between two knots of each row."""
    width = table.shape[1]
    flat = table.reshape(-1)
    start = rows * width
    before = flat[start + left]
    result: Floats = before + weight * (flat[start + right] - before)
    return result


def _visited(samples: SampleBatch, name: str, knots: tuple[Rows, Rows, Rows], least: int) -> Bools:
    """Return whether both knots were visited in so many earlier days or weeks; the last is the current."""
    table = samples.tables[name]
    flat = table.reshape(-1)
    start = samples.rows * table.shape[1]
    left, right, now = knots
    result: Bools = (flat[start + left] >= least + (left == now)) & (
        flat[start + right] >= least + (right == now)
    )
    return result


def predict(samples: SampleBatch) -> Prediction:
    """Return the three predictions and the best of them, from what was learnt before this sample."""
    state, slots, rows = samples.columns, samples.slots, samples.rows
    day_shape = _between(samples.tables["day"], rows, slots.left, slots.right, slots.weight)
    week_shape = _between(samples.tables["week"], rows, slots.week_left, slots.week_right, slots.weight)
    has_day = _visited(samples, "day_visits", (slots.left, slots.right, slots.hour), DAILY_VISITS)
    has_week = _visited(
        samples, "week_visits", (slots.week_left, slots.week_right, slots.week_hour), WEEKLY_VISITS
    )
    day = day_shape + state["day_offset"]
    week = week_shape + state["week_offset"]
    level = state["level"].copy()
    enough = np.float32(EVIDENCE_S) / np.maximum(state["interval"], 1)
    take_day = has_day & (state["day_seen"] > enough) & (state["day_error"] < BETTER * state["level_error"])
    error = np.where(take_day, state["day_error"], state["level_error"])
    take_week = has_week & (state["week_seen"] > enough) & (state["week_error"] < BETTER * error)
    return Prediction(
        level=level,
        day=day,
        week=week,
        has_day=has_day,
        has_week=has_week,
        best=np.where(take_week, week, np.where(take_day, day, level)),
        shape=np.where(take_week, week_shape, np.where(take_day, day_shape, state["base"])),
        season=np.where(take_week, Season.WEEK, np.where(take_day, Season.DAY, Season.LEVEL)).astype(np.intp),
    )


def visit(samples: SampleBatch) -> None:
    """Count an hour as visited when its first sample arrives."""
    state, slots, rows = samples.columns, samples.slots, samples.rows
    new = state["week_hour"] != slots.week_hour
    state["hour_samples"][...] = np.where(new, 0, state["hour_samples"] + 1)
    state["week_hour"][...] = slots.week_hour
    fresh = np.flatnonzero(new)
    for name, hours in (("day_visits", slots.hour), ("week_visits", slots.week_hour)):
        table = samples.tables[name]
        seen = table[rows[fresh], hours[fresh]]
        table[rows[fresh], hours[fresh]] = np.minimum(seen, HIGHEST_VISITS - 1) + 1


def learn(samples: SampleBatch, prediction: Prediction, config: DetectorConfig) -> None:
    """Learn level, offsets, both seasons and their errors from the sample."""
    state = samples.columns
    widened = 1 + 30 * np.maximum(np.abs(state["bias"]) - np.float32(0.85), 0)
    clip = np.float32(config.clip) * widened
    errors = samples.gain(ERROR_S)
    _learn_level(samples, prediction, clip, errors)
    slots = samples.slots
    for name, has, knots, memory in (
        ("day", prediction.has_day, (slots.left, slots.right, slots.hour), DAY_MEMORY),
        ("week", prediction.has_week, (slots.week_left, slots.week_right, slots.week_hour), WEEK_MEMORY),
    ):
        expected = prediction.day if name == "day" else prediction.week
        error = samples.values - expected
        _learn_season(samples, name, clip, (knots, memory), error)
        usual, seen = state[f"{name}_error"], state[f"{name}_seen"]
        bound = np.where(seen > 0, 4 * usual, np.abs(error))
        gain = np.maximum(errors, 1 / (seen + 1)) * has
        follow(usual, np.minimum(np.abs(error), np.maximum(bound, TINY)), gain)
        seen += has
        offset = state[f"{name}_offset"]
        offset += samples.gain(OFFSET_S) * clipped(error, clip * np.maximum(usual, TINY)) * has


def _learn_level(samples: SampleBatch, prediction: Prediction, clip: Floats, errors: Floats) -> None:
    """Learn the slow level, the base of two weeks, and the error of the level."""
    state, values = samples.columns, samples.values
    young = state["count"] < YOUNG
    error = values - prediction.level
    usual = state["level_error"]
    bound = np.where(
        young,
        np.abs(error),
        np.maximum(clip * usual, np.where(state["quantum"] < LARGEST, state["quantum"], 0)),
    )
    follow(usual, np.minimum(np.abs(error), np.where(young, np.abs(error), 4 * usual + TINY)), errors)
    state["level"] += samples.gain(LEVEL_S, 12) * clipped(error, bound)
    drift = values - state["base"]
    bound = np.where(young, np.abs(drift), np.maximum(clip * state["raw_scale"], bound))
    state["base"] += samples.gain(14 * DAY_S) * clipped(drift, bound)


def _learn_season(
    samples: SampleBatch,
    name: str,
    clip: Floats,
    knots_memory: tuple[tuple[Rows, Rows, Rows], int],
    error: Floats,
) -> None:
    """Move the knots beside the sample; on the first visit an hour takes the mean of its samples."""
    (left, right, now), memory = knots_memory
    state, rows, weight = samples.columns, samples.rows, samples.slots.weight
    table, width = samples.tables[name], samples.tables[name].shape[1]
    flat, visits = table.reshape(-1), samples.tables[f"{name}_visits"].reshape(-1)
    start = rows * width
    times = visits[start + now].astype(np.float32)
    first = times <= 1
    here = flat[start + now]
    fresh = here + (samples.values - here) / (state["hour_samples"] + 1)
    usual = np.where(state[f"{name}_seen"] > 0, state[f"{name}_error"], state["level_error"])
    share = np.minimum(samples.elapsed / np.float32(HOUR_S), 1) / np.minimum(times, memory)
    other = 1 - weight
    step = share * clipped(error, clip * np.maximum(usual, TINY)) / (weight * weight + other * other)
    for knot, part in ((left, other), (right, weight)):
        place = start + knot
        known = (visits[place] > 0) & ~first
        flat[place] += np.where(known, step * part, 0)
    flat[start + now] = np.where(first, fresh, flat[start + now])
