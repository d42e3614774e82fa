"""Token bucket, exponential backoff and bounded map: standard library only, never reads a clock."""

import random
from collections import OrderedDict
from collections.abc import Iterator, MutableMapping
from dataclasses import dataclass
from datetime import timedelta
from typing import NamedTuple, TypeVar

HIGHEST_POWER = 32

KeyT = TypeVar("KeyT")
ValueT = TypeVar("ValueT")


class Rate(NamedTuple):
    """Rate of a token bucket.

    Attributes:
        per_s: Tokens added a second.
        burst: Most tokens at once; a new bucket holds as many.
    """

    per_s: float
    burst: float


class TokenBucket:
    """Token bucket; its rate is an argument, so that many buckets of one rate stay small.

    A clock that is set back adds no tokens and takes none away.
    """

    __slots__ = ("_at_s", "_left")

    def __init__(self, rate: Rate, now_s: float) -> None:
        self._left = rate.burst
        self._at_s = now_s

    def available(self, rate: Rate, now_s: float) -> int:
        """Return how many whole tokens there are now; negative after `take` took more."""
        elapsed_s = now_s - self._at_s
        if elapsed_s > 0:
            self._left = min(rate.burst, self._left + elapsed_s * rate.per_s)
        self._at_s = now_s
        return int(self._left)

    def take(self, amount: int) -> None:
        """Remove tokens; more than `available` is a debt that later ones pay."""
        self._left -= amount

    def spend(self, amount: int, rate: Rate, now_s: float) -> int:
        """Remove up to `amount` tokens; return how many were missing."""
        passed = min(amount, max(0, self.available(rate, now_s)))
        self._left -= passed
        return amount - passed


@dataclass(frozen=True, slots=True, kw_only=True)
class Backoff:
    """Exponential backoff with full jitter, so that what failed together is not tried again together.

    Attributes:
        first: Longest pause after the first failure; it doubles with each further one.
        longest: No pause is longer.
        give_up_after: Age from which a failure is final.

    Source:
        "Exponential Backoff And Jitter", AWS Architecture Blog, 2015.
    """

    first: timedelta = timedelta(seconds=5)
    longest: timedelta = timedelta(minutes=5)
    give_up_after: timedelta = timedelta(hours=24)

    def limit(self, failures: int) -> timedelta:
        """Return the longest pause after so many failures in a row; 1 after the first."""
        doubled: timedelta = self.first * 2 ** min(max(failures, 1) - 1, HIGHEST_POWER)
        return min(doubled, self.longest)

    def pause(self, failures: int, chance: float) -> timedelta:
        """Return the pause after so many failures in a row.

        Args:
            failures: 1 after the first.
            chance: A random number, 0 <= chance < 1.
        """
        return self.limit(failures) * chance

    def random_pause_s(self, failures: int) -> float:
        """Draw the pause after so many failures in a row, in seconds."""
        return self.pause(failures, random.random()).total_seconds()  # noqa: S311 - jitter

    def is_over(self, age: timedelta) -> bool:
        """Check whether what has this age and failed once more is given up."""
        return age >= self.give_up_after


class BoundedMap(MutableMapping[KeyT, ValueT]):
    """Mapping of at most `most` entries, the oldest first: a new key evicts the oldest one.

    An entry becomes the newest when it is set, or read by `use`; `get` and `[]` leave the order alone.
    With `use` for every read it is an LRU cache, without it evicts in the order of writing.
    """

    def __init__(self, most: int) -> None:
        self.most = most
        self._entries: OrderedDict[KeyT, ValueT] = OrderedDict()
        self.get = self._entries.get  # type: ignore[method-assign]  # no call of ours between: it is hot

    def __getitem__(self, key: KeyT) -> ValueT:
        return self._entries[key]

    def __setitem__(self, key: KeyT, value: ValueT) -> None:
        entries = self._entries
        before = len(entries)
        entries[key] = value
        if len(entries) == before:
            entries.move_to_end(key)
        elif before >= self.most:
            entries.popitem(last=False)

    def __delitem__(self, key: KeyT) -> None:
        del self._entries[key]

    def __contains__(self, key: object) -> bool:
        return key in self._entries

    def __iter__(self) -> Iterator[KeyT]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    @property
    def is_full(self) -> bool:
        """The next new key evicts the oldest entry."""
        return len(self._entries) >= self.most

    def use(self, key: KeyT) -> ValueT | None:
        """Return the value of a key and make it the newest; None: it is not there."""
        value = self._entries.get(key)
        if value is not None:
            self._entries.move_to_end(key)
        return value

    def oldest(self) -> tuple[KeyT, ValueT] | None:
        """Return the oldest entry; None: there is none."""
        return next(iter(self._entries.items()), None)

    def pop_oldest(self) -> tuple[KeyT, ValueT]:
        """Remove and return the oldest entry; raises KeyError when there is none."""
        return self._entries.popitem(last=False)

    def clear(self) -> None:
        """Remove all entries."""
        self._entries.clear()
