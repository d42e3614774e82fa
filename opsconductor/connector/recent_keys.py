"""Set of recent keys, in bounded memory: 50 MB at most."""

from collections import deque
from collections.abc import Iterable

MOST = 500_000
GENERATIONS = 5


class _Generation:
    """Keys added one after another, and the time of the last."""

    __slots__ = ("keys", "last_s", "since_s")

    def __init__(self, now_s: float) -> None:
        self.keys: set[bytes] = set()
        self.since_s = now_s
        self.last_s = now_s


class RecentKeys:
    """A set of keys in generations; the oldest is dropped as a whole when it is too old or all are too many.

    Args of the constructor:
        kept_s: Minimum time for which a key is known, unless more than `most` are added.
        most: Minimum number of known keys, as long as none of them is too old.
    """

    def __init__(self, kept_s: float, most: int = MOST) -> None:
        self._kept_s = kept_s
        self._part_s = kept_s / (GENERATIONS - 1)
        self._part = max(1, most // (GENERATIONS - 1))
        self._generations: deque[_Generation] = deque()

    def __len__(self) -> int:
        return sum(len(generation.keys) for generation in self._generations)

    def __contains__(self, key: bytes) -> bool:
        return any(key in generation.keys for generation in self._generations)

    def add(self, key: bytes, now_s: float) -> None:
        """Add a key."""
        newest = self._newest(now_s)
        newest.keys.add(key)
        newest.last_s = now_s

    def update(self, keys: Iterable[bytes], now_s: float) -> None:
        """Add keys."""
        for key in keys:
            self.add(key, now_s)

    def forget(self, now_s: float) -> None:
        """Drop expired generations."""
        generations = self._generations
        while generations and now_s - generations[0].last_s >= self._kept_s:
            generations.popleft()

    def _newest(self, now_s: float) -> _Generation:
        generations = self._generations
        if generations:
            newest = generations[-1]
            if len(newest.keys) < self._part and now_s - newest.since_s < self._part_s:
                return newest
            if len(generations) == GENERATIONS:
                generations.popleft()
        generations.append(_Generation(now_s))
        return generations[-1]
