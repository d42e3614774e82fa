"""When rules hold: in the hours in which machines work, and as long as a series is young."""

from collections.abc import Sequence
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from opsconductor.model.measured.alert_rule import AlertRule
from opsconductor.model.notifications.time_window import RecurringWindow, window_at

MINUTE_S = 60
MOST_MINUTES = 10_000
"""Maximum number of minutes for which the answer is remembered."""


class WorkingHours:
    """Windows of time, one of which must be open; asked for many times close to each other."""

    def __init__(self, windows: Sequence[RecurringWindow]) -> None:
        self._windows = windows
        self._known: dict[int, bool] = {}

    def include(self, at: float) -> bool:
        """Return True if a time, in seconds since 1970, is in one of the windows, or there are none."""
        minute = int(at // MINUTE_S)
        found = self._known.get(minute)
        if found is None:
            if len(self._known) >= MOST_MINUTES:
                self._known.clear()
            moment = datetime.fromtimestamp(minute * MINUTE_S, UTC)
            found = not self._windows or any(window_at(each, moment).is_open for each in self._windows)
            self._known[minute] = found
        return found


class RulesInForce:
    """Which rules hold for which values.

    Args of the constructor:
        rules: In their order; a rule is its position.
    """

    def __init__(self, rules: Sequence[AlertRule]) -> None:
        self._hours = {at: WorkingHours(rule.hours) for at, rule in enumerate(rules) if rule.hours}
        self._young_s = np.array(
            [np.inf if rule.baseline is None else rule.baseline.young_s for rule in rules], dtype=np.float64
        )
        self._has_hours = np.array([bool(rule.hours) for rule in rules], dtype=np.bool_)

    def is_working(self, rule: int, at: float) -> bool:
        """Return True if the machines of a rule work at a time; without hours they always do."""
        hours = self._hours.get(rule)
        return hours is None or hours.include(at)

    def hold(
        self, rules: NDArray[np.int32], times: NDArray[np.float64], ages: NDArray[np.float64]
    ) -> NDArray[np.bool_]:
        """Return which rules hold, one each for a value.

        Args:
            times: Of the values, in seconds since 1970.
            ages: Seconds from the first value of the series until then.
        """
        holds: NDArray[np.bool_] = ages < self._young_s[rules]
        for at in np.flatnonzero(self._has_hours[rules]).tolist():
            holds[at] &= self.is_working(int(rules[at]), float(times[at]))
        return holds
