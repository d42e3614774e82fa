"""Episodes: a fault that lasts is one finding with begin and end, not one each sample."""

import numpy as np
from numpy.typing import NDArray

from opsconductor.detect.agreement import agreed
from opsconductor.detect.channels import CHANNELS, DetectorChannel, Stage
from opsconductor.detect.config import NEW_SEASON_S, DetectorConfig
from opsconductor.detect.findings import Findings, joined
from opsconductor.detect.sample import Candidates, Floats, Rows
from opsconductor.detect.state import Columns, SeriesState

RISE = np.float32(0.3)
"""A factor of two in rarity: a smaller rise is not reported again."""
CALM_SAMPLES = 6
GAP = 2
"""`open` of an episode of missing data: values that come again end it, whatever they are."""


def _stages(state: Columns, claims: Floats, elapsed: Floats, config: DetectorConfig) -> NDArray[np.int8]:
    """Return the stage of each series, -1 if nothing is to be said; follow the episodes."""
    rarity = state["rarity"]
    was_open, is_gap = state["open"] > 0, state["open"] == GAP
    begins = ~was_open & (rarity >= np.log10(config.open_days))
    rises = was_open & ~is_gap & (rarity >= state["peak"] + RISE)
    calm = (claims.max(axis=0, initial=-9) < np.log10(config.close_days)) & (
        state["settled_s"] >= NEW_SEASON_S
    )
    state["quiet_s"][...] = np.where(calm | is_gap, state["quiet_s"] + elapsed, 0)
    calm_s = CALM_SAMPLES * state["interval"]
    enough = np.where(is_gap, calm_s, np.maximum(np.float32(config.close_s), calm_s))
    ends = was_open & (state["quiet_s"] >= enough)
    state["peak"][...] = np.where(begins | rises, rarity, state["peak"])
    state["open"][...] = np.where(ends, 0, np.maximum(state["open"], begins))
    stages = np.full(len(rarity), -1, dtype=np.int8)
    stages[ends], stages[rises], stages[begins] = Stage.END, Stage.RISE, Stage.BEGIN
    return stages


def follow_episodes(
    chosen: Candidates, claims: Floats, state: SeriesState, columns: Columns, config: DetectorConfig
) -> Findings:
    """Open, raise and close the episodes of some series; return what changed.

    Args:
        chosen: The samples; all series with an open episode are among them.
        claims: Their rarity in log10 of days, shape (CHANNELS, samples).
        state: Of all series.
        columns: State of these series.
        config: Hyperparameters.
    """
    columns["rarity"][...] = agreed(claims)
    stages = _stages(columns, claims, chosen.elapsed, config)
    for name in ("rarity", "open", "peak", "quiet_s"):
        state.fields[name][chosen.rows] = columns[name]
    rows = np.flatnonzero(stages >= 0)
    if len(rows) == 0:
        return joined([])
    claims, deviations = claims[:, rows], chosen.deviations[:, rows]
    channel = claims.argmax(axis=0)
    along = np.arange(len(rows))
    directions = np.where(deviations >= 0, 1, -1).astype(np.int8)
    origin = columns["origin"][rows]
    return Findings(
        series=chosen.rows[rows].astype(np.int32),
        time=chosen.times[rows],
        stage=stages[rows],
        channel=channel.astype(np.int8),
        direction=directions[channel, along],
        value=origin + chosen.values[rows],
        expected=origin + chosen.expected[rows],
        deviation=np.abs(deviations[channel, along]),
        rarity=columns["rarity"][rows],
        season=columns["season"][rows].astype(np.int8),
        low=origin + chosen.low[rows],
        high=origin + chosen.high[rows],
        since=columns["first_time"][rows],
        band=columns["scale"][rows],
        rarities=claims.T.copy(),
        directions=directions.T.copy(),
    )


def silent_episodes(
    state: Columns, chosen: Rows, found: tuple[Floats, Floats], at: float, config: DetectorConfig
) -> Findings:
    """Open episodes of missing data; they end with later samples.

    Args:
        state: Of all series.
        chosen: Series without an open episode that are late.
        found: Their time without a value in usual intervals, and its rarity.
        at: Until when, in seconds since 1970.
        config: Hyperparameters.
    """
    steps, claims = found
    begins = np.flatnonzero(claims >= np.log10(config.open_days))
    rows, steps, claims = chosen[begins], steps[begins], claims[begins]
    state["open"][rows] = GAP
    state["peak"][rows] = claims
    state["quiet_s"][rows] = 0
    count = len(rows)
    rarities = np.full((count, CHANNELS), -9, dtype=np.float32)
    rarities[:, DetectorChannel.MISSING] = claims
    last = state["origin"][rows] + state["previous"][rows]
    return Findings(
        series=rows.astype(np.int32),
        time=np.full(count, at),
        stage=np.full(count, Stage.BEGIN, dtype=np.int8),
        channel=np.full(count, DetectorChannel.MISSING, dtype=np.int8),
        direction=np.ones(count, dtype=np.int8),
        value=last,
        expected=last,
        deviation=steps,
        rarity=claims,
        season=state["season"][rows].astype(np.int8),
        low=state["origin"][rows] + state["low"][rows],
        high=state["origin"][rows] + state["high"][rows],
        since=state["first_time"][rows],
        band=state["scale"][rows].copy(),
        rarities=rarities,
        directions=np.ones((count, CHANNELS), dtype=np.int8),
    )
