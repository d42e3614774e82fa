"""Expected value: the best of slow level, hour of the day and hour of the week, learnt with clipped steps."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from opsconductor.detect.channels import Season
from opsconductor.detect.config import DAY_S, HOUR_S, DetectorConfig
from opsconductor.detect.sample import LARGEST, TINY, Bools, Floats, Mean, Rows, SampleBatch, clipped, follow

WEEKLY_VISITS = 3
DAILY_VISITS = 1
MEMORIES = np.array([[10], [6]], dtype=np.uint8)
"""Visits that a knot of the day and one of the week remember."""
HIGHEST_VISITS = 250
MOST_WEEKS = 15
"""What four bits can count."""
BETTER = np.float32(0.93)
"""The hour of the day must beat the level by as much ..."""
BETTER_WEEK = np.float32(0.8)
"""... and the hour of the week both: it rests on few visits."""
HELD = np.float32(0.95)
"""The season in use is judged as if its errors were smaller by as much, so that it does not flutter."""
EVIDENCE_S = np.float32(1.5 * DAY_S)
"""Time for which the errors of a season must be known before it is chosen."""
LARGEST_ERROR, LARGEST_LOSS = np.float32(4), np.float32(8)
"""An error counts as so many usual ones at most: few where it bounds what is learnt, so that no outage
becomes the norm; more where seasons are compared, as they may differ by a daily job of an hour alone."""
HALF_S = np.float32(HOUR_S / 2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Prediction:
    """What was expected of each sample before it was seen.

    Attributes:
        expected: By the slow level, the hour of the day and the hour of the week, shape (3, samples).
        best: By the season whose errors were the smallest.
        shape: The same without the offset that follows slow changes.
        changed: Series whose season is another one than at the sample before.
        visits: Visits of the present hour of the day and of the week, shape (2, samples).
    """

    expected: Floats
    best: Floats
    shape: Floats
    changed: Rows
    visits: NDArray[np.uint8]


def _between(samples: SampleBatch, name: str, knots: tuple[Rows, Rows]) -> Floats:
    """Interpolate between two knots."""
    before, after = samples.knot(name, knots[0]), samples.knot(name, knots[1])
    result: Floats = after - before
    result *= samples.weight
    result += before
    return result


def _weekly(samples: SampleBatch, hours: Rows) -> Rows:
    """Return how often hours of the week were visited; two are packed in a byte, each counts to 15."""
    found: Rows = (samples.knot("week_visits", hours >> 1) >> ((hours & 1) << 2).astype(np.uint8)) & 15
    return found


def predict(samples: SampleBatch, changed: Rows) -> Prediction:
    """Return the three predictions and the best of them, from what was learnt before this sample.

    Args:
        samples: The samples.
        changed: Series whose season changed with the present half hour.
    """
    state, slots = samples.columns, samples.slots
    shapes = np.empty((3, len(samples.rows)), dtype=np.float32)
    shapes[0] = state["base"]
    shapes[1] = _between(samples, "day", (slots.left, slots.right))
    shapes[2] = _between(samples, "week", (slots.week_left, slots.week_right))
    expected = np.empty_like(shapes)
    expected[0] = state["level"]
    np.add(shapes[1:], state["offsets"], out=expected[1:])
    visits = np.empty((2, len(samples.rows)), dtype=np.uint8)
    visits[0] = samples.knot("day_visits", slots.hour)
    visits[1] = _weekly(samples, slots.week_hour)
    season = state["season"]
    day, week = season == Season.DAY, season == Season.WEEK
    best, shape = expected[0].copy(), shapes[0].copy()
    for number, chosen in ((1, day), (2, week)):
        np.copyto(best, expected[number], where=chosen)
        np.copyto(shape, shapes[number], where=chosen)
    return Prediction(expected=expected, best=best, shape=shape, changed=changed, visits=visits)


def visit(samples: SampleBatch) -> Rows:
    """Count an hour as visited when its first sample arrives; choose the season anew each half hour.

    Returns:
        Series whose season changed.
    """
    state, slots = samples.columns, samples.slots
    state["hour_samples"] += 1
    new = (state["half"] != slots.half) | (samples.elapsed >= HALF_S)
    fresh = np.flatnonzero(new)
    if len(fresh) == 0:
        return fresh
    half = slots.half if slots.is_one else slots.half[fresh]
    new_hour = (state["half"][fresh] >> 1 != half >> 1) | (samples.elapsed[fresh] >= 2 * HALF_S)
    state["half"][fresh] = half
    _count(samples, fresh[new_hour])
    return _choose(samples, fresh)


def _at(slot: Rows, rows: Rows) -> Rows:
    """Return the slots of some samples."""
    found: Rows = slot if len(slot) == 1 else slot[rows]
    return found


def _count(samples: SampleBatch, fresh: Rows) -> None:
    """Count a visit of the present hour."""
    rows = samples.rows[fresh]
    samples.columns["hour_samples"][fresh] = 0
    days, hours = samples.tables["day_visits"], _at(samples.slots.hour, fresh)
    days[hours, rows] = np.minimum(days[hours, rows], HIGHEST_VISITS - 1) + 1
    weeks, hours = samples.tables["week_visits"], _at(samples.slots.week_hour, fresh)
    packed, shift = weeks[hours >> 1, rows], ((hours & 1) << 2).astype(np.uint8)
    seen = (packed >> shift) & 15
    weeks[hours >> 1, rows] = packed + ((seen < MOST_WEEKS).astype(np.uint8) << shift)


def _known(samples: SampleBatch, fresh: Rows) -> tuple[Bools, Bools]:
    """Return by series whether both knots of the day, and those of the week, have had enough visits."""
    slots, rows, days = samples.slots, samples.rows[fresh], samples.tables["day_visits"]
    here = _at(slots.left, fresh) == _at(slots.hour, fresh)
    by_day = (days[_at(slots.left, fresh), rows] >= DAILY_VISITS + here) & (
        days[_at(slots.right, fresh), rows] >= DAILY_VISITS + ~here
    )
    weeks = samples.tables["week_visits"]
    before, after = (
        (weeks[knot >> 1, rows] >> ((knot & 1) << 2).astype(np.uint8)) & 15
        for knot in (_at(slots.week_left, fresh), _at(slots.week_right, fresh))
    )
    return by_day, (before >= WEEKLY_VISITS + here) & (after >= WEEKLY_VISITS + ~here)


def _choose(samples: SampleBatch, fresh: Rows) -> Rows:
    """Choose the season by the errors so far; return the series whose season changed."""
    state = samples.columns
    has_day, has_week = _known(samples, fresh)
    state["has_day"][fresh], state["has_week"][fresh] = has_day, has_week
    used = state["season"][fresh]
    unknown = state["seen"][:, fresh] <= 0
    for name in ("errors", "losses"):
        found = state[name][:, fresh]
        state[name][1:, fresh] = np.where(unknown, found[0], found[1:])
    losses = state["losses"][:, fresh]
    by_level, by_day, by_week = losses * np.where(used == np.arange(3)[:, None], HELD, 1)
    by_level *= BETTER
    enough = state["seen"][:, fresh] * np.maximum(state["interval"][fresh], 1) > EVIDENCE_S
    take_day = has_day & enough[0] & (by_day < by_level)
    take_week = has_week & enough[1] & (by_week < BETTER_WEEK * np.where(take_day, by_day, by_level))
    season = np.where(take_week, Season.WEEK, np.where(take_day, Season.DAY, Season.LEVEL))
    state["season"][fresh] = season
    changed: Rows = fresh[season != used]
    return changed


def learn(samples: SampleBatch, prediction: Prediction, config: DetectorConfig) -> None:
    """Learn level, offsets, both seasons and their errors from the sample."""
    state = samples.columns
    clip = np.abs(state["bias"])
    clip -= 0.85
    np.maximum(clip, 0, out=clip)
    clip *= 30 * config.clip
    clip += config.clip
    errors = samples.values - prediction.expected
    _learn_seasons(samples, prediction.visits, clip, errors[1:])
    _learn_level(samples, clip, errors[0])
    _learn_errors(samples, clip, errors)


def _learn_errors(samples: SampleBatch, clip: Floats, errors: Floats) -> None:
    """Learn how large the errors of the three predictions are, and the offsets of the seasons."""
    state = samples.columns
    usual, seen, has = state["errors"], state["seen"], state["has"]
    size = np.abs(errors)
    gain = np.empty_like(size)
    gain[0] = samples.gains[Mean.ERROR]
    seasonal = gain[1:]
    np.add(seen, 1, out=seasonal)
    np.divide(1, seasonal, out=seasonal)
    np.maximum(seasonal, gain[0], out=seasonal)
    seasonal *= has
    for mean, largest in ((usual, LARGEST_ERROR), (state["losses"], LARGEST_LOSS)):
        bounded = mean * largest
        bounded += TINY
        np.minimum(bounded, size, out=bounded)
        if samples.young is not None:
            bounded[0] = np.where(samples.young, size[0], bounded[0])
        follow(mean, bounded, gain)
    seen += has
    step = clipped(errors[1:], clip * np.maximum(usual[1:], TINY))
    step *= samples.gains[Mean.SCALE]
    step *= has
    state["offsets"] += step


def _learn_level(samples: SampleBatch, clip: Floats, error: Floats) -> None:
    """Learn the slow level and the base of two weeks."""
    state, quantum = samples.columns, samples.columns["quantum"]
    least = np.where(quantum < LARGEST, quantum, 0)
    bound = np.maximum(clip * state["level_error"], least)
    if samples.young is not None:
        bound = np.where(samples.young, np.abs(error), bound)
    step = clipped(error, bound)
    step *= samples.gains[Mean.LEVEL]
    drift = samples.values - state["base"]
    np.maximum(bound, clip * state["raw_scale"], out=bound)
    if samples.young is not None:
        bound = np.where(samples.young, np.abs(drift), bound)
    state["level"] += step
    step = clipped(drift, bound)
    step *= samples.gains[Mean.BASE]
    state["base"] += step


def _learn_seasons(samples: SampleBatch, visits: NDArray[np.uint8], clip: Floats, errors: Floats) -> None:
    """Move the knots beside the sample; on the first visit an hour takes the mean of its samples."""
    state, slots, weight = samples.columns, samples.slots, samples.weight
    usual = np.maximum(state["errors"][1:], TINY)
    usual *= clip
    steps = clipped(errors, usual)
    other = 1 - weight
    share = np.minimum(samples.elapsed * (1 / HOUR_S), 1)
    share /= weight * weight + other * other
    steps *= share
    steps /= np.minimum(visits, MEMORIES)
    first = visits <= 1
    is_any_first = bool(first.any())
    if is_any_first:
        steps[first] = 0
    before, after = steps * other, steps * weight
    for number, name, left, right, now in (
        (0, "day", slots.left, slots.right, slots.hour),
        (1, "week", slots.week_left, slots.week_right, slots.week_hour),
    ):
        samples.add_to_knot(name, left, before[number])
        samples.add_to_knot(name, right, after[number])
        if is_any_first and first[number].any():
            fresh = np.flatnonzero(first[number])
            here = samples.knot(name, now)[fresh]
            mean = here + (samples.values[fresh] - here) / (state["hour_samples"][fresh] + 1)
            samples.tables[name][_at(now, fresh), samples.rows[fresh]] = mean
