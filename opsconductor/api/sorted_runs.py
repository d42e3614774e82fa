"""Pages of several sorted lists as of one, without merging what comes before the page; pure."""

import heapq
from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Generic, TypeVar

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True, kw_only=True)
class SortedRun(Generic[Item]):
    """A list in ascending order of a key that no two items of it share.

    Attributes:
        key: Computes the key of an item; the keys of all runs compare with each other.
    """

    items: Sequence[Item]
    key: Callable[[Item], Any]

    def keyed(self, begin: int, length: int) -> list[tuple[Any, Item]]:
        """Return some items with their keys."""
        return [(self.key(item), item) for item in self.items[begin : begin + length]]


def page_of_runs(runs: Sequence[SortedRun[Any]], first: int, end: int) -> list[Any]:
    """Return the items from position `first` up to `end` of all runs in one order."""
    length = max(0, end - first)
    runs = [run for run in runs if run.items]
    if len(runs) == 1:
        return list(runs[0].items[first : first + length])
    cuts = _cuts(runs, first)
    parts = [run.keyed(cut, length) for run, cut in zip(runs, cuts, strict=True)]
    return [item for _, item in islice(heapq.merge(*parts, key=lambda pair: pair[0]), length)]


def _cuts(runs: Sequence[SortedRun[Any]], rank: int) -> list[int]:
    """Return for each run how many of its items are among the first `rank` of all.

    The middle of the longest undecided part divides all of them, until none is left.
    """
    low, high = [0] * len(runs), [len(run.items) for run in runs]
    if rank >= sum(high):
        return high
    while rank > sum(low):
        widest = max(range(len(runs)), key=lambda number: high[number] - low[number])
        middle = (low[widest] + high[widest]) // 2
        pivot = runs[widest].key(runs[widest].items[middle])
        before = [
            middle
            if number == widest
            else bisect_left(run.items, pivot, low[number], high[number], key=run.key)
            for number, run in enumerate(runs)
        ]
        if sum(before) >= rank:
            high = before
        else:
            before[widest] += 1
            low = before
    return low
