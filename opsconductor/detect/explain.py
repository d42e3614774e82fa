"""Explanation of a finding: facts for people, the same on the page, in the API and in messages."""

from dataclasses import asdict, dataclass

import numpy as np

from opsconductor.detect.channels import DetectorChannel, Season
from opsconductor.detect.findings import Findings

TEXTS = {
    DetectorChannel.SMOOTHED: "the mean of the last hour",
    DetectorChannel.RESIDUAL: "the value at this time",
    DetectorChannel.RAW: "the value, whatever the time",
    DetectorChannel.RATE: "the change since the sample before",
    DetectorChannel.SURPRISE: "the value against the last few",
    DetectorChannel.SHIFT: "the level of the last hours",
    DetectorChannel.CUSUM: "a slow drift",
    DetectorChannel.VOLATILITY: "the noise of the last hours",
    DetectorChannel.FLATLINE: "a value that does not change",
    DetectorChannel.MISSING: "missing data",
}
SEASONS = {Season.LEVEL: "slow level", Season.DAY: "hour of the day", Season.WEEK: "hour of the week"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """Facts about a finding, ready for JSON.

    Attributes:
        value: As measured; of missing data, the last one.
        expected: As expected before it was seen.
        band: Usual distance from the expected value.
        season: What the expected value was taken from.
        low: Lowest value seen before.
        high: Highest value seen before.
        seen_days: For how long the series was seen.
        channel: Name of the channel that is the rarest.
        what: The same in words.
        direction: `up` or `down`.
        once_in_days: X of "once in X days for this series".
        also: Other channels that are rare as well.
        agreeing: Number of metrics of the device that are out of the ordinary at the same time.
        of_metrics: Number of metrics of the device.
        last_similar_at: Time of the last finding of the same channel and direction, in seconds since 1970.
        admitted: Whether it became an alert.
        reason: Why.
    """

    value: float
    expected: float
    band: float
    season: str
    low: float | None
    high: float | None
    seen_days: float
    channel: str
    what: str
    direction: str
    once_in_days: float
    also: tuple[str, ...]
    agreeing: int
    of_metrics: int
    last_similar_at: float | None
    admitted: bool
    reason: str

    def document(self) -> dict[str, object]:
        """Return it as a JSON document."""
        return asdict(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingContext:
    """What the finding itself does not know; attributes as in `Explanation`."""

    agreeing: int = 0
    of_metrics: int = 0
    last_similar_at: float | None = None
    admitted: bool = False
    reason: str = ""


def explain(findings: Findings, row: int, context: FindingContext) -> Explanation:
    """Return the facts about one row of findings."""
    channel = DetectorChannel(int(findings.channel[row]))
    low, high = float(findings.low[row]), float(findings.high[row])
    rare = np.flatnonzero(findings.rarities[row] >= 1.0).tolist()
    return Explanation(
        value=float(findings.value[row]),
        expected=float(findings.expected[row]),
        band=float(findings.band[row]),
        season=SEASONS[Season(int(findings.season[row]))],
        low=low if np.isfinite(low) else None,
        high=high if np.isfinite(high) else None,
        seen_days=float(findings.time[row] - findings.since[row]) / 86_400,
        channel=channel.name.lower(),
        what=TEXTS[channel],
        direction="up" if findings.direction[row] > 0 else "down",
        once_in_days=float(10.0 ** float(findings.rarity[row])),
        also=tuple(DetectorChannel(each).name.lower() for each in rare if each != channel),
        agreeing=context.agreeing,
        of_metrics=context.of_metrics,
        last_similar_at=context.last_similar_at,
        admitted=context.admitted,
        reason=context.reason,
    )
