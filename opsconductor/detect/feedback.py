"""Feedback of people: a false positive makes the same kind harder at once and fades over 30 days."""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from opsconductor.detect.agreement import agreed
from opsconductor.detect.calendar import HOURS
from opsconductor.detect.channels import DetectorChannel
from opsconductor.detect.config import DAY_S

FADING_S = 30 * DAY_S
BUCKETS = 8
"""Of three hours each; a kind is hardened in its own bucket and the two beside it."""
MARGIN = 3.0
"""Log10 of days that a repeat must be rarer than what was judged, while the judgement is fresh."""
SHARP = 40.0
"""How late the hardening fades: it is 1 - (age / 30 days) ^ SHARP of its first size."""
RELATED = (
    (DetectorChannel.RESIDUAL, DetectorChannel.RAW, DetectorChannel.RATE, DetectorChannel.SURPRISE),
    (DetectorChannel.SMOOTHED, DetectorChannel.SHIFT, DetectorChannel.CUSUM),
)
RETURNING = (DetectorChannel.RATE, DetectorChannel.SURPRISE)
NOTHING = -9.0
"""Rarity of a channel that says nothing."""
TAKES_PART = 1.0
"""Rarity from which a channel is taken as part of what was judged."""


class Kind(NamedTuple):
    """What a false positive is remembered as."""

    series: int
    channel: int
    direction: int
    bucket: int


class Hardening(NamedTuple):
    """When it was judged, in seconds since 1970, and the rarity below which a repeat is not reported."""

    at: float
    rarity: float


def bucket_of(hour: int) -> int:
    """Return the bucket of an hour of the day, of the wall clock."""
    return hour * BUCKETS // HOURS


def _relatives(channel: int, direction: int) -> set[tuple[int, int]]:
    """Return channels and directions in which the same event may show the next time.

    A spike is a residual, a value, a rate and a surprise; the latter two again, downwards, when it is over.
    """
    same = next((group for group in RELATED if channel in group), (channel,))
    found = {(each, direction) for each in same}
    if same in RELATED:
        found |= {(each, -direction) for each in same if each in RETURNING}
        found.add((DetectorChannel.VOLATILITY, 1))
    return found


class Feedback:
    """False positives by kind; small, as it holds only what people judged within 30 days."""

    def __init__(self) -> None:
        self._kinds: dict[Kind, Hardening] = {}

    def __len__(self) -> int:
        return len(self._kinds)

    def false_positive(
        self, series: int, rarities: NDArray[np.float32], directions: NDArray[np.int8], hour: int, at: float
    ) -> tuple[Kind, ...]:
        """Harden the channels that took part in a finding and their relatives, at its hour and those beside.

        Args:
            series: Row of the series.
            rarities: By channel, as in the finding at its peak.
            directions: By channel, the same.
            hour: Hour of the day at which it began.
            at: Time of the judgement.

        Returns:
            The kinds that became harder.
        """
        top = int(np.argmax(rarities))
        parts = {top} | set(np.flatnonzero(rarities >= TAKES_PART).tolist())
        hardened = {each for part in parts for each in _relatives(part, int(directions[part]))}
        kinds = []
        for channel, direction in sorted(hardened):
            for beside in (-1, 0, 1):
                kind = Kind(series, channel, direction, (bucket_of(hour) + beside) % BUCKETS)
                needed = max(float(rarities[top]), self.needed(kind, at)) + MARGIN
                self._kinds[kind] = Hardening(at, needed)
                kinds.append(kind)
        return tuple(kinds)

    def true_positive(self, series: int) -> None:
        """Take back all hardenings of a series."""
        for kind in [each for each in self._kinds if each.series == series]:
            del self._kinds[kind]

    def needed(self, kind: Kind, at: float) -> float:
        """Return the rarity that a repeat of a kind must exceed; 0 if not judged, or if that has faded."""
        found = self._kinds.get(kind)
        if found is None or at >= found.at + FADING_S:
            return 0.0
        age = max(at - found.at, 0.0) / FADING_S
        return float(found.rarity * (1 - age**SHARP))

    def remaining(
        self, series: int, rarities: NDArray[np.float32], directions: NDArray[np.int8], hour: int, at: float
    ) -> tuple[float, int | None]:
        """Return the rarity of the channels that were not judged false, and a channel that was, if any.

        Channels are hardened one by one: what another channel finds is reported as before.
        """
        rest, judged = np.full((len(rarities), 1), NOTHING, np.float32), None
        for channel in np.flatnonzero(rarities >= TAKES_PART).tolist():
            kind = Kind(series, channel, int(directions[channel]), bucket_of(hour))
            needed = self.needed(kind, at)
            if needed and rarities[channel] < needed:
                judged = channel
            else:
                rest[channel] = rarities[channel]
        return (float(agreed(rest)[0]) if (rest > NOTHING).any() else NOTHING), judged

    def expire(self, at: float) -> None:
        """Remove what has faded."""
        for kind in [each for each, found in self._kinds.items() if at >= found.at + FADING_S]:
            del self._kinds[kind]

    def rows(self) -> list[tuple[int, int, int, int, float, float]]:
        """Return everything as rows, to be stored."""
        return [(*kind, *found) for kind, found in self._kinds.items()]

    def restore(self, rows: Iterable[tuple[int, int, int, int, float, float]]) -> None:
        """Take rows as `rows` returned them."""
        for series, channel, direction, bucket, at, rarity in rows:
            self._kinds[Kind(series, channel, direction, bucket)] = Hardening(at, rarity)
