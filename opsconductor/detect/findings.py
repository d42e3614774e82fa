"""Findings as a struct of arrays: what the detector returns."""

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from opsconductor.detect.channels import CHANNELS


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """Rows of one episode each: begin, rise or end of an anomaly of one series; all arrays of one length.

    Attributes:
        series: Row of the series.
        time: Of the sample, in seconds since 1970.
        stage: `Stage`.
        channel: Channel that is the rarest.
        direction: 1 above, -1 below what was expected.
        value: As measured.
        expected: As expected before it was seen.
        deviation: In units of what is usual in that channel.
        rarity: Log10 of X: the combined deviation of the channels is usual for this series once in X days.
        season: `Season` that the expected value was taken from.
        low: Lowest value of the series before.
        high: Highest value of the series before.
        since: First time of the series, in seconds since 1970.
        band: Usual distance from the expected value at this hour.
        rarities: Rarity in each channel, shape (rows, CHANNELS); -9 where a channel says nothing.
        directions: Direction in each channel, shape (rows, CHANNELS).
    """

    series: NDArray[np.int32]
    time: NDArray[np.float64]
    stage: NDArray[np.int8]
    channel: NDArray[np.int8]
    direction: NDArray[np.int8]
    value: NDArray[np.float64]
    expected: NDArray[np.float64]
    deviation: NDArray[np.float32]
    rarity: NDArray[np.float32]
    season: NDArray[np.int8]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    since: NDArray[np.float64]
    band: NDArray[np.float32]
    rarities: NDArray[np.float32]
    directions: NDArray[np.int8]

    def __len__(self) -> int:
        return len(self.series)

    def take(self, rows: NDArray[np.intp] | NDArray[np.bool_]) -> "Findings":
        """Return some of the rows."""
        return Findings(**{each.name: getattr(self, each.name)[rows] for each in fields(self)})


TYPES = {
    "series": np.int32,
    "time": np.float64,
    "stage": np.int8,
    "channel": np.int8,
    "direction": np.int8,
    "value": np.float64,
    "expected": np.float64,
    "deviation": np.float32,
    "rarity": np.float32,
    "season": np.int8,
    "low": np.float64,
    "high": np.float64,
    "since": np.float64,
    "band": np.float32,
}


def joined(parts: list[Findings]) -> Findings:
    """Concatenate findings; of no parts, return none."""
    if not parts:
        empty = {name: np.zeros(0, dtype=dtype) for name, dtype in TYPES.items()}
        wide = (0, CHANNELS)
        return Findings(
            **empty, rarities=np.zeros(wide, dtype=np.float32), directions=np.zeros(wide, dtype=np.int8)
        )
    if len(parts) == 1:
        return parts[0]
    return Findings(
        **{each.name: np.concatenate([getattr(one, each.name) for one in parts]) for each in fields(Findings)}
    )
