"""Rates of counters: increase per second, with wraps distinguished from restarts."""

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
    with np.errstate(over="ignore"):  # of values near the bounds of float64
        return _rates(newer - older, older, elapsed, before)


def _rates(increase: Floats, older: Floats, elapsed: Millis, before: Floats) -> Floats:
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
        if not len(series):
            return series, times, values
        self._grow(int(series[-1]))
        fresh = times > self._times[series]
        series, times, values = series[fresh], times[fresh], values[fresh]
        found = self._with_rates(series, times, values)
        newest = np.append(series[1:] != series[:-1], True)[: len(series)]
        self._times[series[newest]] = times[newest]
        self._values[series[newest]] = values[newest]
        known = np.flatnonzero(np.isfinite(found))
        known = known[np.argsort(times[known], kind="stable")]
        return series[known], times[known], found[known]

    def _with_rates(self, series: Ids, times: Millis, values: Floats) -> Floats:
        """Return the values, those of counters as rates; points of a series are in order of time."""
        places = np.flatnonzero(self._counters[series])
        if not len(places):
            return values
        ids, at, counts = series[places], times[places], values[places]
        first = np.append(True, ids[1:] != ids[:-1])
        older_at = np.where(first, self._times[ids], np.append(0, at[:-1]))
        older = np.where(first, self._values[ids], np.append(0.0, counts[:-1]))
        rates = rates_between(older, counts, at - older_at, np.full(len(ids), np.inf))
        rates[older_at == 0] = np.nan
        known = self._rates[ids]
        for fallen in np.flatnonzero(counts < older).tolist():  # each depends on the rate before it
            before = known[fallen] if first[fallen] else rates[fallen - 1]
            if not rates[fallen] <= LIKELY_GROWTH * before:
                rates[fallen] = np.nan
        newest = np.append(ids[1:] != ids[:-1], True)
        self._rates[ids[newest]] = rates[newest]
        found = values.copy()
        found[places] = rates
        return found

    def _grow(self, series: int) -> None:
        if series < len(self._times):
            return
        more = max(series + 1, 2 * len(self._times), 1024) - len(self._times)
        self._times = np.append(self._times, np.zeros(more, np.int64))
        self._values = np.append(self._values, np.zeros(more))
        self._rates = np.append(self._rates, np.full(more, np.nan))
        self._counters = np.append(self._counters, np.zeros(more, np.bool_))
