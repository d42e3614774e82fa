"""Limits of many pairs of rule and subject, compared at once; pure numpy."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from opsconductor.model.measured.alert_rule import AlertRule, LimitSide

NONE, WARNING, CRITICAL = 0, 1, 2
"""Levels of a violation."""
MOST_COUNTED = 2_000
COUNTERS = ("rise_1", "rise_2", "fall_1", "fall_2")
"""Number of values in a row at or beyond the limit of a level, and back behind it."""


class PairState(NamedTuple):
    """State of one pair, to be stored."""

    level: int
    rise_1: int
    rise_2: int
    fall_1: int
    fall_2: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleArrays:
    """Rules as arrays; limits are turned so that beyond is always above. A missing limit is infinite.

    Attributes:
        sign: 1 above, -1 below.
        samples: Values in a row that begin or end a violation.
    """

    sign: NDArray[np.float64]
    warning: NDArray[np.float64]
    critical: NDArray[np.float64]
    hysteresis: NDArray[np.float64]
    samples: NDArray[np.int16]


def arrays_of(rules: Sequence[AlertRule]) -> RuleArrays:
    """Return rules as arrays, in their order."""
    sign = np.array([1.0 if rule.direction is LimitSide.ABOVE else -1.0 for rule in rules])

    def limit(values: Sequence[float | None]) -> NDArray[np.float64]:
        given = np.array([np.nan if value is None else value for value in values], dtype=np.float64)
        return np.where(np.isnan(given), np.inf, given * sign)

    return RuleArrays(
        sign=sign,
        warning=limit([rule.warning for rule in rules]),
        critical=limit([rule.critical for rule in rules]),
        hysteresis=np.array([rule.hysteresis for rule in rules], dtype=np.float64),
        samples=np.array([rule.samples for rule in rules], dtype=np.int16),
    )


class PairLimits:
    """State of all pairs: which rule each follows, its level and its counts.

    Args of the constructor:
        rules: Of the pairs.
    """

    def __init__(self, rules: RuleArrays) -> None:
        self._rules = rules
        self._rule = np.empty(0, np.int32)
        self._level = np.empty(0, np.int8)
        self._counts = {name: np.empty(0, np.int16) for name in COUNTERS}
        self._size = 0

    def __len__(self) -> int:
        return self._size

    def add(self, rules: Sequence[int]) -> int:
        """Add pairs of one subject with some rules; return the position of the first."""
        first, self._size = self._size, self._size + len(rules)
        if self._size > len(self._rule):
            self._grow(max(self._size, 2 * len(self._rule), 1_024))
        self._rule[first : self._size] = rules
        return first

    def rules_of(self, pairs: NDArray[np.intp]) -> NDArray[np.int32]:
        """Return the rules of pairs."""
        return self._rule[pairs]

    def rule_of(self, pair: int) -> int:
        """Return the rule of a pair."""
        return int(self._rule[pair])

    def level_of(self, pair: int) -> int:
        """Return the level of a pair."""
        return int(self._level[pair])

    def state_of(self, pair: int) -> PairState:
        """Return the state of a pair."""
        return PairState(self.level_of(pair), *(int(self._counts[name][pair]) for name in COUNTERS))

    def restore(self, pair: int, state: PairState) -> None:
        """Set the state of a pair."""
        self._level[pair] = state.level
        for name in COUNTERS:
            self._counts[name][pair] = getattr(state, name)

    def notable(self) -> NDArray[np.intp]:
        """Return the pairs whose state says more than that the last values were in order."""
        mask = self._level[: self._size] > 0
        for name in ("rise_1", "rise_2"):
            mask |= self._counts[name][: self._size] > 0
        return np.flatnonzero(mask)

    def step(
        self, pairs: NDArray[np.intp], values: NDArray[np.float64], holds: NDArray[np.bool_]
    ) -> NDArray[np.bool_]:
        """Compare one value each of some pairs, each at most once; return which levels changed.

        Args:
            holds: Of which the rule holds now; the value of another counts as in order.
        """
        rules = self._rule[pairs]
        every = self._rules
        turned = np.where(holds, values * every.sign[rules], -np.inf)
        slack, needed = every.hysteresis[rules], every.samples[rules]
        reached = {}
        for level, limits in ((1, every.warning), (2, every.critical)):
            limit = limits[rules]
            beyond = turned >= limit
            if level == WARNING:  # a critical limit alone: what is beyond it is beyond a warning, too
                beyond |= turned >= every.critical[rules]
            behind = ~beyond & (turned <= limit - slack)
            reached[f"rise_{level}"] = self._count(f"rise_{level}", pairs, beyond) >= needed
            reached[f"fall_{level}"] = self._count(f"fall_{level}", pairs, behind) >= needed
        old = self._level[pairs]
        fallen = np.where(reached["fall_1"] | ~np.isfinite(every.warning[rules]), NONE, WARNING)
        kept = np.where(old == CRITICAL, np.where(reached["fall_2"], fallen, CRITICAL), old)
        kept = np.where((old == WARNING) & reached["fall_1"], NONE, kept)
        risen = np.where(reached["rise_2"], CRITICAL, np.where(reached["rise_1"], WARNING, NONE))
        risen = np.where(np.isfinite(every.warning[rules]) | (risen == CRITICAL), risen, NONE)
        new = np.maximum(kept, risen).astype(np.int8)
        self._level[pairs] = new
        changed: NDArray[np.bool_] = new != old
        return changed

    def _count(self, name: str, pairs: NDArray[np.intp], holds: NDArray[np.bool_]) -> NDArray[np.int16]:
        counts = self._counts[name]
        new = np.where(holds, np.minimum(counts[pairs] + 1, MOST_COUNTED), 0).astype(np.int16)
        counts[pairs] = new
        return new

    def _grow(self, size: int) -> None:
        self._rule = np.concatenate((self._rule, np.zeros(size - len(self._rule), np.int32)))
        self._level = np.concatenate((self._level, np.zeros(size - len(self._level), np.int8)))
        for name, counts in self._counts.items():
            self._counts[name] = np.concatenate((counts, np.zeros(size - len(counts), np.int16)))
