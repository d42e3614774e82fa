"""Episodes: a fault that lasts is one finding with begin and end, not one each sample."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from opsconductor.detect.channels import CHANNELS, DetectorChannel, Stage
from opsconductor.detect.config import SETTLING_S, DetectorConfig
from opsconductor.detect.findings import Findings, joined
from opsconductor.detect.sample import Floats, Rows, SampleBatch
from opsconductor.detect.seasons import Prediction
from opsconductor.detect.state import Columns

RISE = np.float32(0.3)
"""A factor of two in rarity: less is not told again."""
CALM_SAMPLES = 6
GAP = 2
"""`open` of an episode of missing data: values that come again end it, whatever they are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """Samples with what was found about them.

    Attributes:
        samples: The samples.
        prediction: What was expected.
        rows: Samples of which something is to be said.
        deviations: Theirs, shape (CHANNELS, rows).
        claims: Their rarity in log10 of days, of the same shape.
        low: Lowest value of each series before.
        high: Highest value of each series before.
    """

    samples: SampleBatch
    prediction: Prediction
    rows: Rows
    deviations: Floats
    claims: Floats
    low: Floats
    high: Floats


def _stages(state: Columns, rarest: Floats, elapsed: Floats, config: DetectorConfig) -> NDArray[np.int8]:
    """Return the stage of each series, -1 if nothing is to be said; follow the episodes."""
    was_open, is_gap = state["open"] > 0, state["open"] == GAP
    begins = ~was_open & (rarest >= np.log10(config.open_days))
    rises = was_open & ~is_gap & (rarest >= state["peak"] + RISE)
    calm = (rarest < np.log10(config.close_days)) & (state["settled_s"] >= SETTLING_S)
    state["quiet_s"][...] = np.where(calm | is_gap, state["quiet_s"] + elapsed, 0)
    calm_s = CALM_SAMPLES * state["interval"]
    enough = np.where(is_gap, calm_s, np.maximum(np.float32(config.close_s), calm_s))
    ends = was_open & (state["quiet_s"] >= enough)
    state["peak"][...] = np.where(begins | rises, rarest, state["peak"])
    state["open"][...] = np.where(ends, 0, np.maximum(state["open"], begins))
    stages = np.full(len(rarest), -1, dtype=np.int8)
    stages[ends], stages[rises], stages[begins] = Stage.END, Stage.RISE, Stage.BEGIN
    return stages


def follow_episodes(judged: Judged, config: DetectorConfig) -> Findings:
    """Open, raise and close the episodes of the samples' series; return what changed."""
    samples, state = judged.samples, judged.samples.columns
    rarest = np.full(len(samples.rows), -9, dtype=np.float32)
    rarest[judged.rows] = judged.claims.max(axis=0, initial=-9)
    state["rarity"][...] = rarest
    stages = _stages(state, rarest, samples.elapsed, config)
    rows = np.flatnonzero(stages >= 0)
    if len(rows) == 0:
        return joined([])
    told = np.zeros(len(stages), dtype=np.intp)
    told[judged.rows] = np.arange(len(judged.rows))
    claims, deviations = judged.claims[:, told[rows]], judged.deviations[:, told[rows]]
    channel = claims.argmax(axis=0)
    along = np.arange(len(rows))
    directions = np.where(deviations >= 0, 1, -1).astype(np.int8)
    origin = state["origin"][rows]
    expected = origin + judged.prediction.best[rows]
    return Findings(
        series=samples.rows[rows].astype(np.int32),
        time=samples.times[rows],
        stage=stages[rows],
        channel=channel.astype(np.int8),
        direction=directions[channel, along],
        value=origin + samples.values[rows],
        expected=expected,
        deviation=np.abs(deviations[channel, along]),
        rarity=claims[channel, along],
        season=judged.prediction.season[rows].astype(np.int8),
        low=origin + judged.low[rows],
        high=origin + judged.high[rows],
        since=state["first_time"][rows],
        band=state["scale"][rows].copy(),
        rarities=claims.T.copy(),
        directions=directions.T.copy(),
    )


def silent_episodes(
    state: Columns, steps: Floats, claims: Floats, at: float, config: DetectorConfig
) -> Findings:
    """Open episodes of missing data; they end with later samples."""
    begins = (state["open"] == 0) & (claims >= np.log10(config.open_days))
    rows = np.flatnonzero(begins)
    state["open"][rows] = GAP
    state["peak"][rows] = claims[rows]
    state["quiet_s"][rows] = 0
    count = len(rows)
    rarities = np.full((count, CHANNELS), -9, dtype=np.float32)
    rarities[:, DetectorChannel.MISSING] = claims[rows]
    last = state["origin"][rows] + state["previous"][rows]
    return Findings(
        series=rows.astype(np.int32),
        time=np.full(count, at),
        stage=np.full(count, Stage.BEGIN, dtype=np.int8),
        channel=np.full(count, DetectorChannel.MISSING, dtype=np.int8),
        direction=np.ones(count, dtype=np.int8),
        value=last,
        expected=last,
        deviation=steps[rows],
        rarity=claims[rows],
        season=state["season"][rows].astype(np.int8),
        low=state["origin"][rows] + state["low"][rows],
        high=state["origin"][rows] + state["high"][rows],
        since=state["first_time"][rows],
        band=state["scale"][rows].copy(),
        rarities=rarities,
        directions=np.ones((count, CHANNELS), dtype=np.int8),
    )
