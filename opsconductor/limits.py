"""Token bucket, exponential backoff and bounded map: standard library only, never reads a clock."""

import random
from collections import OrderedDict
from collections.abc import Iterator, MutableMapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import NamedTuple, TypeVar

HIGHEST_POWER = 32

KeyT = TypeVar("KeyT")
ValueT = TypeVar("ValueT")


class Rate(NamedTuple):
    """Rate of a token bucket.

    Attributes:
        per_s: Tokens added per second.
        burst: Maximum number of tokens; a new bucket is full.
    """

    per_s: float
    burst: float


class TokenBucket:
    """Token bucket; its rate is an argument, so that many buckets of one rate stay small.

    A clock that is set back neither adds nor removes tokens.
    """

    __slots__ = ("_at_s", "_left")

    def __init__(self, rate: Rate, now_s: float) -> None:
        self._left = rate.burst
        self._at_s = now_s

    def saved(self) -> tuple[float, float]:
        """Return the tokens that are left, and since when, to be stored."""
        return self._left, self._at_s

    @classmethod
    def restored(cls, saved: Sequence[float]) -> "TokenBucket":
        """Return a bucket as `saved` wrote it; without that, a restart would fill it.

        Raises:
            ValueError: It is none.
        """
        left, at_s = saved
        return cls(Rate(0.0, float(left)), float(at_s))

    def available(self, rate: Rate, now_s: float) -> int:
        """Return the number of whole tokens; negative after `take` took more."""
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
    """Exponential backoff with full jitter, so that what failed together is not retried together.

    Attributes:
        first: Maximum pause after the first failure; it doubles with each further one.
        longest: Maximum of all pauses.
        give_up_after: Age from which a failure is final.

    Source:
        "Exponential Backoff And Jitter", AWS Architecture Blog, 2015.
    """

    first: timedelta = timedelta(seconds=5)
    longest: timedelta = timedelta(minutes=5)
    give_up_after: timedelta = timedelta(hours=24)

    def limit(self, failures: int) -> timedelta:
        """Return the maximum pause after this many consecutive failures; 1 after the first."""
        doubled: timedelta = self.first * 2 ** min(max(failures, 1) - 1, HIGHEST_POWER)
        return min(doubled, self.longest)

    def pause(self, failures: int, chance: float) -> timedelta:
        """Return the pause after this many consecutive failures.

        Args:
            failures: 1 after the first.
            chance: A random number, 0 <= chance < 1.
        """
        return self.limit(failures) * chance

    def random_pause_s(self, failures: int) -> float:
        """Return a random pause after this many consecutive failures, in seconds."""
        return self.pause(failures, random.random()).total_seconds()  # noqa: S311 - jitter

    def is_over(self, age: timedelta) -> bool:
        """Return True if something of this age that failed once more is given up."""
        return age >= self.give_up_after


class BoundedMap(MutableMapping[KeyT, ValueT]):
    """Mapping of at most `most` entries, oldest first: a new key evicts the oldest one.

    An entry becomes the newest when it is set, or read by `use`; `get` and `[]` do not change the order.
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
        """Return the value of a key and make it the newest, or return None."""
        value = self._entries.get(key)
        if value is not None:
            self._entries.move_to_end(key)
        return value

    def oldest(self) -> tuple[KeyT, ValueT] | None:
        """Return the oldest entry, or None."""
        return next(iter(self._entries.items()), None)

    def pop_oldest(self) -> tuple[KeyT, ValueT]:
        """Remove and return the oldest entry; raises KeyError if there is none."""
        return self._entries.popitem(last=False)

    def clear(self) -> None:
        """Remove all entries."""
        self._entries.clear()
