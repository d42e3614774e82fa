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
MOST_WEEKS = 15
"""What four bits can count."""
LEVEL_S = DAY_S / 2
OFFSET_S = 2 * DAY_S
ERROR_S = 1.5 * DAY_S
BETTER = np.float32(0.93)
"""The hour of the day must beat the level by as much ..."""
BETTER_WEEK = np.float32(0.8)
"""... and the hour of the week both: it rests on few visits."""
HELD = np.float32(0.95)
"""The season in use is judged as if its errors were smaller by as much, so that it does not flutter."""
EVIDENCE_S = 1.5 * DAY_S
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
        day_visits: Visits of the knot before and after, and of the present hour of the day.
        week_visits: The same of the week.
    """

    level: Floats
    day: Floats
    week: Floats
    has_day: Bools
    has_week: Bools
    best: Floats
    shape: Floats
    season: Rows
    day_visits: tuple[Rows, Rows, Rows]
    week_visits: tuple[Rows, Rows, Rows]


def _between(table: Floats, rows: Rows, left: Rows, right: Rows, weight: Floats) -> Floats:
    """Interpolate between two knots of each row."""
    width = table.shape[1]
    flat = table.reshape(-1)
    start = rows * width
    before = flat[start + left]
    result: Floats = before + weight * (flat[start + right] - before)
    return result


def _visits(samples: SampleBatch, name: str, hours: Rows) -> Rows:
    """Return how often hours were visited; those of the week are packed, two in a byte, and count to 15."""
    table = samples.tables[f"{name}_visits"]
    flat = table.reshape(-1)
    if name == "day":
        seen: Rows = flat[samples.rows * table.shape[1] + hours]
        return seen
    packed = flat[samples.rows * table.shape[1] + (hours >> 1)]
    result: Rows = (packed >> ((hours & 1) << 2).astype(np.uint8)) & 15
    return result


def predict(samples: SampleBatch) -> Prediction:
    """Return the three predictions and the best of them, from what was learnt before this sample."""
    state, slots, rows = samples.columns, samples.slots, samples.rows
    day_shape = _between(samples.tables["day"], rows, slots.left, slots.right, slots.weight)
    week_shape = _between(samples.tables["week"], rows, slots.week_left, slots.week_right, slots.weight)
    day_left, day_right = _visits(samples, "day", slots.left), _visits(samples, "day", slots.right)
    here = slots.left == slots.hour
    has_day = (day_left >= DAILY_VISITS + here) & (day_right >= DAILY_VISITS + ~here)
    week_left, week_right = (
        _visits(samples, "week", slots.week_left),
        _visits(samples, "week", slots.week_right),
    )
    has_week = (week_left >= WEEKLY_VISITS + here) & (week_right >= WEEKLY_VISITS + ~here)
    day = day_shape + state["day_offset"]
    week = week_shape + state["week_offset"]
    level = state["level"].copy()
    enough = np.float32(EVIDENCE_S) / np.maximum(state["interval"], 1)
    used = state["season"]
    by_level = BETTER * np.where(used == Season.LEVEL, HELD, 1) * state["level_error"]
    by_day = np.where(used == Season.DAY, HELD, 1) * state["day_error"]
    take_day = has_day & (state["day_seen"] > enough) & (by_day < by_level)
    simpler = BETTER_WEEK * np.where(take_day, by_day, by_level)
    by_week = np.where(used == Season.WEEK, HELD, 1) * state["week_error"]
    take_week = has_week & (state["week_seen"] > enough) & (by_week < simpler)
    return Prediction(
        level=level,
        day=day,
        week=week,
        has_day=has_day,
        has_week=has_week,
        best=np.where(take_week, week, np.where(take_day, day, level)),
        shape=np.where(take_week, week_shape, np.where(take_day, day_shape, state["base"])),
        day_visits=(day_left, day_right, np.where(here, day_left, day_right)),
        week_visits=(week_left, week_right, np.where(here, week_left, week_right)),
        season=np.where(take_week, Season.WEEK, np.where(take_day, Season.DAY, Season.LEVEL)).astype(np.intp),
    )


def visit(samples: SampleBatch) -> None:
    """Count an hour as visited when its first sample arrives."""
    state, slots, rows = samples.columns, samples.slots, samples.rows
    new = state["week_hour"] != slots.week_hour
    state["hour_samples"][...] = np.where(new, 0, state["hour_samples"] + 1)
    state["week_hour"][...] = slots.week_hour
    fresh = np.flatnonzero(new)
    rows, hours = rows[fresh], slots.hour[fresh]
    days = samples.tables["day_visits"]
    days[rows, hours] = np.minimum(days[rows, hours], HIGHEST_VISITS - 1) + 1
    weeks, hours = samples.tables["week_visits"], slots.week_hour[fresh]
    packed, shift = weeks[rows, hours >> 1], ((hours & 1) << 2).astype(np.uint8)
    seen = (packed >> shift) & 15
    weeks[rows, hours >> 1] = packed + ((seen < MOST_WEEKS).astype(np.uint8) << shift)


def learn(samples: SampleBatch, prediction: Prediction, config: DetectorConfig) -> None:
    """Learn level, offsets, both seasons and their errors from the sample."""
    state = samples.columns
    widened = 1 + 30 * np.maximum(np.abs(state["bias"]) - np.float32(0.85), 0)
    clip = np.float32(config.clip) * widened
    errors = samples.gain(ERROR_S)
    _learn_level(samples, prediction, clip, errors)
    for name, has, visits, memory in (
        ("day", prediction.has_day, prediction.day_visits, DAY_MEMORY),
        ("week", prediction.has_week, prediction.week_visits, WEEK_MEMORY),
    ):
        expected = prediction.day if name == "day" else prediction.week
        error = samples.values - expected
        _learn_season(samples, name, clip, (visits, memory), error)
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
    samples: SampleBatch, name: str, clip: Floats, visits: tuple[tuple[Rows, Rows, Rows], int], error: Floats
) -> None:
    """Move the knots beside the sample; on the first visit an hour takes the mean of its samples."""
    (left_visits, right_visits, times), memory = visits
    state, slots, weight = samples.columns, samples.slots, samples.slots.weight
    left, right, now = (
        (slots.left, slots.right, slots.hour)
        if name == "day"
        else (slots.week_left, slots.week_right, slots.week_hour)
    )
    flat = samples.tables[name].reshape(-1)
    start = samples.rows * samples.tables[name].shape[1]
    usual = np.where(state[f"{name}_seen"] > 0, state[f"{name}_error"], state["level_error"])
    share = np.minimum(samples.elapsed / np.float32(HOUR_S), 1) / np.minimum(times, memory).astype(np.float32)
    other = 1 - weight
    step = share * clipped(error, clip * np.maximum(usual, TINY)) / (weight * weight + other * other)
    first = times <= 1
    for knot, part, known in ((left, other, left_visits > 0), (right, weight, right_visits > 0)):
        flat[start + knot] += step * part * (known & ~first)
    fresh = np.flatnonzero(first)
    place = (start + now)[fresh]
    here = flat[place]
    flat[place] = here + (samples.values[fresh] - here) / (state["hour_samples"][fresh] + 1)
