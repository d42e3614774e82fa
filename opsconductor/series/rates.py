"""Rates of counters: increase per second, with wraps and restarts told apart."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from opsconductor.series.points import MS, Floats, Ids, Millis, Points

WRAP_32: Final = 2.0**32
WRAP_64: Final = 2.0**64
LIKELY_GROWTH: Final = 4.0
"""A counter that falls has wrapped if the rate that follows is at most this many times the rate before;
else it was restarted. A device that restarts would otherwise seem to have sent gigabytes."""
LONGEST_GAP_MS: Final = 3_600_000
"""No rate is computed over a longer gap: nothing is known of most of it."""


def rates_of(counts: Points) -> Points:
    """Return the rates of a counter; points without one (the first, after a restart or a gap) are left out.

    Args:
        counts: In order of time, no time twice.
    """
    times, values = counts
    if len(times) < 2:  # noqa: PLR2004 - a rate needs two
        return Points(times[:0], values[:0])
    elapsed = np.diff(times)
    increase = np.diff(values)
    before = np.empty_like(increase)
    before[0] = np.nan
    np.divide(np.where(increase >= 0, increase, np.nan)[:-1], elapsed[:-1], out=before[1:])
    rates = rates_between(values[:-1], values[1:], elapsed, before * MS)
    known = np.isfinite(rates)
    return Points(times[1:][known], rates[known])


def rates_between(older: Floats, newer: Floats, elapsed: Millis, before: Floats) -> Floats:
    """Return the rate per second between two values of each counter; NaN: there is none.

    Args:
        elapsed: Milliseconds between the two, more than 0.
        before: The rate before, per second; NaN: unknown, then a counter that falls was restarted.
    """
    increase = newer - older
    fallen = increase < 0
    wrap = np.where(older < WRAP_32, WRAP_32, WRAP_64)
    increase = np.where(fallen, increase + wrap, increase)
    rates: Floats = increase * MS / elapsed
    with np.errstate(invalid="ignore"):
        restarted = fallen & ~(rates <= LIKELY_GROWTH * before)
    rates[restarted | (elapsed > LONGEST_GAP_MS)] = np.nan
    return rates


class LatestValues:
    """The newest point of every series, by id: what the next rate of a counter is computed from.

    Not for several threads at a time.
    """

    def __init__(self) -> None:
        self._times: Millis = np.zeros(0, np.int64)
        self._values: Floats = np.zeros(0, np.float64)
        self._rates: Floats = np.zeros(0, np.float64)
        self._counters: NDArray[np.bool_] = np.zeros(0, np.bool_)

    def note_counters(self, ids: list[int]) -> None:
        """Register series as counters."""
        if ids:
            self._grow(max(ids))
            self._counters[ids] = True

    def time_of(self, series: int) -> int:
        """Return the time (ms) of the newest point of a series; 0: none is known."""
        return int(self._times[series]) if series < len(self._times) else 0

    def value_of(self, series: int) -> float:
        """Return the newest value of a series as measured."""
        return float(self._values[series])

    def follow(self, series: Ids, times: Millis, values: Floats) -> tuple[Ids, Millis, Floats]:
        """Take points in, and return those that are new, counters as rates.

        Args:
            series: In any order; several points of a series are in order of arrival.

        Returns:
            The points that are newer than all before of their series, sorted by time.
        """
        order = np.lexsort((times, series))
        series, times, values = series[order], times[order], values[order]
        last = np.append((series[1:] != series[:-1]) | (times[1:] != times[:-1]), True)[: len(series)]
        series, times, values = series[last], times[last], values[last]
        if len(series):
            self._grow(int(series[-1]))
        rounds = []
        while len(series):
            first = np.append(True, series[1:] != series[:-1])
            rounds.append(self._step(series[first], times[first], values[first]))
            series, times, values = series[~first], times[~first], values[~first]
        if not rounds:
            return series, times, values
        joined = [np.concatenate(column) for column in zip(*rounds, strict=True)]
        by_time = np.argsort(joined[1], kind="stable")
        return joined[0][by_time], joined[1][by_time], joined[2][by_time]

    def _step(self, series: Ids, times: Millis, values: Floats) -> tuple[Ids, Millis, Floats]:
        """Take in one point of each series."""
        older = self._times[series]
        fresh = times > older
        series, times, values, older = series[fresh], times[fresh], values[fresh], older[fresh]
        found = values
        counters = self._counters[series]
        if counters.any():
            at = series[counters]
            rates = rates_between(
                self._values[at], values[counters], times[counters] - older[counters], self._rates[at]
            )
            rates[older[counters] == 0] = np.nan
            self._rates[at] = rates
            found = values.copy()
            found[counters] = rates
        self._times[series] = times
        self._values[series] = values
        known = np.isfinite(found)
        return series[known], times[known], found[known]

    def _grow(self, series: int) -> None:
        if series < len(self._times):
            return
        more = max(series + 1, 2 * len(self._times), 1024) - len(self._times)
        self._times = np.append(self._times, np.zeros(more, np.int64))
        self._values = np.append(self._values, np.zeros(more))
        self._rates = np.append(self._rates, np.full(more, np.nan))
        self._counters = np.append(self._counters, np.zeros(more, np.bool_))
